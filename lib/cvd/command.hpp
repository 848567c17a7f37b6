// The team's commands (INTERFACES section 6): lines at the top of a mail that begin with '/'.
//
// Two steps, both pure: `find_commands` runs where the mail is read and only finds lines, `read_command` says what
// one of them asks for, strict in meaning. Whether it may be carried out is the business of lib/intake.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "cvd/severity.hpp"
#include "sla/zone.hpp"

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

struct CommandLines {
    std::vector<std::string> lines;   // those at the top, blanks trimmed: "/eta friday 17:00"
    std::vector<std::string> strays;  // known commands further down: then nothing is done
    std::size_t words_begin = 0;      // where, in the written text, the words after the commands begin
    bool words = false;               // there are some
    bool note = false;                // a /note among the lines: the words stay inside
    friend bool operator==(const CommandLines&, const CommandLines&) = default;
};
// `written` is what was newly written. Blank lines among the commands do not end them. A line at the top that begins
// with something that only looks like a slash is among the lines, and cannot be read.
CommandLines find_commands(std::string_view written);

// Whether a line names a command, also where it cannot be read as one: behind a bullet, or with a slash that is none.
bool is_known_command(std::string_view line);
// What stands behind /note in its own line; empty for every other line, and for none.
std::string note_in(std::string_view line);

struct Command {
    Verb verb = Verb::Help;
    std::string argument;  // a name, an address, a version, a number in its canonical form, a fingerprint;
                           // of Embargo "team" or "reporter" where it is the wish of one
    std::string reason;    // of Close: "fixed", "duplicate", …
    std::optional<cvd::Severity> severity;
    std::optional<Instant> date;
};
struct CommandSetting {
    Instant now;
    sla::Zone zone = sla::Zone::utc();
    std::string ticket_prefix = "SEC";
};
struct ReadCommand {
    std::optional<Command> command;
    std::string complaint;  // why there is none, for the member who wrote it
};
ReadCommand read_command(std::string_view line, const CommandSetting& setting);
// In its canonical form, dates in RFC 3339: reading it again gives the same.
std::string to_line(const Command& command);

}  // namespace tocsin::cvd
