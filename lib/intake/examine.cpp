#include "intake/examine.hpp"

#include <algorithm>

#include "intake/report_facts.hpp"
#include "intake/reporter_mail.hpp"
#include "intake/team_text.hpp"
#include "mail/entity.hpp"

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

std::string type_of_report(const mail::MediaType& type) {
    std::string text = type.full();
    if (const auto report = type.parameter("report-type")) text += "; " + std::string{*report};
    return text;
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

    result.outer = {.message_id = reading.message_id,
                    .in_reply_to = reading.in_reply_to,
                    .references = reading.references,
                    .from = reading.from,
                    .reply_to = reading.reply_to,
                    .subject = reading.subject};
    result.automatic = read_automatic_signals(reading, type_of_report(message.root().media_type), options.via_list);
    result.team = read_team_text(message, reading);
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
    if (!options.with_text) {
        reading.text.clear();
        reading.reply_text.clear();
        reading.quoted.clear();
        reading.header.clear();
    }
    return result;
}

}  // namespace tocsin::intake
