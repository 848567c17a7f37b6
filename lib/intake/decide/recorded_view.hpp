// What the store knew of a mail when it was decided, kept beside it, so that it can be decided again as it was then.
//
// Ids, numbers and flags alone: no word of the mail. A ticket is kept by its number and state; its policy is looked up
// again.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "intake/decide/decision.hpp"
#include "intake/decide/ticket_view.hpp"
#include "store/ratings.hpp"

namespace tocsin::intake {

std::string to_json(const TicketView& view);
Result<TicketView> view_from_json(std::string_view json, const rules::RuleSet& rule_set, std::string_view policy);

// Whether the decision answers somebody outside.
bool acknowledges(const Decision& decision);
store::Rating rating_of(const Decision& decision, const TicketView& view, const std::string& policy,
                        const std::string& rules_hash, Instant received);

}  // namespace tocsin::intake
