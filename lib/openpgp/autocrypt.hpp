// Autocrypt header fields (Autocrypt Level 1, section 2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::openpgp {

struct Autocrypt {
    std::string address;
    std::string certificate;  // bytes
};

// The one header that speaks for the author. More than one that holds, another address, or an attribute that is not
// known and does not begin with "_": none.
std::optional<Autocrypt> read_autocrypt(const std::vector<std::string_view>& fields, std::string_view author);

// The field's value, folded, without its name.
std::string autocrypt_field(std::string_view address, std::string_view certificate);

}  // namespace tocsin::openpgp
