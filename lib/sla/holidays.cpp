#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "sla/holiday_event.hpp"
#include "sla/recurrence.hpp"

namespace tocsin::sla {
namespace {

namespace chrono = std::chrono;
using Days = std::set<chrono::sys_days>;

constexpr chrono::sys_days first_day{chrono::year{1990} / 1 / 1};
constexpr chrono::sys_days last_day{chrono::year{2060} / 12 / 31};
constexpr std::size_t most_days_looked_at = 5'000'000;  // by all rules of a file together: a second or two

// When the event starts, each time; not all of these need be dates that it covers whole.
Result<Days> starts_of(const HolidayEvent& event, std::size_t& budget) {
    // RFC 5545 section 3.8.5.3: DTSTART counts as the first instance of the set
    Days starts{event.start.date};
    if (event.rule) {
        auto recurring = recurrences(*event.rule, event.start, event.start_zone, last_day, budget);
        if (!recurring) return recurring;
        starts.merge(*recurring);
    }
    starts.insert(event.more.begin(), event.more.end());
    for (const chrono::sys_days date : event.except) starts.erase(date);
    return starts;
}

void close(Days& closed, chrono::sys_days first, chrono::days length) {
    const chrono::sys_days end = std::min(first + length, last_day + chrono::days{1});
    for (chrono::sys_days day = std::max(first, first_day); day < end; day += chrono::days{1}) closed.insert(day);
}

// Takes the lines of a file and keeps the events of all VCALENDARs; other components are read over, well nested.
class EventReader {
public:
    Result<void> take(ContentLine line) {
        if (line.name == "BEGIN") return begin(line);
        if (line.name == "END") return end(line);
        if (open_.empty()) return wrong_line(line.number, "no iCalendar file: BEGIN:VCALENDAR is expected");
        if (line.name == "VERSION" && open_.size() == 1 && trim(line.value) == "1.0") {
            return wrong_line(line.number, "a vCalendar of version 1.0; iCalendar (RFC 5545) is version 2.0");
        }
        if (in_event()) of_event_.push_back(std::move(line));
        return {};
    }

    Result<std::vector<HolidayEvent>> finish(std::size_t last_line) {
        if (!open_.empty()) {
            const Component& left = open_.back();
            return wrong_line(last_line, fmt::format("the file ends before END:{} of line {}", left.name, left.line));
        }
        if (!any_) return wrong_line(1, "no iCalendar file: BEGIN:VCALENDAR is expected");
        return std::move(events_);
    }

private:
    struct Component {
        std::string name;
        std::size_t line;
    };

    bool in_event() const { return open_.size() == 2 && open_.back().name == "VEVENT"; }

    Result<void> begin(const ContentLine& line) {
        Component component{upper(trim(line.value)), line.number};
        if (open_.empty() && component.name != "VCALENDAR") {
            return wrong_line(line.number, "no iCalendar file: BEGIN:VCALENDAR is expected");
        }
        if (!open_.empty() && component.name == "VCALENDAR") {
            return wrong_line(line.number,
                              fmt::format("END:{} of line {} is missing", open_.back().name, open_.back().line));
        }
        open_.push_back(std::move(component));
        if (open_.size() == 2) of_event_.clear();
        any_ = true;
        return {};
    }

    Result<void> end(const ContentLine& line) {
        if (open_.empty()) return wrong_line(line.number, "END without BEGIN");
        const Component& ended = open_.back();
        if (upper(trim(line.value)) != ended.name) {
            return wrong_line(line.number, fmt::format("END:{} of line {} is expected here", ended.name, ended.line));
        }
        if (in_event()) {
            auto event = read_event(ended.line, of_event_);
            if (!event) return tl::unexpected<Error>{event.error()};
            events_.push_back(std::move(*event));
        }
        open_.pop_back();
        return {};
    }

    std::vector<HolidayEvent> events_;
    std::vector<Component> open_;
    std::vector<ContentLine> of_event_;
    bool any_ = false;
};

Result<std::vector<HolidayEvent>> events_of(std::string_view bytes) {
    ContentLines lines{bytes};
    EventReader reader;
    for (;;) {
        auto line = lines.next();
        if (!line) return tl::unexpected<Error>{line.error()};
        if (!*line) return reader.finish(lines.last_number());
        if (const auto taken = reader.take(std::move(**line)); !taken) return tl::unexpected<Error>{taken.error()};
    }
}

}  // namespace

Result<Days> holidays_of(std::string_view bytes) {
    const auto events = events_of(bytes);
    if (!events) return tl::unexpected<Error>{events.error()};

    // RFC 5545 section 3.8.4.4: an event with RECURRENCE-ID stands in for that one instance of its UID
    std::map<std::string_view, Days> replaced;
    for (const HolidayEvent& event : *events) {
        if (event.replaces) replaced[event.uid].insert(event.replaces->date);
    }
    Days closed;
    std::size_t budget = most_days_looked_at;
    for (const HolidayEvent& event : *events) {
        if (event.cancelled || event.length == chrono::days{0}) continue;
        auto starts = starts_of(event, budget);
        if (!starts) return starts;
        if (const auto gone = replaced.find(event.uid); gone != replaced.end() && !event.replaces) {
            for (const chrono::sys_days date : gone->second) starts->erase(date);
        }
        for (const chrono::sys_days start : *starts) close(closed, start + event.lead, event.length);
    }
    return closed;
}

}  // namespace tocsin::sla
