// What 300 rules cost over 8 KB of text: the shipped ones and as many more of the same kind as it takes. Prints the CPU
// time of one look, in a process that has looked before and in one forked for it, as mail is examined; fails when the
// former takes longer than 200 us.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "intake/examine/examine.hpp"
#include "rules/rule_set.hpp"

namespace {

using namespace tocsin;

constexpr std::size_t rules_wanted = 300;
constexpr std::size_t text_bytes = 8 * 1024;
constexpr int rounds = 400;
constexpr double most_us = 200;

// Prose of a report, different in each paragraph, so that neither caches nor filters see the same words again.
std::string report() {
    const std::vector<std::string> who{"an attacker", "a logged-in user", "anybody on the network", "the mail gateway"};
    const std::vector<std::string> what{
        "can read the invoices of other customers through the export", "stores a file named a.php in the upload folder",
        "sends a second Host header to the front end", "changes the number in the address and sees the next order",
        "opens the page with a script in the search field"};
    std::string text =
        "Hello security team,\n\nI found a cross-site scripting vulnerability in https://portal.acme.test/search?q=1.\n"
        "Steps to reproduce:\n1. Open the link\n2. See the alert\nImpact: session cookies can be stolen.\n\n";
    for (std::size_t line = 0; text.size() < text_bytes; ++line)
        text += "In step " + std::to_string(line) + " of what I saw, " + who[line % who.size()] + " " +
                what[line % what.size()] + "; the server answered with status " + std::to_string(200 + line) +
                " after " + std::to_string(line * 7) + " ms, which the log of the application shows as well.\n";
    text.resize(text_bytes);
    return text;
}

// Rules of an administrator: alternatives, optional endings, some over the subject, some of two tests.
std::string more_rules(std::size_t count) {
    const std::vector<std::string> nouns{"ledger",  "turbine",  "voucher", "badge",   "tenant",
                                         "webhook", "firmware", "beacon",  "cluster", "notebook",
                                         "sensor",  "payroll",  "gateway", "archive", "kiosk"};
    std::string text;
    for (std::size_t n = 0; n < count; ++n) {
        const std::string& one = nouns[n % nouns.size()];
        const std::string& other = nouns[(n * 7 + 3) % nouns.size()];
        const std::string id = std::to_string(n);
        text += "[[rule]]\nid = 'more-" + id + "'\nwhy = 'Of the bench.'\nscore = 1\nwhen = '''" +
                (n % 5 == 0 ? "subject" : "text") + " ~ /\\b(" + one + "s? (number|name)? ?" + id + "|" + other +
                "[ -]" + id + "\\w*|(broken|missing) " + one + " " + other + " " + id + ")\\b/i" +
                (n % 3 == 0 ? " and not text contains \"harmless " + one + "\"" : "") + "'''\n\n";
    }
    return text;
}

double cpu_us() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double one_look(const rules::RuleSet& rules, const rules::MailFacts& facts) {
    const double before = cpu_us();
    const auto answers = rules.examine(facts);
    const double took = cpu_us() - before;
    return answers.tests.empty() ? 1e9 : took;
}

double median(std::vector<double> all) {
    std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2), all.end());
    return all[all.size() / 2];
}

double one_look_in_a_fork(const rules::RuleSet& rules, const rules::MailFacts& facts) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error{"pipe"};
    const pid_t child = fork();
    if (child == 0) {
        const double took = one_look(rules, facts);
        _exit(write(ends[1], &took, sizeof took) == sizeof took ? 0 : 1);
    }
    double took = 1e9;
    if (read(ends[0], &took, sizeof took) != sizeof took) throw std::runtime_error{"a child told nothing"};
    waitpid(child, nullptr, 0);
    close(ends[0]), close(ends[1]);
    return took;
}

}  // namespace

int main() {
    const std::filesystem::path shipped = std::filesystem::path{TOCSIN_SOURCE_DIR} / "rules";
    rules::Mistakes mistakes;
    const auto count = rules::RuleSet::load({{shipped}, {"en", "de"}}, mistakes).value().rules().size();
    const auto folder = std::filesystem::temp_directory_path() / ("tocsin-rules-bench-" + std::to_string(getpid()));
    std::filesystem::create_directory(folder);
    std::ofstream{folder / "more.toml"} << more_rules(rules_wanted > count ? rules_wanted - count : 0);
    const auto loaded = rules::RuleSet::load({{shipped, folder}, {"en", "de"}}, mistakes);
    std::filesystem::remove_all(folder);
    if (!loaded) return std::fputs(mistakes.to_text().c_str(), stderr), 1;
    intake::warm_up(*loaded, {});

    mail::Reading reading;
    reading.subject = "Cross-site scripting in the search";
    reading.text = report();
    const std::vector<std::string> urls{"https://portal.acme.test/search?q=1"}, none;
    rules::MailFacts facts{reading};
    facts.recipient = "security@acme.test";
    facts.urls = &urls;
    facts.cve = facts.cwe = &none;

    std::vector<double> forked, again;
    for (int round = 0; round < rounds / 8; ++round) forked.push_back(one_look_in_a_fork(*loaded, facts));
    for (int round = 0; round < rounds; ++round) again.push_back(one_look(*loaded, facts));
    const double took = median(again);
    std::printf("%zu rules over %zu bytes: %.0f us of CPU; the first look of a process of its own: %.0f us\n",
                loaded->rules().size(), reading.text.size(), took, median(forked));
    if (took <= most_us) return 0;
    std::printf("more than %.0f us\n", most_us);
    return 1;
}
