#include "intake/examine/report_facts.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace tocsin::intake {
namespace {

using Texts = std::vector<std::string>;

TEST(ReportFacts, FindsEachCveOnce) {
    const auto facts = find_report_facts(
        "See CVE-2021-44228, cve-2021-45046; again CVE-2021-44228. (CVE-2026-1234567)\nCVE-2014-0160");
    EXPECT_EQ((Texts{"CVE-2021-44228", "CVE-2021-45046", "CVE-2026-1234567", "CVE-2014-0160"}), facts.cve);
}

TEST(ReportFacts, TakesNothingThatOnlyLooksLikeACve) {
    const auto facts = find_report_facts(
        "CVE-2021-123 CVE-21-44228 CVE-2021_44228 XCVE-2021-44228 CVE-20211-4422 CVE- CVE-2021 CVE-2021- CVE-2021-"
        "12345678901234567890");
    EXPECT_EQ(Texts{}, facts.cve);
}

TEST(ReportFacts, FindsWeaknessClasses) {
    EXPECT_EQ((Texts{"CWE-79", "CWE-1321"}),
              find_report_facts("CWE-79 (cwe-79), CWE-1321: x, MCWE-5, CWE-, CWE-123456").cwe);
}

TEST(ReportFacts, FindsLinksWithoutWhatTheSentenceAdds) {
    EXPECT_EQ((Texts{"https://acme.test/a?b=c&d=(e)f", "HTTP://ACME.test", "http://x.test/y"}),
              find_report_facts(
                  "(see https://acme.test/a?b=c&d=(e)f), HTTP://ACME.test! or <http://x.test/y>; http:// https://.")
                  .urls);
}

TEST(ReportFacts, FindsWhatStandsInALink) {
    const auto facts = find_report_facts("https://nvd.test/vuln/detail/CVE-2021-44228");
    EXPECT_EQ(Texts{"CVE-2021-44228"}, facts.cve);
    EXPECT_EQ(Texts{"https://nvd.test/vuln/detail/CVE-2021-44228"}, facts.urls);
}

TEST(ReportFacts, EndsAtTheEndOfTheText) {
    for (const char* text :
         {"", "C", "CVE", "CVE-", "CVE-2021", "CVE-2021-", "CVE-2021-1", "CWE-", "h", "http://", "https:/"}) {
        const auto facts = find_report_facts(text);
        EXPECT_TRUE(facts.cve.empty() && facts.cwe.empty() && facts.urls.empty()) << text;
    }
}

TEST(ReportFacts, KeepsAHundredOfEachAtMost) {
    std::string text;
    for (int i = 0; i < 1'000; ++i)
        text += "CVE-2026-" + std::to_string(10'000 + i) + " CWE-" + std::to_string(i) + " http://x.test/" +
                std::to_string(i) + " ";
    const auto facts = find_report_facts(text);
    EXPECT_EQ(100u, facts.cve.size());
    EXPECT_EQ(100u, facts.cwe.size());
    EXPECT_EQ(100u, facts.urls.size());
    EXPECT_EQ("CVE-2026-10000", facts.cve.front());
}

TEST(ReportFacts, LeavesOutALinkWithoutEnd) {
    EXPECT_EQ(Texts{}, find_report_facts("https://x.test/" + std::string(100'000, 'a')).urls);
    EXPECT_EQ(1u, find_report_facts("https://x.test/" + std::string(1'900, 'a')).urls.size());
}

TEST(ReportFacts, TakeALinkWithinALinkForPartOfIt) {
    const auto facts = find_report_facts("see https://a.test/?to=https://b.test/x and https://c.test");
    EXPECT_EQ((std::vector<std::string>{"https://a.test/?to=https://b.test/x", "https://c.test"}), facts.urls);
}

TEST(ReportFacts, OutlastAMebibyteOfLinksWithoutASpace) {
    std::string text;
    while (text.size() < (std::size_t{1} << 20)) text += "http://";
    EXPECT_EQ(std::vector<std::string>{"https://c.test"}, find_report_facts(text + " https://c.test").urls);
}

}  // namespace
}  // namespace tocsin::intake
