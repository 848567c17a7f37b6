// The numbers of tickets, as people see and write them.
#include <fmt/format.h>

#include <algorithm>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "cvd/ticket.hpp"

namespace tocsin::cvd {

namespace {

// Crockford's base 32: no I, L, O or U, so that a number can be read out.
constexpr std::string_view symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t random_length = 6;  // 30 bits
constexpr std::size_t serial_length = 4;  // at least

char ascii_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

// With a letter in it, so that a serial that has grown to six digits is never the same.
std::string random_part() {
    for (;;) {
        std::string part = random_bytes(random_length);
        for (char& c : part) c = symbols[static_cast<unsigned char>(c) % symbols.size()];
        if (std::ranges::any_of(part, is_letter)) return part;
    }
}

bool is_serial(std::string_view part) {
    if (part.size() < serial_length || part.size() > 18) return false;
    if (part.size() > serial_length && part.front() == '0') return false;
    return std::ranges::all_of(part, is_digit);
}

bool is_random(std::string_view part) {
    return part.size() == random_length && std::ranges::any_of(part, is_letter) &&
           std::ranges::all_of(part, [](char c) { return symbols.find(ascii_upper(c)) != symbols.npos; });
}

// The number that stands at the start of the text, behind the prefix: "-2026-0001".
std::optional<std::string> number_at(std::string_view text, std::string_view prefix) {
    constexpr std::size_t year_length = 4;
    if (text.size() < year_length + 2 || text[0] != '-' || text[year_length + 1] != '-') return std::nullopt;
    const std::string_view year = text.substr(1, year_length);
    if (!std::ranges::all_of(year, is_digit)) return std::nullopt;
    const std::string_view rest = text.substr(year_length + 2);
    const auto* end = std::ranges::find_if_not(rest, is_word);
    std::string part{rest.begin(), end};
    if (!is_serial(part) && !is_random(part)) return std::nullopt;
    std::ranges::transform(part, part.begin(), ascii_upper);
    return fmt::format("{}-{}-{}", prefix, year, part);
}

}  // namespace

std::string make_number(const NumberFormat& format, int year, std::int64_t serial) {
    return format.random ? fmt::format("{}-{:04}-{}", format.prefix, year, random_part())
                         : fmt::format("{}-{:04}-{:04}", format.prefix, year, serial);
}

std::optional<std::string> find_number(std::string_view text, std::string_view prefix) {
    for (std::size_t at = 0; !prefix.empty() && at + prefix.size() < text.size(); ++at) {
        if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '-')) continue;  // the end of another prefix
        if (!starts_ignoring_case(text.substr(at), prefix)) continue;
        if (auto number = number_at(text.substr(at + prefix.size()), prefix)) return number;
    }
    return std::nullopt;
}

}  // namespace tocsin::cvd
