// Recursive descent over INTERFACES section 4; how deep it goes is bounded, for a rules file may be made by a program.
#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/conditions/condition.hpp"
#include "rules/conditions/condition_mistakes.hpp"
#include "rules/conditions/condition_words.hpp"
#include "rules/patterns/pattern.hpp"

namespace tocsin::rules {

namespace {

constexpr int deepest = 40;
constexpr std::size_t most_tests = 500;  // of one condition

class ConditionParser {
public:
    ConditionParser(std::string_view text, const Vocabulary& vocabulary, Tests& tests, const MistakeSink& mistake)
        : words_{text}, vocabulary_{vocabulary}, tests_{&tests}, mistake_{mistake} {}

    std::optional<Program> whole() {
        advance();
        if (!failed_ && token_.kind == Token::Kind::End) fail(token_.at, "empty condition");
        any_of(false);
        if (!failed_ && token_.kind != Token::Kind::End)
            fail(token_.at,
                 "expected 'and', 'or' or the end" +
                     std::string{equal_ignoring_case(token_.text, "and") || equal_ignoring_case(token_.text, "or")
                                     ? "; these words are written small"
                                     : ""});
        return failed_ ? std::nullopt : std::optional{std::move(program_)};
    }

private:
    // ---- words

    void fail(std::size_t at, std::string what) {
        if (!failed_) mistake_(at, std::move(what), false);
        failed_ = true;
    }

    void advance() {
        if (failed_) return;
        if (auto token = words_.next()) {
            token_ = std::move(*token);
        } else {
            fail(words_.mistake_at(), words_.mistake());
        }
    }

    bool take(std::string_view word) {
        if (failed_ || !token_.is(word)) return false;
        advance();
        return true;
    }

    bool expect(Token::Kind kind, std::string what) {
        if (failed_) return false;
        if (token_.kind != kind) {
            fail(token_.at, std::move(what));
            return false;
        }
        return true;
    }

    // ---- expr = and { "or" and } ; and = not { "and" not } ; not = [ "not" ] ( "(" expr ")" | test )

    void any_of(bool negated) {  // NOLINT(misc-no-recursion): bounded by `deepest`
        all_of(negated);
        while (take("or")) {
            all_of(negated);
            push(Program::Step::Or);
        }
    }

    void all_of(bool negated) {  // NOLINT(misc-no-recursion): bounded by `deepest`
        one(negated);
        while (take("and")) {
            one(negated);
            push(Program::Step::And);
        }
    }

    void one(bool negated) {  // NOLINT(misc-no-recursion): bounded by `deepest`
        if (failed_) return;
        if (++depth_ > deepest)
            return fail(token_.at, "too deeply nested; at most " + std::to_string(deepest) + " levels");
        const bool is_not = take("not");
        if (is_not && !failed_ && token_.is("not")) return fail(token_.at, "'not' stands once; not not is nothing");
        if (is_not) negated = !negated;
        if (!failed_ && token_.kind == Token::Kind::Open) {
            advance();
            any_of(negated);
            if (expect(Token::Kind::Close, "expected ')', or 'and' or 'or' with another test")) advance();
        } else {
            test(negated);
        }
        if (is_not) push(Program::Step::Not);
        --depth_;
    }

    void push(Program::Step step) { program_.ops.push_back({step, 0}); }

    void push(Test test, bool negated) {
        if (failed_) return;
        if (program_.ops.size() > 2 * most_tests) return fail(token_.at, "too many tests in one condition");
        const std::uint32_t place = tests_->add(std::move(test));
        program_.ops.push_back({Program::Step::Test, place});
        if (!negated) program_.affirmed.push_back(place);
    }

    // ---- test

    void test(bool negated) {  // NOLINT(misc-no-recursion): `any` goes one level down
        if (failed_) return;
        if (token_.kind == Token::Kind::End) return fail(token_.at, "a test is missing here");
        if (token_.kind == Token::Kind::Text)
            return fail(token_.at,
                        "expected a whole test, which begins with a field; for one of several texts write "
                        "a list and 'contains any @list'");
        if (token_.kind == Token::Kind::Pattern)
            return fail(token_.at,
                        "expected a whole test, which begins with a field; several patterns are one, as in "
                        "/this|that/");
        if (token_.kind != Token::Kind::Word)
            return fail(token_.at, "expected a field here; accepted: " + in_a_row(known_fields()));
        if (take("has")) return has(negated);
        for (const char* quantifier : {"any", "all", "no"})
            if (take(quantifier)) return collection(quantifier, negated);
        Test test;
        const Token field_token = token_;
        const FieldKind* field = known_field(test);
        if (field == nullptr) return;
        advance();
        if (failed_) return;
        if (field->shape == Shape::Collection)
            return fail(field_token.at, "'" + field_token.text + "' is a collection; accepted: any " +
                                            field_token.text + " (…), all …, no …, has " + field_token.text);
        if (field->shape == Shape::Presence)
            return fail(field_token.at, "'" + field_token.text + "' can only be asked for with has; accepted: has " +
                                            field_token.text + ", and cvss.base, cvss.version, cvss.AV …");
        compare(std::move(test), *field, field_token.text, negated);
    }

