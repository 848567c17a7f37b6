// What was newly written in a reply, what it quotes, and what it signs off with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::mail {

struct ReplyText {
    std::string written;  // the writer's own words
    std::string quoted;   // all that was quoted, without its marks
};

// What becomes of quotations that are answered in between.
enum class Answered : std::uint8_t { LeftOut, KeptAmongTheWritten };

// `text` as it stands in Reading::text: valid UTF-8 with LF line ends.
ReplyText split_reply(std::string_view text, Answered quotations = Answered::LeftOut);

}  // namespace tocsin::mail
