#include "intake/decide/backtest.hpp"

#include "intake/decide/recorded_view.hpp"

namespace tocsin::intake {

Outcome outcome_of(const Decision& decision) {
    Outcome outcome{decision.kind, acknowledges(decision), {}, 0, {}};
    if (!decision.evaluation) return outcome;
    outcome.severity = decision.evaluation->severity;
    outcome.score = decision.evaluation->score;
    for (const rules::Hit& hit : decision.evaluation->hits) outcome.rules.push_back(hit.rule);
    return outcome;
}

Outcome outcome_of(const store::Rating& rating) {
    return {rating.kind, rating.acknowledged, rating.severity, rating.score, {}};
}

Result<Replayed> replay(const store::JournalEntry& entry, const Examination& examination, const store::Rating& recorded,
                        const rules::RuleSet& rule_set, const Organisation& organisation, const MailboxRules& mailbox) {
    MailboxRules as_then = mailbox;
    if (rule_set.policy(recorded.policy) != nullptr) as_then.policy = recorded.policy;
    const auto view = view_from_json(recorded.view, rule_set, as_then.policy);
    if (!view) return tl::unexpected{view.error()};
    const Arrival arrival{.journal = entry.id,
                          .received = recorded.received,
                          .baseline = entry.state == store::EntryState::Baseline,
                          .acknowledge = entry.acknowledge};
    const Decision decision = decide(examination, *view, rule_set, organisation, as_then, arrival, recorded.received);
    Replayed result{entry.id, recorded.received, {}, outcome_of(recorded), outcome_of(decision), {}};
    return result;
}

std::optional<cvd::Severity> severity_by_team(const std::vector<store::HistoryLine>& history) {
    cvd::Ticket ticket;
    std::optional<cvd::Severity> found;
    for (const store::HistoryLine& line : history) {
        cvd::apply(ticket, line.event);
        const bool by_a_member = line.event.actor != "tocsin" && line.event.actor != "reporter" &&
                                 line.event.actor != "outside" && !line.event.actor.empty();
        if (!by_a_member) continue;
        switch (line.event.kind) {
            case cvd::EventKind::Rated:
            case cvd::EventKind::Triaged:
            case cvd::EventKind::Evaluated:
            case cvd::EventKind::Identified:
                found = ticket.severity;
                break;
            default:
                break;
        }
    }
    return found;
}

void count(Sums& sums, const Replayed& one) {
    ++sums.mails;
    if (one.changed()) {
        ++sums.changed;
        if (one.before->kind != one.after.kind) ++sums.other_kind;
        if (one.after.acknowledged && !one.before->acknowledged) ++sums.acknowledged_now;
        if (!one.after.acknowledged && one.before->acknowledged) ++sums.not_acknowledged_now;
    }
    if (one.before && one.before->severity && one.after.severity) {
        ++sums.severities[{*one.before->severity, *one.after.severity}];
        if (*one.after.severity > *one.before->severity) ++sums.raised;
        if (*one.after.severity < *one.before->severity) ++sums.lowered;
    }
    if (!one.team) return;
    if (one.before && one.before->severity) sums.before.add(*one.team, *one.before->severity);
    if (one.after.severity) sums.after.add(*one.team, *one.after.severity);
}

}  // namespace tocsin::intake
