// What we write back to a member: transcripts and questions; and what her colleagues see of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "intake/commanding.hpp"
#include "intake/recipe.hpp"

namespace tocsin::intake {

struct TeamAnswer {
    const Examination& examination;
    const Organisation& organisation;
    const Member& member;
    const OpenTicket* ticket = nullptr;  // as it is afterwards; nothing: about none
    const Arrival& arrival;
    Instant now;
};

Recipe transcript(const TeamAnswer& about, const CarriedOut& done, const std::vector<std::string>& sent,
                  std::optional<Instant> held_until, const std::string& why_not);

// `shown` is a colleague's mail whose words are shown in it.
Recipe question(const TeamAnswer& about, const CarriedOut& asked, bool relays, const std::string& why,
                std::optional<JournalId> shown = {});

// Each other member sees the words, as a notice that she can answer like any other.
enum class Words { Relayed, Noted, Direct };
std::vector<Recipe> copies(const TeamAnswer& about, const TicketView& view, Words words);

}  // namespace tocsin::intake
