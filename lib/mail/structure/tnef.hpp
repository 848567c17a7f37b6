// What is inside a "winmail.dat" (MS-OXTNEF), read with libytnef.
//
// The library sees only attributes whose frames were checked here, few of them, and none of the property lists
// that its faults were in: names, contents and the plain body.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/reading.hpp"
#include "mail/structure/entity.hpp"

namespace tocsin::mail {

struct TnefContents {
    std::string body;  // plain text; mostly empty, since clients put it into the mail as well
    std::vector<Attachment> files;
    std::vector<std::string> bytes;  // of the files, where they were asked for
};

// Nothing when the bytes are no TNEF.
std::optional<TnefContents> read_tnef(std::string_view bytes, const ParseLimits& limits,
                                      std::vector<std::string>& defects, bool with_bytes = false);

}  // namespace tocsin::mail
