// What the team is told of because a mail shows it, once each: our own mail comes back, very many come from one
// address, a mail of ours is called abuse, a member bares what was encrypted. Nothing where there is nothing to tell.
#pragma once

#include <vector>

#include "intake/decide/organisation.hpp"
#include "intake/decide/ticket_view.hpp"
#include "intake/examine/examination.hpp"
#include "intake/outgoing/recipe.hpp"

namespace tocsin::intake {

// For each ticket once.
std::vector<Recipe> alarm_of_a_loop(const TicketView& view, const Organisation& organisation);
// For each mail of ours once (RFC 5965).
std::vector<Recipe> alarm_of_a_complaint(const Examination& examination, const TicketView& view,
                                         const Organisation& organisation);
// For each ticket and member once: she quotes in the clear what came encrypted.
std::vector<Recipe> alarm_of_bared_words(const std::string& number, const Member& member,
                                         const Organisation& organisation);
// When the first one joins, and at every power of ten.
std::vector<Recipe> alarm_of_a_flood(const TicketView& view, const Organisation& organisation);
// The same of mail that a stranger sends to one ticket; `sender` is his address.
std::vector<Recipe> alarm_of_many_held(const TicketView& view, const std::string& sender,
                                       const Organisation& organisation);

}  // namespace tocsin::intake
