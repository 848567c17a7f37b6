// The words of one text part: transfer encoding, character set, format=flowed and HTML undone.
#pragma once

#include <string>
#include <vector>

#include "mail/reading.hpp"
#include "mail/structure/entity.hpp"
#include "mail/structure/transfer_encoding.hpp"

namespace tocsin::mail {

struct BodyText {
    std::string text;               // UTF-8, LF, without control and bidirectional override characters
    std::vector<Attachment> files;  // that stood uuencoded in the middle of it
};

// At most `max_part_text_bytes` of words.
BodyText body_text(const Message& message, const Entity& entity, const ParseLimits& limits,
                   std::vector<std::string>& defects);

// A file by its label, type, size and digest.
Attachment describe_file(std::string_view name, std::string_view type, BodyDecoder& content,
                         std::size_t most_name_bytes);

}  // namespace tocsin::mail
