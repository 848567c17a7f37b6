// What the structure of a mail says of how it came about: the values of the rules' field `sign`.
//
// These are facts; what they count for, the rules say (rules/automatic.toml). From what stands on the outside of a
// mail alone, so that they are the same for an encrypted one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/automatic/delivery_status.hpp"
#include "mail/reading.hpp"
#include "mail/structure/entity.hpp"

namespace tocsin::mail {

struct SignOptions {
    std::string via_list;                // the List-Id of our own list; empty: none
    std::vector<std::string> addresses;  // ours, as identities; none: whom a mail is written to tells nothing
};

std::vector<std::string> read_signs(const Message& message, const Reading& reading,
                                    const std::optional<DeliveryStatus>& delivery, const SignOptions& options);

// Whether the mail came through the list with this identifier (RFC 2919).
bool came_through(const Reading& reading, std::string_view list_id);

// The address without what follows a '+' in its local part (RFC 5233), in lower case.
std::string without_detail(std::string_view address);

}  // namespace tocsin::mail
