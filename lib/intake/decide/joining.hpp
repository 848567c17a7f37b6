// What a mail does to the ticket that it belongs to: it joins it or is held, ends a wait, proposes an embargo. Pure.
#pragma once

#include <optional>

#include "intake/decide/decide.hpp"

namespace tocsin::intake {

// `decision` says what the mail is, and whether it is held.
void join_ticket(Decision& decision, const OpenTicket& joined, const std::optional<mail::Address>& author,
                 const Examination& examination, const Arrival& arrival, Instant now);

// What her words say of her own silence is a proposal: the team agrees to it by /embargo, or does not. Of an encrypted
// mail nothing of the kind is kept.
void propose_embargo(Decision& decision, OpenTicket& open, const Examination& examination, const Arrival& arrival,
                     Instant now);

}  // namespace tocsin::intake
