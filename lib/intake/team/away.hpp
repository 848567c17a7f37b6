// Members that are away: their own automatic answer to a reminder says so, their own next word ends it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/decide/ticket_view.hpp"
#include "intake/examine/examination.hpp"
#include "mail/automatic/absence.hpp"

namespace tocsin::intake {

struct Arrival;

struct AwayNote {
    std::string member;            // the address's identity
    std::optional<Instant> until;  // nothing: she is back
};

inline constexpr Micros longest_absence = std::chrono::hours{24 * 30};
// Without a date: as long as such programs stay silent towards one sender after an answer (RFC 5230 section 4.1).
inline constexpr Micros absence_without_date = std::chrono::hours{24 * 7};

// Until when somebody is away whose answer of `received` names that day: its end, or its beginning when she is back
// on it; a day without a year is the next one. Never later than `longest_absence`.
Instant away_until(const std::optional<mail::NamedDay>& day, Instant received, const sla::Zone& zone);

// An automatic answer counts when it answers a mail about clocks that went to this member alone.
std::optional<AwayNote> away_note(const Examination& examination, const TicketView& view,
                                  const Organisation& organisation, const rules::Policy& policy,
                                  const std::string& kind, const Arrival& arrival);

}  // namespace tocsin::intake
