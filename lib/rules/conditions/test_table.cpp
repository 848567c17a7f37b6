#include "rules/conditions/test_table.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/conditions/field_values.hpp"
#include "rules/patterns/made_patterns.hpp"
#include "rules/patterns/pattern_set.hpp"

namespace tocsin::rules {

namespace {

// Patterns look no further; what stands beyond could not be told.
constexpr std::size_t most_bytes_for_patterns = std::size_t{1} << 20;
constexpr std::size_t most_bytes_of_words = 80;

bool takes_a_pattern(const Test& test) { return test.op == Operator::Matches || test.op == Operator::Contains; }

Answer yes_or_no(bool yes) { return yes ? Answer::Yes : Answer::No; }

bool holds(Operator op, double value, double wanted) {
    switch (op) {
        case Operator::Less:
            return value < wanted;
        case Operator::LessOrEqual:
            return value <= wanted;
        case Operator::Greater:
            return value > wanted;
        case Operator::GreaterOrEqual:
            return value >= wanted;
        case Operator::Equal:
            return value == wanted;
        case Operator::Has:
            return value > 0;
        case Operator::Matches:
        case Operator::Contains:
        case Operator::In:
        case Operator::Any:
            break;
    }
    return false;
}

bool holds_for_one(const Test& test, const std::vector<std::string_view>& values) {
    if (test.op == Operator::Has) return !values.empty();
    if (values.empty() && test.op == Operator::Equal)
        return test.text == "none" && kind_of(test.field).shape == Shape::Name;
    return std::ranges::any_of(values, [&test](std::string_view value) {
        return test.op == Operator::In ? is_in(value, test.words) : equal_ignoring_case(value, test.text);
    });
}

bool holds_for(const Test& test, bool value) {
    return test.op == Operator::Has ? value : value == (test.text == "true");
}

// The patterns that look at one field.
struct FieldPatterns {
    Field field;
    std::string name;
    PatternSet patterns;
    std::vector<std::uint32_t> places;  // of the test, for each pattern
};

void add_pattern(std::vector<FieldPatterns>& groups, const Test& test, std::uint32_t place, MadePatterns& made) {
    if (!takes_a_pattern(test) || test.text.empty()) return;  // a list without words: never found
    auto group = std::ranges::find_if(
        groups, [&](const FieldPatterns& one) { return one.field == test.field && one.name == test.name; });
    if (group == groups.end()) {
        groups.push_back({test.field, test.name, {}, {}});
        group = std::prev(groups.end());
    }
    if (!group->patterns.add(test.text, made)) throw std::length_error{"a pattern or a list of words is too large"};
    group->places.push_back(place);
}

void build(std::vector<FieldPatterns>& groups) {
    for (FieldPatterns& group : groups) group.patterns.build();
}

// What is asked of each attachment.
struct AttachmentQuestion {
    std::uint32_t place = 0;
    std::vector<FieldPatterns> groups;
};

}  // namespace

struct TestTable::State {
    std::vector<Test> tests;
    std::vector<bool> showing;
    Assets assets;
    bool for_mail = true;
    MadePatterns made;
    std::vector<FieldPatterns> groups;
    std::vector<AttachmentQuestion> questions;

