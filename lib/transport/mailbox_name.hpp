// Mailbox names as IMAP sends them: modified UTF-7 (RFC 3501 section 5.1.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tocsin::transport {

// From UTF-8. Refuses what is empty, no UTF-8, holds controls, or is longer than 1000 bytes when encoded.
Result<std::string> to_modified_utf7(std::string_view name);

// To UTF-8; nothing when it is not what an encoder would have made.
std::optional<std::string> from_modified_utf7(std::string_view name);

}  // namespace tocsin::transport
