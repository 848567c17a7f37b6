// Files of other times in the middle of plain text: BinHex 4.0 (RFC 1741) and yEnc. They are found and named, and
// their encoding is left as it is: nobody sends them any more but to get past somebody.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/structure/entity.hpp"

namespace tocsin::mail {

struct OpaqueFile {
    Span lines;  // in the text
    std::string name;
    std::string type;  // "application/mac-binhex40"; yEnc has no registered one
};

std::vector<OpaqueFile> find_opaque_files(std::string_view text, std::size_t most = 200);

}  // namespace tocsin::mail
