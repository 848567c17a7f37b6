// The mail that a report is about, as far as the report brings it back: as a part, as a part of headers alone, or
// at the end of its words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/structure/entity.hpp"

namespace tocsin::mail {

struct ReturnedMail {
    std::string message_id;  // without the angle brackets
    std::string subject;
    std::vector<std::string> recipients;  // addresses it was written to
    std::string_view report;              // the words of the report before it
};

// `text` is that of the report (Reading::text), and `report` of the result a view into it.
ReturnedMail find_returned_mail(const Message& message, std::string_view text, const ParseLimits& limits);

// Whether the entity belongs to a message inside the mail.
bool is_inside_a_message(const Message& message, const Entity& entity);

}  // namespace tocsin::mail
