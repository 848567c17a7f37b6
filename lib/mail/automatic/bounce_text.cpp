#include "mail/automatic/bounce_text.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/header/address.hpp"
#include "mail/header/header_scan.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t most_failures = 100;
constexpr std::size_t fields_of_a_header = 3;
constexpr std::size_t lines_of_diagnostic = 12;
constexpr std::size_t most_words_of_one = 8u << 10;

bool is_address_character(char c) {
    return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view{"!#$%&'*+-/=?^_`{|}~."}.find(c) != std::string_view::npos;
}

// The address around the "@" at `at`, empty when it is none.
std::string_view address_around(std::string_view text, std::size_t at) {
    auto begin = at;
    while (begin > 0 && at - begin < 64 && is_address_character(text[begin - 1])) --begin;
    auto end = at + 1;
    while (end < text.size() && end - at < 255 &&
           (is_letter(text[end]) || is_digit(text[end]) || text[end] == '-' || text[end] == '.'))
        ++end;
    while (begin < at && (text[begin] == '.' || text[begin] == '\'' || text[begin] == '=')) ++begin;
    while (end > at + 1 && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
    const auto address = text.substr(begin, end - begin);
    return Address::from(address) && address.substr(at + 1 - begin).find('.') != std::string_view::npos
               ? address
               : std::string_view{};
}

bool is_same_mailbox(std::string_view a, std::string_view b) { return equal_ignoring_case(a, b); }

bool holds_mailbox(const std::vector<std::string>& list, std::string_view address) {
    return std::ranges::any_of(list, [&](const auto& entry) { return is_same_mailbox(entry, address); });
}

// "<a@b>: reason", "a@b on Monday", "550 <a@b>... User unknown", "To: a@b" is not.
bool heads_a_line(std::string_view line, std::string_view address) {
    while (!line.empty() && (is_digit(line.front()) || is_space(line.front()) || line.front() == '<' ||
                             line.front() == '-' || line.front() == '*' || line.front() == '>'))
        line.remove_prefix(1);
    return line.starts_with(address);
}

// "(generated from info@lab.test)" names whom the mail was written to, not another one who did not get it.
bool is_aside(std::string_view line, std::string_view address) {
    const auto at = line.find(address);
    const auto open = line.substr(0, at).rfind('(');
    if (open == std::string_view::npos || line.substr(0, at).find(')', open) != std::string_view::npos) return false;
    for (const auto* words : {"generated", "expanded", "forwarded", "originally", "alias"})
        if (contains_ignoring_case(line.substr(open, at - open), words)) return true;
    return false;
}

bool is_a_daemon(std::string_view address) {
    for (const auto* name : {"mailer-daemon@", "postmaster@", "mail-daemon@", "mdaemon@", "abuse@"})
        if (starts_ignoring_case(address, name)) return true;
    return false;
}

}  // namespace

std::vector<std::string> addresses_in(std::string_view text, std::size_t most) {
    std::vector<std::string> found;
    for (std::size_t at = 0; found.size() < most && (at = text.find('@', at)) != std::string_view::npos; ++at) {
        const auto address = address_around(text, at);
        if (!address.empty() && !holds_mailbox(found, address)) found.emplace_back(address);
    }
    return found;
}

std::size_t returned_mail_in(std::string_view text) {
    Lines lines{text};
    Line line;
    std::size_t begin = text.size();
    std::size_t fields = 0;
    bool origin = false;  // a field that reports themselves do not quote alone
    while (lines.next(line)) {
        const auto content = line.of(text);
        const auto length = field_name_length(content);
        const auto name = content.substr(0, length);
        if (length > 0 && is_common_field_name(name)) {
            if (fields++ == 0) begin = line.begin;
            for (const auto* kind : {"received", "return-path", "message-id", "from", "mime-version"})
                origin |= equal_ignoring_case(name, kind);
            if (fields >= fields_of_a_header && origin) return begin;
        } else if (length > 0 && fields > 0) {
            continue;  // some other field of the same header
        } else if (!(fields > 0 && !content.empty() && is_blank(content.front()))) {
            fields = 0;
            origin = false;
        }
    }
    return text.size();
}

std::vector<NamedFailure> failures_in(std::string_view words, const std::vector<std::string>& expected,
                                      const std::vector<std::string>& never) {
    std::vector<NamedFailure> found;
    std::vector<bool> listed;  // stood at the head of a line of its own
    NamedFailure* open = nullptr;
    std::size_t left = 0;
    std::string before;
    Lines lines{words};
    Line line;
    found.reserve(most_failures + 1);
    while (lines.next(line) && found.size() < most_failures) {
        const auto content = trim(line.of(words));
        bool fresh = false;
        if (starts_ignoring_case(content, "message-id")) continue;  // looks like an address, and is none
        for (const auto& address : addresses_in(content, 10)) {
            if (holds_mailbox(never, address) || is_a_daemon(address)) continue;
            if (open != nullptr && is_aside(content, address)) continue;
            const auto same =
                std::ranges::find_if(found, [&](const auto& f) { return is_same_mailbox(f.address, address); });
            if (same != found.end()) {
                open = &*same;
            } else {
                // Words on the same line are its own; else those of the line before may be.
                const bool alone = content.size() < address.size() + 8;
                found.push_back({address, fresh || !alone ? std::string{} : before});
                listed.push_back(!fresh && heads_a_line(content, address));
                open = &found.back();
            }
            fresh = true;
            left = lines_of_diagnostic;
        }
        if (open != nullptr && left > 0) {
            open->diagnostic.append(open->diagnostic.empty() ? "" : " ").append(content.substr(0, 500));
            --left;
        }
        // What was said of one is not said of the next, unless it leads to it.
        if (!content.empty())
            before = open == nullptr || content.ends_with(':') ? content.substr(0, 300) : std::string_view{};
    }
    std::vector<NamedFailure> chosen;
    for (std::size_t i = 0; i < found.size(); ++i)
        if (listed[i] || holds_mailbox(expected, found[i].address)) chosen.push_back(found[i]);
    if (!chosen.empty() || found.empty()) return chosen;
    // Only one can be meant, and nothing says where its words end.
    return {{found.front().address, std::string{cut_utf8(words, most_words_of_one)}}};
}

}  // namespace tocsin::mail
