// The groups of fields in the machine-readable part of a report (RFC 3464 section 2.1, RFC 8098, RFC 5965).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::mail {

// One group: names in lower case, values unfolded, in their order.
struct StatusFields {
    std::vector<std::pair<std::string, std::string>> fields;
    std::string_view first(std::string_view lower_case_name) const;
    bool empty() const { return fields.empty(); }
};

// Groups are parted by blank lines; lines that are no field are passed over. At most `most_groups`.
std::vector<StatusFields> read_status_fields(std::string_view text, std::size_t most_groups = 500);

// "rfc822; <a@b>" or "RFC822;a@b (comment)" without its type and its brackets.
std::string status_address(std::string_view value);

// The first "2.x.y", "4.x.y" or "5.x.y" in the text (RFC 3463 section 2), empty where there is none.
std::string enhanced_status_in(std::string_view text);
// The first reply code of SMTP in the text, 0 where there is none.
int reply_code_in(std::string_view text);

}  // namespace tocsin::mail
