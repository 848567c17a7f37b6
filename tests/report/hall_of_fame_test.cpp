// The names that are thanked, and that a name is text in every output.
#include "report/hall_of_fame.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tocsin::report {
namespace {

using namespace std::chrono_literals;

constexpr Instant now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20};

cvd::Ticket thanked(const std::string& name, cvd::TicketState state = cvd::TicketState::Fixed,
                    const std::string& closed_for = "", Instant opened = now - std::chrono::days{30}) {
    cvd::Ticket ticket;
    ticket.number = "SEC-2026-0001";
    ticket.reporter = "rae@lab.test";
    ticket.title = "XSS";
    ticket.credit = name;
    ticket.state = state;
    ticket.closed_for = closed_for;
    ticket.opened = opened;
    return ticket;
}

using enum cvd::TicketState;

TEST(HallOfFame, ThanksThoseWhoWereRightByTheNameThatWasAgreed) {
    const auto hall =
        hall_of_fame("ACME",
                     {thanked("Rae"), thanked("Kim", Closed, "duplicate"), thanked("Rae", Disclosed),
                      thanked("Jo", Closed, "not-a-vulnerability"), thanked("Mo", Fixing), thanked("none"), thanked(""),
                      thanked("anonymous"), thanked("Old", Closed, "fixed", now - std::chrono::days{400})},
                     now);
    ASSERT_EQ(2u, hall.years.size());
    EXPECT_EQ(2026, hall.years[0].year);
    EXPECT_EQ((std::vector<Thanks>{{"Rae", 2}, {"Kim", 1}}), hall.years[0].thanks);
    EXPECT_EQ(1, hall.years[0].unnamed);
    EXPECT_EQ(2025, hall.years[1].year);
}

TEST(HallOfFame, WaitsForTheEmbargo) {
    cvd::Ticket ticket = thanked("Rae");
    ticket.embargo = now + 1h;
    EXPECT_TRUE(hall_of_fame("ACME", {ticket}, now).years.empty());
    EXPECT_EQ(1u, hall_of_fame("ACME", {ticket}, now + 1h).years.size());
}

TEST(HallOfFame, TellsNothingOfTheReport) {
    const auto hall = hall_of_fame("ACME", {thanked("Rae")}, now);
    for (const std::string& text : {to_markdown(hall), to_html(hall), to_json(hall)}) {
        EXPECT_NE(std::string::npos, text.find("Rae"));
        EXPECT_EQ(std::string::npos, text.find("SEC-2026"));
        EXPECT_EQ(std::string::npos, text.find("lab.test"));
        EXPECT_EQ(std::string::npos, text.find("XSS"));
    }
}

TEST(HallOfFame, ANameIsTextWhateverItHolds) {
    const std::string name = "<script>alert(1)</script> [x](http://evil.test) *b*\n# h\x1b[31m\xE2\x80\xAE";
    const auto hall = hall_of_fame("A&B", {thanked(name)}, now);
    EXPECT_EQ(std::string::npos, to_html(hall).find("<script"));
    EXPECT_NE(std::string::npos, to_html(hall).find("A&amp;B"));
    const std::string markdown = to_markdown(hall);
    EXPECT_NE(std::string::npos, markdown.find("\\<script\\>"));
    EXPECT_NE(std::string::npos, markdown.find("\\[x\\]\\(http"));
    EXPECT_EQ(std::string::npos, markdown.find("\n# h"));
    for (const std::string& text : {to_markdown(hall), to_html(hall), to_json(hall)}) {
        EXPECT_EQ(std::string::npos, text.find('\x1b'));
        EXPECT_EQ(std::string::npos, text.find("\xE2\x80\xAE"));
    }
    EXPECT_TRUE(nlohmann::json::accept(to_json(hall)));
}

TEST(HallOfFame, SaysWhenThereIsNobody) {
    EXPECT_NE(std::string::npos, to_markdown(hall_of_fame("ACME", {}, now)).find("Nobody yet"));
}

}  // namespace
}  // namespace tocsin::report
