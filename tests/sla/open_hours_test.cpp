#include "making.hpp"

namespace tocsin::sla {
namespace {

using namespace std::chrono_literals;

TEST(OpenHours, AreSeveralStretchesOfADay) {
    EXPECT_EQ(parse_open_hours("09:00-12:30 13:30-18:00").value(),
              (std::vector<OpenHours>{{9h, 12h + 30min}, {13h + 30min, 18h}}));
    EXPECT_EQ(parse_open_hours("9:00-24:00").value(), (std::vector<OpenHours>{{9h, 24h}}));
    EXPECT_EQ(parse_open_hours("00:00-12:00  12:00-24:00").value().size(), 2U);
}

TEST(OpenHours, RefuseWhatIsNoTimeOfADay) {
    for (const char* text :
         {"", " ", "9-17", "09:00", "09:00-", "09:00-25:00", "09:00-24:01", "09:60-10:00", "09:00-12:5", "009:00-12:00",
          "09:00-12:00-13:00", "+9:00-12:00", "09:00-12:00,13:00-14:00", "a:bc-12:00"}) {
        EXPECT_FALSE(parse_open_hours(text)) << text;
    }
}

TEST(OpenHours, SayWhyNightsAndOverlapsAreRefused) {
    EXPECT_EQ(parse_open_hours("22:00-06:00").error().what,
              "'22:00-06:00' closes before it opens; hours past midnight belong to the next day");
    EXPECT_EQ(parse_open_hours("09:00-12:00 11:59-13:00").error().what,
              "'11:59-13:00' begins before the open hours ahead of it end");
    EXPECT_FALSE(parse_open_hours("09:00-09:00"));
    EXPECT_FALSE(parse_open_hours("13:00-14:00 09:00-10:00"));
}

TEST(Weekdays, AreOneOrARange) {
    EXPECT_EQ(parse_weekdays("mon").value(), (std::vector<unsigned>{0}));
    EXPECT_EQ(parse_weekdays("mon-thu").value(), (std::vector<unsigned>{0, 1, 2, 3}));
    EXPECT_EQ(parse_weekdays("Sat-Sun").value(), (std::vector<unsigned>{5, 6}));
    EXPECT_EQ(parse_weekdays("sat-mon").value(), (std::vector<unsigned>{5, 6, 0}));
    EXPECT_EQ(parse_weekdays("wed-wed").value(), (std::vector<unsigned>{2}));
}

TEST(Weekdays, RefuseOtherWords) {
    for (const char* text : {"", "monday", "mon-", "-mon", "mon-tue-wed", "mo", "1"}) {
        EXPECT_FALSE(parse_weekdays(text)) << text;
    }
    EXPECT_NE(parse_weekdays("mon-fryday").error().what.find("'fryday'"), std::string::npos);
}

}  // namespace
}  // namespace tocsin::sla
