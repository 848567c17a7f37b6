#include "intake/examine/mail_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tocsin::intake {

namespace {

using MailJson = nlohmann::json;

mail::DeliveryReport delivery_report_from(const MailJson& json) {
    const int report = json.get<int>();
    if (report < 0 || report > static_cast<int>(mail::DeliveryReport::Away))
        throw MailJson::other_error::create(501, "no such report", &json);
    return static_cast<mail::DeliveryReport>(report);
}

}  // namespace

const MailJson& as_list(const MailJson& json) {
    if (!json.is_array()) throw MailJson::type_error::create(302, "not a list", &json);
    return json;
}

mail::Mailbox mailbox_from(const MailJson& json) {
    return {json.at("name").get<std::string>(), json.at("address").get<std::string>()};
}

std::vector<mail::Mailbox> mailboxes_from(const MailJson& json) {
    std::vector<mail::Mailbox> mailboxes;
    for (const MailJson& mailbox : as_list(json)) mailboxes.push_back(mailbox_from(mailbox));
    return mailboxes;
}

Digest digest_from(const MailJson& json) {
    Digest digest{};
    const auto bytes = from_hex(json.get_ref<const std::string&>());
    if (!bytes || bytes->size() != digest.size()) throw MailJson::other_error::create(501, "not a digest", &json);
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    return digest;
}

MailJson reading_json(const mail::Reading& reading) {
    MailJson header = MailJson::array();
    for (const auto& [name, value] : reading.header) header.push_back({name, value});
    return {{"message_id", reading.message_id},
            {"from", mailboxes_json<MailJson>(reading.from)},
            {"sender", reading.sender ? mailbox_json<MailJson>(*reading.sender) : MailJson{}},
            {"reply_to", mailboxes_json<MailJson>(reading.reply_to)},
            {"to", mailboxes_json<MailJson>(reading.to)},
            {"cc", mailboxes_json<MailJson>(reading.cc)},
            {"subject", reading.subject},
            {"date", reading.date ? MailJson(to_micros(*reading.date)) : MailJson{}},
            {"in_reply_to", reading.in_reply_to},
            {"references", reading.references},
            {"text", reading.text},
            {"reply_text", reading.reply_text},
            {"quoted", reading.quoted},
            {"language", reading.language},
            {"attachments", attachments_json<MailJson>(reading.attachments)},
            {"defects", reading.defects},
            {"header", std::move(header)}};
}

mail::Reading reading_from(const MailJson& json) {
    mail::Reading reading;
    json.at("message_id").get_to(reading.message_id);
    reading.from = mailboxes_from(json.at("from"));
    if (!json.at("sender").is_null()) reading.sender = mailbox_from(json.at("sender"));
    reading.reply_to = mailboxes_from(json.at("reply_to"));
    reading.to = mailboxes_from(json.at("to"));
    reading.cc = mailboxes_from(json.at("cc"));
    json.at("subject").get_to(reading.subject);
    if (!json.at("date").is_null()) reading.date = from_micros(json.at("date").get<std::int64_t>());
    json.at("in_reply_to").get_to(reading.in_reply_to);
    json.at("references").get_to(reading.references);
    json.at("text").get_to(reading.text);
    json.at("reply_text").get_to(reading.reply_text);
    json.at("quoted").get_to(reading.quoted);
    json.at("language").get_to(reading.language);
    for (const MailJson& attachment : as_list(json.at("attachments")))
        reading.attachments.push_back({.name = attachment.at("name").get<std::string>(),
                                       .type = attachment.at("type").get<std::string>(),
                                       .size = attachment.at("size").get<std::uint64_t>(),
                                       .sha256 = digest_from(attachment.at("sha256"))});
    json.at("defects").get_to(reading.defects);
    for (const MailJson& field : as_list(json.at("header")))
        reading.header.emplace_back(field.at(0).get<std::string>(), field.at(1).get<std::string>());
    return reading;
}

MailJson claims_json(const mail::AuthenticationClaims& claims) {
    MailJson results = MailJson::array();
    for (const mail::AuthenticationResults& one : claims.results) {
        MailJson methods = MailJson::array();
        for (const mail::AuthenticationMethod& method : one.methods) {
            MailJson properties = MailJson::array();
            for (const auto& [type, name, value] : method.properties) properties.push_back({type, name, value});
            methods.push_back({{"method", method.method},
                               {"version", method.version},
                               {"result", method.result},
                               {"reason", method.reason},
                               {"properties", std::move(properties)}});
        }
        results.push_back({{"place", one.place},
                           {"authserv_id", one.authserv_id},
                           {"version", one.version},
                           {"well_formed", one.well_formed},
                           {"methods", std::move(methods)}});
    }
    MailJson received = MailJson::array();
    for (const auto& [place, by, local] : claims.received) received.push_back({place, by, local});
    return {{"results", std::move(results)}, {"received", std::move(received)}};
}

mail::AuthenticationClaims claims_from(const MailJson& json) {
    mail::AuthenticationClaims claims;
    for (const MailJson& result : as_list(json.at("results"))) {
        mail::AuthenticationResults& one = claims.results.emplace_back();
        result.at("place").get_to(one.place);
        result.at("authserv_id").get_to(one.authserv_id);
        result.at("version").get_to(one.version);
        result.at("well_formed").get_to(one.well_formed);
        for (const MailJson& entry : as_list(result.at("methods"))) {
            mail::AuthenticationMethod& method = one.methods.emplace_back();
            entry.at("method").get_to(method.method);
            entry.at("version").get_to(method.version);
            entry.at("result").get_to(method.result);
            entry.at("reason").get_to(method.reason);
            for (const MailJson& property : as_list(entry.at("properties")))
                method.properties.push_back({property.at(0).get<std::string>(), property.at(1).get<std::string>(),
                                             property.at(2).get<std::string>()});
        }
    }
    for (const MailJson& received : as_list(json.at("received")))
        claims.received.push_back(
            {received.at(0).get<std::size_t>(), received.at(1).get<std::string>(), received.at(2).get<bool>()});
    return claims;
}

MailJson delivery_json(const mail::DeliveryStatus& status) {
    MailJson recipients = MailJson::array();
    for (const mail::AffectedRecipient& recipient : status.recipients)
        recipients.push_back({{"address", recipient.address},
                              {"status", recipient.status},
                              {"diagnostic", recipient.diagnostic},
                              {"hard", recipient.hard},
                              {"report", static_cast<int>(recipient.report)}});
    return {{"report", static_cast<int>(status.report)},
            {"recipients", std::move(recipients)},
            {"message_id", status.original_message_id},
            {"subject", status.original_subject},
            {"disposition", status.disposition}};
}

mail::DeliveryStatus delivery_from(const MailJson& json) {
    mail::DeliveryStatus status;
    status.report = delivery_report_from(json.at("report"));
    for (const MailJson& entry : as_list(json.at("recipients")))
        status.recipients.push_back({.address = entry.at("address").get<std::string>(),
                                     .status = entry.at("status").get<std::string>(),
                                     .diagnostic = entry.at("diagnostic").get<std::string>(),
                                     .hard = entry.at("hard").get<bool>(),
                                     .report = delivery_report_from(entry.at("report"))});
    json.at("message_id").get_to(status.original_message_id);
    json.at("subject").get_to(status.original_subject);
    json.at("disposition").get_to(status.disposition);
    return status;
}

}  // namespace tocsin::intake
