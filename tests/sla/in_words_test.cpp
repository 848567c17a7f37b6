#include "making.hpp"
#include "sla/deadline.hpp"

namespace tocsin::sla {
namespace {

TEST(InWords, TellsADeadlineToAPerson) {
    const Instant at = instant("2026-11-23T09:00:00Z");
    EXPECT_EQ(in_words(at, zone("Europe/Berlin"), "en"), "Monday, 23 November 2026, 10:00 CET");
    EXPECT_EQ(in_words(at, zone("Europe/Berlin"), "de"), "Montag, 23. November 2026, 10:00 Uhr CET");
    EXPECT_EQ(in_words(at, Zone::utc(), "en"), "Monday, 23 November 2026, 09:00 UTC");
}

TEST(InWords, KnowsSummerAndUmlauts) {
    EXPECT_EQ(in_words(instant("2026-03-31T23:05:59.999999+02:00"), zone("Europe/Berlin"), "de"),
              "Dienstag, 31. März 2026, 23:05 Uhr CEST");
    EXPECT_EQ(in_words(instant("2026-05-02T00:00:00+02:00"), zone("Europe/Berlin"), "en"),
              "Saturday, 2 May 2026, 00:00 CEST");
}

TEST(InWords, TakesRegionsAndFallsBackToEnglish) {
    const Instant at = instant("2026-11-23T09:00:00Z");
    EXPECT_EQ(in_words(at, Zone::utc(), "de-AT"), in_words(at, Zone::utc(), "de"));
    EXPECT_EQ(in_words(at, Zone::utc(), "DE_at"), in_words(at, Zone::utc(), "de"));
    for (const char* other : {"", "fr", "den", "d", "-"}) {
        EXPECT_EQ(in_words(at, Zone::utc(), other), in_words(at, Zone::utc(), "en")) << other;
    }
}

TEST(InWords, SaysUtcWhereAZoneHasANumberForAName) {
    const Instant at = instant("2026-07-01T09:00:00Z");
    EXPECT_EQ(in_words(at, zone("Europe/Istanbul"), "en"), "Wednesday, 1 July 2026, 12:00 UTC+03");
    EXPECT_EQ(in_words(at, zone("Asia/Kathmandu"), "en"), "Wednesday, 1 July 2026, 14:45 UTC+05:45");
    EXPECT_EQ(in_words(at, zone("America/Sao_Paulo"), "en"), "Wednesday, 1 July 2026, 06:00 UTC-03");
}

}  // namespace
}  // namespace tocsin::sla
