// A condition as it is evaluated: tests, and a short program that joins their answers.
//
// Tests stand in one table for the whole rule set, each once however many conditions ask it, so that a mail is
// asked each of them once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/conditions/answer.hpp"
#include "rules/conditions/field.hpp"

namespace tocsin::rules {

enum class Operator : unsigned char {
    Has,
    Matches,
    Contains,
    In,
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Any
};

// In postfix order: a Test pushes its answer, Not takes one, And and Or take two.
struct Program {
    enum class Step : unsigned char { Test, Not, And, Or };
    struct Op {
        Step step = Step::Test;
        std::uint32_t test = 0;
    };
    std::vector<Op> ops;
    std::vector<std::uint32_t> affirmed;  // the tests that are not negated, as they were written

    bool empty() const { return ops.empty(); }
};

// In three values: "no and could not tell" is no, "yes or could not tell" is yes. NotAsked counts as could not tell.
Answer run(const Program& program, const std::vector<Answer>& answers, std::vector<Answer>& stack);

struct Test {
    Field field = Field::Text;
    std::string name;  // of the header field (lower case) or of the CVSS metric
    Operator op = Operator::Has;
    std::string text;                // the pattern for RE2, or the value in lower case
    std::vector<std::string> words;  // of `in`, lower case
    double number = 0;
    Program inner;            // of Any: asked of each attachment
    std::vector<Test> asked;  // the tests of `inner`

    std::string field_name() const;
    std::string key() const;  // two tests with one key ask the same
};

class Tests {
public:
    std::uint32_t add(Test test);  // where it stands, or where its like stands already
    bool has(const Test& test) const { return places_.contains(test.key()); }
    const std::vector<Test>& all() const noexcept { return all_; }
    std::vector<Test> take() { return std::move(all_); }

private:
    std::vector<Test> all_;
    std::map<std::string, std::uint32_t> places_;
};

// What a condition can name.
struct Vocabulary {
    std::map<std::string, std::vector<std::string>> lists;
    std::vector<std::string> elements;
    bool may_ask_elements = true;  // an element may not
};

// Tells a mistake at a byte of the condition; the third says whether it is only a warning.
using MistakeSink = std::function<void(std::size_t offset, std::string what, bool warning)>;

// Adds the condition's tests to `tests`. Nothing, and one mistake told, when it cannot be read.
std::optional<Program> parse_condition(std::string_view text, const Vocabulary& vocabulary, Tests& tests,
                                       const MistakeSink& mistake);

}  // namespace tocsin::rules
