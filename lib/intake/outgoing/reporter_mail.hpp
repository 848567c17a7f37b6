// What the reporter of a ticket is told when something happens to it: one mail for all that one cause brought.
//
// Nothing in it came out of a decryption, no word in it is a stranger's, and it names no other ticket.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "intake/decide/organisation.hpp"
#include "intake/decide/ticket_view.hpp"
#include "intake/outgoing/recipe.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

ReporterThread thread_with_reporter(const store::Store& store, TicketId ticket);

struct Tidings {
    std::vector<cvd::Event> events;     // what happened, in its order; those that she is not told of do not matter
    std::optional<Instant> eta_before;  // what EtaSet replaced
    std::string words;                  // a member's, which go out in the same mail; empty: none
    std::string signature;              // the member's name under them; empty: none
    std::string subject;                // of a mail that is words alone: the conversation's
    std::string occasion;               // makes it unique, "journal 12"
};

// `after` is the ticket as the events left it. With words alone it is a `relay`. Nothing where she is told of none
// of it (spam is never told), or where there is nobody to write to.
std::optional<Recipe> mail_to_reporter(const OpenTicket& after, const Tidings& tidings, const ReporterThread& thread,
                                       const Organisation& organisation, Instant now);

// How it stands, without details: the answer to her `status`.
std::optional<Recipe> status_to_reporter(const OpenTicket& ticket, const std::string& occasion,
                                         const ReporterThread& thread, const Organisation& organisation, Instant now);

// Whether that is all that she wrote: `status`, in any case, with or without a mark behind it.
bool asks_for_status(std::string_view reply_text);

}  // namespace tocsin::intake
