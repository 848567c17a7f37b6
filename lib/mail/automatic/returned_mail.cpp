#include "mail/automatic/returned_mail.hpp"

#include "base/utf8.hpp"
#include "mail/automatic/bounce_text.hpp"
#include "mail/header/address.hpp"
#include "mail/header/encoded_words.hpp"
#include "mail/header/message_ids.hpp"
#include "mail/header/unfold.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t most_report_words = 256u << 10;

void take_fields(ReturnedMail& returned, const Header& fields, const ParseLimits& limits) {
    std::vector<std::string> defects;  // of the other mail, and no matter here
    if (const auto id = fields.first("message-id")) {
        const auto ids = read_message_ids(*id, 2, defects);
        if (!ids.empty()) returned.message_id = ids.front();
    }
    if (const auto subject = fields.first("subject"))
        returned.subject = for_one_line(decode_encoded_words(unfold(*subject), limits.max_encoded_words, defects), 500);
    for (const auto* name : {"to", "cc", "x-original-to", "envelope-to", "x-actual-recipient"})
        for (const auto value : fields.all(name))
            for (const auto& mailbox : read_address_list(value, {}, defects))
                if (!mailbox.address.empty()) returned.recipients.push_back(mailbox.address);
}

void take_header(ReturnedMail& returned, std::string_view bytes, const ParseLimits& limits) {
    take_fields(returned, parse(bytes.substr(0, limits.max_header_bytes), limits).root().fields, limits);
}

bool take_from_parts(ReturnedMail& returned, const Message& message, const ParseLimits& limits) {
    for (const auto& entity : message.entities) {
        if (is_inside_a_message(message, entity)) {
            take_fields(returned, entity.fields, limits);
            return true;
        }
        const auto full = entity.media_type.full();
        const bool encoded = entity.opaque && full == "message/rfc822";
        if (encoded || full == "text/rfc822-headers" || full == "message/rfc822-headers" ||
            full == "message/global-headers") {
            take_header(returned, decode_body(message, entity, limits.max_header_bytes).bytes, limits);
            return true;
        }
    }
    return false;
}

// It may stand in a text part that is not among the words of the report.
void take_from_texts(ReturnedMail& returned, const Message& message, const ParseLimits& limits) {
    for (const auto& entity : message.entities) {
        if (entity.media_type.type != "text" || &entity == &message.root()) continue;
        const auto decoded = decode_body(message, entity, limits.max_header_bytes);
        const auto begin = returned_mail_in(decoded.bytes);
        if (begin >= decoded.bytes.size()) continue;
        take_header(returned, std::string_view{decoded.bytes}.substr(begin), limits);
        return;
    }
}

}  // namespace

bool is_inside_a_message(const Message& message, const Entity& entity) {
    for (auto at = entity.parent; at; at = message.entities[*at].parent)
        if (message.entities[*at].media_type.type == "message") return true;
    return false;
}

ReturnedMail find_returned_mail(const Message& message, std::string_view text, const ParseLimits& limits) {
    ReturnedMail returned;
    returned.report = cut_utf8(text, most_report_words);
    if (take_from_parts(returned, message, limits)) return returned;
    const auto begin = returned_mail_in(returned.report);
    if (begin < returned.report.size()) {
        take_header(returned, returned.report.substr(begin), limits);
        returned.report = returned.report.substr(0, begin);
    } else {
        take_from_texts(returned, message, limits);
    }
    return returned;
}

}  // namespace tocsin::mail
