#include <fmt/core.h>

#include "making.hpp"

namespace tocsin::sla {
namespace {

using Days = std::set<std::chrono::sys_days>;

// A file around the lines of one event, as most programs write it.
std::string file_of(std::string_view event_lines) {
    std::string file = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//holidays//EN\r\n";
    file += "BEGIN:VEVENT\r\nUID:1@example.org\r\n";
    for (const char c : event_lines) file += c == '\n' ? std::string{"\r\n"} : std::string{c};
    return file + "END:VEVENT\r\nEND:VCALENDAR\r\n";
}

Days closed_by(std::string_view event_lines) {
    auto days = holidays_of(file_of(event_lines));
    EXPECT_TRUE(days) << (days ? "" : days.error().what);
    return days ? *days : Days{};
}

Days in_year(const Days& days, int year) {
    return {days.lower_bound(day_of(year, 1, 1)), days.lower_bound(day_of(year + 1, 1, 1))};
}

std::string mistake_in(std::string_view event_lines) {
    const auto days = holidays_of(file_of(event_lines));
    return days ? "" : days.error().what;
}

TEST(Holidays, AreTheDatesOfEvents) {
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261226\n"), (Days{day_of(2026, 12, 25)}));
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20261225\n"), (Days{day_of(2026, 12, 25)}))
        << "without an end it is that day";
}

TEST(Holidays, TheEndIsNotAmongThem) {
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227\n"),
              (Days{day_of(2026, 12, 24), day_of(2026, 12, 25), day_of(2026, 12, 26)}));
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20261224\nDURATION:P3D\n"),
              closed_by("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227\n"));
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261224\n"), (Days{day_of(2026, 12, 24)}))
        << "some programs write the last day itself";
}

TEST(Holidays, WithTimesCloseTheDaysThatTheyCoverWhole) {
    EXPECT_EQ(closed_by("DTSTART;TZID=Europe/Berlin:20261224T000000\nDTEND;TZID=Europe/Berlin:20261226T000000\n"),
              (Days{day_of(2026, 12, 24), day_of(2026, 12, 25)}));
    EXPECT_EQ(closed_by("DTSTART:20261224T140000\nDTEND:20261226T180000\n"), (Days{day_of(2026, 12, 25)}));
    EXPECT_EQ(closed_by("DTSTART:20261224T140000\nDTEND:20261224T150000\n"), Days{}) << "a meeting is no holiday";
    EXPECT_EQ(closed_by("DTSTART:20261224T000000Z\nDURATION:PT24H\n"), (Days{day_of(2026, 12, 24)}));
    EXPECT_EQ(closed_by("DTSTART:20261224T000000\n"), Days{}) << "no length at all";
}

TEST(Holidays, InUtcMustSayWhichDayTheyMean) {
    EXPECT_EQ(
        mistake_in("DTSTART:20261224T230000Z\nDTEND:20261225T230000Z\n"),
        "line 6: DTSTART in UTC does not say which days are meant; write a date, as in DTSTART;VALUE=DATE:20261225");
}

TEST(Holidays, RecurEveryYear) {
    const Days christmas = closed_by("DTSTART;VALUE=DATE:19701225\nRRULE:FREQ=YEARLY\n");
    EXPECT_EQ(christmas.size(), 71U) << "from 1990 to 2060";
    EXPECT_EQ(*christmas.begin(), day_of(1990, 12, 25));
    EXPECT_EQ(*christmas.rbegin(), day_of(2060, 12, 25));
}

TEST(Holidays, RecurOnWeekdays) {
    const Days thanksgiving = closed_by("DTSTART;VALUE=DATE:20001123\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\n");
    EXPECT_EQ(in_year(thanksgiving, 2026), (Days{day_of(2026, 11, 26)}));
    EXPECT_EQ(in_year(thanksgiving, 2034), (Days{day_of(2034, 11, 23)}));
    const Days memorial = closed_by("DTSTART;VALUE=DATE:20000529\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO\n");
    EXPECT_EQ(in_year(memorial, 2026), (Days{day_of(2026, 5, 25)}));
    const Days repentance = closed_by(
        "DTSTART;VALUE=DATE:20001122\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=WE;BYMONTHDAY=16,17,18,19,20,21,22\n");
    EXPECT_EQ(in_year(repentance, 2026), (Days{day_of(2026, 11, 18)}));
    EXPECT_EQ(in_year(repentance, 2028), (Days{day_of(2028, 11, 22)}));
}

