#include "cvd/command.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "cvd/ticket.hpp"
#include "mail/address.hpp"
#include "sla/date_words.hpp"
#include "sla/deadline.hpp"

namespace tocsin::cvd {

namespace {

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

struct CommandRow {
    Verb verb;
    std::string_view name;
    Argument argument;
    std::string_view shown;  // its argument, for /help
    std::string_view does;
};

constexpr std::array command_rows{
    CommandRow{Verb::Take, "take", Argument::None, "", "the ticket is yours"},
    CommandRow{Verb::Assign, "assign", Argument::Text, "NAME",
               "the ticket is NAME's (a name or an address of the team)"},
    CommandRow{Verb::Severity, "severity", Argument::Level, "LEVEL",
               "low, medium, high or critical; the reporter is not told"},
    CommandRow{Verb::Triage, "triage", Argument::MaybeLevel, "[LEVEL]",
               "triaged; the reporter is told how it is rated"},
    CommandRow{Verb::Evaluated, "evaluated", Argument::None, "", "evaluated"},
    CommandRow{Verb::Incident, "incident", Argument::None, "", "identified as an incident"},
    CommandRow{Verb::Wait, "wait", Argument::None, "", "the reporter owes us an answer"},
    CommandRow{Verb::Resume, "resume", Argument::None, "", "we go on without it"},
    CommandRow{Verb::Eta, "eta", Argument::Date, "DATE", "when the fix is planned; the reporter is told"},
    CommandRow{Verb::Delay, "delay", Argument::MaybeDate, "[UNTIL]", "it takes longer; the reporter is told"},
    CommandRow{Verb::Investigated, "investigated", Argument::None, "", "investigated"},
    CommandRow{Verb::FixReady, "fix-ready", Argument::MaybeText, "[VERSION]", "a fix is there, not yet released"},
    CommandRow{Verb::Fixed, "fixed", Argument::MaybeText, "[VERSION]", "fixed; the reporter is told"},
    CommandRow{Verb::Disclose, "disclose", Argument::MaybeDate, "[DATE]",
               "published, or to be published; the reporter is told"},
    CommandRow{Verb::Embargo, "embargo", Argument::Date, "[proposed|reporter] DATE",
               "agreed, or the wish of one side: nobody publishes before"},
    CommandRow{Verb::Timeline, "timeline", Argument::None, "", "the timeline was discussed with the reporter"},
    CommandRow{Verb::CustomersNotified, "customers-notified", Argument::None, "", "customers were notified"},
    CommandRow{Verb::ReleaseNoted, "release-noted", Argument::None, "", "it stands in the release notes"},
    CommandRow{Verb::Credit, "credit", Argument::Text, "NAME|anonymous|none", "how the reporter is thanked"},
    CommandRow{Verb::Close, "close", Argument::Reason,
               "fixed|duplicate NUMBER|not-a-vulnerability|out-of-scope|obsolete|other-vendor|spam",
               "closed; the reporter is told, but for spam"},
    CommandRow{Verb::Reopen, "reopen", Argument::None, "", "open again"},
    CommandRow{Verb::Note, "note", Argument::Note, "", "all that follows stays inside"},
    CommandRow{Verb::Merge, "merge", Argument::Number, "NUMBER", "this ticket goes into NUMBER (same reporter only)"},
    CommandRow{Verb::Split, "split", Argument::None, "", "the mail that you answer becomes a ticket of its own"},
    CommandRow{Verb::Confirm, "confirm", Argument::None, "", "a held mail belongs here, and its sender takes part"},
    CommandRow{Verb::Open, "open", Argument::None, "", "with a forwarded mail: it becomes a ticket of its author's"},
    CommandRow{Verb::Reporter, "reporter", Argument::Address, "ADDRESS", "answers go to ADDRESS from now on"},
    CommandRow{Verb::Cc, "cc", Argument::Address, "ADDRESS", "ADDRESS gets what the reporter gets"},
    CommandRow{Verb::AcceptKey, "accept-key", Argument::Fingerprint, "FINGERPRINT", "this is the reporter's key"},
    CommandRow{Verb::Retry, "retry", Argument::None, "", "examine the mail again"},
    CommandRow{Verb::Block, "block", Argument::None, "", "no more answers to this address"},
    CommandRow{Verb::Snooze, "snooze", Argument::Date, "DATE", "no reminders before"},
    CommandRow{Verb::Mute, "mute", Argument::None, "", "no reminders of this ticket to you"},
    CommandRow{Verb::Undo, "undo", Argument::None, "", "takes back what was commanded last"},
    CommandRow{Verb::Forget, "forget", Argument::None, "", "erases the reporter of a closed ticket"},
    CommandRow{Verb::Status, "status", Argument::None, "", "how the ticket stands"},
    CommandRow{Verb::Help, "help", Argument::None, "", "this list"},
};

const CommandRow& row_of(Verb verb) { return *std::ranges::find(command_rows, verb, &CommandRow::verb); }

constexpr std::array<std::string_view, 7> close_reasons{
    "fixed", "duplicate", "not-a-vulnerability", "out-of-scope", "obsolete", "other-vendor", "spam"};

bool is_invisible(char32_t c) {
    return c == 0xA0 || c == 0xAD || c == 0x34F || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x202A && c <= 0x202F) || (c >= 0x2060 && c <= 0x206F) || c == 0x3000 ||
           (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF;
}

bool looks_like_a_slash(char32_t c) {
    return c == 0x2044 || c == 0x2215 || c == 0x29F8 || c == 0x2571 || c == 0x27CB || c == 0xFF0F || c == 0x1735 ||
           c == 0x2E4A || c == 0x3033 || c == 0x4E3F;
}

enum class Beginning { Words, Slash, Lookalike };

// What a line begins with, as a person sees it: something that is not there, or only looks like a slash, hides a
// command.
Beginning beginning_of(std::string_view line) {
    bool hidden = false;
    for (std::size_t at = 0; at < line.size();) {
        const char32_t c = next_code_point(line, at);
        if (c == '/') return hidden ? Beginning::Lookalike : Beginning::Slash;
        if (looks_like_a_slash(c)) return Beginning::Lookalike;
        if (!is_invisible(c)) return Beginning::Words;
        hidden = hidden || c != 0xA0;  // a blank that does not break is a blank
    }
    return Beginning::Words;
}

// Blanks that do not break, and more than one, are one blank.
std::string with_plain_blanks(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t c = next_code_point(text, at);
        if (c == 0xA0 || c == 0x202F || c == '\t' || c == ' ') {
            if (!plain.empty() && plain.back() != ' ') plain += ' ';
        } else {
            append_utf8(plain, c);
        }
    }
    return std::string{trim(plain)};
}

struct Parted {
    std::string name;  // lower case
    std::string argument;
};

Parted part(std::string_view line) {
    std::string plain = with_plain_blanks(line);
    std::string_view rest = plain;
    if (rest.starts_with('/')) rest = trim(rest.substr(1));
    const auto end = std::min(rest.find(' '), rest.size());
    std::string name = lower(rest.substr(0, end));
    std::ranges::replace(name, '_', '-');
    while (name.ends_with(':') || name.ends_with('.')) name.pop_back();
    std::string argument{trim(rest.substr(end))};
    // "/fix ready 4.2", "/customers notified"
    const auto second = std::min(argument.find(' '), argument.size());
    const std::string joined = name + "-" + lower(std::string_view{argument}.substr(0, second));
    for (const std::string_view whole : {"fix-ready", "customers-notified", "release-noted", "accept-key"})
        if (joined == whole) return {joined, std::string{trim(std::string_view{argument}.substr(second))}};
    return {std::move(name), std::move(argument)};
}

ReadCommand refused(std::string complaint) { return {std::nullopt, std::move(complaint)}; }

ReadCommand read_level(Command command, const std::string& text) {
    command.severity = severity_from(lower(text));
    if (!command.severity)
        return refused("'" + for_one_line(text, 40) + "' is no level; low, medium, high or critical");
    return {command, {}};
}

// "proposed 1 March", "1 March, proposed", "reporter 1 March": whose wish it is, where it is not what both agreed on.
std::string read_proposer(Command& command, std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> words{
        {{"proposed", "team"}, {"propose", "team"}, {"proposal", "team"}, {"reporter", "reporter"}, {"team", "team"}}};
    std::string_view rest = text;
    std::string_view proposer;
    for (const auto& [word, who] : words) {
        const bool before =
            starts_ignoring_case(rest, word) && rest.size() > word.size() && is_blank(rest[word.size()]);
        const bool after = rest.size() > word.size() && is_blank(rest[rest.size() - word.size() - 1]) &&
                           equal_ignoring_case(rest.substr(rest.size() - word.size()), word);
        if (!before && !after) continue;
        proposer = who;
        rest = trim(before ? rest.substr(word.size()) : rest.substr(0, rest.size() - word.size()));
        break;
    }
    while (!rest.empty() && (rest.back() == ',' || rest.back() == ':')) rest = trim(rest.substr(0, rest.size() - 1));
    while (!rest.empty() && (rest.front() == ',' || rest.front() == ':')) rest = trim(rest.substr(1));
    command.argument = proposer;
    return std::string{rest};
}

ReadCommand read_date(Command command, const std::string& text, const CommandSetting& setting, bool may_be_past) {
    const auto at = sla::parse_moment(text, setting.now, setting.zone);
    if (!at) return refused(at.error().what);
    if (!may_be_past && *at <= setting.now)
        return refused(sla::in_words(*at, setting.zone, "en") + " is over; a date that is still to come is needed");
    command.date = *at;
    return {command, {}};
}

ReadCommand read_address(Command command, std::string_view text) {
    while (!text.empty() && (text.back() == '.' || text.back() == ',' || text.back() == ';')) text.remove_suffix(1);
    // "Rae <rae@lab.test>"
    if (const auto mark = text.rfind('<'); mark != std::string_view::npos && text.ends_with('>') &&
                                           !starts_ignoring_case(text.substr(mark + 1), "mailto:"))
        text = text.substr(mark + 1, text.size() - mark - 2);
    if (starts_ignoring_case(text, "mailto:")) text.remove_prefix(7);
    // Clients make links of addresses: "rae@lab.test<mailto:rae@lab.test>".
    if (const auto link = text.find("<mailto:"); link != std::string_view::npos) text = text.substr(0, link);
    const auto address = mail::Address::from(trim(text));
    if (!address) return refused("'" + for_one_line(text, 80) + "' is no address; local-part@domain");
    command.argument = address->text();
    return {command, {}};
}

ReadCommand read_number(Command command, const std::string& text, const CommandSetting& setting) {
    std::string_view bare = text;
    while (!bare.empty() && std::string_view{"[]<>()#\"'.,; "}.find(bare.front()) != std::string_view::npos)
        bare.remove_prefix(1);
    while (!bare.empty() && std::string_view{"[]<>()\"'.,; "}.find(bare.back()) != std::string_view::npos)
        bare.remove_suffix(1);
    const auto number = find_number(bare, setting.ticket_prefix);
    if (!number || number->size() != bare.size())
        return refused("'" + for_one_line(text, 40) + "' is no number of a ticket; one such as " +
                       setting.ticket_prefix + "-2026-0001");
    command.argument = *number;
    return {command, {}};
}

ReadCommand read_fingerprint(Command command, const std::string& text) {
    std::string digits;
    for (const char c : text)
        if (!is_blank(c) && c != ':') digits += c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    if (digits.starts_with("0x") || digits.starts_with("0X")) digits.erase(0, 2);
    const bool hexadecimal = std::ranges::all_of(digits, [](char c) { return is_digit(c) || (c >= 'A' && c <= 'F'); });
    // A short key id is not enough: others can be made that share it.
    if (!hexadecimal || (digits.size() != 40 && digits.size() != 64))
        return refused("a whole fingerprint is needed, 40 or 64 hexadecimal digits");
    command.argument = digits;
    return {command, {}};
}

ReadCommand read_reason(Command command, const std::string& text, const CommandSetting& setting) {
    std::string whole = lower(text);
    std::ranges::replace(whole, '_', '-');
    // "not a vulnerability", "out of scope": the words with blanks between them.
    std::size_t end = std::min(text.find_first_of(" :"), text.size());
    command.reason = whole.substr(0, end);
    for (const std::string_view reason : close_reasons) {
        std::string spaced{reason};
        std::ranges::replace(spaced, '-', ' ');
        if (spaced.find(' ') == std::string::npos || !whole.starts_with(spaced)) continue;
        command.reason = reason;
        end = spaced.size();
    }
    while (command.reason.ends_with('.')) command.reason.pop_back();
    std::string_view argument = trim(std::string_view{text}.substr(end));
    while (argument.starts_with(':')) argument = trim(argument.substr(1));
    if (command.reason == "duplicate" && starts_ignoring_case(argument, "of ")) argument = trim(argument.substr(3));
    if (argument == ".") argument = {};
    const std::string rest{argument};
    if (std::ranges::find(close_reasons, command.reason) == close_reasons.end())
        return refused("a reason is needed: " + std::string{row_of(Verb::Close).shown});
    if (command.reason == "duplicate") {
        if (rest.empty()) return refused("a duplicate of which ticket? /close duplicate NUMBER");
        return read_number(std::move(command), rest, setting);
    }
    if (!rest.empty())
        return refused("'" + for_one_line(rest, 40) + "' is not understood after '" + command.reason + "'");
    return {command, {}};
}

ReadCommand read_text(Command command, const std::string& text) {
    constexpr std::size_t longest = 200;
    if (text.size() > longest || for_one_line(text) != text)
        return refused("it is too long, or has something unprintable in it");
    std::string_view said = text;
    // "/fixed in 4.2.2", "/credit "Rae L.""
    if (command.verb == Verb::Fixed || command.verb == Verb::FixReady)
        for (const std::string_view before : {"in ", "with ", "version "})
            if (starts_ignoring_case(said, before)) said = trim(said.substr(before.size()));
    if (said.size() > 2 && said.front() == '"' && said.back() == '"') said = trim(said.substr(1, said.size() - 2));
    command.argument = said;
    if (command.verb == Verb::Credit)
        if (const std::string word = lower(said); word == "anonymous" || word == "none") command.argument = word;
    return {command, {}};
}

}  // namespace

