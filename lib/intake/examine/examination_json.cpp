#include "intake/examine/examination_json.hpp"

#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "intake/examine/mail_json.hpp"

namespace tocsin::intake {

namespace {

using Json = nlohmann::json;
using PublicJson = nlohmann::ordered_json;

template <class AnyJson>
AnyJson signatures_json(const std::vector<SignatureVerdict>& signatures) {
    AnyJson list = AnyJson::array();
    for (const SignatureVerdict& signature : signatures)
        list.push_back({{"status", signature.status},
                        {"fingerprint", signature.fingerprint},
                        {"address", signature.address},
                        {"covers", signature.covers}});
    return list;
}

Json away_to_json(const std::optional<mail::NamedDay>& day) {
    return day ? Json{{"year", day->year}, {"month", day->month}, {"day", day->day}, {"back", day->back}} : Json{};
}

std::optional<mail::NamedDay> away_from(const Json& json) {
    if (json.is_null()) return std::nullopt;
    return mail::NamedDay{json.at("year").get<int>(), json.at("month").get<unsigned>(), json.at("day").get<unsigned>(),
                          json.at("back").get<bool>()};
}

Json stated_json(const std::vector<cvd::StatedDay>& stated) {
    Json list = Json::array();
    for (const cvd::StatedDay& one : stated) list.push_back({one.day.year, one.day.month, one.day.day, one.days});
    return list;
}

std::vector<cvd::StatedDay> stated_from(const Json& json) {
    std::vector<cvd::StatedDay> stated;
    for (const Json& one : as_list(json))
        stated.push_back(
            {{one.at(0).get<int>(), one.at(1).get<unsigned>(), one.at(2).get<unsigned>()}, one.at(3).get<unsigned>()});
    return stated;
}

// What only the daemon needs of a signature beside what is public.
Json signature_texts_json(const std::vector<SignatureVerdict>& signatures) {
    Json list = Json::array();
    for (const SignatureVerdict& signature : signatures)
        list.push_back(
            {{"made", signature.made ? Json(to_micros(*signature.made)) : Json{}}, {"text", signature.signed_text}});
    return list;
}

void read_signature_texts(std::vector<SignatureVerdict>& signatures, const Json& json) {
    for (std::size_t i = 0; i < signatures.size() && i < json.size(); ++i) {
        if (const Json& made = json.at(i).at("made"); !made.is_null())
            signatures[i].made = from_micros(made.get<std::int64_t>());
        json.at(i).at("text").get_to(signatures[i].signed_text);
    }
}

Json team_json(const TeamText& team) {
    return {{"files", team.files},
            {"written_numbers", team.written_numbers},
            {"lines", team.commands.lines},
            {"strays", team.commands.strays},
            {"words_begin", team.commands.words_begin},
            {"words", team.commands.words},
            {"note", team.commands.note},
            {"yes", team.says_yes},
            {"numbers", team.numbers},
            {"codes", team.codes},
            {"forwarded", team.forwarded_author ? mailbox_json<Json>(*team.forwarded_author) : Json{}},
            {"forwarded_subject", team.forwarded_subject},
            {"forwarded_id", team.forwarded_id},
            {"embeds_mail", team.embeds_mail},
            {"attaches_mail", team.attaches_mail},
            {"dkim_over_a_part", team.dkim_over_a_part},
            {"dkim_without_type", team.dkim_without_type}};
}

TeamText team_from(const Json& json) {
    TeamText team;
    json.at("files").get_to(team.files);
    json.at("written_numbers").get_to(team.written_numbers);
    json.at("lines").get_to(team.commands.lines);
    json.at("strays").get_to(team.commands.strays);
    json.at("words_begin").get_to(team.commands.words_begin);
    json.at("words").get_to(team.commands.words);
    json.at("note").get_to(team.commands.note);
    json.at("yes").get_to(team.says_yes);
    json.at("numbers").get_to(team.numbers);
    json.at("codes").get_to(team.codes);
    if (!json.at("forwarded").is_null()) team.forwarded_author = mailbox_from(json.at("forwarded"));
    json.at("forwarded_subject").get_to(team.forwarded_subject);
    json.at("forwarded_id").get_to(team.forwarded_id);
    json.at("embeds_mail").get_to(team.embeds_mail);
    json.at("attaches_mail").get_to(team.attaches_mail);
    json.at("dkim_over_a_part").get_to(team.dkim_over_a_part);
    json.at("dkim_without_type").get_to(team.dkim_without_type);
    return team;
}

Json digests_json(const std::vector<Digest>& digests) {
    Json list = Json::array();
    for (const Digest& digest : digests) list.push_back(to_hex(view(digest)));
    return list;
}

CryptoVerdict crypto_from(const Json& json) {
    CryptoVerdict crypto;
    json.at("encrypted").get_to(crypto.encrypted);
    json.at("protocol").get_to(crypto.protocol);
    json.at("decrypted").get_to(crypto.decrypted);
    if (!json.at("error").is_null()) crypto.error = json.at("error").get<std::string>();
    json.at("covers").get_to(crypto.covers);
    for (const Json& signature : as_list(json.at("signatures")))
        crypto.signatures.push_back(
            {signature.at("status").get<std::string>(), signature.at("fingerprint").get<std::string>(),
             signature.at("address").get<std::string>(), signature.at("covers").get<std::string>()});
    json.at("protected_subject").get_to(crypto.protected_subject);
    json.at("keys_offered").get_to(crypto.keys_offered);
    return crypto;
}

Json offers_json(const std::vector<OfferedKey>& offers) {
    Json list = Json::array();
    for (const OfferedKey& offer : offers)
        list.push_back({{"fingerprint", offer.fingerprint},
                        {"addresses", offer.addresses},
                        {"origin", offer.origin},
                        {"outside", offer.outside},
                        {"encrypts", offer.encrypts},
                        {"among_others", offer.among_others},
                        {"left_out", offer.left_out},
                        {"certificate", to_hex(offer.certificate)}});
    return list;
}

std::vector<OfferedKey> offers_from(const Json& json) {
    std::vector<OfferedKey> offers;
    for (const Json& offer : as_list(json)) {
        auto certificate = from_hex(offer.at("certificate").get_ref<const std::string&>());
        if (!certificate) throw Json::other_error::create(501, "not a certificate", &json);
        offers.push_back({offer.at("fingerprint").get<std::string>(),
                          offer.at("addresses").get<std::vector<std::string>>(), offer.at("origin").get<std::string>(),
                          offer.at("outside").get<bool>(), offer.at("encrypts").get<bool>(), std::move(*certificate)});
        offers.back().among_others = offer.at("among_others").get<bool>();
        offers.back().left_out = offer.at("left_out").get<std::size_t>();
    }
    return offers;
}

// One digit for each answer.
std::string answers_text(const rules::Answers& answers) {
    std::string text;
    text.reserve(answers.tests.size());
    for (const rules::Answer answer : answers.tests) text += static_cast<char>('0' + static_cast<int>(answer));
    return text;
}

rules::Answers answers_from(const Json& json) {
    rules::Answers answers;
    for (const char digit : json.at("tests").get_ref<const std::string&>()) {
        if (digit < '0' || digit > '0' + static_cast<int>(rules::Answer::NotAsked))
            throw Json::other_error::create(501, "not an answer", &json);
        answers.tests.push_back(static_cast<rules::Answer>(digit - '0'));
    }
    for (const Json& words : as_list(json.at("words"))) {
        const auto test = words.at(0).get<std::size_t>();
        if (test >= answers.tests.size()) throw Json::other_error::create(501, "no such test", &json);
        answers.words.push_back({test, words.at(1).get<std::string>()});
    }
    return answers;
}

template <class AnyJson>
AnyJson cvss_list(const std::vector<cvd::FoundCvss>& found) {
    AnyJson list = AnyJson::array();
    for (const cvd::FoundCvss& cvss : found)
        list.push_back({{"vector", cvss.vector},
                        {"base", cvss.base ? AnyJson(*cvss.base) : AnyJson{}},
                        {"valid", cvss.valid()},
                        {"claimed", cvss.claimed ? AnyJson(*cvss.claimed) : AnyJson{}},
                        {"fits", cvss.claim_fits()}});
    return list;
}

std::vector<cvd::FoundCvss> cvss_from(const Json& json) {
    std::vector<cvd::FoundCvss> found;
    for (const Json& cvss : as_list(json)) {
        cvd::FoundCvss& one = found.emplace_back();
        cvss.at("vector").get_to(one.vector);
        if (!cvss.at("base").is_null()) one.base = cvss.at("base").get<double>();
        if (!cvss.at("claimed").is_null()) one.claimed = cvss.at("claimed").get<double>();
        one.beyond_base = one.base != one.claimed && cvss.at("fits").get<bool>();
    }
    return found;
}

}  // namespace

std::string to_json(const Examination& examination) {
    const OuterMail& outer = examination.outer;
    const CryptoVerdict& crypto = examination.crypto;
    Json words = Json::array();
    for (const auto& hit : examination.answers.words) words.push_back({hit.test, hit.hit});
    const Json json{{"reading", reading_json(examination.reading)},
                    {"outer",
                     {{"message_id", outer.message_id},
                      {"in_reply_to", outer.in_reply_to},
                      {"references", outer.references},
                      {"from", mailboxes_json<Json>(outer.from)},
                      {"reply_to", mailboxes_json<Json>(outer.reply_to)},
                      {"delivered_to", outer.delivered_to},
                      {"subject", outer.subject}}},
                    {"crypto",
                     {{"encrypted", crypto.encrypted},
                      {"protocol", crypto.protocol},
                      {"decrypted", crypto.decrypted},
                      {"error", crypto.error ? Json(*crypto.error) : Json{}},
                      {"covers", crypto.covers},
                      {"signatures", signatures_json<Json>(crypto.signatures)},
                      {"protected_subject", crypto.protected_subject},
                      {"keys_offered", crypto.keys_offered}}},
                    {"signs", examination.signs},
                    {"delivery", examination.delivery ? delivery_json(*examination.delivery) : Json{}},
                    {"authentication", claims_json(examination.authentication)},
                    {"away_until", away_to_json(examination.away_until)},
                    {"embargo", stated_json(examination.embargo)},
                    {"facts",
                     {{"cve", examination.facts.cve},
                      {"cwe", examination.facts.cwe},
                      {"urls", examination.facts.urls},
                      {"cvss", cvss_list<Json>(examination.facts.cvss)}}},
                    {"signature_texts", signature_texts_json(crypto.signatures)},
                    {"team", team_json(examination.team)},
                    {"answers", {{"tests", answers_text(examination.answers)}, {"words", std::move(words)}}},
                    {"rules", examination.rules_hash},
                    {"offers", offers_json(examination.offers)},
                    {"sessions", digests_json(examination.sessions)},
                    {"foreign_keys", examination.foreign_keys},
                    {"outer_answers", {{"tests", answers_text(examination.outer_answers)}, {"words", Json::array()}}},
                    {"content", to_hex(view(examination.content))},
                    {"sketch", {{"lowest", examination.sketch.lowest}, {"shingles", examination.sketch.shingles}}},
                    {"asks_status", examination.asks_status},
                    {"unreadable", examination.unreadable}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Examination examination_from_json(const Json& json) {
    Examination examination;
    examination.reading = reading_from(json.at("reading"));
    const Json& outer = json.at("outer");
    outer.at("message_id").get_to(examination.outer.message_id);
    outer.at("in_reply_to").get_to(examination.outer.in_reply_to);
    outer.at("references").get_to(examination.outer.references);
    examination.outer.from = mailboxes_from(outer.at("from"));
    examination.outer.reply_to = mailboxes_from(outer.at("reply_to"));
    outer.at("delivered_to").get_to(examination.outer.delivered_to);
    outer.at("subject").get_to(examination.outer.subject);
    examination.crypto = crypto_from(json.at("crypto"));
    read_signature_texts(examination.crypto.signatures, json.at("signature_texts"));
    examination.team = team_from(json.at("team"));
    json.at("signs").get_to(examination.signs);
    if (!json.at("delivery").is_null()) examination.delivery = delivery_from(json.at("delivery"));
    examination.authentication = claims_from(json.at("authentication"));
    examination.away_until = away_from(json.at("away_until"));
    examination.embargo = stated_from(json.at("embargo"));
    json.at("facts").at("cve").get_to(examination.facts.cve);
    json.at("facts").at("cwe").get_to(examination.facts.cwe);
    json.at("facts").at("urls").get_to(examination.facts.urls);
    examination.facts.cvss = cvss_from(json.at("facts").at("cvss"));
    examination.answers = answers_from(json.at("answers"));
    examination.offers = offers_from(json.at("offers"));
    for (const Json& session : as_list(json.at("sessions"))) examination.sessions.push_back(digest_from(session));
    json.at("foreign_keys").get_to(examination.foreign_keys);
    examination.outer_answers = answers_from(json.at("outer_answers"));
    json.at("rules").get_to(examination.rules_hash);
    examination.content = digest_from(json.at("content"));
    json.at("sketch").at("lowest").get_to(examination.sketch.lowest);
    if (examination.sketch.lowest.size() > sketch_size)
        throw Json::other_error::create(501, "too large a sketch", &json);
    json.at("sketch").at("shingles").get_to(examination.sketch.shingles);
    json.at("asks_status").get_to(examination.asks_status);
    json.at("unreadable").get_to(examination.unreadable);
    return examination;
}

PublicJson message_in_public(const Examination& examination) {
    const mail::Reading& reading = examination.reading;
    const auto nullable = [](const std::string& text) { return text.empty() ? PublicJson{} : PublicJson(text); };
    return {{"message_id", nullable(reading.message_id)},
            {"from", mailboxes_json<PublicJson>(reading.from)},
            {"sender", reading.sender ? mailbox_json<PublicJson>(*reading.sender) : PublicJson{}},
            {"reply_to", mailboxes_json<PublicJson>(reading.reply_to)},
            {"to", mailboxes_json<PublicJson>(reading.to)},
            {"cc", mailboxes_json<PublicJson>(reading.cc)},
            {"subject", reading.subject},
            {"date", reading.date ? PublicJson(to_rfc3339(*reading.date)) : PublicJson{}},
            {"in_reply_to", reading.in_reply_to},
            {"references", reading.references},
            {"text", reading.text},
            {"reply_text", reading.reply_text},
            {"language", nullable(reading.language)},
            {"attachments", attachments_json<PublicJson>(reading.attachments)},
            {"defects", reading.defects}};
}

PublicJson cvss_in_public(const ReportFacts& facts) { return cvss_list<PublicJson>(facts.cvss); }

PublicJson crypto_in_public(const CryptoVerdict& crypto) {
    const auto nullable = [](const std::string& text) { return text.empty() ? PublicJson{} : PublicJson(text); };
    return {{"encrypted", crypto.encrypted},
            {"protocol", nullable(crypto.protocol)},
            {"decrypted", crypto.decrypted},
            {"error", crypto.error ? PublicJson(*crypto.error) : PublicJson{}},
            {"covers", crypto.covers},
            {"signatures", signatures_json<PublicJson>(crypto.signatures)},
            {"protected_subject", nullable(crypto.protected_subject)},
            {"keys_offered", crypto.keys_offered}};
}

}  // namespace tocsin::intake