    std::vector<std::string_view> known_fields() const {
        return of_attachment_ ? attachment_field_names() : field_names();
    }

    // The field that stands here, put into `test`; a mistake when there is none of this name.
    const FieldKind* known_field(Test& test) {
        if (!expect(Token::Kind::Word, "expected a field here; accepted: " + in_a_row(known_fields()))) return nullptr;
        const std::string& name = token_.text;
        const FieldKind* field = of_attachment_ ? field_of_attachment(name) : field_named(name);
        if (field == nullptr && !of_attachment_ && name == "severity") {
            fail(token_.at, "'severity' follows from the rules and cannot be asked here; a clock has severity = [...]");
            return nullptr;
        }
        if (field == nullptr) {
            fail(token_.at, unknown_field(name, known_fields(), of_attachment_));
            return nullptr;
        }
        if (field->field == Field::Element && !vocabulary_.may_ask_elements) {
            fail(token_.at, "an element cannot ask for elements");
            return nullptr;
        }
        test.field = field->field;
        if (field->field == Field::Header) test.name = lower(std::string_view{name}.substr(7));
        if (field->field == Field::CvssMetric) test.name = name.substr(5);
        return field;
    }

    void has(bool negated) {
        Test test;
        if (known_field(test) == nullptr) return;
        advance();
        test.op = Operator::Has;
        push(std::move(test), negated);
    }

    // any attachment (…); "all" is none that is not, "no" is not any.
    void collection(std::string_view quantifier, bool negated) {  // NOLINT(misc-no-recursion): one level
        Test test;
        const Token name = token_;
        const FieldKind* field = known_field(test);
        if (field == nullptr) return;
        if (field->shape != Shape::Collection)
            return fail(name.at, "'" + name.text + "' is no collection; accepted: attachment");
        advance();
        if (!expect(Token::Kind::Open, "expected '(' and a test of name, type or size")) return;
        advance();

        Tests asked;
        Program outer = std::exchange(program_, {});
        Tests* const outer_tests = std::exchange(tests_, &asked);
        of_attachment_ = true;
        any_of(false);
        of_attachment_ = false;
        tests_ = outer_tests;
        Program inner = std::exchange(program_, std::move(outer));
        if (!expect(Token::Kind::Close, "expected ')'")) return;
        advance();

        if (quantifier == "all") inner.ops.push_back({Program::Step::Not, 0});
        test.op = Operator::Any;
        test.inner = std::move(inner);
        test.asked = asked.take();
        const bool opposite_of_any = quantifier != "any";
        push(std::move(test), opposite_of_any ? !negated : negated);
        if (opposite_of_any) push(Program::Step::Not);
    }

    // field op value
    void compare(Test test, const FieldKind& field, const std::string& name, bool negated) {
        const Token op = token_;
        advance();
        if (failed_) return;
        if (op.is_sign("~") || op.is_sign("!~")) return matches(std::move(test), field, name, op, negated);
        if (op.is("contains")) return contains(std::move(test), field, name, op, negated);
        if (op.is("in")) return in_list(std::move(test), field, name, op, negated);
        if (op.kind != Token::Kind::Sign)
            return fail(op.at, "expected an operator after '" + name +
                                   "'; accepted: " + std::string{operators_of(field.shape)});
        const bool is_order = !op.is_sign("==") && !op.is_sign("!=");
        if (is_order && field.shape != Shape::Number) return wrong_operator(field, name, op);
        test.op = op.is_sign("<")    ? Operator::Less
                  : op.is_sign("<=") ? Operator::LessOrEqual
                  : op.is_sign(">")  ? Operator::Greater
                  : op.is_sign(">=") ? Operator::GreaterOrEqual
                                     : Operator::Equal;
        if (!value(test, field, name)) return;
        push_or_opposite(std::move(test), op.is_sign("!="), negated);
    }

    void push_or_opposite(Test test, bool opposite, bool negated) {
        push(std::move(test), opposite ? !negated : negated);
        if (opposite) push(Program::Step::Not);
    }

    void wrong_operator(const FieldKind& field, const std::string& name, const Token& op) {
        fail(op.at, "'" + name + "' is " + std::string{in_words(field.shape)} + " and does not take '" + op.text +
                        "'; accepted: " + std::string{operators_of(field.shape)});
    }

