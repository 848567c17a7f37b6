// A member's words on their way to the reporter: whether they are meant for her, what keeps them here, and the mail
// that takes them there (INTERFACES section 6). Pure.
#pragma once

#include <string>
#include <vector>

#include "intake/team/authority.hpp"
#include "intake/team/commanding.hpp"
#include "intake/team/team_answers.hpp"

namespace tocsin::intake {

// Words, or a file by itself.
bool says_something(const Examination& examination);

// Its newly written words answer the conversation, nobody said that they stay inside, and she has not got them yet.
bool is_meant_for_reporter(const Examination& examination, const TicketView& view, const Organisation& organisation);

// Whether they would go to her, if nothing speaks against it: then they have to be compared with what only the team
// has seen.
bool would_relay(const Examination& examination, const TicketView& view, const Authority& authority,
                 const Organisation& organisation);

// Why words that are meant for her stay here, for the member who wrote them; empty when nothing speaks against it.
// `done` is what the same mail commands.
std::string why_not_relayed(const Examination& examination, const TicketView& view, const CarriedOut& done);

// One mail for all that the member's mail brought, her words among it when it `relays`: to the reporter first, then the
// same to each in copy. None where there is nothing to tell. `about.ticket` is there.
std::vector<Recipe> mail_of_what_was_done(const TeamAnswer& about, const TicketView& view, const CarriedOut& done,
                                          bool relays);

}  // namespace tocsin::intake
