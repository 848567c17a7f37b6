// What was newly written in a reply, what it quotes, and what it signs off with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::mail {

struct ReplyText {
    std::string written;   // the writer's own words
    std::string quoted;    // all that was quoted, without its marks
    std::string embedded;  // from the header lines of another mail on: no mark tells a quotation from an answer there
};

// What becomes of quotations that are answered in between.
enum class Answered : std::uint8_t { LeftOut, KeptAmongTheWritten };

// What the header says of the mail that is answered, so that header lines or a log that somebody pastes among her own
// words are not taken for it. Nothing known: all that looks like it is.
struct AnsweredMail {
    std::string_view subject;            // without "Re:"
    std::vector<std::string> addresses;  // that the answer goes to
    bool any = true;                     // the mail answers one
};

// `text` as it stands in Reading::text: valid UTF-8 with LF line ends.
ReplyText split_reply(std::string_view text, Answered quotations = Answered::LeftOut,
                      const AnsweredMail& answered = {});

}  // namespace tocsin::mail
