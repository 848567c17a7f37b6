// A rule and a test of rules, as files write them (INTERFACES section 4).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "cvd/severity.hpp"
#include "rules/conditions/condition.hpp"
#include "rules/mistake.hpp"

namespace tocsin::rules {

struct Rule {
    std::string id;
    std::string why;
    std::string policy;            // the one in whose file it stands; empty: every one
    std::set<std::string> not_in;  // policies that disable it
    int score = 0;
    std::optional<cvd::Severity> floor;
    std::optional<cvd::Severity> cap;
    std::vector<std::string> tags;
    std::optional<std::string> kind;
    std::optional<std::string> language;
    std::optional<std::string> acknowledgement;
    bool acknowledge = true;
    std::optional<std::string> signal;  // of automatic mail: "bounce", "auto-reply", "bulk", "machine", "unattended"
    bool of_the_outside = false;        // asks for nothing that an encryption may have hidden
    Program condition;
};

// What a [[test]] table says a mail becomes.
struct RuleTest {
    struct Expectation {
        std::optional<std::string> kind;
        std::optional<cvd::Severity> severity;
        std::optional<int> score;
        std::vector<std::string> rules;      // these hit
        std::vector<std::string> not_rules;  // these do not
        std::vector<std::string> tags;
        std::vector<std::string> present;  // elements
        std::vector<std::string> missing;
        std::optional<bool> acknowledge;
        std::map<std::string, Instant> due;  // by clock
    };
    std::string name;
    std::string mail;  // whole, with CRLF line ends
    std::optional<Instant> at;
    std::string policy = "default";
    Expectation expect;
    Place place;
};

}  // namespace tocsin::rules
