// INTERNALDATE as servers write it: libetpan takes the form of RFC 3501 section 9 alone and refuses the whole answer,
// and with it a thousand other mails, for one that is "5-5-2026" or has its month in the server's own language.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tocsin::transport {

// The line of a FETCH with its date in the form of RFC 3501; one that tells no time becomes `unreadable_date`
// (imap_source.hpp). Nothing: the line can stay as it is.
std::optional<std::string> with_plain_date(std::string_view line);

}  // namespace tocsin::transport
