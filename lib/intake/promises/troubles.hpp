// The dead-man's switch: what is wrong around us, told to the team once at its beginning and once at its end; and the
// canary, a mail to ourselves that proves the way out and back in.
//
// A canary is known by its keyed Message-ID alone, and opens nothing: it is mail of ours.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "intake/decide/organisation.hpp"
#include "intake/outgoing/message_ids.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

struct AlarmRules {
    std::optional<Micros> canary{};                   // its beat; nothing: none is sent
    std::optional<Micros> silence{};                  // nothing but our own mail came for so long; nothing: no matter
    Micros unreachable = std::chrono::minutes{15};    // a server for so long
    Micros outbox = std::chrono::hours{2};            // the oldest mail waits for so long
    Micros certificate = std::chrono::hours{24 * 7};  // before it ends
};

// Now, and what the machine's own clock says: certificates are judged by that one (`--now` moves the other alone).
struct Times {
    Instant now;
    Instant machine;
};

// What is wrong now, by names that stay the same while it lasts.
struct TroubleNow {
    std::string name;
    std::string words;
};
std::vector<TroubleNow> troubles_now(const store::Store& store, const AlarmRules& rules,
                                     const std::vector<std::string>& mailboxes, const Times& times);

// Within a Transaction. Tells the team of what began and of what is over; returns how many troubles did either.
std::size_t tell_troubles(store::Store& store, const AlarmRules& rules, const std::vector<std::string>& mailboxes,
                          const Organisation& organisation, const MessageIds& ids, const Times& times);

// Whether a Message-ID of ours with this subject is that of a canary.
bool is_canary(std::string_view own_subject);
// Within a Transaction: sends a canary where its time has come. True: one was queued.
bool send_canary(store::Store& store, const AlarmRules& rules, const Organisation& organisation, const MessageIds& ids,
                 Instant now);
// Within a Transaction, of each mail that is admitted: true when it is a canary of ours that came back.
bool take_canary(store::Store& store, const MessageIds& ids, std::string_view message_id, Instant now);

}  // namespace tocsin::intake
