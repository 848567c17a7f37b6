// A security policy as a team promises it: levels, elements of a good report, clocks, calendars, guards.
//
// A value; a ticket keeps the whole of the one that it was promised, as text in the store.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cvd/event.hpp"
#include "cvd/severity.hpp"
#include "sla/calendar.hpp"
#include "sla/deadline.hpp"

namespace tocsin::rules {

using ByLanguage = std::map<std::string, std::string>;  // "en" → words

// The words of `language`, or of `fallback`, or whatever there is.
const std::string& in_language(const ByLanguage& words, std::string_view language, std::string_view fallback);

struct StopCondition {
    enum class Of { All, Any };
    Of of = Of::Any;
    std::vector<cvd::EventKind> events;
};

struct Escalation {
    sla::Mark at;
    std::vector<std::string> to;
};

struct ClockRule {
    std::string id;
    ByLanguage promise;
    cvd::EventKind start = cvd::EventKind::Received;
    StopCondition stop;
    sla::Span within;
    std::string calendar;                 // empty: elapsed time
    std::vector<cvd::Severity> severity;  // empty: every one
    std::optional<cvd::EventKind> pause;
    bool goal = false;
    std::vector<sla::Mark> remind;
    std::vector<std::string> to;
    std::vector<Escalation> escalate;

    bool binds(cvd::Severity of_ticket) const;
    bool counts_business_time() const;  // in its length, or in a mark of a reminder
};

// The clocks that a ticket has beside its policy's, for the dates that the team names.
inline constexpr std::string_view eta_clock = "eta";
inline constexpr std::string_view embargo_clock = "embargo";
inline constexpr std::string_view disclosure_clock = "disclosure";

struct Guard {
    std::string id;  // may be empty
    cvd::EventKind event = cvd::EventKind::Disclosed;
    std::vector<cvd::EventKind> after;
    ByLanguage why;
};

// What a good report holds; `condition` is its place among the conditions of the rule set that the policy is one of.
struct Element {
    static constexpr std::size_t asks_nothing = std::numeric_limits<std::size_t>::max();
    std::string id;
    ByLanguage ask;
    bool optional = false;
    std::size_t condition = asks_nothing;
};

struct SeverityLevels {
    static constexpr int never = std::numeric_limits<int>::max();  // a level that this policy does not know
    int critical = 90;
    int high = 60;
    int medium = 25;
    int low = 0;
    std::optional<cvd::Severity> unreadable = cvd::Severity::High;
    std::string cvss = "raise";  // or "decide", "ignore"
    cvd::Severity of(int score) const;
    cvd::Severity known(cvd::Severity severity) const;  // itself, or the next lower level that the policy knows
};

struct Policy {
    std::string name;
    ByLanguage promise;  // what no clock can keep: "We do not pass your name on."
    SeverityLevels levels;
    std::vector<Element> elements;
    std::vector<ClockRule> clocks;
    std::map<std::string, sla::Calendar> calendars;
    std::vector<Guard> guards;
    std::map<std::string, std::string> templates;  // template name → the one that stands in for it
    std::string source;  // the whole policy as canonical text; Policy::from_source(source) gives it again
    std::string hash;    // hex SHA-256 of `source`

    const sla::Calendar* calendar_of(const ClockRule& clock) const;
    // Where several are used: that of the first clock that has one. Empty and nothing where all time is elapsed time.
    std::string usual_calendar_name() const;
    const sla::Calendar* usual_calendar() const;
    const ClockRule* clock(std::string_view id) const;
    const Guard* guard(cvd::EventKind event) const;
};

// What the store kept of a policy; its elements ask no condition any more.
Result<Policy> policy_from_source(std::string_view source);

}  // namespace tocsin::rules
