// What was newly written in a reply, what it quotes, and what it signs off with.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::mail {

struct ReplyText {
    std::string written;     // the writer's own words alone
    std::string in_context;  // the same with the quotations that are answered in between
    std::string quoted;      // all that was quoted, without its marks
};

// `text` as it stands in Reading::text: valid UTF-8 with LF line ends.
ReplyText split_reply(std::string_view text);

}  // namespace tocsin::mail
