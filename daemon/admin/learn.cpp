// rules learn: new scores, fitted to the severities that the team gave.
#include <fmt/core.h>
#include <sysexits.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/utf8.hpp"
#include "daemon/admin/examiner.hpp"
#include "daemon/admin/progress.hpp"
#include "daemon/admin/rules.hpp"
#include "rules/learning.hpp"

namespace tocsin::daemon {

namespace {

using LearnJson = nlohmann::ordered_json;

constexpr std::size_t fewest_lessons = 20;

// A mail, and what the team made of it in the end.
struct RatedMail {
    std::string file;  // of a folder; empty: of the journal
    store::JournalEntry entry;
    cvd::Severity team = cvd::Severity::Low;
};

std::vector<RatedMail> rated_in_journal(const store::Store& store) {
    std::vector<RatedMail> mails;
    auto entries =
        store.journal.newest(static_cast<std::size_t>(std::max<std::int64_t>(0, store.journal.counts().total)));
    std::ranges::reverse(entries);
    for (store::JournalEntry& entry : entries) {
        const auto rating = store.ratings.of(entry.id);
        if (!entry.ticket || !rating || rating->kind != "report") continue;
        if (const auto team = intake::severity_by_team(store.tickets.history(*entry.ticket)))
            mails.push_back({{}, std::move(entry), *team});
    }
    return mails;
}

// What the rules that hit say beside their scores, and what a CVSS vector does.
rules::Lesson lesson_of(const rules::Evaluation& evaluation, const intake::ReportFacts& facts,
                        const rules::RuleSet& rule_set, const rules::SeverityLevels& levels, cvd::Severity team) {
    rules::Lesson lesson;
    lesson.team = team;
    if (const auto base = cvd::highest_base(facts.cvss); base && levels.cvss != "ignore")
        lesson.floor = *base >= 9   ? cvd::Severity::Critical
                       : *base >= 7 ? cvd::Severity::High
                       : *base >= 4 ? cvd::Severity::Medium
                                    : cvd::Severity::Low;
    if (levels.cvss == "decide" && cvd::highest_base(facts.cvss)) lesson.cap = lesson.floor;
    for (const rules::Hit& hit : evaluation.hits) {
        lesson.rules.push_back(hit.rule);
        const auto rule = std::ranges::find(rule_set.rules(), hit.rule, &rules::Rule::id);
        if (rule == rule_set.rules().end()) continue;
        if (rule->floor) lesson.floor = std::max(lesson.floor, *rule->floor);
        if (rule->cap) lesson.cap = std::min(lesson.cap, *rule->cap);
    }
    return lesson;
}

std::string file_text(const rules::Learned& learned, const std::map<std::string, int>& scores, std::size_t lessons) {
    std::string text = fmt::format(
        "# Scores learned from {} reports that the team has rated. Put this file into the last folder of rules.path, "
        "look at\n"
        "# what it would change with `tocsinctl rules backtest`, then reload.\n"
        "#\n"
        "# as it was:            {}\n"
        "# with these scores:    {}\n"
        "# on reports left out:  {}\n"
        "#\n"
        "# The third line is the honest one: scores fitted to four fifths of the reports, tried on the rest. Each rule "
        "hit so\n"
        "# many of the reports; one that hit few was left near where it was.\n",
        lessons, learned.before.in_words(), learned.after.in_words(), learned.unseen.in_words());
    for (const auto& [rule, score] : learned.scores) {
        const int before = scores.at(rule);
        if (score == before) continue;
        text += fmt::format("\n[[rule]]\nid       = \"{}\"\noverride = true\nscore    = {}    # was {}; hit {}\n", rule,
                            score, before, learned.hits.at(rule));
    }
    return text;
}

}  // namespace

int learn_rules(const AdminContext& context, const RulesOptions& options) {
    const auto loaded = load_wanted_rules(context, options, false);
    if (!loaded) return EX_CONFIG;
    const rules::Policy* policy = loaded->rule_set.policy(options.policy);
    if (policy == nullptr) return complain("there is no policy '" + for_one_line(options.policy, 60) + "'", EX_USAGE);
    std::vector<RatedMail> mails;
    std::unique_ptr<store::Store> store;
    if (!options.reports.empty()) {
        const auto reports = rated_reports(options.reports, options.half);
        if (!reports) return complain(reports.error().what, EX_DATAERR);
        for (const RatedReport& report : *reports) mails.push_back({report.file, {}, report.team});
    } else {
        if (!std::filesystem::exists(loaded->configuration.store))
            return complain("there is no database yet: no mail was ever journaled", EX_NOINPUT);
        int code = EX_OK;
        store = open_store(loaded->configuration, code);
        if (!store) return code;
        mails = rated_in_journal(*store);
    }
    if (mails.size() < fewest_lessons)
        return complain(
            fmt::format("the team has rated {} reports; fewer than {} teach nothing", mails.size(), fewest_lessons),
            EX_DATAERR);

    std::vector<std::optional<rules::Lesson>> read(mails.size());
    Progress progress{"Reading", mails.size()};
    const auto done = [&](std::size_t number, const Result<intake::Examination>& examination) {
        progress.advance();
        if (!examination || examination->unreadable) return;
        const auto evaluation = loaded->rule_set.evaluate(examination->answers, {}, *policy);
        read[number] = lesson_of(evaluation, examination->facts, loaded->rule_set, policy->levels, mails[number].team);
    };
    const auto bytes_of = [&](std::size_t number) {
        if (mails[number].file.empty()) return store->journal.bytes(mails[number].entry.id);
        auto bytes =
            read_file(std::filesystem::path{options.reports} / mails[number].file, loaded->configuration.message_bytes);
        return bytes ? std::move(*bytes) : std::string{};
    };
    const auto known = store ? std::optional{store->keys.all()} : std::nullopt;
    const auto asked = examine_many(*loaded, mails.size(), Process::Shared, bytes_of, done, known);
    if (!asked) return complain(asked.error().what, EX_SOFTWARE);
    std::vector<rules::Lesson> lessons;
    for (auto& lesson : read)
        if (lesson) lessons.push_back(std::move(*lesson));

    // A rule of one policy alone may be named like one of another: the policy's own counts.
    std::map<std::string, int> scores;
    for (const rules::Rule& rule : loaded->rule_set.rules())
        if (rule.policy.empty() || rule.policy == policy->name) scores[rule.id] = rule.score;
    rules::LearningOptions learning;
    learning.pull = options.pull;
    const rules::Learned learned = rules::learn(lessons, scores, policy->levels, learning);
    const std::string file = file_text(learned, scores, lessons.size());
    if (!context.json) {
        std::fputs(file.c_str(), stdout);
        return EX_OK;
    }
    LearnJson list = LearnJson::array();
    for (const auto& [rule, score] : learned.scores)
        list.push_back(
            {{"rule", rule}, {"before", scores.at(rule)}, {"after", score}, {"hits", learned.hits.at(rule)}});
    print_json({{"reports", lessons.size()},
                {"rules", list},
                {"before", to_public_json(learned.before)},
                {"after", to_public_json(learned.after)},
                {"left_out", to_public_json(learned.unseen)},
                {"file", file}});
    return EX_OK;
}

}  // namespace tocsin::daemon