TEST(Holidays, RecurInEachNthWeekFromThatOfTheStart) {
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20210417\nRRULE:FREQ=WEEKLY;INTERVAL=4;BYDAY=SU;COUNT=3\n"),
              (Days{day_of(2021, 4, 17), day_of(2021, 4, 18), day_of(2021, 5, 16), day_of(2021, 6, 13)}))
        << "a Saturday, and the Sunday of its week";
}

// The examples of RFC 5545 section 3.8.5.3, as days.
TEST(Holidays, RecurAsTheRfcShows) {
    const auto first = [](std::string_view rule, std::size_t count, std::string_view start = "19970902") {
        const Days all = closed_by(fmt::format("DTSTART;VALUE=DATE:{}\nRRULE:{}\n", start, rule));
        std::string dates;
        for (auto day = all.begin(); day != all.end() && count > 0; ++day, --count)
            dates += to_rfc3339(*day).substr(2, 8) + ' ';
        return dates;
    };
    EXPECT_EQ(first("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", 99),
              "97-09-02 97-09-04 97-09-16 97-09-18 97-09-30 97-10-02 97-10-14 97-10-16 ");
    EXPECT_EQ(first("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", 99, "19970907"),
              "97-09-07 97-09-28 97-11-02 97-11-30 98-01-04 98-01-25 98-03-01 98-03-29 98-05-03 98-05-31 ");
    EXPECT_EQ(first("FREQ=MONTHLY;BYMONTHDAY=-3", 4, "19970928"), "97-09-28 97-10-29 97-11-28 97-12-29 ");
    EXPECT_EQ(first("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", 99, "19970101"),
              "97-01-01 97-04-10 97-07-19 00-01-01 00-04-09 00-07-18 03-01-01 03-04-10 03-07-19 06-01-01 ");
    EXPECT_EQ(first("FREQ=YEARLY;BYDAY=20MO", 3, "19970519"), "97-05-19 98-05-18 99-05-17 ");
    EXPECT_EQ(first("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", 3, "19970512"), "97-05-12 98-05-11 99-05-17 ");
    EXPECT_EQ(first("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", 4, "19980213"), "98-02-13 98-03-13 98-11-13 99-08-13 ");
    EXPECT_EQ(first("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", 3, "19961105"),
              "96-11-05 00-11-07 04-11-02 ");
    EXPECT_EQ(first("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", 99, "19970904"), "97-09-04 97-10-07 97-11-06 ");
    EXPECT_EQ(first("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", 4, "19970929"),
              "97-09-29 97-10-30 97-11-27 97-12-30 ");
    EXPECT_EQ(first("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", 99, "19970805"),
              "97-08-05 97-08-10 97-08-19 97-08-24 ");
    EXPECT_EQ(first("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", 99, "19970805"),
              "97-08-05 97-08-17 97-08-19 97-08-31 ");
    EXPECT_EQ(first("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", 99, "20070115"),
              "07-01-15 07-01-30 07-02-15 07-03-15 07-03-30 ");
}

TEST(Holidays, RecurInWeeksThatReachIntoTheYearsBeside) {
    const Days first_weeks = closed_by("DTSTART;VALUE=DATE:20250101\nRRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO\n");
    EXPECT_EQ(in_year(first_weeks, 2025), (Days{day_of(2025, 1, 1), day_of(2025, 12, 29)}))
        << "DTSTART, and Monday of the first of 2026";
    const Days last_weeks = closed_by("DTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY;BYWEEKNO=53\n");
    EXPECT_EQ(in_year(last_weeks, 2020), (Days{day_of(2020, 1, 1), day_of(2020, 12, 30)}))
        << "a Wednesday, as in DTSTART";
    EXPECT_EQ(in_year(last_weeks, 2021), Days{}) << "52 weeks";
    EXPECT_EQ(in_year(closed_by("DTSTART;VALUE=DATE:20210104\nRRULE:FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU\n"), 2027),
              (Days{day_of(2027, 1, 3)}));
}

