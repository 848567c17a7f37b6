// What a person would read in a mail: names, subject, text and files, decoded, as UTF-8.
//
// Nothing of it is ever read as a command, a template or a path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "mail/header/address.hpp"
#include "mail/structure/entity.hpp"

namespace tocsin::mail {

struct Attachment {
    std::string name;        // a cleaned label: no path, no control, no bidirectional character; may be empty
    std::string type;        // as declared, "text/x-python"
    std::uint64_t size = 0;  // bytes, decoded
    Digest sha256{};         // of the decoded bytes
};

struct Reading {
    std::string message_id;  // without the angle brackets; empty where there is none
    std::vector<Mailbox> from;
    std::optional<Mailbox> sender;
    std::vector<Mailbox> reply_to;
    std::vector<Mailbox> to;
    std::vector<Mailbox> cc;
    std::string subject;  // one line
    std::optional<Instant> date;
    std::vector<std::string> in_reply_to;
    std::vector<std::string> references;
    std::string text;        // LF line ends, no control characters
    std::string reply_text;  // what was newly written: no quotation, no signature block
    std::string quoted;      // what it quotes
    std::string embedded;    // of it, the end that has no marks of a quotation, from another mail's header lines on
    std::string language;    // ISO 639-1, of the newly written words, else of those passed on; may be empty
    std::vector<Attachment> attachments;
    std::vector<std::string> defects;  // kebab-case names, each once

    // Every field of the mail's own header: name in lower case, value unfolded and decoded, in order.
    std::vector<std::pair<std::string, std::string>> header;

    std::vector<std::string_view> header_values(std::string_view lower_case_name) const;
};

Reading read(const Message& message, const ParseLimits& limits = {});

// The subject without what clients put in front of it ("Re:", "AW:", "Fwd:", "[SEC-2026-0001]" stays).
std::string_view without_reply_prefix(std::string_view subject);

}  // namespace tocsin::mail
