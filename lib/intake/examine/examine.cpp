#include "intake/examine/examine.hpp"

#include "intake/examine/attached_report.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "intake/examine/opening.hpp"
#include "intake/examine/report_facts.hpp"
#include "intake/examine/signed_entity.hpp"
#include "intake/examine/team_text.hpp"
#include "intake/outgoing/reporter_mail.hpp"
#include "mail/automatic/signs.hpp"
#include "mail/structure/entity.hpp"

namespace tocsin::intake {

namespace {

// The words without what a list put below them: from the last line of nothing but rules on, where that is short and
// names the list (RFC 2919). Anything else below such a line is the author's, and a copy that differs there is another
// mail.
std::string_view without_footer(std::string_view text, const mail::Reading& reading, bool through_our_list) {
    constexpr std::size_t longest = 1000;
    if (const auto footer = text.rfind("\n_______"); through_our_list && footer != std::string_view::npos)
        return text.substr(0, footer);
    for (const std::string_view value : reading.header_values("list-id")) {
        const std::size_t begin = value.rfind('<'), end = value.rfind('>');
        if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) continue;
        const std::string id = lower(trim(value.substr(begin + 1, end - begin - 1)));
        const std::size_t dot = id.find('.');
        if (dot == std::string::npos || dot == 0 || dot + 1 == id.size()) continue;
        const std::string tail = lower(text.substr(text.size() > longest ? text.size() - longest : 0));
        for (std::size_t at = tail.rfind('\n'); at != std::string::npos && at > 0; at = tail.rfind('\n', at - 1)) {
            const std::string_view line = trim(std::string_view{tail}.substr(at + 1, tail.find('\n', at + 1) - at - 1));
            if (line.size() < 2 || line.find_first_not_of("_-=*") != std::string_view::npos) continue;
            const std::string_view below = std::string_view{tail}.substr(at);
            if (below.find(id.substr(0, dot)) != std::string_view::npos &&
                below.find(id.substr(dot + 1)) != std::string_view::npos)
                return text.substr(0, text.size() - below.size());
        }
    }
    return text;
}

// Trace fields (RFC 5321 section 4.4) and what servers add on the way differ between two deliveries of one mail;
// who wrote it, when, under which id and the body as it stands do not.
// Where it has a Message-ID, its author and what a person is shown stand for it: servers on the way encode bodies anew,
// end lines otherwise, and lists put words before its subject and below its text.
Digest digest_of_content(const mail::Message& message, const mail::Reading& reading, bool through_our_list) {
    Sha256 hash;
    const auto add = [&](std::string_view value) {
        hash.update(value);
        hash.update(std::string_view{"\0", 1});
    };
    const bool sealed =
        message.root().media_type.is("multipart/encrypted") || message.root().media_type.type == "application";
    if (!reading.message_id.empty() && reading.from.size() == 1 && !sealed &&
        !(reading.text.empty() && reading.attachments.empty())) {
        add(reading.message_id);
        add(lower(reading.from.front().address));
        for (const auto word : words(without_footer(reading.text, reading, through_our_list))) {
            hash.update(word);
            hash.update(" ");
        }
        add({});
        for (const mail::Attachment& file : reading.attachments) hash.update(view(file.sha256));
        // Ciphertexts are neither.
        for (const mail::Entity& entity : message.entities)
            if (entity.parent && message.entities[*entity.parent].media_type.is("multipart/encrypted"))
                for (const auto word : words(message.body_of(entity))) hash.update(word);
        return hash.finish();
    }
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
        return at != std::string::npos &&
               std::ranges::any_of(ours, [&](const std::string& one) { return one.ends_with(bare.substr(at)); });
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
    if (take(others)) return;
    // Mailman, where answers go to the list: "Rae via Security", and Rae among those who get a copy.
    const std::string shown = reading.from.front().name;
    std::string_view name = std::string_view{shown}.substr(0, std::min(shown.rfind(" via "), shown.size()));
    if (name.size() > 2 && name.starts_with('\'') && name.ends_with('\'')) name = name.substr(1, name.size() - 2);
    others = reading.cc;
    std::erase_if(others,
                  [&](const mail::Mailbox& mailbox) { return is_ours(mailbox.address) || mailbox.name != name; });
    if (!name.empty()) take(others);
}

bool hit_a_limit(const mail::Reading& reading) {
    for (const std::string& defect : reading.defects)
        if (defect.starts_with("limit")) return true;
    return false;
}

bool is_signed_by_author(const CryptoVerdict& crypto) {
    return std::ranges::any_of(crypto.signatures, [](const SignatureVerdict& signature) {
        return signature.status == "good" && signature.covers == "all";
    });
}

// The status that rules ask about: of the signature that stands for the whole mail, else of the first one.
std::string_view signature_for_rules(const CryptoVerdict& crypto) {
    for (const SignatureVerdict& signature : crypto.signatures)
        if (signature.covers == "all") return signature.status;
    return crypto.signatures.empty() ? std::string_view{} : crypto.signatures.front().status;
}

rules::Answers ask_rules(const rules::RuleSet& rule_set, const mail::Reading& reading, const ReportFacts& facts,
                         const std::vector<std::string>& signs, const CryptoVerdict& crypto,
                         const mail::DomainVerdict& domain, const ExamineOptions& options) {
    std::vector<std::string> vectors;
    for (const cvd::FoundCvss& cvss : facts.cvss)
        if (cvss.valid()) vectors.push_back(cvss.vector);
    return rule_set.examine({.reading = reading,
                             .recipient = options.recipient,
                             .encrypted = crypto.encrypted,
                             .signature = signature_for_rules(crypto),
                             .auth_dmarc = domain.dmarc,
                             .auth_dkim = domain.dkim,
                             .auth_spf = domain.spf,
                             .signs = &signs,
                             .cve = &facts.cve,
                             .cwe = &facts.cwe,
                             .urls = &facts.urls,
                             .cvss_base = cvd::highest_base(facts.cvss),
                             .cvss_fits = std::ranges::all_of(facts.cvss, &cvd::FoundCvss::claim_fits),
                             .cvss_vectors = &vectors,
                             .limit_hit = hit_a_limit(reading)});
}

// What can be told of an encrypted mail without opening it: its header. No word of its body, not even of what stands
// beside the ciphertext, and nothing of how opening it went.
rules::Answers ask_rules_outside(const rules::RuleSet& rule_set, const mail::Reading& outer,
                                 const std::vector<std::string>& signs, const mail::DomainVerdict& domain,
                                 const ExamineOptions& options) {
    mail::Reading header = outer;
    header.text.clear();
    header.reply_text.clear();
    header.quoted.clear();
    header.embedded.clear();
    header.language.clear();
    header.attachments.clear();
    header.defects.clear();
    CryptoVerdict crypto;
    crypto.encrypted = true;
    return ask_rules(rule_set, header, {}, signs, crypto, domain, options);
}

// What can be told of a mail without the parts of it that are encrypted.
rules::Answers ask_rules_in_the_clear(const rules::RuleSet& rule_set, const mail::Reading& outer,
                                      const std::vector<std::string>& signs, const mail::DomainVerdict& domain,
                                      const ExamineOptions& options) {
    return ask_rules(rule_set, outer, find_report_facts(outer.subject + "\n" + outer.text), signs, {}, domain, options);
}

}  // namespace

