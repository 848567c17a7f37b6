#include "intake/examine/report_facts.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t most_of_each = 100;
constexpr std::size_t longest_url = 2'000;

void add_once(std::vector<std::string>& found, std::string value) {
    if (found.size() < most_of_each && std::ranges::find(found, value) == found.end())
        found.push_back(std::move(value));
}

bool is_word_character(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

std::size_t digits_from(std::string_view text, std::size_t at) {
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - begin;
}

// "CVE-2026-12345": a year and at least four digits, as the CVE numbering rules have it since 2014.
void take_cve(std::string_view text, std::size_t at, std::vector<std::string>& found) {
    constexpr std::size_t prefix = 4;
    if (digits_from(text, at + prefix) != 4 || at + prefix + 4 >= text.size() || text[at + prefix + 4] != '-') return;
    const std::size_t serial = digits_from(text, at + prefix + 5);
    if (serial < 4 || serial > 19) return;
    add_once(found, "CVE-" + std::string{text.substr(at + prefix, 5 + serial)});
}

void take_cwe(std::string_view text, std::size_t at, std::vector<std::string>& found) {
    const std::size_t digits = digits_from(text, at + 4);
    if (digits >= 1 && digits <= 5) add_once(found, "CWE-" + std::string{text.substr(at + 4, digits)});
}

// Where the link ends: no other one begins before that, so that no character is taken into two.
std::size_t take_url(std::string_view text, std::size_t at, std::vector<std::string>& found) {
    std::size_t end = at;
    while (end < text.size() && !is_space(text[end]) &&
           std::string_view{"<>\"'`"}.find(text[end]) == std::string_view::npos)
        ++end;
    std::string_view url = text.substr(at, end - at);
    while (!url.empty() && std::string_view{".,;:!?)]}"}.find(url.back()) != std::string_view::npos)
        url.remove_suffix(1);
    const std::size_t host = url.find("//") + 2;
    if (url.size() > host && url.size() <= longest_url) add_once(found, std::string{url});
    return end;
}

}  // namespace

ReportFacts find_report_facts(std::string_view text) {
    ReportFacts facts;
    std::size_t link_end = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = ascii_lower(text[at]);
        if ((c != 'c' && c != 'h') || (at > 0 && is_word_character(text[at - 1]))) continue;
        const std::string_view rest = text.substr(at);
        if (starts_ignoring_case(rest, "cve-"))
            take_cve(text, at, facts.cve);
        else if (starts_ignoring_case(rest, "cwe-"))
            take_cwe(text, at, facts.cwe);
        else if (at >= link_end && (starts_ignoring_case(rest, "http://") || starts_ignoring_case(rest, "https://")))
            link_end = take_url(text, at, facts.urls);
    }
    facts.cvss = cvd::find_cvss(text);
    return facts;
}

}  // namespace tocsin::intake
