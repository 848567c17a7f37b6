// Addresses of ours that say which ticket an answer belongs to: "security+sec-2026-0001.k7qm2x4n7tabcdef@acme.test".
//
// A token leads to the ticket and gives nobody a part in it: who forwards a mail hands it on.
#pragma once

#include <optional>
#include <string>

#include "intake/decide/organisation.hpp"
#include "intake/outgoing/message_ids.hpp"
#include "mail/reading.hpp"

namespace tocsin::intake {

// Empty where none is configured, or where it would be longer than a local part may be.
std::string reply_address_for(const Organisation& organisation, const MessageIds& ids, const std::string& number);

// The number of the ticket that the mail is written to, by a token of ours in To, Cc, Delivered-To or X-Original-To.
std::optional<std::string> number_written_to(const mail::Reading& reading, const std::vector<std::string>& delivered_to,
                                             const Organisation& organisation, const MessageIds& ids);

}  // namespace tocsin::intake
