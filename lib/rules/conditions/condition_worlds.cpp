#include "rules/conditions/condition_worlds.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace tocsin::rules {

namespace {

constexpr std::size_t most_worlds = 20'000;

// What a mail can be like in one respect: the answers that it gives to each test that asks about it.
struct Respect {
    std::vector<std::uint32_t> places;
    std::vector<std::vector<Answer>> ways;
};

bool has_one_value(Field field) {
    switch (field) {
        case Field::Language:
        case Field::Recipient:
        case Field::Asset:
        case Field::Encrypted:
        case Field::Signature:
        case Field::Dmarc:
        case Field::Dkim:
        case Field::Spf:
        case Field::CvssBase:
        case Field::Kind:
        case Field::ThreadKnown:
        case Field::ReporterReports:
        case Field::ReporterValid:
        case Field::AttachmentName:
        case Field::AttachmentType:
        case Field::AttachmentSize:
            return true;
        default:
            return false;  // several values, or a text that any patterns may fit together
    }
}

bool compares(const Test& test, double value) {
    switch (test.op) {
        case Operator::Less:
            return value < test.number;
        case Operator::LessOrEqual:
            return value <= test.number;
        case Operator::Greater:
            return value > test.number;
        case Operator::GreaterOrEqual:
            return value >= test.number;
        case Operator::Equal:
            return value == test.number;
        default:
            return test.field == Field::CvssBase || value > 0;  // has
    }
}

Answer as_answer(bool yes) { return yes ? Answer::Yes : Answer::No; }

// One test by itself: yes or no.
Respect free_respect(std::uint32_t place) { return {{place}, {{Answer::No}, {Answer::Yes}}}; }

Respect numeric_respect(const std::vector<std::uint32_t>& places, const std::vector<Test>& tests) {
    Respect respect{places, {}};
    const Field field = tests[places.front()].field;
    std::vector<double> values;
    for (const std::uint32_t place : places)
        for (const double step : {-1.0, -0.01, 0.0, 0.01, 1.0}) values.push_back(tests[place].number + step);
    values.push_back(0);
    if (field == Field::CvssBase) std::erase_if(values, [](double value) { return value < 0 || value > 10; });
    if (field != Field::CvssBase)
        std::erase_if(values, [](double value) { return value < 0 || value != std::floor(value); });
    for (const double value : values) {
        std::vector<Answer> way;
        for (const std::uint32_t place : places) way.push_back(as_answer(compares(tests[place], value)));
        respect.ways.push_back(std::move(way));
    }
    if (field == Field::CvssBase) respect.ways.emplace_back(places.size(), Answer::No);  // no vector
    return respect;
}

Respect named_respect(const std::vector<std::uint32_t>& places, const std::vector<Test>& tests) {
    Respect respect{places, {}};
    std::vector<std::string> values{"", "something else"};  // nothing, and what no test names
    const FieldKind& kind = kind_of(tests[places.front()].field);
    for (const std::uint32_t place : places) {
        values.push_back(tests[place].text);
        values.insert(values.end(), tests[place].words.begin(), tests[place].words.end());
    }
    if (kind.shape == Shape::YesNo) values = {"true", "false"};
    for (const std::string& value : values) {
        std::vector<Answer> way;
        for (const std::uint32_t place : places) {
            const Test& test = tests[place];
            const bool is_there = kind.shape == Shape::YesNo ? value == "true" : !value.empty();
            const bool named =
                test.op == Operator::In ? std::ranges::find(test.words, value) != test.words.end() : value == test.text;
            way.push_back(as_answer(test.op == Operator::Has ? is_there : named));
        }
        respect.ways.push_back(std::move(way));
    }
    return respect;
}

std::vector<Respect> respects_of(const Program& program, const std::vector<Test>& tests) {
    std::vector<std::vector<std::uint32_t>> by_field;
    std::vector<Respect> respects;
    std::vector<std::uint32_t> seen;
    for (const Program::Op& op : program.ops) {
        if (op.step != Program::Step::Test || std::ranges::find(seen, op.test) != seen.end()) continue;
        seen.push_back(op.test);
        const Test& test = tests[op.test];
        const bool is_plain =
            test.op != Operator::Matches && test.op != Operator::Contains &&
            std::ranges::none_of(test.words, [](const std::string& word) { return word.find('*') != word.npos; });
        if (!has_one_value(test.field) || !is_plain) {
            respects.push_back(free_respect(op.test));
            continue;
        }
        const auto same = std::ranges::find_if(
            by_field, [&](const auto& places) { return tests[places.front()].field == test.field; });
        if (same == by_field.end())
            by_field.push_back({op.test});
        else
            same->push_back(op.test);
    }
    for (const auto& places : by_field) {
        const bool numeric = kind_of(tests[places.front()].field).shape == Shape::Number;
        respects.push_back(numeric ? numeric_respect(places, tests) : named_respect(places, tests));
    }
    return respects;
}

}  // namespace

std::optional<Holds> when_it_holds(const Program& program, const std::vector<Test>& tests) {
    const std::vector<Respect> respects = respects_of(program, tests);
    std::size_t worlds = 1;
    for (const Respect& respect : respects) {
        worlds *= respect.ways.size();
        if (worlds > most_worlds) return std::nullopt;
    }
    bool ever = false, always = true;
    std::vector<Answer> answers(tests.size(), Answer::No);
    std::vector<Answer> stack;
    for (std::size_t world = 0; world < worlds; ++world) {
        std::size_t rest = world;
        for (const Respect& respect : respects) {
            const auto& way = respect.ways[rest % respect.ways.size()];
            rest /= respect.ways.size();
            for (std::size_t at = 0; at < way.size(); ++at) answers[respect.places[at]] = way[at];
        }
        const bool holds = run(program, answers, stack) == Answer::Yes;
        ever = ever || holds;
        always = always && holds;
        if (ever && !always) return Holds::Sometimes;
    }
    return ever ? Holds::Always : Holds::Never;
}

}  // namespace tocsin::rules
