// The names that INTERFACES promises, and the numbers of tickets.
#include <gtest/gtest.h>

#include <set>

#include "base/text.hpp"
#include "cvd/event.hpp"
#include "cvd/severity.hpp"
#include "cvd/ticket.hpp"

namespace tocsin::cvd {
namespace {

TEST(EventNames, ThoseThatMoveClocksAreThePublishedOnes) {
    const std::string_view published =
        "received acknowledged assigned triaged evaluated identified waiting resumed eta-set eta investigated "
        "fix-ready "
        "fixed customers-notified release-noted timeline-discussed delayed disclosed credited reporter-updated closed "
        "reopened";
    EXPECT_EQ(words(published), names_of_events_that_move_clocks());
}

TEST(EventNames, EachKindHasItsOwnNameAndIsFoundByIt) {
    std::set<std::string_view> names;
    for (int at = 0; at <= static_cast<int>(EventKind::Reread); ++at) {
        const auto kind = static_cast<EventKind>(at);
        EXPECT_FALSE(to_text(kind).empty()) << at;
        EXPECT_TRUE(names.insert(to_text(kind)).second) << to_text(kind);
        EXPECT_EQ(kind, event_kind_from(to_text(kind)));
    }
    EXPECT_EQ(std::nullopt, event_kind_from("Triaged"));
    EXPECT_EQ(std::nullopt, event_kind_from(""));
}

TEST(EventNames, HistoryAloneMovesNoClock) {
    EXPECT_TRUE(moves_clocks(EventKind::Reopened));
    EXPECT_FALSE(moves_clocks(EventKind::Opened));
    EXPECT_FALSE(moves_clocks(EventKind::ClockStarted));
}

TEST(StateNames, AreThePublishedOnes) {
    for (const std::string_view name :
         {"new", "acknowledged", "triaged", "waiting", "fixing", "fixed", "disclosed", "closed"}) {
        ASSERT_TRUE(ticket_state_from(name)) << name;
        EXPECT_EQ(name, to_text(*ticket_state_from(name)));
    }
    EXPECT_EQ(std::nullopt, ticket_state_from("open"));
    EXPECT_EQ("missed", to_text(ClockState::Missed));
    EXPECT_EQ("running", to_text(ClockState::Running));
}

TEST(SeverityNames, AreFoundAndOrdered) {
    for (const Severity severity : all_severities) EXPECT_EQ(severity, severity_from(to_text(severity)));
    EXPECT_EQ(std::nullopt, severity_from("HIGH"));
    EXPECT_LT(Severity::Low, Severity::Medium);
    EXPECT_LT(Severity::High, Severity::Critical);
}

TEST(TicketNumber, CountsWithFourDigitsAndThenMore) {
    EXPECT_EQ("SEC-2026-0001", make_number({}, 2026, 1));
    EXPECT_EQ("ACME-2026-12345", make_number({.prefix = "ACME"}, 2026, 12345));
}

TEST(TicketNumber, ARandomOneSaysNothingAndIsFoundAgain) {
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) {
        const std::string number = make_number({.prefix = "SEC", .random = true}, 2026, 1);
        ASSERT_EQ(std::string{"SEC-2026-7K3QX2"}.size(), number.size()) << number;
        EXPECT_EQ(number, find_number("Re: [" + number + "] x", "SEC"));
        EXPECT_EQ(number, find_number(lower(number), "SEC"));
        seen.insert(number);
    }
    EXPECT_GT(seen.size(), 195u);
}

TEST(TicketNumber, IsFoundInAnyCaseAsAWordOfItsOwn) {
    EXPECT_EQ("SEC-2026-0001", find_number("Re: [SEC-2026-0001] Your report to ACME", "SEC"));
    EXPECT_EQ("SEC-2026-0001", find_number("AW: sec-2026-0001: und nun?", "SEC"));
    EXPECT_EQ("SEC-2026-0042", find_number("ASEC-2026-0001 or SEC-2026-0042", "SEC"));
    EXPECT_EQ("SEC-2026-12345", find_number("SEC-2026-12345", "SEC"));
    EXPECT_EQ("ACME-SEC-2026-0003", find_number("(acme-sec-2026-0003)", "ACME-SEC"));
    EXPECT_EQ("SEC-2026-0001", find_number("SEC-SEC-2026-9 SEC-2026-0001", "SEC"));
    EXPECT_EQ("SEC-2026-0001", find_number("\xE8\xA7\x81SEC-2026-0001\xE3\x80\x82", "SEC"));
    EXPECT_EQ("SEC-2026-0001", find_number("SEC-2026-0001-crash.txt", "SEC"));
}

TEST(TicketNumber, WhatOnlyLooksLikeOneIsNone) {
    for (const std::string_view text :
         {"", "SEC", "SEC-", "SEC-2026", "SEC-2026-", "SEC-2026-1", "SEC-2026-001", "SEC-26-0001", "SEC-2026-00012",
          "XSEC-2026-0001", "MY-SEC-2026-0001", "SEC_2026_0001", "SEC-2026-0001b", "SEC-2026-0001_2", "CVE-2026-0001",
          "SEC-2026-SECURE", "SEC-2026-REPORT", "SEC-2026-7K3QX", "SEC-2026-7K3QX2Z"})
        EXPECT_EQ(std::nullopt, find_number(text, "SEC")) << text;
    EXPECT_EQ(std::nullopt, find_number("-2026-0001", ""));
}

}  // namespace
}  // namespace tocsin::cvd
