// Rules and elements: read table by table, then compiled together, since a condition may name a list of any file.
#include <algorithm>
#include <stdexcept>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/loading/loading.hpp"

namespace tocsin::rules {

namespace {

constexpr std::int64_t largest_score = 1'000;
constexpr std::size_t longest_id = 64;

// What a rule may call a mail. That it is the team's or our own is proven, never guessed by a rule.
constexpr std::string_view kinds_of_a_rule[] = {"report", "auto-reply", "bounce", "bulk"};

// What a rule may take a mail's sender for, most telling first.
constexpr std::string_view signals_of_a_rule[] = {"bounce", "auto-reply", "bulk", "machine", "unattended"};

// What stands on the outside of an encrypted mail too; its subject may be the one that was encrypted.
bool is_of_the_outside(Field field) {
    switch (field) {
        case Field::Header:
        case Field::Sender:
        case Field::SenderDomain:
        case Field::Recipient:
        case Field::Sign:
        case Field::Encrypted:
        case Field::Dmarc:
        case Field::Dkim:
        case Field::Spf:
        case Field::ThreadKnown:
        case Field::ReporterReports:
        case Field::ReporterValid:
            return true;
        default:
            return false;
    }
}

const std::vector<std::string_view>& severity_names() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all;
        for (const cvd::Severity severity : cvd::all_severities) all.push_back(cvd::to_text(severity));
        return all;
    }();
    return names;
}

bool is_id(std::string_view id) {
    return !id.empty() && id.size() <= longest_id && std::ranges::all_of(id, [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
    });
}

// Keys that an override without `when` leaves out keep what they had.
void take_over(RuleDraft& rule, const RuleDraft& earlier, const TomlTable& table) {
    const Rule given = rule.rule;
    rule.rule = earlier.rule;
    rule.rule.policy = given.policy;
    rule.when = earlier.when;
    if (table.has("why")) rule.rule.why = given.why;
    if (table.has("score")) rule.rule.score = given.score;
    if (table.has("floor")) rule.rule.floor = given.floor;
    if (table.has("cap")) rule.rule.cap = given.cap;
    if (table.has("tag")) rule.rule.tags = given.tags;
    if (table.has("kind")) rule.rule.kind = given.kind;
    if (table.has("language")) rule.rule.language = given.language;
    if (table.has("template")) rule.rule.acknowledgement = given.acknowledgement;
    if (table.has("acknowledge")) rule.rule.acknowledge = given.acknowledge;
    if (table.has("signal")) rule.rule.signal = given.signal;
}

}  // namespace

std::string Loading::read_id(TomlTable& table) {
    std::string id = table.required_text("id");
    if (!id.empty() && !is_id(id))
        table.mistake_at("id", "an id is at most 64 letters, digits, '-', '_' and '.', as in 'remote-code-execution'");
    return id;
}

std::optional<cvd::Severity> Loading::read_severity(TomlTable& table, std::string_view key) {
    const auto value = table.value(key);
    if (!value) return std::nullopt;
    const auto text = value->text();
    if (!text) return std::nullopt;
    const auto severity = cvd::severity_from(*text);
    if (!severity) value->mistake(is_not_known(*text, severity_names()));
    return severity;
}

// { en = "…", de = "…" }
ByLanguage Loading::read_words(TomlTable& table, std::string_view key) {
    ByLanguage words;
    const auto value = table.value(key);
    if (value && value->type() != TomlValue::Type::Table)
        value->mistake("expected words for each language, as in " + std::string{key} + " = { en = \"…\" }");
    if (!value || value->type() != TomlValue::Type::Table) return words;
    auto by_language = value->table();
    for (const std::string& language : by_language->keys())
        if (auto text = by_language->text(language)) {
            if (trim(*text).empty()) by_language->mistake_at(language, "these words are empty");
            words.emplace(language, std::move(*text));
        } else {
            words.emplace(language, "");  // told already
        }
    check_languages(words, table, key);
    return words;
}

void Loading::check_languages(const ByLanguage& words, const TomlTable& table, std::string_view key) {
    for (const std::string& language : options_.languages)
        if (!words.contains(language) && ++missing_words_[language] <= most_missing_told)
            table.mistake_at(
                key, "'" + std::string{key} + "' has no words in '" + language + "', one of the configured languages");
}

