// One mail over a submission dialogue (RFC 5321 section 3.3): MAIL, RCPT for each, DATA, the final dot.
#pragma once

#include <functional>
#include <string_view>

#include "transport/smtp_dialogue.hpp"
#include "transport/smtp_sink.hpp"

namespace tocsin::transport {

// As SmtpSink::submit. A connection that cannot take another mail afterwards is dead.
Submitted submit_mail(SmtpDialogue& dialogue, const SmtpDeadlines& deadlines, const Envelope& envelope,
                      std::string_view bytes, const std::function<bool()>& before_final_dot);

}  // namespace tocsin::transport
