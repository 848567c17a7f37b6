// Whose mail is this, and what may it do? The only place that answers it (INTERFACES section 6).
//
// Pure. A From field proves nothing: a signature by a roster key does, or an answer to a mail of ours that went to
// this member alone, whose Message-ID nobody else has seen.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/decide/ticket_view.hpp"
#include "intake/examine/examination.hpp"

namespace tocsin::intake {

enum class Proof {
    None,
    Answer,  // to a mail of ours that went to this member alone
    Signature,
    Yes,  // the member said yes to the question about this mail
};

struct Authority {
    const Member* member = nullptr;  // whose mail it says it is; nothing: nobody's of the team
    Proof proof = Proof::None;
    std::string why;                    // in words: the proof, or what is missing
    std::optional<std::string> spends;  // the digest of the signed text, which counts once

    bool is_team() const { return member != nullptr; }
    bool proven() const { return proof != Proof::None; }
    bool may_destroy() const { return proof == Proof::Signature || proof == Proof::Yes; }
};

inline constexpr Micros oldest_signature = std::chrono::hours{24 * 7};
inline constexpr Micros oldest_answered_notice = std::chrono::hours{24 * 30};
inline constexpr Micros longest_question = std::chrono::hours{24};
inline constexpr int most_questions_a_day = 3;

// The member whose address stands in it as its author's, if it is one's; nobody else's mail is the team's.
const Member* author_in_roster(const Examination& examination, const Organisation& organisation);

// `received` is when the mail came.
Authority authority_of(const Examination& examination, const TicketView& view, const Organisation& organisation,
                       Instant received);

// Nothing but its looks says that a program wrote it. A program neither signs with her key nor commands.
bool only_looks_automatic(const Examination& examination, const TicketView& view, const Authority& authority);

}  // namespace tocsin::intake