void Loading::read_rule(TomlTable table, const std::string& policy) {
    RuleDraft draft;
    Rule& rule = draft.rule;
    rule.id = read_id(table);
    rule.policy = policy;
    rule.why = table.text("why").value_or("");
    rule.score = static_cast<int>(std::clamp(table.whole("score").value_or(0), -largest_score, largest_score));
    if (rule.score != table.whole("score").value_or(0))
        table.mistake_at("score", "a score lies between -1000 and 1000");
    rule.floor = read_severity(table, "floor");
    rule.cap = read_severity(table, "cap");
    rule.tags = table.texts("tag");
    rule.kind = table.text("kind");
    if (rule.kind && std::ranges::find(kinds_of_a_rule, *rule.kind) == std::end(kinds_of_a_rule))
        table.mistake_in("kind", is_not_known(*rule.kind, {std::begin(kinds_of_a_rule), std::end(kinds_of_a_rule)}));
    rule.language = table.text("language");
    if (rule.language && std::ranges::find(options_.languages, *rule.language) == options_.languages.end())
        table.mistake_in("language",
                         is_not_known(*rule.language, {options_.languages.begin(), options_.languages.end()}));
    if (std::ranges::any_of(rule.tags, [](const std::string& tag) { return trim(tag).empty(); }))
        table.mistake_in("tag", "a tag is a word, or a list of words");
    rule.acknowledgement = table.text("template");
    if (const auto like = template_like(rule.acknowledgement.value_or("acknowledgement")); like != "acknowledgement")
        table.mistake_in("template", "'" + for_one_line(*rule.acknowledgement, 60) + "' has the fields of '" +
                                         std::string{like} + "'; a rule chooses an acknowledgement, such as " +
                                         "'acknowledgement-strict'");
    rule.acknowledge = table.boolean("acknowledge").value_or(true);
    rule.signal = table.text("signal");
    if (rule.signal && std::ranges::find(signals_of_a_rule, *rule.signal) == std::end(signals_of_a_rule))
        table.mistake_in("signal",
                         is_not_known(*rule.signal, {std::begin(signals_of_a_rule), std::end(signals_of_a_rule)}));
    draft.when = table.value("when");
    const bool replaces = table.boolean("override").value_or(false);
    table.done();
    if (rule.id.empty()) return;

    const Layer<RuleDraft>* earlier = replaces ? rules_.find(rule.id, policy) : nullptr;
    if (replaces && earlier == nullptr && !policy.empty()) earlier = rules_.find(rule.id, "");
    if (earlier != nullptr && !draft.when) take_over(draft, earlier->what, table);
    const bool does_something = table.has("score") || table.has("floor") || table.has("cap") || table.has("tag") ||
                                table.has("kind") || table.has("language") || table.has("template") ||
                                table.has("acknowledge") || table.has("signal");
    if (replaces && earlier == nullptr && !draft.when) return rules_.miss(rule.id, table, "rule", "id");
    // Of one that is there already it is enough to say so: most likely `override = true` is missing.
    const bool is_told = !replaces && rules_.find(rule.id, policy) != nullptr;
    if (!draft.when && !is_told) table.mistake("missing key 'when'");
    if (!does_something && earlier == nullptr)
        table.mistake(
            "this rule does nothing; it needs one of score, floor, cap, tag, kind, language, template, acknowledge, "
            "signal");
    if (rule.why.empty() && !is_told) table.warn_at("id", "rule '" + rule.id + "' does not say why");
    if (rule.floor && rule.cap && *rule.floor > *rule.cap) table.mistake_at("cap", "the cap lies below the floor");
    const std::string id = rule.id;
    rules_.add({id, policy, replaces, table, std::move(draft)}, "rule", "id");
}

void Loading::read_element(TomlTable table, const std::string& policy) {
    ElementDraft draft;
    draft.element.id = read_id(table);
    if (table.has("ask"))
        draft.element.ask = read_words(table, "ask");
    else
        table.mistake("missing key 'ask'");
    draft.element.optional = table.boolean("optional").value_or(false);
    draft.when = table.value("when");
    if (!draft.when) table.mistake("missing key 'when'");
    const bool replaces = table.boolean("override").value_or(false);
    table.done();
    if (draft.element.id.empty()) return;
    const std::string id = draft.element.id;
    elements_.add({id, policy, replaces, table, std::move(draft)}, "element", "id");
}

