#include "sla/span.hpp"

#include <gtest/gtest.h>

namespace tocsin::sla {
namespace {

TEST(Span, IsReadAsAPolicySaysIt) {
    EXPECT_EQ(parse_span("90 minutes").value(), (Span{90, Unit::Minute}));
    EXPECT_EQ(parse_span("1 hour").value(), (Span{1, Unit::Hour}));
    EXPECT_EQ(parse_span("2 business hours").value(), (Span{2, Unit::BusinessHour}));
    EXPECT_EQ(parse_span("7 days").value(), (Span{7, Unit::Day}));
    EXPECT_EQ(parse_span("3 business days").value(), (Span{3, Unit::BusinessDay}));
    EXPECT_EQ(parse_span("  1\tBusiness   Day ").value(), (Span{1, Unit::BusinessDay}));
    EXPECT_EQ(parse_span("1 days").value(), (Span{1, Unit::Day}));
}

TEST(Span, IsWrittenAsItIsRead) {
    for (const char* text :
         {"90 minutes", "1 minute", "1 hour", "2 business hours", "1 business hour", "7 days", "1 business day"}) {
        EXPECT_EQ(to_text(parse_span(text).value()), text);
    }
}

TEST(Span, RefusesWhatIsNone) {
    for (const char* text :
         {"", "3", "days", "three days", "-1 days", "0 hours", "1.5 hours", "3 business", "3 business weeks",
          "3 business minutes", "3days", "3 days 4 hours", "99999999999999999999 days"}) {
        EXPECT_FALSE(parse_span(text)) << text;
    }
}

TEST(Span, SaysWhatIsWrongAndWhatIsAccepted) {
    EXPECT_EQ(parse_span("3 buisness days").error().what,
              "unknown unit of time 'buisness days'; did you mean 'business days'?");
    const Error error = parse_span("3 fortnights").error();
    EXPECT_NE(error.what.find("'fortnights'"), std::string::npos) << error.what;
    EXPECT_NE(error.what.find("business hours"), std::string::npos) << error.what;
    EXPECT_EQ(error.code, Code::Configuration);
    EXPECT_EQ(error.permanence, Permanence::Permanent);
}

TEST(Span, EndsAtAHundredYears) {
    EXPECT_TRUE(parse_span("36525 days"));
    EXPECT_EQ(parse_span("36526 days").error().code, Code::Limit);
    EXPECT_EQ(parse_span("9223372036854775807 minutes").error().code, Code::Limit);
}

}  // namespace
}  // namespace tocsin::sla
