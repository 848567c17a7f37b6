// What conditions can ask about. Both are views: what they point at outlives them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cvd/severity.hpp"
#include "mail/reading.hpp"

namespace tocsin::rules {

// Known from the mail alone, in `examine`. A field that cannot be told is empty.
struct MailFacts {
    const mail::Reading& reading;
    std::string_view recipient = {};  // the mailbox's own address
    bool encrypted = false;
    std::string_view signature = {};   // a status, or empty
    std::string_view auth_dmarc = {};  // "pass", "fail", …, or empty where no header is believed
    std::string_view auth_dkim = {};
    std::string_view auth_spf = {};
    const std::vector<std::string>* signs = nullptr;  // of a mail that no person wrote: "null-sender"
    const std::vector<std::string>* cve = nullptr;
    const std::vector<std::string>* cwe = nullptr;
    const std::vector<std::string>* urls = nullptr;
    std::optional<double> cvss_base = {};
    bool cvss_fits = true;  // no score is claimed beside a vector that does not come to it
    const std::vector<std::string>* cvss_vectors = nullptr;  // the valid ones: "CVSS:3.1/AV:N/…"
    bool limit_hit = false;  // the text is not whole: a test that finds nothing cannot tell
};

// Known from the store, in `decide`.
struct ThreadFacts {
    bool thread_known = false;
    std::int64_t reporter_reports = 0;
    std::int64_t reporter_valid = 0;
    std::string_view kind = {};
};

}  // namespace tocsin::rules
