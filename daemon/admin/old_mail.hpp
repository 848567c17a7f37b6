// Mail that lies in files: a Maildir, an mbox, a folder of single mails, or one mail; with the dates it really came.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tocsin::daemon {

struct OldMail {
    std::filesystem::path file;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    bool in_mbox = false;  // its lines that begin with ">From " lose a '>'
    Instant at;            // when it was received
};

// Oldest first. A file that is none of these is left out where it lies in a folder, and is a mistake by itself.
Result<std::vector<OldMail>> find_old_mail(const std::filesystem::path& path);
Result<std::string> bytes_of(const OldMail& mail);

// What the topmost Received field says (RFC 5321 section 4.4), else `noted`, else Date, else `last`.
Instant received_at(std::string_view head, std::optional<Instant> noted, Instant last);

}  // namespace tocsin::daemon
