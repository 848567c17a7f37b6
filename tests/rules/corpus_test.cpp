// How the shipped rules rate real reports: on the half that the scores were not fitted to.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/digest.hpp"
#include "base/file.hpp"
#include "rules_folder.hpp"

namespace tocsin::rules {
namespace {

struct Agreement {
    std::array<std::array<int, 4>, 4> counts{};  // as the team rated it, as the rules do

    int sum(int least, int most) const {  // of those that are this many levels apart
        int total = 0;
        for (int team = 0; team < 4; ++team)
            for (int ours = 0; ours < 4; ++ours)
                if (std::abs(team - ours) >= least && std::abs(team - ours) <= most)
                    total += counts[static_cast<std::size_t>(team)][static_cast<std::size_t>(ours)];
        return total;
    }
    double exact() const { return 1.0 * sum(0, 0) / sum(0, 3); }
    double within_one() const { return 1.0 * sum(0, 1) / sum(0, 3); }
    double critical_seen() const {
        const auto& critical = counts[3];
        return 1.0 * (critical[2] + critical[3]) / std::max(1, critical[0] + critical[1] + critical[2] + critical[3]);
    }
    double macro_f1() const {
        double total = 0;
        for (std::size_t level = 0; level < 4; ++level) {
            int team = 0, ours = 0;
            for (std::size_t other = 0; other < 4; ++other) team += counts[level][other], ours += counts[other][level];
            if (team + ours > 0) total += 2.0 * counts[level][level] / (team + ours);
        }
        return total / 4;
    }
};

std::size_t level_of(const std::string& severity) {
    const auto known = cvd::severity_from(severity);  // "none" is low to us
    return known ? static_cast<std::size_t>(*known) : 0;
}

std::array<Agreement, 2> rate_corpus(const std::filesystem::path& folder) {
    Mistakes mistakes;
    const auto rules = RuleSet::load({{std::filesystem::path{TOCSIN_SOURCE_DIR} / "rules"}, {"en", "de"}}, mistakes);
    if (!rules) throw std::runtime_error{mistakes.to_text()};
    std::array<Agreement, 2> halves;
    std::ifstream labels{folder / "labels.jsonl"};
    for (std::string line; std::getline(labels, line);) {
        const auto label = nlohmann::json::parse(line);
        const std::string name = label.at("file");
        const auto bytes = read_file(folder / name);
        if (!bytes) throw std::runtime_error{bytes.error().what};
        const TestedMail mail = read_plainly(*rules, *bytes, *rules->policy("default"));
        Agreement& half = halves[sha256(name)[0] & 1U];
        ++half.counts[level_of(label.at("severity"))][static_cast<std::size_t>(mail.evaluation.severity)];
    }
    return halves;
}

TEST(Corpus, TheShippedRulesRateReportsThatTheyWereNotFittedTo) {
    const char* corpora = std::getenv("TOCSIN_CORPORA");
    if (corpora == nullptr) GTEST_SKIP() << "TOCSIN_CORPORA is not set";
    const auto halves = rate_corpus(std::filesystem::path{corpora} / "reports");
    for (const std::size_t half : {0u, 1u}) {
        const Agreement& found = halves[half];
        std::printf("%s: exact %.3f, macro F1 %.3f, within one %.3f, critical seen as high or critical %.3f\n",
                    half == 0 ? "fitted  " : "held out", found.exact(), found.macro_f1(), found.within_one(),
                    found.critical_seen());
    }
    // What is reached, less a hair; a change of the rules that falls below it made them worse. Always saying medium
    // reaches 0.41 exact, 0.14 macro F1 and sees no critical one.
    EXPECT_GE(halves[1].exact(), 0.53);
    EXPECT_GE(halves[1].macro_f1(), 0.44);
    EXPECT_GE(halves[1].within_one(), 0.90);
    EXPECT_GE(halves[1].critical_seen(), 0.70);
}

}  // namespace
}  // namespace tocsin::rules
