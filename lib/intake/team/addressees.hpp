// Whom a team member's mail speaks to: the reporter, by us or by itself, or colleagues alone.
#pragma once

#include "intake/decide/organisation.hpp"
#include "intake/decide/ticket_view.hpp"
#include "intake/examine/examination.hpp"

namespace tocsin::intake {

// It went to the reporter by itself: nothing is sent a second time.
bool has_reporter_among_recipients(const Examination& examination, const OpenTicket& open);
bool has_outsider_among_recipients(const Examination& examination, const Organisation& organisation);

// To answer a notice is to write to the reporter, and so is to answer her own mail. What answers a reminder, a digest,
// a transcript or an alarm, and what answers nothing, stays inside.
bool answers_the_conversation(const TicketView& view);

// Written to somebody else, a colleague or a lawyer, with us in copy: they talk about it, and nobody answers the
// reporter. Written to nobody by name, it came to us alone.
bool is_written_to_others(const Examination& examination, const Organisation& organisation);
// A colleague stands in To beside us: it may be meant for her or for the reporter.
bool is_written_to_a_colleague_too(const Examination& examination, const Organisation& organisation);

}  // namespace tocsin::intake