std::string_view to_text(Verb verb) { return row_of(verb).name; }

std::optional<Verb> verb_from(std::string_view word) {
    std::string name = lower(word);
    std::ranges::replace(name, '_', '-');
    if (name == "fixready") name = "fix-ready";
    if (name == "acceptkey") name = "accept-key";
    const auto* found = std::ranges::find(command_rows, std::string_view{name}, &CommandRow::name);
    return found == command_rows.end() ? std::nullopt : std::optional{found->verb};
}

bool is_destructive(Verb verb) {
    constexpr std::array destructive{Verb::Close, Verb::Disclose, Verb::Forget,   Verb::AcceptKey,
                                     Verb::Merge, Verb::Cc,       Verb::Reporter, Verb::Confirm};
    return std::ranges::find(destructive, verb) != destructive.end();
}

std::string command_help() {
    std::string help;
    for (const CommandRow& row : command_rows) {
        help.append("- /").append(row.name);
        if (!row.shown.empty()) help.append(" ").append(row.shown);
        help.append("\n    ").append(row.does).append("\n");
    }
    return help;
}

// Also where a mail program made a list of it, or something that is not there hides the slash.
bool is_known_command(std::string_view line) {
    for (const std::string_view bullet : {"* ", "- ", "• ", "· "})
        if (line.starts_with(bullet)) line = trim(line.substr(bullet.size()));
    if (beginning_of(line) == Beginning::Words) return false;
    std::string plain{"/"};
    bool begun = false;
    for (std::size_t at = 0; at < line.size();) {
        const char32_t c = next_code_point(line, at);
        if (begun)
            append_utf8(plain, c);
        else
            begun = c == '/' || looks_like_a_slash(c);
    }
    return verb_from(part(plain).name).has_value();
}

