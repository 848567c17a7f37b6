// Message identifiers in fields (RFC 5322 section 3.6.4), as mail programs write them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::mail {

// The identifiers in a Message-ID, In-Reply-To or References field, without angle brackets, in their order.
// Of more than `most` the first and the last ones are kept.
std::vector<std::string> read_message_ids(std::string_view field_value, std::size_t most,
                                          std::vector<std::string>& defects);

}  // namespace tocsin::mail
