// What mail systems say about mail of ours: bounces and delays (RFC 3464, 6522, and the many without any standard
// form), disposition notifications (RFC 8098), abuse reports (RFC 5965), and answers of people who are away.
//
// Whoever wrote such a mail is as little proven as any stranger: it says something about an address only together
// with a Message-ID that is ours.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/reading.hpp"
#include "mail/structure/entity.hpp"

namespace tocsin::mail {

enum class DeliveryReport {
    Failed,     // it did not arrive and will not
    Delayed,    // it has not arrived yet
    Delivered,  // it arrived, or was handed on
    Displayed,  // a person or a program did something with it (RFC 8098)
    Abuse,      // its reader complains (RFC 5965)
    Away,       // an automatic answer, "out of office"
};

struct AffectedRecipient {
    std::string address;     // as the report has it; empty where it does not say
    std::string status;      // RFC 3463, "5.1.1"; empty where there is none
    std::string diagnostic;  // one line, for people
    bool hard = false;       // there is no such mailbox, or no such host: writing there again is no use
    DeliveryReport report = DeliveryReport::Failed;
};

struct DeliveryStatus {
    DeliveryReport report = DeliveryReport::Failed;  // the worst of its recipients
    std::vector<AffectedRecipient> recipients;
    std::string original_message_id;  // without the angle brackets; empty where the report does not give it
    std::string original_subject;
    std::string disposition;  // RFC 8098 section 3.2.6, or the feedback type of RFC 5965 section 3.1
};

// Nothing when the mail reports on no other mail.
std::optional<DeliveryStatus> read_delivery_status(const Message& message, const Reading& reading,
                                                   const ParseLimits& limits = {});

}  // namespace tocsin::mail
