#include "report/hall_of_fame.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

#include "base/utf8.hpp"
#include "report/svg.hpp"

namespace tocsin::report {

namespace {

constexpr std::size_t longest_name = 80;

int year_of(Instant at) {
    return static_cast<int>(std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(at)}.year());
}

bool was_right(const cvd::Ticket& ticket) {
    switch (ticket.state) {
        case cvd::TicketState::Fixed:
        case cvd::TicketState::Disclosed:
            return true;
        case cvd::TicketState::Closed:
            return ticket.closed_for == "fixed" || ticket.closed_for == "duplicate";
        case cvd::TicketState::New:
        case cvd::TicketState::Acknowledged:
        case cvd::TicketState::Triaged:
        case cvd::TicketState::Waiting:
        case cvd::TicketState::Fixing:
            return false;
    }
    return false;
}

// CommonMark section 2.4: any ASCII punctuation may be escaped.
std::string for_markdown(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (std::string_view{"\\`*_{}[]<>()#+-.!|~&\"'$%,/:;=?@^"}.find(c) != std::string_view::npos) escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::string how_often(int reports) { return reports > 1 ? " (" + std::to_string(reports) + " reports)" : ""; }

std::string unnamed_words(const YearOfThanks& year) {
    return (year.thanks.empty() ? "" : "and ") + std::to_string(year.unnamed) + " who " +
           (year.unnamed == 1 ? "wants" : "want") + " to stay unnamed";
}

}  // namespace

HallOfFame hall_of_fame(const std::string& organisation, const std::vector<cvd::Ticket>& tickets, Instant now) {
    std::map<int, std::pair<std::map<std::string, int>, int>, std::greater<>> by_year;
    for (const cvd::Ticket& ticket : tickets) {
        if (ticket.credit.empty() || ticket.credit == "none" || !was_right(ticket)) continue;
        if (ticket.embargo && !ticket.embargo_dates.ended && *ticket.embargo > now) continue;
        auto& [names, unnamed] = by_year[year_of(ticket.opened)];
        if (ticket.credit == "anonymous") {
            ++unnamed;
        } else {
            ++names[for_one_line(ticket.credit, longest_name)];
        }
    }
    HallOfFame hall{.organisation = for_one_line(organisation, longest_name), .years = {}};
    for (const auto& [year, counted] : by_year) {
        YearOfThanks& one = hall.years.emplace_back();
        one.year = year;
        one.unnamed = counted.second;
        for (const auto& [name, reports] : counted.first) one.thanks.push_back({name, reports});
        std::ranges::stable_sort(one.thanks, std::ranges::greater{}, &Thanks::reports);
    }
    return hall;
}

std::string to_markdown(const HallOfFame& hall) {
    std::string text =
        "# Hall of fame\n\n" + for_markdown(hall.organisation) + " thanks those who reported vulnerabilities to it:\n";
    for (const YearOfThanks& year : hall.years) {
        text += "\n## " + std::to_string(year.year) + "\n\n";
        for (const Thanks& thanks : year.thanks)
            text += "- " + for_markdown(thanks.name) + how_often(thanks.reports) + "\n";
        if (year.unnamed > 0) text += "- " + unnamed_words(year) + "\n";
    }
    if (hall.years.empty()) text += "\nNobody yet.\n";
    return text;
}

std::string to_html(const HallOfFame& hall) {
    const std::string organisation = xml(hall.organisation);
    std::string text =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Hall of fame of " +
        organisation + "</title>\n</head>\n<body>\n<h1>Hall of fame</h1>\n<p>" + organisation +
        " thanks those who reported vulnerabilities to it:</p>\n";
    for (const YearOfThanks& year : hall.years) {
        text += "<h2>" + std::to_string(year.year) + "</h2>\n<ul>\n";
        for (const Thanks& thanks : year.thanks)
            text += "<li><bdi>" + xml(thanks.name) + "</bdi>" + how_often(thanks.reports) + "</li>\n";
        if (year.unnamed > 0) text += "<li>" + unnamed_words(year) + "</li>\n";
        text += "</ul>\n";
    }
    if (hall.years.empty()) text += "<p>Nobody yet.</p>\n";
    return text + "</body>\n</html>\n";
}

std::string to_json(const HallOfFame& hall) {
    nlohmann::ordered_json years = nlohmann::ordered_json::array();
    for (const YearOfThanks& year : hall.years) {
        nlohmann::ordered_json thanks = nlohmann::ordered_json::array();
        for (const Thanks& one : year.thanks) thanks.push_back({{"name", one.name}, {"reports", one.reports}});
        years.push_back({{"year", year.year}, {"thanks", std::move(thanks)}, {"unnamed", year.unnamed}});
    }
    return nlohmann::ordered_json{{"organisation", hall.organisation}, {"years", std::move(years)}}.dump(
               2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
           "\n";
}

}  // namespace tocsin::report