    void ask_patterns(const FieldPatterns& group, const MailFacts& facts, std::string_view text,
                      Answers& answers) const;
    void ask_attachments(const AttachmentQuestion& question, const MailFacts& facts, Answers& answers) const;
    Answer ask_plainly(const Test& test, const MailFacts& facts, std::string_view text) const;
};

TestTable::TestTable(std::vector<Test> tests, const std::vector<std::uint32_t>& showing, const Assets& assets,
                     bool for_mail)
    : state_{std::make_unique<State>()} {
    state_->tests = std::move(tests);
    state_->assets = assets;
    state_->showing.resize(state_->tests.size());
    for (const std::uint32_t place : showing) state_->showing.at(place) = true;
    // Where none is kept, those of lists alone are made, to see that they are not too large: the others were when they
    // were read.
    const auto is_to_be_made = [&](const Test& test) { return for_mail || test.op != Operator::Matches; };
    for (std::uint32_t place = 0; place < state_->tests.size(); ++place) {
        const Test& test = state_->tests[place];
        if (is_to_be_made(test)) add_pattern(state_->groups, test, place, state_->made);
        if (test.op != Operator::Any) continue;
        AttachmentQuestion question{place, {}};
        for (std::uint32_t inner = 0; inner < test.asked.size(); ++inner)
            if (is_to_be_made(test.asked[inner])) add_pattern(question.groups, test.asked[inner], inner, state_->made);
        state_->questions.push_back(std::move(question));
    }
    state_->for_mail = for_mail;
    if (!for_mail) {
        state_->groups.clear();
        state_->questions.clear();
        state_->made = MadePatterns{};
        return;
    }
    for (AttachmentQuestion& question : state_->questions) build(question.groups);
    build(state_->groups);
}

TestTable::TestTable(TestTable&&) noexcept = default;
TestTable& TestTable::operator=(TestTable&&) noexcept = default;
TestTable::~TestTable() = default;

std::size_t TestTable::size() const { return state_->tests.size(); }
const Test& TestTable::test(std::size_t place) const { return state_->tests.at(place); }

void TestTable::State::ask_patterns(const FieldPatterns& group, const MailFacts& facts, std::string_view text,
                                    Answers& answers) const {
    const bool may_be_hidden = facts.limit_hit && kind_of(group.field).of_text;
    bool cut = false;
    for (const std::uint32_t place : group.places) answers.tests[place] = Answer::No;
    std::vector<PatternHit> hits;
    for (std::string_view value : values_of(group.field, group.name, facts, text)) {
        if (value.size() > most_bytes_for_patterns) {
            value = cut_utf8(value, most_bytes_for_patterns);
            cut = true;
        }
        group.patterns.match(value, hits);
        for (const PatternHit& hit : hits) {
            const std::uint32_t place = group.places[hit.pattern];
            if (std::exchange(answers.tests[place], Answer::Yes) == Answer::Yes || !showing[place]) continue;
            const auto words = group.patterns.find(hit, value);
            answers.words.push_back({place, std::string{cut_utf8(words, most_bytes_of_words)}});
        }
    }
    if (!may_be_hidden && !cut) return;
    for (const std::uint32_t place : group.places)
        if (answers.tests[place] == Answer::No) answers.tests[place] = Answer::CouldNotTell;
}

void TestTable::State::ask_attachments(const AttachmentQuestion& question, const MailFacts& facts,
                                       Answers& answers) const {
    const Test& test = tests[question.place];
    std::vector<Answer> of_one(test.asked.size());
    std::vector<Answer> stack;
    std::vector<PatternHit> hits;
    answers.tests[question.place] = facts.limit_hit ? Answer::CouldNotTell : Answer::No;
    for (const mail::Attachment& attachment : facts.reading.attachments) {
        const auto text_of = [&](Field field) -> std::string_view {
            return field == Field::AttachmentName ? attachment.name : attachment.type;
        };
        for (std::size_t inner = 0; inner < test.asked.size(); ++inner) {
            const Test& asked = test.asked[inner];
            const std::string_view value = text_of(asked.field);
            of_one[inner] = yes_or_no(
                asked.field == Field::AttachmentSize
                    ? holds(asked.op, static_cast<double>(attachment.size), asked.number)
                    : holds_for_one(asked, value.empty() ? std::vector<std::string_view>{} : std::vector{value}));
        }
        for (const FieldPatterns& group : question.groups) {
            for (const std::uint32_t inner : group.places) of_one[inner] = Answer::No;
            group.patterns.match(text_of(group.field), hits);
            for (const PatternHit& hit : hits) of_one[group.places[hit.pattern]] = Answer::Yes;
        }
        if (run(test.inner, of_one, stack) != Answer::Yes) continue;
        answers.tests[question.place] = Answer::Yes;
        if (showing[question.place])
            answers.words.push_back({question.place, std::string{cut_utf8(attachment.name, most_bytes_of_words)}});
        return;
    }
}

Answer TestTable::State::ask_plainly(const Test& test, const MailFacts& facts, std::string_view text) const {
    bool yes = false;
    const auto urls = [&] { return values_of(Field::Url, {}, facts, text); };
    switch (test.field) {
        case Field::Encrypted:
            yes = holds_for(test, facts.encrypted);
            break;
        case Field::Cvss:
            yes = facts.cvss_base.has_value();
            break;
        case Field::CvssFits:
            yes = holds_for(test, facts.cvss_fits);
            break;
        case Field::CvssBase:
            yes = facts.cvss_base && (test.op == Operator::Has || holds(test.op, *facts.cvss_base, test.number));
            break;
        case Field::Attachment:
            yes = !facts.reading.attachments.empty();
            break;
        case Field::Asset:
            yes = holds_for_one(test, {scope_of(assets, urls(), text)});
            break;
        default:
            yes = holds_for_one(test, values_of(test.field, test.name, facts, text));
            break;
    }
    const bool hidden = !yes && facts.limit_hit && kind_of(test.field).of_text;
    return hidden ? Answer::CouldNotTell : yes_or_no(yes);
}

Answers TestTable::ask(const MailFacts& facts) const {
    if (!state_->for_mail) throw std::logic_error{"rules that were not loaded for mail are asked about one"};
    Answers answers;
    answers.tests.assign(state_->tests.size(), Answer::NotAsked);
    const std::string text = facts.reading.subject + '\n' + facts.reading.text;
    for (const FieldPatterns& group : state_->groups) state_->ask_patterns(group, facts, text, answers);
    for (const AttachmentQuestion& question : state_->questions) state_->ask_attachments(question, facts, answers);
    for (std::size_t place = 0; place < state_->tests.size(); ++place) {
        const Test& test = state_->tests[place];
        if (!known_from_the_mail(test.field) || test.op == Operator::Any) continue;
        if (!takes_a_pattern(test)) answers.tests[place] = state_->ask_plainly(test, facts, text);
        if (takes_a_pattern(test) && test.text.empty()) answers.tests[place] = Answer::No;
    }
    std::ranges::sort(answers.words, {}, &Answers::Words::test);
    return answers;
}

Answer TestTable::ask(const Test& test, const ThreadFacts& facts) {
    switch (test.field) {
        case Field::Kind:
            return yes_or_no(
                holds_for_one(test, facts.kind.empty() ? std::vector<std::string_view>{} : std::vector{facts.kind}));
        case Field::ThreadKnown:
            return yes_or_no(holds_for(test, facts.thread_known));
        case Field::ReporterReports:
            return yes_or_no(holds(test.op, static_cast<double>(facts.reporter_reports), test.number));
        case Field::ReporterValid:
            return yes_or_no(holds(test.op, static_cast<double>(facts.reporter_valid), test.number));
        default:
            return Answer::NotAsked;
    }
}

}  // namespace tocsin::rules
