// Where the team's commands stand in a mail: lines at its top that begin with '/' (INTERFACES section 6). Pure; runs
// where the mail is read, and only finds lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::cvd {

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

// What a line begins with, as a person sees it: something that is not there, or only looks like a slash, hides a
// command.
enum class Beginning { Words, Slash, Lookalike };
Beginning beginning_of(std::string_view line);

// A line that begins with a slash, as it is meant: blanks and joined words made plain.
struct PartedLine {
    std::string name;  // lower case
    std::string argument;
};
PartedLine parted(std::string_view line);

}  // namespace tocsin::cvd
