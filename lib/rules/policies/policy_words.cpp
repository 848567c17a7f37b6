#include "rules/policies/policy_words.hpp"

#include <array>
#include <chrono>

namespace tocsin::rules {

namespace {

// Words of our own in the two languages that are shipped.
struct OurWords {
    std::string_view title, write_to, promised, promised_intro, aims, aims_intro, more, report, report_intro,
        optional_intro, kept, days, days_intro, within, after_report, only, levels_and;
    std::array<std::string_view, 4> levels;
    std::array<std::string_view, 7> weekdays;
};

constexpr OurWords english{
    "Reporting a vulnerability to ",
    "Write to ",
    "What we promise",
    "When you report a vulnerability to us, we will",
    "What we aim for",
    "These are aims, and no date in them is a promise; we hold ourselves to them all the same. We want to",
    "How we go about it",
    "What helps us",
    "A report can be followed at once when it holds",
    "Welcome, and never asked for:",
    "What we keep to",
    "Business days",
    " are business days; public holidays are not. Times are those of ",
    "within ",
    " of your report",
    "when we rate it ",
    " or ",
    {"low", "medium", "high", "critical"},
    {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}};

constexpr OurWords german{
    "Eine Schwachstelle melden: ",
    "Schreiben Sie an ",
    "Was wir zusagen",
    "Wenn Sie uns eine Schwachstelle melden, werden wir",
    "Was wir uns vornehmen",
    "Das sind Ziele, und kein Termin darin ist eine Zusage; wir messen uns trotzdem daran. Wir wollen",
    "Wie wir vorgehen",
    "Was uns hilft",
    "Einer Meldung können wir gleich nachgehen, wenn sie das enthält:",
    "Willkommen, aber nie verlangt:",
    "Woran wir uns halten",
    "Arbeitstage",
    " sind Arbeitstage, Feiertage nicht. Uhrzeiten gelten in der Zone ",
    "innerhalb von ",
    " nach Ihrer Meldung",
    "wenn wir die Schwere so einstufen: ",
    " oder ",
    {"niedrig", "mittel", "hoch", "kritisch"},
    {"Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"}};

bool is_german(std::string_view language) { return language.substr(0, language.find_first_of("-_")) == "de"; }

// What follows a length of time that does not begin with the report.
std::string_view since(cvd::EventKind event, bool in_german) {
    using enum cvd::EventKind;
    switch (event) {
        case Acknowledged:
            return in_german ? " nach der Bestätigung" : " of the acknowledgement";
        case Triaged:
            return in_german ? ", nachdem wir sie eingestuft haben" : " of our first assessment";
        case Evaluated:
            return in_german ? " nach unserer Bewertung" : " of our evaluation";
        case Identified:
            return in_german ? ", nachdem wir den Vorfall erkannt haben" : " of identifying the incident";
        case Investigated:
            return in_german ? " nach der Untersuchung" : " of the investigation";
        case FixReady:
            return in_german ? ", sobald eine Korrektur bereitsteht" : " of a fix being ready";
        case Fixed:
            return in_german ? " nach der Behebung" : " of the fix";
        case Disclosed:
            return in_german ? " nach der Veröffentlichung" : " of the disclosure";
        case ReporterUpdated:
            return in_german ? " nach unserer letzten Nachricht" : " of our last message to you";
        case EtaSet:
        case Eta:
            return in_german ? " nach dem genannten Termin" : " of the date that we named";
        default:
            return "";
    }
}

std::string levels_text(const std::vector<cvd::Severity>& levels, const OurWords& words) {
    std::string text;
    for (const cvd::Severity level : levels)
        text += (text.empty() ? std::string{} : std::string{words.levels_and}) +
                std::string{words.levels[static_cast<std::size_t>(level)]};
    return text;
}

std::string point_of(const ClockRule& clock, const std::string& promise, const OurWords& words,
                     std::string_view language) {
    const bool in_german = is_german(language);
    std::string point = promise;
    if (!clock.goal) {
        const std::string_view from =
            clock.start == cvd::EventKind::Received ? words.after_report : since(clock.start, in_german);
        point += ", " + std::string{words.within} + span_in_words(clock.within, language) + std::string{from};
    }
    if (!clock.severity.empty()) point += ", " + std::string{words.only} + levels_text(clock.severity, words);
    return point;
}

// Monday to Friday when that is so, each day by its name otherwise; tried on weeks enough to pass over holidays.
std::string open_weekdays(const sla::Calendar& calendar, const OurWords& words) {
    std::array<bool, 7> open{};
    const std::chrono::sys_days monday{std::chrono::year{2026} / 1 / 5};
    for (int day = 0; day < 7 * 8; ++day)
        open[static_cast<std::size_t>(day % 7)] |= calendar.is_business_day(monday + std::chrono::days{day});
    if (open == std::array{true, true, true, true, true, false, false})
        return std::string{words.weekdays[0]} + (words.levels_and == german.levels_and ? " bis " : " to ") +
               std::string{words.weekdays[4]};
    std::string text;
    for (std::size_t day = 0; day < 7; ++day)
        if (open[day]) text += (text.empty() ? "" : ", ") + std::string{words.weekdays[day]};
    return text;
}

bool counts_business_days(const Policy& policy) {
    for (const ClockRule& clock : policy.clocks)
        if (!clock.goal && !clock.promise.empty() && clock.within.counts_business_time()) return true;
    return false;
}

}  // namespace

std::string span_in_words(const sla::Span& span, std::string_view language) {
    if (!is_german(language)) return sla::to_text(span);
    const bool one = span.count == 1;
    const std::string count = std::to_string(span.count) + ' ';
    switch (span.unit) {
        case sla::Unit::Minute:
            return count + (one ? "Minute" : "Minuten");
        case sla::Unit::Hour:
            return count + (one ? "Stunde" : "Stunden");
        case sla::Unit::Day:
            return count + (one ? "Tag" : "Tagen");
        case sla::Unit::BusinessHour:
            return count + (one ? "Geschäftsstunde" : "Geschäftsstunden");
        case sla::Unit::BusinessDay:
            return count + (one ? "Arbeitstag" : "Arbeitstagen");
    }
    return {};
}

PolicyWords in_plain_words(const Policy& policy, const PolicyOwner& owner, std::string_view language,
                           std::string_view fallback) {
    const OurWords& words = is_german(language) ? german : english;
    PolicyWords page;
    page.title = std::string{words.title} + owner.organisation;
    page.sections.push_back({{}, std::string{words.write_to} + owner.address + ".", {}});

    PolicyWords::Section promised{std::string{words.promised}, std::string{words.promised_intro}, {}};
    PolicyWords::Section aims{std::string{words.aims}, std::string{words.aims_intro}, {}};
    for (const ClockRule& clock : policy.clocks) {
        // Without words for it, a clock is the team's own business.
        const std::string& promise = in_language(clock.promise, language, fallback);
        if (!promise.empty())
            (clock.goal ? aims : promised).points.push_back(point_of(clock, promise, words, language));
    }
    for (PolicyWords::Section* section : {&promised, &aims})
        if (!section->points.empty()) page.sections.push_back(std::move(*section));
    if (const std::string& more = in_language(policy.promise, language, fallback); !more.empty())
        page.sections.push_back({std::string{words.more}, more, {}});

    PolicyWords::Section kept{std::string{words.kept}, {}, {}};
    for (const Guard& guard : policy.guards)
        if (const std::string& why = in_language(guard.why, language, fallback); !why.empty())
            kept.points.push_back(why);
    if (!kept.points.empty()) page.sections.push_back(std::move(kept));

    PolicyWords::Section report{std::string{words.report}, std::string{words.report_intro}, {}};
    PolicyWords::Section optional{{}, std::string{words.optional_intro}, {}};
    for (const Element& element : policy.elements)
        (element.optional ? optional : report).points.push_back(in_language(element.ask, language, fallback));
    if (!report.points.empty()) page.sections.push_back(std::move(report));
    if (!optional.points.empty()) page.sections.push_back(std::move(optional));

    const sla::Calendar* office = policy.usual_calendar();
    if (office != nullptr && counts_business_days(policy))
        page.sections.push_back(
            {std::string{words.days},
             open_weekdays(*office, words) + std::string{words.days_intro} + office->zone().name() + ".",
             {}});
    return page;
}

std::string PolicyWords::to_text() const {
    std::string text = "# " + title + "\n";
    for (const Section& section : sections) {
        if (!section.title.empty()) text += "\n## " + section.title + "\n";
        if (!section.words.empty()) text += "\n" + section.words + "\n";
        if (!section.points.empty()) text += "\n";
        for (const std::string& point : section.points) text += "- " + point + "\n";
    }
    return text;
}

}  // namespace tocsin::rules