std::optional<Program> Loading::compile_condition(const std::optional<TomlValue>& when, Tests& tests, bool of_element) {
    if (!when) return std::nullopt;
    const auto text = when->text();
    if (!text) return std::nullopt;
    if (!when->written_as_literal()) {
        when->mistake(
            "write a condition as a literal string, 'text ~ /…/' or '''…''', so that no backslash is doubled");
        return std::nullopt;
    }
    Vocabulary vocabulary{lists_, {}, !of_element};
    for (const auto& element : elements_.all())  // several policies may have one of the same id
        if (std::ranges::find(vocabulary.elements, element.id) == vocabulary.elements.end())
            vocabulary.elements.push_back(element.id);
    return parse_condition(*text, vocabulary, tests, [&](std::size_t offset, std::string what, bool warning) {
        warning ? when->warn_at(offset, std::move(what)) : when->mistake_at(offset, std::move(what));
    });
}

// Whether the policy has a rule of its own in the place of this one, which stands outside of policies.
bool Loading::stands_in_policy(const Layer<RuleDraft>& outside, const std::string& policy) {
    if (!outside.policy.empty() || policy.empty()) return false;
    const Layer<RuleDraft>* own = rules_.find(outside.id, policy);
    if (own == nullptr) return false;
    const Place place = outside.table.place_of("id");
    if (!own->replaces)
        own->table.mistake_at("id", "rule '" + own->id + "' is already at " + place.file + ":" +
                                        std::to_string(place.line) + "; override = true replaces it");
    return true;
}

void Loading::compile(LoadedRules& loaded) {
    Tests tests;
    loaded.has_cvss = tests.add({Field::Cvss, {}, Operator::Has, {}, {}, 0, {}, {}});
    // FIRST, CVSS v3.1 section 5 and v4.0 section 7: where medium, high and critical begin.
    const double begins[] = {4.0, 7.0, 9.0};
    for (std::size_t level = 0; level < 3; ++level)
        loaded.cvss_reaches[level] =
            tests.add({Field::CvssBase, {}, Operator::GreaterOrEqual, {}, {}, begins[level], {}, {}});

    std::vector<std::uint32_t> showing;
    for (auto& entry : rules_.all()) {
        if (disabled(entry.id, "")) continue;
        auto program = compile_condition(entry.what.when, tests, false);
        if (!program) continue;
        check_rule(entry, *program, tests.all());
        Rule rule = entry.what.rule;
        rule.condition = std::move(*program);
        rule.of_the_outside = std::ranges::all_of(rule.condition.ops, [&tests](const auto& op) {
            return op.step != Program::Step::Test || is_of_the_outside(tests.all().at(op.test).field);
        });
        for (const std::string& policy : policy_names_)
            if (disabled(entry.id, policy) || stands_in_policy(entry, policy)) rule.not_in.insert(policy);
        showing.insert(showing.end(), rule.condition.affirmed.begin(), rule.condition.affirmed.end());
        for (const std::string& language : loaded.languages)
            if (rule.acknowledgement && !loaded.templates.has(*rule.acknowledgement, language))
                entry.table.mistake_in("template", "there is no template '" + for_one_line(*rule.acknowledgement, 60) +
                                                       "." + language + ".eml'");
        loaded.rules.push_back(std::move(rule));
    }
    for (auto& entry : elements_.all()) {
        auto program = compile_condition(entry.what.when, tests, true);
        element_conditions_[entry.policy + '\n' + entry.id] = loaded.element_conditions.size();
        loaded.element_conditions.push_back(program ? std::move(*program) : Program{});
    }
    if (mistakes_.any_error()) return;
    if (options_.thorough) check_shadows(loaded, tests.all());
    try {
        loaded.table = std::make_unique<const TestTable>(tests.take(), showing, assets_, options_.for_mail);
    } catch (const std::length_error& too_large) {
        mistakes_.error({options_.path.empty() ? std::string{} : options_.path.back().string()}, too_large.what());
    }
}

}  // namespace tocsin::rules
