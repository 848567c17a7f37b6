#include "cvd/command_lines.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "cvd/verb.hpp"

namespace tocsin::cvd {

namespace {

bool is_invisible(char32_t c) {
    return c == 0xA0 || c == 0xAD || c == 0x34F || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x202A && c <= 0x202F) || (c >= 0x2060 && c <= 0x206F) || c == 0x3000 ||
           (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF;
}

bool looks_like_a_slash(char32_t c) {
    return c == 0x2044 || c == 0x2215 || c == 0x29F8 || c == 0x2571 || c == 0x27CB || c == 0xFF0F || c == 0x1735 ||
           c == 0x2E4A || c == 0x3033 || c == 0x4E3F;
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

}  // namespace

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

PartedLine parted(std::string_view line) {
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
    return verb_from(parted(plain).name).has_value();
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
                if (const PartedLine command = parted(text);
                    beginning_of(text) == Beginning::Slash && verb_from(command.name) == Verb::Note)
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
    PartedLine command = parted(line);
    return verb_from(command.name) == Verb::Note ? std::move(command.argument) : std::string{};
}

}  // namespace tocsin::cvd
