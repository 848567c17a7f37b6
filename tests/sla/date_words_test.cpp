#include "sla/date_words.hpp"

#include <gtest/gtest.h>

#include <array>

#include "sla/deadline.hpp"

namespace tocsin::sla {
namespace {

// Wednesday, 18 November 2026, 10:15 in Berlin.
const Instant wednesday = *from_rfc3339("2026-11-18T09:15:00Z");

std::string read(std::string_view text) {
    const auto at = parse_moment(text, wednesday, Zone::load("Europe/Berlin").value());
    return at ? to_rfc3339(*at) : "no";
}

TEST(AMoment, IsReadAsPeopleWriteIt) {
    struct Row {
        const char* text;
        const char* at;
    };
    constexpr std::array rows{
        Row{"friday 17:00", "2026-11-20T16:00:00Z"},
        Row{"Friday", "2026-11-20T16:00:00Z"},
        Row{"fri 9:30", "2026-11-20T08:30:00Z"},
        Row{"on friday at 5pm", "2026-11-20T16:00:00Z"},
        Row{"friday 5 pm", "2026-11-20T16:00:00Z"},
        Row{"17:00 friday", "2026-11-20T16:00:00Z"},
        Row{"wednesday", "2026-11-18T16:00:00Z"},
        Row{"wednesday 9:00", "2026-11-25T08:00:00Z"},
        Row{"Freitag 17 Uhr", "2026-11-20T16:00:00Z"},
        Row{"am Freitag um 17:00 Uhr", "2026-11-20T16:00:00Z"},
        Row{"friday 17:00 UTC", "2026-11-20T17:00:00Z"},
        Row{"friday 17:00 CET", "2026-11-20T16:00:00Z"},
        Row{"friday 17:00 Europe/Berlin", "2026-11-20T16:00:00Z"},
        Row{"today 17:00", "2026-11-18T16:00:00Z"},
        Row{"tomorrow", "2026-11-19T16:00:00Z"},
        Row{"morgen 9 Uhr", "2026-11-19T08:00:00Z"},
        Row{"tomorrow noon", "2026-11-19T11:00:00Z"},
        Row{"16:30", "2026-11-18T15:30:00Z"},
        Row{"09:00", "2026-11-19T08:00:00Z"},
        Row{"2026-12-01", "2026-12-01T16:00:00Z"},
        Row{"2026-12-01 09:30", "2026-12-01T08:30:00Z"},
        Row{"2026-12-01T09:30", "2026-12-01T08:30:00Z"},
        Row{"2026-12-01T09:30:00Z", "2026-12-01T09:30:00Z"},
        Row{"2026-12-01T09:30+01:00", "2026-12-01T08:30:00Z"},
        Row{"2026/12/01", "2026-12-01T16:00:00Z"},
        Row{"1.12.2026", "2026-12-01T16:00:00Z"},
        Row{"1.12. 9:30", "2026-12-01T08:30:00Z"},
        Row{"1 December", "2026-12-01T16:00:00Z"},
        Row{"December 1st, 2026", "2026-12-01T16:00:00Z"},
        Row{"1. Dezember 2026 9:30", "2026-12-01T08:30:00Z"},
        Row{"1 Nov", "2027-11-01T16:00:00Z"},
        Row{"1 July 17:00", "2027-07-01T15:00:00Z"},
        Row{"Tue 1 December 17:00", "2026-12-01T16:00:00Z"},
        Row{"1 December 17:00 Tuesday", "2026-12-01T16:00:00Z"},
        Row{"in 3 days", "2026-11-21T09:15:00Z"},
        Row{"in 3 days 17:00", "2026-11-21T16:00:00Z"},
        Row{"3 days", "2026-11-21T09:15:00Z"},
        Row{"in 2 weeks", "2026-12-02T09:15:00Z"},
        Row{"in a week", "2026-11-25T09:15:00Z"},
        Row{"in 90 minutes", "2026-11-18T10:45:00Z"},
        Row{"in 2 hours", "2026-11-18T11:15:00Z"},
        Row{"in 3 Tagen", "2026-11-21T09:15:00Z"},
    };
    for (const Row& row : rows) {
        const std::string at = read(row.text);
        if (std::string_view{row.at} == "no") continue;
        EXPECT_EQ(row.at, at) << row.text;
    }
}

TEST(AMoment, ThatCouldMeanTwoThingsOrNoneIsRefused) {
    for (const char* text : {"",
                             "soon",
                             "next friday",
                             "01/02/2026",
                             "2026-13-01",
                             "2026-02-30",
                             "31.2.2026",
                             "friday 25:00",
                             "friday 17:60",
                             "17",
                             "friday monday",
                             "in 0 days",
                             "in 3 business days",
                             "friday maybe",
                             "1 December 17:00 Monday",
                             "friday 17:00 18:00",
                             "friday 17:00 PST",
                             "in 3 days friday",
                             "13 pm",
                             "2026-12",
                             "99999999999999999999 days"})
        EXPECT_EQ("no", read(text)) << text;
    EXPECT_EQ("no", read(std::string(5000, '1')));
}

TEST(AMoment, ThatIsRefusedSaysWhatIsAccepted) {
    const auto refused = parse_moment("soon", wednesday, Zone::utc());
    ASSERT_FALSE(refused);
    EXPECT_NE(std::string::npos, refused.error().what.find("friday 17:00"));
}

TEST(AMoment, IsReadAsOurOwnMailsWriteIt) {
    const Instant at = *from_rfc3339("2026-12-01T09:15:00Z");
    for (const char* name : {"Asia/Kathmandu", "Europe/Istanbul", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"}) {
        const Zone zone = Zone::load(name).value();
        for (const char* language : {"en", "de"})
            EXPECT_EQ(at, parse_moment(in_words(at, zone, language), wednesday, zone)) << in_words(at, zone, language);
    }
    const Zone kathmandu = Zone::load("Asia/Kathmandu").value();
    EXPECT_EQ(at, parse_moment("2026-12-01 15:00 +05:45", wednesday, kathmandu));
    EXPECT_EQ(at, parse_moment("2026-12-01 15:00 +0545", wednesday, kathmandu));
    EXPECT_FALSE(parse_moment("2026-12-01 15:00 UTC+05:30", wednesday, kathmandu));
}

}  // namespace
}  // namespace tocsin::sla
