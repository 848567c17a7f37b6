#include "cvd/stated_embargo.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tocsin::cvd {
namespace {

const sla::Zone& berlin() {
    static const sla::Zone zone = sla::Zone::load("Europe/Berlin").value();
    return zone;
}

const Instant friday = *from_rfc3339("2026-03-06T15:30:00+01:00");

std::string until(const std::string& text) {
    const auto date = embargo_from(stated_embargo(text), friday, berlin());
    return date ? to_rfc3339(*date) : "";
}

TEST(StatedEmbargo, IsReadFromWhatAReporterWrites) {
    for (const auto& [text, date] : {
             std::pair{"I will keep this private until 1 May 2026.", "2026-05-01T15:00:00Z"},
             std::pair{"We plan to publish our findings on June 4th, 2026.", "2026-06-04T15:00:00Z"},
             std::pair{"Embargo: 2026-04-15", "2026-04-15T15:00:00Z"},
             std::pair{"Disclosure date: 2026-04-15", "2026-04-15T15:00:00Z"},
             std::pair{"I intend to disclose this publicly\non 15 April 2026 at a conference.", "2026-04-15T15:00:00Z"},
             std::pair{"This is subject to a 90-day disclosure deadline.", "2026-06-04T15:00:00Z"},
             std::pair{"I will publish a blog post in 30 days.", "2026-04-05T15:00:00Z"},
             std::pair{"We go public after 12 weeks.", "2026-05-29T15:00:00Z"},
             std::pair{"Ich werde das bis zum 1. Mai vertraulich behandeln.", "2026-05-01T15:00:00Z"},
             std::pair{"Eine Veröffentlichung ist für den 1.6.2026 geplant.", "2026-06-01T15:00:00Z"},
             std::pair{"Ich veröffentliche nach 90 Tagen.", "2026-06-04T15:00:00Z"},
             std::pair{"I will not publish before 2 January.", "2027-01-02T16:00:00Z"},
             std::pair{"I publish on 1 June 2026, unless you need until 1 May 2026 only.", "2026-05-01T15:00:00Z"},
         })
        EXPECT_EQ(date, until(text)) << text;
}

TEST(StatedEmbargo, IsNotReadFromOtherDates) {
    for (const char* text :
         {"The certificate expires on 1 May 2026.", "I found it on 1 March 2026 and disclose it to you today.",
          "CVE-2026-1234 was published on 2026-01-12.",
          "The session token stays valid for 30 days: information disclosure.",
          "Passwords are disclosed in 14 days old backups.", "An attacker can publish posts for 30 days.",
          "I will publish on 04/05/2026.", "Published packages are kept 90 days.", "Let me know until 1 May 2026.",
          "I will publish on 1 May 2029.", "I disclose nothing.", "The public API has a limit of 30 days.", ""})
        EXPECT_EQ("", until(text)) << text;
}

TEST(StatedEmbargo, KeepsTenAtMostOfALongMail) {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += "I publish on 1 May 2026. ";
    EXPECT_EQ(10u, stated_embargo(text).size());
}

}  // namespace
}  // namespace tocsin::cvd