TEST(Holidays, RecurWithEndAndInterval) {
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=MONTHLY;INTERVAL=5;COUNT=3\n"),
              (Days{day_of(2026, 1, 1), day_of(2026, 6, 1), day_of(2026, 11, 1)}));
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=WEEKLY;UNTIL=20260115\n"),
              (Days{day_of(2026, 1, 1), day_of(2026, 1, 8), day_of(2026, 1, 15)}));
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;COUNT=2;\n"),
              (Days{day_of(2026, 1, 1), day_of(2026, 1, 2)}));
}

TEST(Holidays, UntilInUtcIsToldInTheZoneOfTheEvent) {
    // 14 January, 23:00 UTC is midnight of the 15th in Berlin.
    const char* rule = "DTEND;TZID=Europe/Berlin:20260102T000000\nRRULE:FREQ=WEEKLY;UNTIL=20260114T230000Z\n";
    EXPECT_TRUE(
        closed_by("DTSTART;TZID=Europe/Berlin:20260101T000000\n" + std::string{rule}).contains(day_of(2026, 1, 15)));
}

TEST(Holidays, OfSeveralDaysRecurWhole) {
    const Days days = closed_by("DTSTART;VALUE=DATE:20251231\nDTEND;VALUE=DATE:20260102\nRRULE:FREQ=YEARLY\n");
    EXPECT_EQ(in_year(days, 2027), (Days{day_of(2027, 1, 1), day_of(2027, 12, 31)}));
    const Days shifted =
        closed_by("DTSTART:20261224T120000\nDTEND:20261226T120000\nRRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24\n");
    EXPECT_EQ(in_year(shifted, 2030), (Days{day_of(2030, 12, 25)}));
}

TEST(Holidays, TakeExceptionsAndAdditions) {
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;VALUE=DATE:20260102,"
                        "20260103\nRDATE;VALUE=DATE:20260110\n"),
              (Days{day_of(2026, 1, 1), day_of(2026, 1, 4), day_of(2026, 1, 10)}));
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE;VALUE=DATE:20260101\n"),
              (Days{day_of(2026, 1, 2)}));
    // A time in UTC names the day that it is in the event's zone (RFC 5545 section 3.8.5.1).
    EXPECT_EQ(closed_by("DTSTART;TZID=Europe/Berlin:20261201T000000\nDTEND;TZID=Europe/Berlin:20261202T000000\n"
                        "RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261201T230000Z\n"),
              (Days{day_of(2026, 12, 1), day_of(2026, 12, 3)}));
}

TEST(Holidays, ADayThatEndsJustBeforeItsEndIsWhole) {
    EXPECT_EQ(closed_by("DTSTART:20261210T000000\nDTEND:20261210T235900\n"), (Days{day_of(2026, 12, 10)}));
    EXPECT_EQ(closed_by("DTSTART:20261210T000000\nDTEND:20261211T235959\n"),
              (Days{day_of(2026, 12, 10), day_of(2026, 12, 11)}));
}

TEST(Holidays, AnInstanceThatWasMovedStandsElsewhere) {
    const std::string file =
        "BEGIN:VCALENDAR\nVERSION:2.0\n"
        "BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20260501\nRRULE:FREQ=YEARLY\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;VALUE=DATE:20270501\nDTSTART;VALUE=DATE:20270503\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;VALUE=DATE:20280501\nDTSTART;VALUE=DATE:20280501\nSTATUS:CANCELLED\nEND:"
        "VEVENT\n"
        "BEGIN:VEVENT\nUID:b\nDTSTART;VALUE=DATE:20270501\nEND:VEVENT\n"
        "END:VCALENDAR\n";
    const Days days = holidays_of(file).value();
    EXPECT_EQ(in_year(days, 2026), (Days{day_of(2026, 5, 1)}));
    EXPECT_EQ(in_year(days, 2027), (Days{day_of(2027, 5, 1), day_of(2027, 5, 3)})) << "the first is another event's";
    EXPECT_EQ(in_year(days, 2028), Days{});
}

