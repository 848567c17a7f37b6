// Pieces of SVG 1.1 that the pictures share: numbers, escaped text, colours in light and dark. No scripts, nothing from
// elsewhere: a picture can stand on any page.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "sla/calendar.hpp"

namespace tocsin::report {

std::string xml(std::string_view text);  // escaped, for text and for attributes
std::string px(double number);           // at most one digit behind the point

// <style> with the classes: ground, closed, open, holiday, grid, ink, dim, late, now, and clock0 to clock7.
std::string_view picture_style();
std::string_view holiday_pattern();  // <defs> with the patterns "holiday" and "late"

// Where an instant lies between two, as x between `left` and `left + width`.
struct Scale {
    Instant from;
    Instant to;
    double left = 0;
    double width = 0;
    double x(Instant at) const;
};

// Rectangles for the open hours of a stretch, on a ground that is closed, and hatched ones for closed weekdays.
std::string open_hours(const sla::Calendar& calendar, const Scale& scale, double top, double height);

// "Mon 2", "Wed 11 Mar 15:30 CET": short, in English, for pictures and terminals.
std::string short_day(std::chrono::sys_days day);
std::string short_date(std::chrono::sys_days day);
std::string short_time(Instant at, const sla::Zone& zone);

}  // namespace tocsin::report
