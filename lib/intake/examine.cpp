#include "intake/examine.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "intake/report_facts.hpp"
#include "intake/reporter_mail.hpp"
#include "intake/team_text.hpp"
#include "mail/entity.hpp"
#include "mail/signs.hpp"

namespace tocsin::intake {

namespace {

// Trace fields (RFC 5321 section 4.4) and what servers add on the way differ between two deliveries of one mail;
// who wrote it, when, under which id and the body as it stands do not.
Digest digest_of_content(const mail::Message& message, const mail::Reading& reading) {
    Sha256 hash;
    for (const std::string_view name : {"from", "date", "message-id", "subject"}) {
        for (const std::string_view value : reading.header_values(name)) {
            hash.update(value);
            hash.update("\n");
        }
        hash.update(std::string_view{"\0", 1});
    }
    hash.update(message.body_of(message.root()));
    return hash.finish();
}

// A mail that is encrypted as a whole (RFC 3156 section 4, RFC 8551 section 3.3, inline armor as its whole text).
std::string encryption_of(const mail::Message& message, const mail::Reading& reading) {
    const mail::MediaType& type = message.root().media_type;
    if (type.is("multipart/encrypted")) return "openpgp";
    if (type.is("application/pkcs7-mime") || type.is("application/x-pkcs7-mime")) {
        const auto smime_type = type.parameter("smime-type");
        return smime_type && *smime_type == "signed-data" ? "" : "smime";
    }
    return reading.text.starts_with("-----BEGIN PGP MESSAGE-----") ? "openpgp" : "";
}

// To whom servers on the way noted that they delivered it.
std::vector<std::string> noted_recipients(const mail::Reading& reading) {
    constexpr std::size_t most = 10;
    std::vector<std::string> noted;
    for (const std::string_view name : {"delivered-to", "x-original-to", "envelope-to", "x-envelope-to"})
        for (const std::string_view value : reading.header_values(name))
            if (noted.size() < most) noted.emplace_back(trim(value).substr(0, 254));
    return noted;
}

// A list that rewrites From (RFC 6377, RFC 7960 section 3.2) keeps its author elsewhere. Only where From names our own
// house: else the list has left it alone, and nothing that stands elsewhere is better.
void read_as_its_author_sent_it(mail::Reading& reading, const std::vector<std::string>& ours) {
    const auto is_ours = [&](std::string_view address) {
        const std::string bare = mail::without_detail(address);
        if (std::ranges::find(ours, bare) != ours.end()) return true;
        const std::size_t at = bare.rfind('@');
        return at != std::string::npos && std::ranges::any_of(ours, [&](const std::string& one) {
                   return one.ends_with(bare.substr(at));
               });
    };
    if (reading.from.size() != 1 || !is_ours(reading.from.front().address)) return;
    std::vector<std::string> ignored;
    const auto take = [&](const std::vector<mail::Mailbox>& authors) {
        if (authors.size() != 1 || !mail::Address::from(authors.front().address) || is_ours(authors.front().address))
            return false;
        std::string name = authors.front().name.empty() ? reading.from.front().name : authors.front().name;
        if (const std::size_t via = name.rfind(" via "); via != std::string::npos) name.resize(via);
        reading.from = {{std::move(name), authors.front().address}};
        return true;
    };
    for (const std::string_view name : {"x-original-from", "x-original-sender", "x-mailfrom", "original-from"})
        for (const std::string_view value : reading.header_values(name))
            if (take(mail::read_address_list(value, {}, ignored))) return;
    // Lists that rewrite From put the author into Reply-To or Cc, beside themselves.
    std::vector<mail::Mailbox> others = reading.reply_to;
    std::erase_if(others, [&](const mail::Mailbox& mailbox) { return is_ours(mailbox.address); });
    take(others);
}

bool hit_a_limit(const mail::Reading& reading) {
    for (const std::string& defect : reading.defects)
        if (defect.starts_with("limit")) return true;
    return false;
}

}  // namespace

Examination examine(std::string_view bytes, const rules::RuleSet& rule_set, const ExaminationLimits& limits,
                    const ExamineOptions& options) {
    const mail::Message message = mail::parse(bytes, limits.parse);
    Examination result;
    result.reading = mail::read(message, limits.parse);
    mail::Reading& reading = result.reading;

    result.crypto.protocol = encryption_of(message, reading);
    result.crypto.encrypted = !result.crypto.protocol.empty();
    if (result.crypto.encrypted) result.crypto.error = "unsupported";
    result.unreadable = result.crypto.encrypted && !result.crypto.decrypted;

    if (mail::came_through(reading, options.via_list)) read_as_its_author_sent_it(reading, options.addresses);
    result.outer = {.message_id = reading.message_id,
                    .in_reply_to = reading.in_reply_to,
                    .references = reading.references,
                    .from = reading.from,
                    .reply_to = reading.reply_to,
                    .delivered_to = noted_recipients(reading),
                    .subject = reading.subject};
    result.team = read_team_text(message, reading);
    result.delivery = mail::read_delivery_status(message, reading, limits.parse);
    result.signs = mail::read_signs(message, reading, result.delivery, {options.via_list, options.addresses});
    result.facts = find_report_facts(reading.subject + "\n" + reading.text);
    result.content = digest_of_content(message, reading);
    result.authentication = mail::read_authentication_claims(message.root().fields);
    mail::DomainVerdict verdict;
    if (const auto author = author_of(reading))
        if (const auto* results = mail::believed(result.authentication, options.authserv_id))
            verdict = mail::verdict_on(*results, author->domain());
    result.rules_hash = rule_set.hash();
    std::vector<std::string> vectors;
    for (const cvd::FoundCvss& cvss : result.facts.cvss)
        if (cvss.valid()) vectors.push_back(cvss.vector);
    result.answers = rule_set.examine({.reading = reading,
                                       .recipient = options.recipient,
                                       .encrypted = result.crypto.encrypted,
                                       .signature = {},
                                       .auth_dmarc = verdict.dmarc,
                                       .auth_dkim = verdict.dkim,
                                       .auth_spf = verdict.spf,
                                       .signs = &result.signs,
                                       .cve = &result.facts.cve,
                                       .cwe = &result.facts.cwe,
                                       .urls = &result.facts.urls,
                                       .cvss_base = cvd::highest_base(result.facts.cvss),
                                       .cvss_fits = std::ranges::all_of(result.facts.cvss, &cvd::FoundCvss::claim_fits),
                                       .cvss_vectors = &vectors,
                                       .limit_hit = hit_a_limit(reading)});
    if (!result.crypto.encrypted) {
        result.sketch = sketch_of(reading.subject + "\n" + reading.text);
        result.asks_status = asks_for_status(reading.reply_text);
    }
    if (!reading.in_reply_to.empty())
        result.away_until = mail::end_of_absence(reading.subject + "\n" + (reading.reply_text.empty() ? reading.text : reading.reply_text));
    if (!options.with_text) {
        reading.text.clear();
        reading.reply_text.clear();
        reading.quoted.clear();
        reading.header.clear();
    }
    return result;
}

}  // namespace tocsin::intake