    void matches(Test test, const FieldKind& field, const std::string& name, const Token& op, bool negated) {
        if (field.shape != Shape::Words) return wrong_operator(field, name, op);
        if (!expect(Token::Kind::Pattern, "expected a pattern such as /words/i")) return;
        test.op = Operator::Matches;
        test.text = pattern_for_re2(token_.text, token_.ignore_case);
        // One that is asked already was looked at.
        if (!tests_->has(test) && !tell_of_pattern(token_.text, token_.ignore_case, token_.text_at, mistake_)) {
            failed_ = true;
            return;
        }
        advance();
        push_or_opposite(std::move(test), op.is_sign("!~"), negated);
    }

    void contains(Test test, const FieldKind& field, const std::string& name, const Token& op, bool negated) {
        if (field.shape != Shape::Words) return wrong_operator(field, name, op);
        take("any");
        if (failed_) return;
        test.op = Operator::Contains;
        if (token_.kind == Token::Kind::Text) {
            if (trim(token_.text).empty()) return fail(token_.at, "this text is empty: everything contains it");
            test.text = pattern_for_words({token_.text});
        } else if (const auto* list = known_list("expected a \"text\" or an @list")) {
            warn_if_empty(*list);
            test.text = pattern_for_words(*list);
        } else {
            return;
        }
        advance();
        push(std::move(test), negated);
    }

    void in_list(Test test, const FieldKind& field, const std::string& name, const Token& op, bool negated) {
        if (field.shape != Shape::Words && field.shape != Shape::Name) return wrong_operator(field, name, op);
        const auto* list = known_list("expected an @list");
        if (list == nullptr) return;
        warn_if_empty(*list);
        advance();
        test.op = Operator::In;
        for (const std::string& word : *list) test.words.push_back(lower(word));
        push(std::move(test), negated);
    }

    void warn_if_empty(const std::vector<std::string>& list) {
        if (list.empty()) mistake_(token_.at, "list '@" + token_.text + "' has no entry, so this never holds", true);
    }

    const std::vector<std::string>* known_list(const char* expected) {
        if (!expect(Token::Kind::List, expected)) return nullptr;
        if (const auto list = vocabulary_.lists.find(token_.text); list != vocabulary_.lists.end())
            return &list->second;
        fail(token_.at, unknown_list(token_.text, vocabulary_));
        return nullptr;
    }

    // value = number[ kB| MB] | "string" | bareword
    bool value(Test& test, const FieldKind& field, const std::string& name) {
        if (failed_) return false;
        if (field.shape == Shape::Number) return number(test, field, name);
        if (token_.kind != Token::Kind::Word && token_.kind != Token::Kind::Text &&
            token_.kind != Token::Kind::Number) {
            fail(token_.at, "expected a value after the operator: a \"text\" or a word");
            return false;
        }
        test.text = lower(token_.text);
        if (auto what = no_value_of(field, test.name, token_.text, name, vocabulary_)) {
            fail(token_.at, std::move(*what));
            return false;
        }
        if (auto what = never_a_value_of(field.field, token_.text, name)) mistake_(token_.at, std::move(*what), true);
        advance();
        return true;
    }

    bool number(Test& test, const FieldKind& field, const std::string& name) {
        const std::string& text = token_.text;
        if (!expect(Token::Kind::Number, "'" + name + "' is a number; expected one such as 7.5" +
                                             (field.field == Field::AttachmentSize ? " or 20 MB" : "")))
            return false;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), test.number);
        if (error != std::errc{} || end != text.data() + text.size()) {
            fail(token_.at, "'" + text + "' is no number");
            return false;
        }
        advance();
        if (field.field != Field::AttachmentSize) return true;
        if (take("kB"))
            test.number *= 1'000;
        else if (take("MB"))
            test.number *= 1'000'000;
        else if (!failed_ && token_.kind == Token::Kind::Word && !token_.is("and") && !token_.is("or"))
            fail(token_.at, "unknown unit '" + for_one_line(token_.text, 60) + "'; accepted: kB, MB");
        return !failed_;
    }

    ConditionWords words_;
    const Vocabulary& vocabulary_;
    Tests* tests_;
    const MistakeSink& mistake_;
    Token token_;
    Program program_;
    bool failed_ = false;
    bool of_attachment_ = false;
    int depth_ = 0;
};

}  // namespace

std::optional<Program> parse_condition(std::string_view text, const Vocabulary& vocabulary, Tests& tests,
                                       const MistakeSink& mistake) {
    return ConditionParser{text, vocabulary, tests, mistake}.whole();
}

}  // namespace tocsin::rules
