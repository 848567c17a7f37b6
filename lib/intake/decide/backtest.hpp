// A mail decided again with another rule set, held against what was decided then and what the team made of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cvd/agreement.hpp"
#include "intake/decide/decide.hpp"
#include "intake/examine/examination.hpp"
#include "store/journal.hpp"
#include "store/ratings.hpp"
#include "store/tickets.hpp"

namespace tocsin::intake {

struct Outcome {
    std::string kind;
    bool acknowledged = false;
    std::optional<cvd::Severity> severity;
    int score = 0;
    std::vector<std::string> rules{};  // that hit; of what was decided then nobody kept them

    friend bool operator==(const Outcome& a, const Outcome& b) {
        return a.kind == b.kind && a.acknowledged == b.acknowledged && a.severity == b.severity;
    }
};

struct Replayed {
    JournalId journal{0};
    Instant received;
    std::string ticket;  // its number, or empty
    std::optional<Outcome> before;
    Outcome after;
    std::optional<cvd::Severity> team;  // of a mail that opened a ticket which the team has rated
    bool changed() const { return before && !(*before == after); }
};

Outcome outcome_of(const Decision& decision);
Outcome outcome_of(const store::Rating& rating);

// Decides as it was decided then: with the view that was recorded, and the time.
Result<Replayed> replay(const store::JournalEntry& entry, const Examination& examination, const store::Rating& recorded,
                        const rules::RuleSet& rule_set, const Organisation& organisation, const MailboxRules& mailbox);

// The severity that a team gave a ticket in the end: told by a member, or left as it was when a member triaged it.
std::optional<cvd::Severity> severity_by_team(const std::vector<store::HistoryLine>& history);

// Of many.
struct Sums {
    std::int64_t mails = 0;
    std::int64_t changed = 0;
    std::int64_t raised = 0;
    std::int64_t lowered = 0;
    std::int64_t other_kind = 0;
    std::int64_t acknowledged_now = 0;                                           // and not then
    std::int64_t not_acknowledged_now = 0;                                       // but then
    std::map<std::pair<cvd::Severity, cvd::Severity>, std::int64_t> severities;  // before, after
    cvd::Agreement before;  // with the team, of the tickets that it rated
    cvd::Agreement after;
};
void count(Sums& sums, const Replayed& one);

}  // namespace tocsin::intake
