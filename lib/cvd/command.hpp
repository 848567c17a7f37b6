// What one line of a member's mail asks for (INTERFACES section 6), strict in meaning. Pure.
//
// The second of two steps: `find_commands` has found the line where the mail was read. Whether it may be carried out is
// the business of lib/intake.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "cvd/command_lines.hpp"
#include "cvd/severity.hpp"
#include "cvd/verb.hpp"
#include "sla/zone.hpp"

namespace tocsin::cvd {

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