CommandLines find_commands(std::string_view written) {
    constexpr std::size_t most_lines = 50;
    CommandLines found;
    std::size_t at = 0;
    for (bool top = true; at < written.size();) {
        const auto end = std::min(written.find('\n', at), written.size());
        const std::string_view line = written.substr(at, end - at);
        const std::string_view text = trim(line);
        if (top && !text.empty()) {
            top = beginning_of(text) != Beginning::Words;
            if (top && found.lines.size() < most_lines) {
                found.lines.push_back(with_plain_blanks(text));
                if (const Parted parted = part(text);
                    beginning_of(text) == Beginning::Slash && verb_from(parted.name) == Verb::Note)
                    found.note = true;
            } else if (top && found.strays.empty()) {
                found.strays.push_back(with_plain_blanks(text));  // none is passed over: all of them or none
            }
            if (!top) found.words_begin = at;
        }
        if (!top && !text.empty()) {
            found.words = true;
            if (found.strays.size() < most_lines && is_known_command(text))
                found.strays.push_back(with_plain_blanks(text));
        }
        at = end + 1;
    }
    if (!found.words) found.words_begin = written.size();
    return found;
}

std::string note_in(std::string_view line) {
    if (beginning_of(line) != Beginning::Slash) return {};
    Parted parted = part(line);
    return verb_from(parted.name) == Verb::Note ? std::move(parted.argument) : std::string{};
}

