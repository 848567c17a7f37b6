#include "mail/automatic/absence.hpp"

#include <gtest/gtest.h>

namespace tocsin::mail {
namespace {

TEST(TheEndOfAnAbsence, IsTheDayThatIsNamed) {
    const struct {
        const char* text;
        NamedDay day;
    } cases[] = {
        {"I am out of the office until 27 November 2026.", {2026, 11, 27, false}},
        {"I'm away from 2026-11-20 until 2026-11-27, back in the new week.", {2026, 11, 27, false}},
        {"I will be back on December 1st, 2026. Call 555-1234.", {2026, 12, 1, true}},
        {"Ich bin bis zum 1.12.2026 nicht im Büro.", {2026, 12, 1, false}},
        {"Ich bin bis einschließlich 4. Dezember abwesend. Ab dem 7.12. bin ich wieder da.", {0, 12, 7, true}},
        {"Ich bin ab dem 23.11. wieder zurück", {0, 11, 23, true}},
        {"On leave through the 3rd of March", {0, 3, 3, false}},
        {"Je suis absent jusqu'au 14 juillet 2026", {2026, 7, 14, false}},
        {"Estoy fuera hasta el 3 de enero de 2027", {2027, 1, 3, false}},
        {"Away until 13/12/2026.", {2026, 12, 13, false}},
        {"Away until 12/24/2026.", {2026, 12, 24, false}},
        {"Automatic reply: vacation (Nov 30)", {0, 11, 30, false}},
        {"Back on January 5", {0, 1, 5, true}},
        {"Away until 3 February 2027.", {2027, 2, 3, false}},
    };
    for (const auto& one : cases) EXPECT_EQ(one.day, end_of_absence(one.text)) << one.text;
}

TEST(TheEndOfAnAbsence, IsNotFoundInOtherNumbers) {
    for (const char* text : {"", "I am away, call 24/7 on 555 12 34.", "Version 2.1 is out", "until 99.99.2026",
                             "may I ask you to wait", "RFC 3834 section 2.1.3"})
        EXPECT_EQ(std::nullopt, end_of_absence(text)) << text;
}

}  // namespace
}  // namespace tocsin::mail
