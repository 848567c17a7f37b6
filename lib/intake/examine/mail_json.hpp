// What was read of a mail as JSON: the part of the frame that knows nothing of reports.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "mail/automatic/delivery_status.hpp"
#include "mail/header/authentication_results.hpp"
#include "mail/reading.hpp"

namespace tocsin::intake {

// All that read throw nlohmann::json::exception on a value of the wrong type.
nlohmann::json reading_json(const mail::Reading& reading);
mail::Reading reading_from(const nlohmann::json& json);
nlohmann::json claims_json(const mail::AuthenticationClaims& claims);
mail::AuthenticationClaims claims_from(const nlohmann::json& json);
nlohmann::json delivery_json(const mail::DeliveryStatus& status);
mail::DeliveryStatus delivery_from(const nlohmann::json& json);
mail::Mailbox mailbox_from(const nlohmann::json& json);
std::vector<mail::Mailbox> mailboxes_from(const nlohmann::json& json);
Digest digest_from(const nlohmann::json& json);
// The value itself, which has to be a list: iterating an object would give its values.
const nlohmann::json& as_list(const nlohmann::json& json);

// Ordered for people, or not.
template <class AnyJson>
AnyJson mailbox_json(const mail::Mailbox& mailbox) {
    return {{"name", mailbox.name}, {"address", mailbox.address}};
}

template <class AnyJson>
AnyJson mailboxes_json(const std::vector<mail::Mailbox>& mailboxes) {
    AnyJson list = AnyJson::array();
    for (const mail::Mailbox& mailbox : mailboxes) list.push_back(mailbox_json<AnyJson>(mailbox));
    return list;
}

template <class AnyJson>
AnyJson attachments_json(const std::vector<mail::Attachment>& attachments) {
    AnyJson list = AnyJson::array();
    for (const mail::Attachment& attachment : attachments)
        list.push_back({{"name", attachment.name},
                        {"type", attachment.type},
                        {"size", attachment.size},
                        {"sha256", to_hex(view(attachment.sha256))}});
    return list;
}

}  // namespace tocsin::intake
