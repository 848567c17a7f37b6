// Files in the middle of plain text, between "begin 644 NAME" and "end" (POSIX uuencode), as mail programs sent
// them before MIME.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mail/structure/entity.hpp"

namespace tocsin::mail {

struct UuencodedFile {
    Span lines;             // from "begin" to after "end", in the text
    std::string_view name;  // raw bytes
    bool ended = true;      // "end" was there
};

// Blocks whose lines all have the length that they say; anything else is text.
std::vector<UuencodedFile> find_uuencoded(std::string_view text, std::size_t most = 200);

}  // namespace tocsin::mail