Result<Examination> examine(std::string_view bytes, const rules::RuleSet& rule_set, const ExaminationLimits& limits,
                            const ExamineOptions& options, openpgp::Engine& engine) {
    const mail::Message message = mail::parse(bytes, limits.parse);
    auto opened = open_mail(message, limits, engine);
    if (!opened) return tl::unexpected{opened.error()};
    const mail::Reading& outer = opened->outer;
    Examination result;
    result.reading = std::move(opened->reading);
    result.crypto = std::move(opened->crypto);
    result.offers = std::move(opened->offers);
    result.sessions = std::move(opened->sessions);
    vouch_for_certificates(result.crypto, opened->outer, options.certificates);
    result.foreign_keys = std::move(opened->foreign_keys);
    result.unreadable = opened->nothing_was_read;

    mail::Reading& reading = result.reading;
    // The outside alone says whose mail it is, and whether it is answered.
    mail::Reading& outside = opened->outer;
    if (mail::came_through(outside, options.via_list)) {
        read_as_its_author_sent_it(outside, options.addresses);
        reading.from = outside.from;
    }
    result.outer = {.message_id = outer.message_id,
                    .in_reply_to = outer.in_reply_to,
                    .references = outer.references,
                    .from = outer.from,
                    .reply_to = outer.reply_to,
                    .delivered_to = noted_recipients(outer),
                    .subject = outer.subject};
    result.delivery = mail::read_delivery_status(message, outer, limits.parse);
    result.signs = mail::read_signs(message, outer, result.delivery, {options.via_list, options.addresses});
    const mail::Message inside = mail::parse(opened->made, limits.parse);
    result.team = read_team_text(opened->made.empty() ? message : inside, reading);
    read_attached_report(reading, opened->made.empty() ? message : inside, limits.parse);
    result.facts = find_report_facts(reading.subject + "\n" + reading.text);
    result.content = digest_of_content(message, outer, mail::came_through(outer, options.via_list));
    result.authentication = mail::read_authentication_claims(message.root().fields);
    mail::DomainVerdict domain;
    if (const auto author = author_of(outer))
        if (const auto results = mail::believed(result.authentication, options.authserv_id))
            domain = mail::verdict_on(*results, author->domain());
    result.rules_hash = rule_set.hash();
    result.answers = ask_rules(rule_set, reading, result.facts, result.signs, result.crypto, domain, options);
    if (came_encrypted(result.crypto))
        result.outer_answers = ask_rules_outside(rule_set, outer, result.signs, domain, options);
    else if (result.crypto.encrypted)
        result.outer_answers = ask_rules_in_the_clear(rule_set, outer, result.signs, domain, options);
    // What lies inside answers nobody by itself: whoever sends a ciphertext of hers again would learn what it says. Her
    // own signature, in a mail that is from her, says that the question is hers.
    if (!result.crypto.encrypted || (came_encrypted(result.crypto) && is_signed_by_author(result.crypto)))
        result.asks_status = asks_for_status(reading.reply_text);
    if (!result.crypto.encrypted) {
        result.sketch = sketch_of(reading.subject + "\n" + reading.text);
        result.embargo = cvd::stated_embargo(reading.reply_text.empty() ? reading.text : reading.reply_text);
    }
    if (!reading.in_reply_to.empty())
        result.away_until = mail::end_of_absence(reading.subject + "\n" +
                                                 (reading.reply_text.empty() ? reading.text : reading.reply_text));
    if (!options.with_text) {
        reading.text.clear();
        reading.reply_text.clear();
        reading.quoted.clear();
        reading.embedded.clear();
        reading.header.clear();
        if (result.crypto.encrypted) {  // what lay inside stays inside
            reading.subject = outer.subject;
            if (came_encrypted(result.crypto)) reading.language.clear();
            reading.attachments.clear();
            result.crypto.protected_subject.clear();
            result.facts.urls.clear();
            result.answers.words.clear();
        }
    }
    return result;
}

Examination examine(std::string_view bytes, const rules::RuleSet& rule_set, const ExaminationLimits& limits,
                    const ExamineOptions& options) {
    openpgp::NoEngine none;
    return *examine(bytes, rule_set, limits, options, none);
}

void warm_up(const rules::RuleSet& rule_set, const ExaminationLimits& limits) {
    for (const rules::RuleTest& test : rule_set.tests()) (void)examine(test.mail, rule_set, limits, {});
}

}  // namespace tocsin::intake
