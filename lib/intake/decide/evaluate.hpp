// A mail rated by the rules under the policy of its mailbox. Pure.
#pragma once

#include "intake/decide/organisation.hpp"
#include "intake/decide/ticket_view.hpp"
#include "intake/examine/examination.hpp"
#include "rules/rule_set.hpp"

namespace tocsin::intake {

// A policy that a mailbox names was checked at start; one that is gone since is a bug, and throws.
const rules::Policy& policy_of(const rules::RuleSet& rule_set, const MailboxRules& mailbox);

// `answers` are those of the whole mail, or of what of it is in the clear.
rules::Evaluation evaluate(const Examination& examination, const rules::Answers& answers, const TicketView& view,
                           const rules::RuleSet& rule_set, const rules::Policy& policy);

}  // namespace tocsin::intake
