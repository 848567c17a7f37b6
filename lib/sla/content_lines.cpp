#include "sla/content_lines.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.hpp"

namespace tocsin::sla {
namespace {

// RFC 5545 section 3.1: iana-token and x-name
bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

// Takes one parameter value off the front: quoted, or up to one of ; : ,
std::optional<std::string_view> take_parameter_value(std::string_view& rest) {
    const bool quoted = rest.starts_with('"');
    if (quoted) rest.remove_prefix(1);
    const std::size_t end = rest.find_first_of(quoted ? "\"" : ";:,\"");
    if (end == std::string_view::npos || (!quoted && rest[end] == '"')) return std::nullopt;
    const std::string_view value = rest.substr(0, end);
    rest.remove_prefix(quoted ? end + 1 : end);
    return value;
}

}  // namespace

std::string upper(std::string_view text) {
    std::string folded{text};
    for (char& c : folded) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return folded;
}

std::string shown(std::string_view text) {
    constexpr std::size_t most = 40;
    std::string quoted{text.substr(0, most)};
    for (char& c : quoted) c = c >= ' ' && c <= '~' ? c : '?';
    return text.size() > most ? quoted + "..." : quoted;
}

tl::unexpected<Error> wrong_line(std::size_t number, std::string_view what) {
    return permanent(Code::Configuration, fmt::format("line {}: {}", number, what));
}

std::string_view ContentLine::parameter(std::string_view name_of_parameter) const {
    for (const auto& [given, given_value] : parameters) {
        if (given == name_of_parameter) return given_value;
    }
    return {};
}

ContentLines::ContentLines(std::string_view bytes) : rest_{bytes} {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);  // a byte order mark, as some editors leave it
}

std::string_view ContentLines::physical_line() {
    ++number_;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

Result<std::optional<ContentLine>> ContentLines::next() {
    std::string text;
    ContentLine line;
    while (!rest_.empty() && text.empty()) {  // empty lines are nobody's mistake worth a word
        text = physical_line();
        line.number = number_;
        // RFC 5545 section 3.1: a line that begins with a blank goes on with the one before
        while (!text.empty() && (rest_.starts_with(' ') || rest_.starts_with('\t'))) text += physical_line().substr(1);
    }
    if (text.empty()) return std::optional<ContentLine>{};

    const auto broken = [&] {
        return wrong_line(line.number,
                          fmt::format("'{}' is no line of an iCalendar file; NAME:VALUE is expected", shown(text)));
    };
    std::string_view rest = text;
    line.name = upper(rest.substr(0, rest.find_first_of(";:")));
    if (line.name.size() == rest.size() || !is_token(line.name)) return broken();
    rest.remove_prefix(line.name.size());
    while (rest.starts_with(';')) {
        rest.remove_prefix(1);
        const std::size_t equals = rest.find('=');
        if (equals == std::string_view::npos || !is_token(rest.substr(0, equals))) return broken();
        const std::string name = upper(rest.substr(0, equals));
        rest.remove_prefix(equals);
        std::string values;
        while (rest.starts_with('=') || rest.starts_with(',')) {
            const bool first = rest.starts_with('=');
            rest.remove_prefix(1);
            const auto value = take_parameter_value(rest);
            if (!value) return broken();
            if (!first) values += ',';
            values += *value;
        }
        line.parameters.emplace_back(name, values);
    }
    if (!rest.starts_with(':')) return broken();
    line.value = rest.substr(1);
    return std::optional<ContentLine>{std::move(line)};
}

}  // namespace tocsin::sla
