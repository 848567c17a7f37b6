// Whose key is whose: trust on first use, and an alarm where another one turns up (DESIGN.md section 5).
#pragma once

#include <string>
#include <vector>

#include "intake/decide/ticket_view.hpp"
#include "intake/examine/examination.hpp"
#include "store/keys.hpp"

namespace tocsin::intake {

struct KeyFindings {
    std::vector<store::KnownKey> keys;     // to be bound or proposed
    std::vector<std::string> answer_with;  // fingerprints; that a mail to its author can be encrypted to now
    std::vector<std::string> alarms;       // in words, for the team
};

// Nothing that came out of a decryption makes a difference to `answer_with`. Of a mail that our own server has
// `refuted` no new key is taken.
KeyFindings find_keys(const Examination& examination, const TicketView& view, bool refuted, Instant now);

// Of an address: what is bound to it, else what the administrator's keyring has for it.
std::vector<openpgp::Key> keys_of(const store::Store& store, const mail::Address& address,
                                  const openpgp::Keyring& keyring);

// The keyring that mail is read and written with. Whoever makes a key writes into it what he likes: one that a
// stranger brought stands for the addresses that it is bound to, and one that was retired for none of them. Those in
// the administrator's own keyring stand for all that they bear.
openpgp::Keyring bound_keyring(const openpgp::Keyring& all, const openpgp::Keyring& house,
                               const std::vector<store::KnownKey>& known);

// The same ciphertext came from somebody else: nothing is relayed in this ticket until a human has looked at it.
bool relays_blocked(const store::Store& store, TicketId ticket);
// How often, since it was last cleared.
std::size_t times_blocked(const store::Store& store, TicketId ticket);
// The event that a human's word for it is; to be recorded in the ticket.
cvd::Event relays_cleared(const std::string& actor, Instant now);

}  // namespace tocsin::intake
