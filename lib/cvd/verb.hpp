// The team's commands: how each is called, what stands behind it, and what it does (INTERFACES section 6).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tocsin::cvd {

enum class Verb {
    Take,
    Assign,
    Severity,
    Triage,
    Evaluated,
    Incident,
    Wait,
    Resume,
    Eta,
    Delay,
    Investigated,
    FixReady,
    Fixed,
    Disclose,
    Embargo,
    Timeline,
    CustomersNotified,
    ReleaseNoted,
    Credit,
    Close,
    Reopen,
    Note,
    Merge,
    Split,
    Confirm,
    Open,
    Reporter,
    Cc,
    AcceptKey,
    Retry,
    Block,
    Snooze,
    Mute,
    Undo,
    Forget,
    Status,
    Help,
};
std::string_view to_text(Verb verb);                   // "accept-key"
std::optional<Verb> verb_from(std::string_view word);  // in any case, without the slash
// Those that only a signature, or a `yes` to a question, carries out.
bool is_destructive(Verb verb);
std::string command_help();  // every command with its arguments and what it does, a line each

enum class Argument {
    None,
    Text,
    MaybeText,
    Level,
    MaybeLevel,
    Date,
    MaybeDate,
    Address,
    Number,
    Fingerprint,
    Reason,
    Note
};

struct CommandForm {
    Verb verb;
    std::string_view name;
    Argument argument;
    std::string_view shown;  // its argument, for /help
    std::string_view does;
};
std::span<const CommandForm> all_commands();  // in the order of /help
const CommandForm& form_of(Verb verb);

}  // namespace tocsin::cvd
