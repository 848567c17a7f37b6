// format=flowed undone (RFC 3676): paragraphs come back as one line each, with their quotation marks.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::mail {

// `text` has LF line ends. With `delete_space` the blank before a soft line break goes (DelSp=yes).
std::string from_flowed(std::string_view text, bool delete_space);

}  // namespace tocsin::mail