TEST(Holidays, AnInstanceThatWasChangedButNotMovedStays) {
    const std::string file =
        "BEGIN:VCALENDAR\nVERSION:2.0\n"
        "BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20260501\nRRULE:FREQ=YEARLY;COUNT=2\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;VALUE=DATE:20270501\nDTSTART;VALUE=DATE:20270501\nSUMMARY:Other\nEND:"
        "VEVENT\n"
        "END:VCALENDAR\n";
    EXPECT_EQ(holidays_of(file).value(), (Days{day_of(2026, 5, 1), day_of(2027, 5, 1)}));
}

TEST(Holidays, CancelledEventsCloseNothing) {
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20260501\nSTATUS:cancelled\n"), Days{});
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20260501\nTRANSP:TRANSPARENT\n").size(), 1U)
        << "public calendars mark all their days so";
}

TEST(Holidays, OtherComponentsAreReadOver) {
    const std::string file =
        "BEGIN:VCALENDAR\nVERSION:2.0\n"
        "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19701025T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH="
        "10\nEND:STANDARD\nEND:VTIMEZONE\n"
        "BEGIN:VTODO\nDTSTART;VALUE=DATE:20260101\nEND:VTODO\n"
        "begin:vevent\ndtstart;value=date:20260501\nBEGIN:VALARM\nTRIGGER:-PT1H\nDURATION:nonsense\nEND:VALARM\nend:"
        "vevent\n"
        "END:VCALENDAR\n"
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260601\nEND:VEVENT\nEND:VCALENDAR\n";
    EXPECT_EQ(holidays_of(file).value(), (Days{day_of(2026, 5, 1), day_of(2026, 6, 1)}));
}

TEST(Holidays, LinesMayBeFoldedQuotedAndBeginWithAByteOrderMark) {
    const std::string file =
        "\xEF\xBB\xBF"
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY;ALTREP=\"cid:x;y:z\";LANGUAGE=de:Tag der\r\n  Arbeit\\, frei\r\n"
        "DTSTART;VALUE=DA\r\n\tTE:2026\r\n 0501\r\n\r\nEND:VEVENT\r\nEND:VCALENDAR";
    EXPECT_EQ(holidays_of(file).value(), (Days{day_of(2026, 5, 1)}));
}

TEST(Holidays, AMistakeNamesItsLine) {
    EXPECT_EQ(mistake_in("DTSTART;VALUE=DATE:20260230\n"),
              "line 6: DTSTART is no date: YYYYMMDD or YYYYMMDDTHHMMSS is expected");
    EXPECT_EQ(mistake_in("DTSTART;VALUE=DATE:20260201\nDTEND;VALUE=DATE:20260131\n"),
              "line 7: DTEND is before DTSTART");
    EXPECT_EQ(mistake_in("DTSTART;VALUE=DATE:20260201\nDTEND:20260202T000000\n"),
              "line 7: DTEND and DTSTART must both be dates, or both have a time");
    EXPECT_EQ(mistake_in("SUMMARY:no date\n"), "line 4: an event without DTSTART");
    EXPECT_EQ(mistake_in("DTSTART;VALUE=DATE:20260201\nDescription\n"),
              "line 7: 'Description' is no line of an iCalendar file; NAME:VALUE is expected");
    EXPECT_EQ(mistake_in("DTSTART;VALUE=DATE:20260201\n long\nRRULE:FREQ=NEVER\n").substr(0, 7), "line 6:");
    EXPECT_EQ(mistake_in("DTSTART;VALUE=DATE:20\n 260201\nRRULE:FREQ=NEVER\n"),
              "line 8: RRULE: FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY for holidays");
    EXPECT_EQ(mistake_in("DTSTART;VALUE=DATE:20260201\nEND:VTODO\n"), "line 7: END:VEVENT of line 4 is expected here");
    EXPECT_EQ(holidays_of("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\n").error().what,
              "line 3: the file ends before END:VEVENT of line 2");
    EXPECT_EQ(holidays_of("<!DOCTYPE html>\n<html>").error().what,
              "line 1: '<!DOCTYPE html>' is no line of an iCalendar file; NAME:VALUE is expected");
    EXPECT_EQ(holidays_of("").error().what, "line 1: no iCalendar file: BEGIN:VCALENDAR is expected");
    EXPECT_EQ(mistake_in("DTSTART;VALUE=DATE:20260201\nRRULE:FREQ=YEARLY;BYHOUR=9\n"),
              "line 7: RRULE: 'BYHOUR' is not supported for holidays");
    EXPECT_EQ(holidays_of("X:1\n").error().code, Code::Configuration);
}

