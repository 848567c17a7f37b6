// rules backtest: every journaled mail decided again with another rule set.
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

namespace tocsin::daemon {

namespace {

using BacktestJson = nlohmann::ordered_json;

std::string severity_text(const intake::Outcome& outcome) {
    return outcome.severity ? std::string{cvd::to_text(*outcome.severity)} : "–";
}

std::string from_to(const std::string& before, const std::string& after) {
    return before == after ? after : before + " → " + after;
}

BacktestJson outcome_json(const intake::Outcome& outcome, bool with_rules) {
    BacktestJson json{{"kind", outcome.kind},
                      {"severity", outcome.severity ? BacktestJson(cvd::to_text(*outcome.severity)) : BacktestJson{}},
                      {"score", outcome.score},
                      {"acknowledged", outcome.acknowledged}};
    if (with_rules) json["rules"] = outcome.rules;
    return json;
}

// What rules have no say in (the team's mail, our own, a second delivery) is not decided again.
bool rules_have_a_say(const store::Rating& rating) {
    return rating.kind != "team-reply" && rating.kind != "own" && rating.kind != "duplicate";
}

// A journal as it stands when we begin: what comes in meanwhile is not looked at.
struct JournaledMails {
    std::vector<std::pair<store::JournalEntry, store::Rating>> rated;
    std::size_t passed_over = 0;  // duplicates, the team's mail, mails never read, mails that still wait
};

JournaledMails journaled_mails(const store::Store& store) {
    JournaledMails mails;
    std::vector<store::JournalEntry> entries =
        store.journal.newest(static_cast<std::size_t>(std::max<std::int64_t>(0, store.journal.counts().total)));
    std::ranges::reverse(entries);
    for (store::JournalEntry& entry : entries) {
        auto rating = store.ratings.of(entry.id);
        if (rating && rules_have_a_say(*rating))
            mails.rated.emplace_back(std::move(entry), std::move(*rating));
        else
            ++mails.passed_over;
    }
    return mails;
}

void look_up_ticket(const store::Store& store, const store::JournalEntry& entry, intake::Replayed& one) {
    if (!entry.ticket) return;
    const auto ticket = store.tickets.find(*entry.ticket);
    if (!ticket) return;
    one.ticket = ticket->number;
    if (one.before && one.before->kind == "report")
        one.team = intake::severity_by_team(store.tickets.history(*entry.ticket));
}

std::string rules_path_text(const Loaded& loaded) {
    std::string text;
    for (const auto& path : loaded.configuration.rules_path) text += (text.empty() ? "" : " + ") + path.string();
    return text;
}

std::string changes_text(const std::vector<intake::Replayed>& all, const Palette& palette) {
    std::vector<std::vector<Cell>> rows;
    for (const intake::Replayed& one : all) {
        if (!one.changed()) continue;
        const auto acknowledged = [](const intake::Outcome& outcome) {
            return std::string{outcome.acknowledged ? "yes" : "no"};
        };
        rows.push_back({{std::to_string(one.journal.value()), Colour::None, true},
                        {to_rfc3339(one.received).substr(0, 10)},
                        {one.ticket.empty() ? "–" : one.ticket},
                        {from_to(severity_text(*one.before), severity_text(one.after)),
                         one.after.severity ? colour_of(*one.after.severity) : Colour::None},
                        {from_to(std::to_string(one.before->score), std::to_string(one.after.score))},
                        {from_to(one.before->kind, one.after.kind)},
                        {from_to(acknowledged(*one.before), acknowledged(one.after))},
                        {one.team ? std::string{cvd::to_text(*one.team)} : "–"}});
    }
    if (rows.empty()) return "Nothing would change.\n";
    return table({"MAIL", "RECEIVED", "TICKET", "SEVERITY", "SCORE", "KIND", "ANSWERED", "TEAM"}, rows, palette);
}

std::string sums_text(const intake::Sums& sums, std::size_t passed_over, const Palette& palette) {
    std::string text = fmt::format(
        "\n{} mails decided again, {} would change: {} raised, {} lowered, {} of another kind, {} answered that were "
        "not, "
        "{} not answered that were.\n",
        sums.mails, sums.changed, sums.raised, sums.lowered, sums.other_kind, sums.acknowledged_now,
        sums.not_acknowledged_now);
    if (passed_over > 0)
        text += fmt::format("{} passed over: duplicates, the team's mail, what was never read, what still waits.\n",
                            passed_over);
    if (sums.after.total() == 0)
        return text + "The team has rated no ticket yet, so there is nothing to hold the severities against.\n";
    text += fmt::format("\nAgainst the severity that the team gave {} tickets in the end:\n", sums.after.total());
    text += "then: " + sums.before.in_words() + "\nnow:  " + sums.after.in_words() + "\n\n";
    return text + confusion_text(sums.after, palette);
}

BacktestJson journal_json(const Loaded& loaded, const std::vector<intake::Replayed>& all, const intake::Sums& sums,
                          std::size_t passed_over) {
    BacktestJson changed = BacktestJson::array();
    for (const intake::Replayed& one : all) {
        if (!one.changed()) continue;
        changed.push_back({{"journal", one.journal.value()},
                           {"received", to_rfc3339(one.received)},
                           {"ticket", one.ticket.empty() ? BacktestJson{} : BacktestJson(one.ticket)},
                           {"before", outcome_json(*one.before, false)},
                           {"after", outcome_json(one.after, true)},
                           {"team", one.team ? BacktestJson(cvd::to_text(*one.team)) : BacktestJson{}}});
    }
    BacktestJson severities = BacktestJson::array();
    for (const auto& [levels, count] : sums.severities)
        severities.push_back(
            {{"before", cvd::to_text(levels.first)}, {"after", cvd::to_text(levels.second)}, {"mails", count}});
    return {{"rules", rules_path_text(loaded)},
            {"hash", loaded.rule_set.hash()},
            {"changed", changed},
            {"sums",
             {{"mails", sums.mails},
              {"passed_over", passed_over},
              {"changed", sums.changed},
              {"raised", sums.raised},
              {"lowered", sums.lowered},
              {"other_kind", sums.other_kind},
              {"acknowledged_now", sums.acknowledged_now},
              {"not_acknowledged_now", sums.not_acknowledged_now},
              {"severities", severities}}},
            {"team", {{"before", to_public_json(sums.before)}, {"after", to_public_json(sums.after)}}}};
}

int backtest_journal(const AdminContext& context, const Loaded& loaded) {
    const Configuration& configuration = loaded.configuration;
    if (!std::filesystem::exists(configuration.store))
        return complain("there is no database yet: no mail was ever journaled", EX_NOINPUT);
    int code = EX_OK;
    const auto store = open_store(configuration, code);
    if (!store) return code;
    const JournaledMails mails = journaled_mails(*store);
    std::vector<std::optional<intake::Replayed>> replayed(mails.rated.size());
    std::size_t unread = 0;
    Progress progress{"Deciding again", mails.rated.size()};
    const auto done = [&](std::size_t number, const Result<intake::Examination>& examination) {
        const auto& [entry, rating] = mails.rated[number];
        progress.advance();
        const MailboxConfiguration* mailbox = configuration.mailbox(entry.place.mailbox);
        const intake::MailboxRules& rules = mailbox != nullptr ? mailbox->rules : configuration.mailboxes.front().rules;
        auto one = examination
                       ? intake::replay(entry, *examination, rating, loaded.rule_set, configuration.organisation, rules)
                       : Result<intake::Replayed>{tl::unexpected{examination.error()}};
        if (!one) {
            ++unread;
            return;
        }
        look_up_ticket(*store, entry, *one);
        replayed[number] = std::move(*one);
    };
    const auto asked = examine_many(
        loaded, mails.rated.size(), Process::Shared,
        [&](std::size_t number) { return store->journal.bytes(mails.rated[number].first.id); }, done,
        store->keys.all());
    if (!asked) return complain(asked.error().what, EX_SOFTWARE);
    intake::Sums sums;
    std::vector<intake::Replayed> all;
    for (auto& one : replayed) {
        if (!one) continue;
        intake::count(sums, *one);
        all.push_back(std::move(*one));
    }
    if (context.json) {
        print_json(journal_json(loaded, all, sums, mails.passed_over + unread));
        return EX_OK;
    }
    const std::string text = "Rules: " + rules_path_text(loaded) + "\n\n" + changes_text(all, context.palette) +
                             sums_text(sums, mails.passed_over + unread, context.palette);
    std::fputs(text.c_str(), stdout);
    return EX_OK;
}

int backtest_reports(const AdminContext& context, const RulesOptions& options, const Loaded& loaded) {
    const auto reports = rated_reports(options.reports, options.half);
    if (!reports) return complain(reports.error().what, EX_DATAERR);
    cvd::Agreement agreement;
    BacktestJson list = BacktestJson::array();
    std::string failure;
    Progress progress{"Rating", reports->size()};
    const auto done = [&](std::size_t number, const Result<intake::Examination>& examination) {
        const RatedReport& report = (*reports)[number];
        progress.advance();
        if (!examination) {
            failure = report.file + ": " + examination.error().what;
            return;
        }
        intake::MailboxRules mailbox = loaded.configuration.mailboxes.front().rules;
        mailbox.policy = options.policy;
        intake::Arrival arrival;
        arrival.received = context.clock.now();
        const auto outcome = intake::outcome_of(intake::decide(
            *examination, {}, loaded.rule_set, loaded.configuration.organisation, mailbox, arrival, arrival.received));
        const cvd::Severity severity = outcome.severity.value_or(cvd::Severity::Low);
        agreement.add(report.team, severity);
        BacktestJson one{{"file", report.file}, {"team", cvd::to_text(report.team)}};
        one.update(outcome_json(outcome, true));
        list.push_back(std::move(one));
    };
    const auto bytes_of = [&](std::size_t number) {
        auto bytes = read_file(std::filesystem::path{options.reports} / (*reports)[number].file,
                               loaded.configuration.message_bytes);
        return bytes ? std::move(*bytes) : std::string{};
    };
    const auto asked = examine_many(loaded, reports->size(), Process::Shared, bytes_of, done);
    if (!asked) return complain(asked.error().what, EX_SOFTWARE);
    if (!failure.empty()) return complain(failure, EX_DATAERR);
    if (context.json) {
        print_json({{"rules", rules_path_text(loaded)},
                    {"half", options.half},
                    {"team", to_public_json(agreement)},
                    {"reports", list}});
        return EX_OK;
    }
    const std::string text =
        fmt::format("Rules: {}\n{} reports ({}):\n\n", rules_path_text(loaded), agreement.total(), options.half) +
        confusion_text(agreement, context.palette);
    std::fputs(text.c_str(), stdout);
    return EX_OK;
}

}  // namespace

int backtest_rules(const AdminContext& context, const RulesOptions& options) {
    const auto loaded = load_wanted_rules(context, options, false);
    if (!loaded) return EX_CONFIG;
    if (loaded->rule_set.policy(options.policy) == nullptr)
        return complain("there is no policy '" + for_one_line(options.policy, 60) + "'", EX_USAGE);
    return options.reports.empty() ? backtest_journal(context, *loaded) : backtest_reports(context, options, *loaded);
}

}  // namespace tocsin::daemon
