#include "rules/policies/policy.hpp"

#include <algorithm>

namespace tocsin::rules {

const std::string& in_language(const ByLanguage& words, std::string_view language, std::string_view fallback) {
    static const std::string nothing;
    for (const std::string_view wanted : {language, fallback})
        if (const auto found = words.find(std::string{wanted}); found != words.end()) return found->second;
    return words.empty() ? nothing : words.begin()->second;
}

bool ClockRule::binds(cvd::Severity of_ticket) const {
    return severity.empty() || std::ranges::find(severity, of_ticket) != severity.end();
}

bool ClockRule::counts_business_time() const {
    const auto of = [](const sla::Mark& mark) {
        const bool has_span = mark.kind != sla::Mark::Kind::Fraction && mark.kind != sla::Mark::Kind::Due;
        return has_span && mark.span.counts_business_time();
    };
    return within.counts_business_time() || std::ranges::any_of(remind, of) ||
           std::ranges::any_of(escalate, of, &Escalation::at);
}

cvd::Severity SeverityLevels::of(int score) const {
    if (score >= critical && critical != never) return cvd::Severity::Critical;
    if (score >= high && high != never) return cvd::Severity::High;
    if (score >= medium && medium != never) return cvd::Severity::Medium;
    return cvd::Severity::Low;
}

cvd::Severity SeverityLevels::known(cvd::Severity severity) const {
    if (severity == cvd::Severity::Critical && critical == never) severity = cvd::Severity::High;
    if (severity == cvd::Severity::High && high == never) severity = cvd::Severity::Medium;
    if (severity == cvd::Severity::Medium && medium == never) severity = cvd::Severity::Low;
    return severity;
}

std::string Policy::usual_calendar_name() const {
    for (const ClockRule& clock : clocks)
        if (calendar_of(clock) != nullptr) return clock.calendar;
    return calendars.empty() ? std::string{} : calendars.begin()->first;
}

const sla::Calendar* Policy::usual_calendar() const {
    const auto found = calendars.find(usual_calendar_name());
    return found == calendars.end() ? nullptr : &found->second;
}

const sla::Calendar* Policy::calendar_of(const ClockRule& clock) const {
    const auto found = calendars.find(clock.calendar);
    return found == calendars.end() ? nullptr : &found->second;
}

const ClockRule* Policy::clock(std::string_view id) const {
    const auto found = std::ranges::find(clocks, id, &ClockRule::id);
    return found == clocks.end() ? nullptr : &*found;
}

const Guard* Policy::guard(cvd::EventKind event) const {
    const auto found = std::ranges::find(guards, event, &Guard::event);
    return found == guards.end() ? nullptr : &*found;
}

}  // namespace tocsin::rules
