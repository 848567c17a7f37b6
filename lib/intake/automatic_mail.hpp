// Whether a person wrote this mail to us, from its header alone (RFC 3834, 5230 section 4.6, 2369, 3464, 8098).
//
// Signals suppress answers, never intake: they say what a mail is taken for and why nobody is answered.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/reading.hpp"

namespace tocsin::intake {

enum class AutomaticKind {
    Bounce,     // tells of the delivery of another mail
    AutoReply,  // a program answers: out of office, a ticket system, a reaction
    Bulk,       // went to many through a list
    Machine,    // a program wrote it, but not as an answer
    Unattended,  // nobody would read an answer: the null sender, a remailer, a scanner
};

struct AutomaticSignal {
    AutomaticKind kind;
    std::string reason;  // for people: "Auto-Submitted: auto-replied"
};

// In the order of the table above: the first one names what the mail is.
struct AutomaticMail {
    std::vector<AutomaticSignal> signals;
    bool answerable() const { return signals.empty(); }
    std::optional<AutomaticKind> kind() const;
};

// `root_type` is the mail's own Content-Type in lower case with its report-type, as in "multipart/report; delivery-status".
// A mail that came through `via_list`, our own group, is not taken for list mail because of it.
AutomaticMail read_automatic_signals(const mail::Reading& reading, std::string_view root_type, std::string_view via_list);

}  // namespace tocsin::intake
