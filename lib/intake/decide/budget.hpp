// How much automatic mail people outside get: nobody may use us to send mail to somebody else.
//
// Spent in the transaction that queues the mail; mail to the team and words of its members have no budget.
#pragma once

#include <optional>

#include "intake/decide/organisation.hpp"
#include "intake/outgoing/message_ids.hpp"
#include "intake/outgoing/recipe.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

// Whether the mail is of the kind that has a budget: what a program sends to somebody outside in answer to a mail.
bool has_a_budget(const Recipe& recipe);
bool is_an_acknowledgement(const Recipe& recipe);

struct Allowance {
    bool none = false;                    // it does not go out
    bool together = false;                // the sender has had her daily number: told in one mail with others
    std::optional<Instant> not_before{};  // when domain and total have room; nothing: at once
};
// `ticket` is the one that the mail tells of.
Allowance allowance_for(const store::Store& store, const Recipe& recipe, std::optional<TicketId> ticket,
                        const Organisation& organisation, Instant now);
void spend_on(store::Store& store, const Recipe& recipe, Instant at);

// The mails that tell of several reports at once. Within a store::Transaction of the caller. Returns how many.
std::size_t acknowledge_together(store::Store& store, const Organisation& organisation, const MessageIds& ids,
                                 Instant now);
std::optional<Instant> next_acknowledged_together(const store::Store& store);

}  // namespace tocsin::intake
