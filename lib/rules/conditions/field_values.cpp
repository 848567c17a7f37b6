#include "rules/conditions/field_values.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tocsin::rules {

namespace {

using FieldValues = std::vector<std::string_view>;

FieldValues one_if_any(std::string_view value) { return value.empty() ? FieldValues{} : FieldValues{value}; }

FieldValues many(const std::vector<std::string>* values) {
    return values == nullptr ? FieldValues{} : FieldValues{values->begin(), values->end()};
}

// "CVSS:3.1/AV:N/…": the version, or what follows "/AV:".
FieldValues parts_of_vectors(const MailFacts& facts, std::string_view metric) {
    FieldValues found;
    for (const std::string_view vector : many(facts.cvss_vectors)) {
        for (const std::string_view part : split(vector, '/')) {
            const std::size_t colon = part.find(':');
            if (colon != std::string_view::npos && part.substr(0, colon) == metric)
                found.push_back(part.substr(colon + 1));
        }
    }
    return found;
}

FieldValues senders(const MailFacts& facts, bool domains) {
    FieldValues found;
    for (const mail::Mailbox& from : facts.reading.from) {
        const std::string_view address = from.address;
        const std::size_t at = address.rfind('@');
        if (!domains && !address.empty()) found.push_back(address);
        if (domains && at != std::string_view::npos) found.push_back(address.substr(at + 1));
    }
    return found;
}

bool fits(std::string_view value, std::string_view glob) {
    std::size_t at = 0, in_glob = 0, after_star = std::string_view::npos, retry = 0;
    while (at < value.size()) {
        if (in_glob < glob.size() && glob[in_glob] == '*') {
            after_star = ++in_glob;
            retry = at;
        } else if (in_glob < glob.size() && ascii_lower(value[at]) == glob[in_glob]) {
            ++at, ++in_glob;
        } else if (after_star != std::string_view::npos) {
            in_glob = after_star;
            at = ++retry;
        } else {
            return false;
        }
    }
    while (in_glob < glob.size() && glob[in_glob] == '*') ++in_glob;
    return in_glob == glob.size();
}

}  // namespace

FieldValues values_of(Field field, std::string_view name, const MailFacts& facts, std::string_view text) {
    const mail::Reading& reading = facts.reading;
    switch (field) {
        case Field::Text:
            return one_if_any(text);
        case Field::Subject:
            return one_if_any(reading.subject);
        case Field::Body:
            return one_if_any(reading.text);
        case Field::Quoted:
            return one_if_any(reading.quoted);
        case Field::Header:
            return reading.header_values(name);
        case Field::Sender:
            return senders(facts, false);
        case Field::SenderDomain:
            return senders(facts, true);
        case Field::Recipient:
            return one_if_any(facts.recipient);
        case Field::Language:
            return one_if_any(reading.language);
        case Field::Sign:
            return many(facts.signs);
        case Field::Cve:
            return many(facts.cve);
        case Field::Cwe:
            return many(facts.cwe);
        case Field::Url:
            return many(facts.urls);
        case Field::Signature:
            return one_if_any(facts.signature);
        case Field::Dmarc:
            return one_if_any(facts.auth_dmarc);
        case Field::Dkim:
            return one_if_any(facts.auth_dkim);
        case Field::Spf:
            return one_if_any(facts.auth_spf);
        case Field::CvssVersion:
            return parts_of_vectors(facts, "CVSS");
        case Field::CvssMetric:
            return parts_of_vectors(facts, name);
        // Those that are no text.
        case Field::Asset:
        case Field::Encrypted:
        case Field::Cvss:
        case Field::CvssBase:
        case Field::CvssFits:
        case Field::Attachment:
        case Field::AttachmentName:
        case Field::AttachmentType:
        case Field::AttachmentSize:
        case Field::Element:
        case Field::Kind:
        case Field::ThreadKnown:
        case Field::ReporterReports:
        case Field::ReporterValid:
            break;
    }
    return {};
}

bool is_in(std::string_view value, const std::vector<std::string>& words) {
    return std::ranges::any_of(words, [value](const std::string& word) {
        return word.find('*') == std::string::npos ? equal_ignoring_case(value, word) : fits(value, word);
    });
}

}  // namespace tocsin::rules
