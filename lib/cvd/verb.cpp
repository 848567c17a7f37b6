#include "cvd/verb.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace tocsin::cvd {

namespace {

constexpr std::array forms{
    CommandForm{Verb::Take, "take", Argument::None, "", "the ticket is yours"},
    CommandForm{Verb::Assign, "assign", Argument::Text, "NAME",
                "the ticket is NAME's (a name or an address of the team)"},
    CommandForm{Verb::Severity, "severity", Argument::Level, "LEVEL",
                "low, medium, high or critical; the reporter is not told"},
    CommandForm{Verb::Triage, "triage", Argument::MaybeLevel, "[LEVEL]",
                "triaged; the reporter is told how it is rated"},
    CommandForm{Verb::Evaluated, "evaluated", Argument::None, "", "evaluated"},
    CommandForm{Verb::Incident, "incident", Argument::None, "", "identified as an incident"},
    CommandForm{Verb::Wait, "wait", Argument::None, "", "the reporter owes us an answer"},
    CommandForm{Verb::Resume, "resume", Argument::None, "", "we go on without it"},
    CommandForm{Verb::Eta, "eta", Argument::Date, "DATE", "when the fix is planned; the reporter is told"},
    CommandForm{Verb::Delay, "delay", Argument::MaybeDate, "[UNTIL]", "it takes longer; the reporter is told"},
    CommandForm{Verb::Investigated, "investigated", Argument::None, "", "investigated"},
    CommandForm{Verb::FixReady, "fix-ready", Argument::MaybeText, "[VERSION]", "a fix is there, not yet released"},
    CommandForm{Verb::Fixed, "fixed", Argument::MaybeText, "[VERSION]", "fixed; the reporter is told"},
    CommandForm{Verb::Disclose, "disclose", Argument::MaybeDate, "[DATE]",
                "published, or to be published; the reporter is told"},
    CommandForm{Verb::Embargo, "embargo", Argument::Date, "[proposed|reporter] DATE",
                "agreed, or the wish of one side: nobody publishes before"},
    CommandForm{Verb::Timeline, "timeline", Argument::None, "", "the timeline was discussed with the reporter"},
    CommandForm{Verb::CustomersNotified, "customers-notified", Argument::None, "", "customers were notified"},
    CommandForm{Verb::ReleaseNoted, "release-noted", Argument::None, "", "it stands in the release notes"},
    CommandForm{Verb::Credit, "credit", Argument::Text, "NAME|anonymous|none", "how the reporter is thanked"},
    CommandForm{Verb::Close, "close", Argument::Reason,
                "fixed|duplicate NUMBER|not-a-vulnerability|out-of-scope|obsolete|other-vendor|spam",
                "closed; the reporter is told, but for spam"},
    CommandForm{Verb::Reopen, "reopen", Argument::None, "", "open again"},
    CommandForm{Verb::Note, "note", Argument::Note, "", "all that follows stays inside"},
    CommandForm{Verb::Merge, "merge", Argument::Number, "NUMBER", "this ticket goes into NUMBER (same reporter only)"},
    CommandForm{Verb::Split, "split", Argument::None, "", "the mail that you answer becomes a ticket of its own"},
    CommandForm{Verb::Confirm, "confirm", Argument::None, "", "a held mail belongs here, and its sender takes part"},
    CommandForm{Verb::Open, "open", Argument::None, "", "with a forwarded mail: it becomes a ticket of its author's"},
    CommandForm{Verb::Reporter, "reporter", Argument::Address, "ADDRESS", "answers go to ADDRESS from now on"},
    CommandForm{Verb::Cc, "cc", Argument::Address, "ADDRESS", "ADDRESS gets what the reporter gets"},
    CommandForm{Verb::AcceptKey, "accept-key", Argument::Fingerprint, "FINGERPRINT", "this is the reporter's key"},
    CommandForm{Verb::Retry, "retry", Argument::None, "", "examine the mail again"},
    CommandForm{Verb::Block, "block", Argument::None, "", "no more answers to this address"},
    CommandForm{Verb::Snooze, "snooze", Argument::Date, "DATE", "no reminders before"},
    CommandForm{Verb::Mute, "mute", Argument::None, "", "no reminders of this ticket to you"},
    CommandForm{Verb::Undo, "undo", Argument::None, "", "takes back what was commanded last"},
    CommandForm{Verb::Forget, "forget", Argument::None, "", "erases the reporter of a closed ticket"},
    CommandForm{Verb::Status, "status", Argument::None, "", "how the ticket stands"},
    CommandForm{Verb::Help, "help", Argument::None, "", "this list"},
};

}  // namespace

std::span<const CommandForm> all_commands() { return forms; }

const CommandForm& form_of(Verb verb) { return *std::ranges::find(forms, verb, &CommandForm::verb); }

std::string_view to_text(Verb verb) { return form_of(verb).name; }

std::optional<Verb> verb_from(std::string_view word) {
    std::string name = lower(word);
    std::ranges::replace(name, '_', '-');
    if (name == "fixready") name = "fix-ready";
    if (name == "acceptkey") name = "accept-key";
    const auto* found = std::ranges::find(forms, std::string_view{name}, &CommandForm::name);
    return found == forms.end() ? std::nullopt : std::optional{found->verb};
}

bool is_destructive(Verb verb) {
    constexpr std::array destructive{Verb::Close, Verb::Disclose, Verb::Forget,   Verb::AcceptKey,
                                     Verb::Merge, Verb::Cc,       Verb::Reporter, Verb::Confirm};
    return std::ranges::find(destructive, verb) != destructive.end();
}

std::string command_help() {
    std::string help;
    for (const CommandForm& form : forms) {
        help.append("- /").append(form.name);
        if (!form.shown.empty()) help.append(" ").append(form.shown);
        help.append("\n    ").append(form.does).append("\n");
    }
    return help;
}

}  // namespace tocsin::cvd
