// What we write back to a member: transcripts and questions; and what her colleagues see of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "intake/outgoing/recipe.hpp"
#include "intake/team/authority.hpp"
#include "intake/team/commanding.hpp"

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

// Ends the occasion of a question that an unproven mail caused: those alone are counted.
inline constexpr std::string_view unproven_occasion = ", unproven";

// `shown` is a colleague's mail whose words are shown in it.
Recipe question(const TeamAnswer& about, const CarriedOut& asked, bool relays, const std::string& why,
                std::optional<JournalId> shown = {});

// The question to a member whose address a new report bears, without any proof.
std::optional<Recipe> question_about_report(const Examination& examination, const TicketView& view,
                                            const Authority& authority, const cvd::Ticket& ticket,
                                            const Organisation& organisation, const Arrival& arrival, Instant now);

// Each other member sees the words, as a notice that she can answer like any other. What nothing proves is shown as
// such, and to the member too whose address it bears.
enum class Words { Relayed, Noted, Direct, Unproven };
std::vector<Recipe> copies(const TeamAnswer& about, const TicketView& view, Words words);

}  // namespace tocsin::intake
