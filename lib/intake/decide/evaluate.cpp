#include "intake/decide/evaluate.hpp"

#include <algorithm>
#include <stdexcept>

namespace tocsin::intake {

const rules::Policy& policy_of(const rules::RuleSet& rule_set, const MailboxRules& mailbox) {
    const rules::Policy* policy = rule_set.policy(mailbox.policy);
    if (policy == nullptr) throw std::logic_error{"the policy of a mailbox is missing"};
    return *policy;
}

rules::Evaluation evaluate(const Examination& examination, const rules::Answers& answers, const TicketView& view,
                           const rules::RuleSet& rule_set, const rules::Policy& policy) {
    rules::Evaluation evaluation = rule_set.evaluate(answers,
                                                     {.thread_known = view.thread.has_value(),
                                                      .reporter_reports = view.reporter_reports,
                                                      .reporter_valid = view.reporter_valid,
                                                      .kind = {}},
                                                     policy);
    // Nobody knows how bad a report is that could not be read.
    if (examination.unreadable && policy.levels.unreadable)
        evaluation.severity = std::max(evaluation.severity, *policy.levels.unreadable);
    return evaluation;
}

}  // namespace tocsin::intake
