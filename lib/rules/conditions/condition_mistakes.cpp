#include "rules/conditions/condition_mistakes.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "cvd/cvss.hpp"
#include "rules/patterns/pattern.hpp"

namespace tocsin::rules {

namespace {

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates,
                         std::string_view accepted) {
    if (const std::string_view near = nearest(word, candidates); !near.empty())
        return "; did you mean '" + std::string{near} + "'?";
    return "; " + std::string{accepted} + ": " + (candidates.empty() ? "none" : in_a_row(candidates));
}

std::vector<std::string_view> one_by_one(std::string_view letters) {
    std::vector<std::string_view> each;
    for (std::size_t at = 0; at < letters.size(); ++at) each.push_back(letters.substr(at, 1));
    return each;
}

std::vector<std::string_view> views_of(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

// What other programs call a field.
std::string_view field_meant_by(std::string_view name) {
    constexpr std::pair<std::string_view, std::string_view> meant[] = {
        {"header", "header.NAME, as in header.X-Mailer"},
        {"headers", "header.NAME, as in header.X-Mailer"},
        {"from", "sender"},
        {"to", "recipient"},
        {"title", "subject"},
        {"message", "text"},
        {"content", "text"},
        {"domain", "sender.domain"},
        {"lang", "language"},
        {"encrypted", "crypto.encrypted"},
        {"signature", "crypto.signature"},
        {"signed", "crypto.signature"},
        {"dmarc", "auth.dmarc"},
        {"dkim", "auth.dkim"},
        {"spf", "auth.spf"},
        {"cvss.score", "cvss.base"},
        {"attachment.name", "any attachment (name …)"},
        {"attachment.type", "any attachment (type …)"},
        {"attachment.size", "any attachment (size …)"},
        {"filename", "any attachment (name …)"},
    };
    for (const auto& [wrong, right] : meant)
        if (equal_ignoring_case(name, wrong)) return right;
    return {};
}

}  // namespace

std::string unknown_field(std::string_view name, const std::vector<std::string_view>& known, bool of_attachment) {
    std::string what = "unknown field '" + for_one_line(name, 60) + "'";
    if (const auto meant = field_meant_by(name); !of_attachment && !meant.empty())
        return what + "; write " + std::string{meant};
    std::vector<std::string_view> candidates = known;
    if (name.starts_with("cvss.") && !of_attachment) {
        const auto metrics = cvss_field_names();
        candidates.insert(candidates.end(), metrics.begin(), metrics.end());
    }
    const std::string_view near = nearest(name, candidates);
    return what + (near.empty() ? "; accepted: " + in_a_row(known) : "; did you mean '" + std::string{near} + "'?");
}

std::string unknown_list(std::string_view name, const Vocabulary& vocabulary) {
    std::vector<std::string_view> names;
    for (const auto& [known, words] : vocabulary.lists) names.push_back(known);
    return "unknown list '@" + std::string{name} + "'" + did_you_mean(name, names, "lists");
}

std::optional<std::string> no_value_of(const FieldKind& field, std::string_view metric, std::string_view text,
                                       std::string_view name, const Vocabulary& vocabulary) {
    const std::string value = lower(text);
    const std::string what = "'" + for_one_line(text, 60) + "' is no value of '" + std::string{name} + "'";
    if (field.field == Field::CvssMetric) {
        const std::string_view letters = cvd::values_of_cvss_metric(metric).value_or("");
        if (letters.empty() || (value.size() == 1 && lower(letters).find(value) != std::string::npos))
            return std::nullopt;
        return what + "; accepted: " + in_a_row(one_by_one(letters));
    }
    std::vector<std::string_view> accepted = field.values;
    if (field.shape == Shape::YesNo) accepted = {"true", "false"};
    if (field.field == Field::Element) accepted = views_of(vocabulary.elements);
    const bool any_will_do = accepted.empty() && field.field != Field::Element;
    if (any_will_do || std::ranges::find(accepted, value) != accepted.end()) return std::nullopt;
    return what + did_you_mean(value, accepted, "accepted");
}

std::optional<std::string> never_a_value_of(Field field, std::string_view text, std::string_view name) {
    const auto digits = [](std::string_view part) { return !part.empty() && std::ranges::all_of(part, is_digit); };
    const auto never = [&](const char* form) {
        return "'" + for_one_line(text, 60) + "' is never a '" + std::string{name} + "'; it is written " + form;
    };
    const std::string value = lower(text);
    const auto parts = split(value, '-');
    if (field == Field::Cve &&
        !(parts.size() == 3 && parts[0] == "cve" && parts[1].size() == 4 && digits(parts[1]) && digits(parts[2])))
        return never("\"CVE-2026-1234\"");
    if (field == Field::Cwe && !(parts.size() == 2 && parts[0] == "cwe" && digits(parts[1])))
        return never("\"CWE-79\"");
    if (field == Field::Language && (parts.front().size() < 2 || parts.front().size() > 3))
        return never("as a code, such as en or de");
    return std::nullopt;
}

bool tell_of_pattern(std::string_view pattern, bool ignore_case, std::size_t at, const MistakeSink& mistake) {
    if (const auto wrong = mistake_in_pattern(pattern)) {
        mistake(at + wrong->offset, wrong->what, false);
        return false;
    }
    if (const auto boundary = boundary_beside_foreign_letter(pattern))
        mistake(at + *boundary,
                "\\b never holds between a blank and a letter such as \u00fc, which RE2 does not "
                "take for a letter; write (^|\\P{L}) or (\\P{L}|$) instead",
                true);
    if (const auto costly = costly_part(pattern, ignore_case)) mistake(at + costly->offset, costly->what, true);
    return true;
}

}  // namespace tocsin::rules
