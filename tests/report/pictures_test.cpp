#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "report/board.hpp"
#include "report/policy_picture.hpp"
#include "report/svg.hpp"
#include "rules/policies/policy_source.hpp"

namespace tocsin::report {
namespace {

using namespace std::chrono_literals;

const Instant friday = std::chrono::sys_days{std::chrono::year{2026} / 3 / 6} + 14h + 30min;

sla::Calendar office() {
    sla::Calendar::Week week;
    for (std::size_t day = 0; day < 5; ++day) week[day] = sla::parse_open_hours("09:00-17:00").value();
    return sla::Calendar::make(sla::Zone::load("Europe/Berlin").value(), week,
                               {std::chrono::sys_days{std::chrono::year{2026} / 3 / 10}}, {})
        .value();
}

rules::Policy small_policy() {
    rules::Policy policy;
    policy.name = "small <&>";
    policy.calendars.emplace("office", office());
    rules::ClockRule triage;
    triage.id = "triage";
    triage.stop.events = {cvd::EventKind::Triaged};
    triage.within = {3, sla::Unit::BusinessDay};
    triage.calendar = "office";
    triage.remind = {sla::parse_mark("50%").value(), sla::parse_mark("due").value()};
    triage.escalate = {{sla::parse_mark("1 business day after").value(), {"role:lead"}}};
    rules::ClockRule resolve = triage;
    resolve.id = "resolve";
    resolve.within = {90, sla::Unit::Day};
    resolve.escalate.clear();
    policy.clocks = {triage, resolve};
    return policy;
}

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

TEST(APicture, ShowsWeeksMarksDeadlinesAndClosedDays) {
    const rules::Policy policy = small_policy();
    const std::string svg = policy_picture(policy, intake::simulate(policy, friday, std::nullopt), friday);
    EXPECT_EQ(2u, count(svg, "<line class=\"due\""));
    EXPECT_EQ(5u, count(svg, "<circle"));
    EXPECT_NE(std::string::npos, svg.find("due Thu 12 Mar 15:30 CET"));
    EXPECT_NE(std::string::npos, svg.find("Tue 10 Mar: closed"));
    EXPECT_NE(std::string::npos, svg.find("weeks without a mark"));
    EXPECT_NE(std::string::npos, svg.find("small &lt;&amp;&gt;"));
    EXPECT_EQ(std::string::npos, svg.find("small <&>"));
    EXPECT_EQ(std::string::npos, svg.find("<script"));
    EXPECT_NE(std::string::npos, svg.find("prefers-color-scheme:dark"));
}

double number_in(const std::string& text, std::size_t from, const std::string& name) {
    return std::stod(text.substr(text.find(name + "=\"", from) + name.size() + 2));
}

TEST(APicture, KeepsItsWordsOffTheMarks) {
    rules::Policy policy = small_policy();
    policy.clocks.resize(1);
    policy.clocks.front().within = {1, sla::Unit::BusinessDay};  // and an escalation soon after it
    const std::string svg = policy_picture(policy, intake::simulate(policy, friday, std::nullopt), friday);
    const double words = number_in(svg, svg.find("class=\"label\""), "y");
    for (std::size_t at = svg.find("<circle"); at != std::string::npos; at = svg.find("<circle", at + 1)) {
        const double mark = number_in(svg, at, "cy");
        EXPECT_TRUE(mark + 6 < words - 9 || mark - 6 > words) << "a mark at " << mark << ", words at " << words;
    }
}

TEST(APicture, SaysWhichSeveritiesAClockBinds) {
    rules::Policy policy = small_policy();
    policy.clocks.front().severity = {cvd::Severity::High, cvd::Severity::Critical};
    const auto picture = [&](std::optional<cvd::Severity> severity) {
        return policy_picture(policy, intake::simulate(policy, friday, severity), friday, severity);
    };
    EXPECT_NE(std::string::npos, picture(std::nullopt).find("due Thu 12 Mar 15:30 CET, only high or critical"));
    const std::string high = picture(cvd::Severity::High);
    EXPECT_EQ(std::string::npos, high.find(", only"));
    EXPECT_NE(std::string::npos, high.find("rated high"));
}

cvd::Ticket ticket(const std::string& number, Instant started, Instant due) {
    cvd::Ticket ticket;
    ticket.number = number;
    ticket.title = "<b>RCE</b> in export";
    ticket.severity = cvd::Severity::High;
    ticket.owner = "alice@acme.test";
    cvd::TicketClock clock;
    clock.name = "triage";
    clock.started = started;
    clock.due = due;
    ticket.clocks = {clock};
    return ticket;
}

TEST(TheBoard, PutsTheMostUrgentFirst) {
    cvd::Ticket waits = ticket("SEC-4", friday - 48h, friday - 1h);
    waits.clocks.front().paused = friday - 24h;
    cvd::Ticket closed = ticket("SEC-5", friday, friday + 1h);
    closed.state = cvd::TicketState::Closed;
    const Board board =
        board_of({ticket("SEC-1", friday - 24h, friday + 130min), ticket("SEC-2", friday - 48h, friday - 115min),
                  ticket("SEC-3", friday - 48h, friday + 24h * 30), waits, closed},
                 office().zone(), false, friday);
    std::vector<std::string> numbers;
    for (const BoardRow& row : board.rows) numbers.push_back(row.number);
    EXPECT_EQ((std::vector<std::string>{"SEC-2", "SEC-1", "SEC-3", "SEC-4"}), numbers);
    EXPECT_EQ("4 open · 1 late · next due in 2 h 10 min", headline(board));
    EXPECT_EQ("triage late 1 h 55 min", what_is_due(board.rows[0], board));
    EXPECT_EQ("triage in 2 h 10 min", what_is_due(board.rows[1], board));
    EXPECT_EQ("triage Sun 5 Apr 16:30 CEST", what_is_due(board.rows[2], board));
    EXPECT_EQ("triage waits", what_is_due(board.rows[3], board));
    EXPECT_EQ("alice", board.rows[0].owner);
}

TEST(TheBoard, KeepsTitlesToItselfUnlessAsked) {
    const sla::Calendar calendar = office();
    const auto html = [&](bool titles) {
        return board_html(board_of({ticket("SEC-1", friday - 24h, friday - 1h)}, calendar.zone(), titles, friday),
                          &calendar);
    };
    EXPECT_EQ(std::string::npos, html(false).find("RCE"));
    EXPECT_NE(std::string::npos, html(true).find("&lt;b&gt;RCE&lt;/b&gt;"));
    EXPECT_EQ(std::string::npos, html(true).find("<b>"));
    // The line below a row is below its title as well.
    const std::string with_title = html(true);
    EXPECT_GT(number_in(with_title, with_title.find("<line class=\"grid\" x1=\"12\""), "y1"),
              number_in(with_title, with_title.find("font-size=\"11\">&lt;b&gt;RCE") - 30, " y"));
    EXPECT_EQ(std::string::npos, html(true).find("<script"));
    EXPECT_NE(std::string::npos, html(false).find("url(#late)"));
}

TEST(TheBoard, IsAStripOfCharactersOnATerminal) {
    const sla::Calendar calendar = office();
    const Board board = board_of({ticket("SEC-1", friday - 24h, friday + 72h)}, calendar.zone(), false, friday);
    EXPECT_NE(std::string::npos, strip_heading(board, 80).find("Sat 7")) << strip_heading(board, 80);
    EXPECT_NE(std::string::npos, strip_heading(board, 40).find("Sat"));
    EXPECT_EQ(40U, strip_heading(board, 40).size());
    const std::string strip = strip_of(board.rows[0], board, &calendar, 66);
    ASSERT_EQ(66u, strip.size());
    EXPECT_EQ(1, std::ranges::count(strip, '|'));
    EXPECT_EQ(1, std::ranges::count(strip, ':'));
    EXPECT_LT(strip.find('#'), strip.find(':'));
    EXPECT_LT(strip.find('-'), strip.find('|'));
    EXPECT_EQ('.', strip.front());  // midnight
}

TEST(Xml, IsEscaped) { EXPECT_EQ("&lt;a b=&quot;c&quot;&gt; &amp;&#39;", xml("<a b=\"c\"> &'\x01")); }

}  // namespace
}  // namespace tocsin::report