ReadCommand read_command(std::string_view line, const CommandSetting& setting) {
    if (beginning_of(line) == Beginning::Lookalike) return refused("this is not the character '/': type the line anew");
    const auto [name, argument] = part(line);
    const auto verb = verb_from(name);
    if (!verb) {
        std::vector<std::string_view> names;
        for (const CommandRow& row : command_rows) names.push_back(row.name);
        const std::string_view near = nearest(name, names);
        return refused("there is no command '/" + for_one_line(name, 40) + "'" +
                       (near.empty() ? "; /help lists them all" : "; did you mean '/" + std::string{near} + "'?"));
    }
    Command command;
    command.verb = *verb;
    const CommandRow& row = row_of(*verb);
    const bool optional = row.argument == Argument::MaybeText || row.argument == Argument::MaybeLevel ||
                          row.argument == Argument::MaybeDate;
    if (argument.empty()) {
        if (optional || row.argument == Argument::None || row.argument == Argument::Note) return {command, {}};
        return refused("something is missing: /" + std::string{row.name} + " " + std::string{row.shown});
    }
    switch (row.argument) {
        case Argument::None:
            return refused("'/" + std::string{row.name} + "' stands alone; '" + for_one_line(argument, 40) +
                           "' is not understood");
        case Argument::Text:
        case Argument::MaybeText:
            return read_text(std::move(command), argument);
        case Argument::Level:
        case Argument::MaybeLevel:
            return read_level(std::move(command), argument);
        case Argument::Date:
        case Argument::MaybeDate:
            if (*verb == Verb::Embargo) {
                const std::string date = read_proposer(command, argument);
                return read_date(std::move(command), date, setting, false);
            }
            return read_date(std::move(command), argument, setting, *verb == Verb::Disclose);
        case Argument::Address:
            return read_address(std::move(command), argument);
        case Argument::Number:
            return read_number(std::move(command), argument, setting);
        case Argument::Fingerprint:
            return read_fingerprint(std::move(command), argument);
        case Argument::Reason:
            return read_reason(std::move(command), argument, setting);
        case Argument::Note:
            return {command, {}};  // its words are words of the mail, which no event keeps
    }
    return refused("not understood");
}

std::string to_line(const Command& command) {
    std::string line = "/" + std::string{to_text(command.verb)};
    if (!command.reason.empty()) line += " " + command.reason;
    if (!command.argument.empty()) line += " " + command.argument;
    if (command.severity) line += " " + std::string{to_text(*command.severity)};
    if (command.date) line += " " + to_rfc3339(*command.date);
    return line;
}

}  // namespace tocsin::cvd
