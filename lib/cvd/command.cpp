#include "cvd/command.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "cvd/ticket.hpp"
#include "mail/header/address.hpp"
#include "sla/date_words.hpp"
#include "sla/deadline.hpp"

namespace tocsin::cvd {

namespace {

constexpr std::array<std::string_view, 7> close_reasons{
    "fixed", "duplicate", "not-a-vulnerability", "out-of-scope", "obsolete", "other-vendor", "spam"};

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
        return refused("a reason is needed: " + std::string{form_of(Verb::Close).shown});
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

ReadCommand read_argument(Command command, const CommandForm& form, const std::string& argument,
                          const CommandSetting& setting) {
    switch (form.argument) {
        case Argument::None:
            return refused("'/" + std::string{form.name} + "' stands alone; '" + for_one_line(argument, 40) +
                           "' is not understood");
        case Argument::Text:
        case Argument::MaybeText:
            return read_text(std::move(command), argument);
        case Argument::Level:
        case Argument::MaybeLevel:
            return read_level(std::move(command), argument);
        case Argument::Date:
        case Argument::MaybeDate:
            if (command.verb == Verb::Embargo) {
                const std::string date = read_proposer(command, argument);
                return read_date(std::move(command), date, setting, false);
            }
            return read_date(std::move(command), argument, setting, command.verb == Verb::Disclose);
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

ReadCommand without_argument(const Command& command, const CommandForm& form) {
    switch (form.argument) {
        case Argument::None:
        case Argument::Note:
        case Argument::MaybeText:
        case Argument::MaybeLevel:
        case Argument::MaybeDate:
            return {command, {}};
        default:
            return refused("something is missing: /" + std::string{form.name} + " " + std::string{form.shown});
    }
}

}  // namespace

ReadCommand read_command(std::string_view line, const CommandSetting& setting) {
    if (beginning_of(line) == Beginning::Lookalike) return refused("this is not the character '/': type the line anew");
    const auto [name, argument] = parted(line);
    const auto verb = verb_from(name);
    if (!verb) {
        std::vector<std::string_view> names;
        for (const CommandForm& each : all_commands()) names.push_back(each.name);
        const std::string_view near = nearest(name, names);
        return refused("there is no command '/" + for_one_line(name, 40) + "'" +
                       (near.empty() ? "; /help lists them all" : "; did you mean '/" + std::string{near} + "'?"));
    }
    Command command;
    command.verb = *verb;
    const CommandForm& form = form_of(*verb);
    return argument.empty() ? without_argument(command, form)
                            : read_argument(std::move(command), form, argument, setting);
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