TEST(Holidays, RulesThatCannotBeAreMistakes) {
    for (const char* rule : {"FREQ=HOURLY",
                             "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
                             "FREQ=YEARLY;BYHOUR=9",
                             "FREQ=YEARLY;FREQ=DAILY",
                             "",
                             "INTERVAL=2",
                             "FREQ=YEARLY;INTERVAL=0",
                             "FREQ=YEARLY;INTERVAL=65537",
                             "FREQ=YEARLY;COUNT=0",
                             "FREQ=YEARLY;COUNT=2;UNTIL=20300101",
                             "FREQ=YEARLY;UNTIL=soon",
                             "FREQ=YEARLY;BYMONTH=14",
                             "FREQ=YEARLY;BYDAY=XX",
                             "FREQ=YEARLY;BYMONTHDAY=32",
                             "FREQ=YEARLY;BYSETPOS=",
                             "RSCALE=HEBREW;FREQ=YEARLY",
                             "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
                             "FREQ=YEARLY;UNTIL=20260101",
                             "FREQ=YEARLY;BYMONTH=2L",
                             "FREQ=MONTHLY;BYDAY=128MO",
                             "FREQ=MONTHLY;COUNT=9999999",
                             "FREQ=YEARLY;WKST=MON",
                             "FREQ",
                             "=",
                             "FREQ=WEEKLY;BYMONTHDAY=1",
                             "FREQ=YEARLY;BYWEEKNO=54",
                             "FREQ=MONTHLY;BYWEEKNO=1",
                             "FREQ=WEEKLY;BYDAY=1MO",
                             "FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2",
                             "FREQ=DAILY;BYYEARDAY=1",
                             "FREQ=YEARLY;BYMONTH=1,,2"}) {
        const std::string mistake = mistake_in(fmt::format("DTSTART;VALUE=DATE:20260201\nRRULE:{}\n", rule));
        EXPECT_TRUE(mistake.starts_with("line 7: RRULE: ")) << rule << " → " << mistake;
    }
}

TEST(Holidays, RulesMayListTheSameManyTimes) {
    std::string many = "1";
    for (int i = 0; i < 100'000; ++i) many += ",1";
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;BYMONTHDAY=1;BYMONTH=" + many + "\n").size(),
              35U);
}

TEST(Holidays, UnfoldingIsBounded) {
    EXPECT_EQ(closed_by("DTSTART;VALUE=DATE:00010101\nDTEND;VALUE=DATE:99991231\n").size(), 25933U) << "1990 to 2060";
    std::string file = "BEGIN:VCALENDAR\n";
    for (int i = 0; i < 400; ++i) file += "BEGIN:VEVENT\nDTSTART;VALUE=DATE:19900101\nRRULE:FREQ=DAILY\nEND:VEVENT\n";
    EXPECT_EQ(holidays_of(file + "END:VCALENDAR\n").error().what,
              "line 388: RRULE: the rules of this file come to too many days");
}

}  // namespace
}  // namespace tocsin::sla
