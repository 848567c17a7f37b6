#include "rules/conditions/field.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cvd/cvss.hpp"

namespace tocsin::rules {

namespace {

const std::vector<std::string_view> kinds_of_mail{"report", "reporter-reply", "team-reply", "auto-reply", "bounce",
                                                  "bulk",   "foreign",        "own",        "duplicate"};
const std::vector<std::string_view> signature_statuses{
    "good", "good-other", "unknown-key", "expired-key", "revoked-key", "expired", "weak", "bad", "none"};
// What the structure of a mail says of how it came about; docs/RULES.md explains each.
const std::vector<std::string_view> signs_of_a_mail{
    "auto-replied",   "auto-generated",  "delivery-report", "returned-mail", "null-sender",
    "no-return-path", "several-authors", "other-sender",    "many-hops",     "not-to-us",
    "our-list",       "reaction",        "calendar-answer"};
// RFC 8601 section 2.7
const std::vector<std::string_view> authentication_results{"pass",     "fail",   "none",      "neutral",
                                                           "softfail", "policy", "temperror", "permerror"};

const std::vector<FieldKind>& all_fields() {
    static const std::vector<FieldKind> fields{
        {"text", Field::Text, Shape::Words, true},
        {"subject", Field::Subject, Shape::Words},
        {"body", Field::Body, Shape::Words, true},
        {"quoted", Field::Quoted, Shape::Words, true},
        {"header.NAME", Field::Header, Shape::Words},
        {"sender", Field::Sender, Shape::Words},
        {"sender.domain", Field::SenderDomain, Shape::Words},
        {"recipient", Field::Recipient, Shape::Words},
        {"language", Field::Language, Shape::Name},
        {"sign", Field::Sign, Shape::Name, false, signs_of_a_mail},
        {"cve", Field::Cve, Shape::Words, true},
        {"cwe", Field::Cwe, Shape::Words, true},
        {"url", Field::Url, Shape::Words, true},
        {"asset", Field::Asset, Shape::Name, true, {"in-scope", "out-of-scope", "unknown"}},
        {"crypto.encrypted", Field::Encrypted, Shape::YesNo},
        {"crypto.signature", Field::Signature, Shape::Name, false, signature_statuses},
        {"auth.dmarc", Field::Dmarc, Shape::Name, false, authentication_results},
        {"auth.dkim", Field::Dkim, Shape::Name, false, authentication_results},
        {"auth.spf", Field::Spf, Shape::Name, false, authentication_results},
        {"cvss", Field::Cvss, Shape::Presence, true},
        {"cvss.base", Field::CvssBase, Shape::Number, true},
        {"cvss.version", Field::CvssVersion, Shape::Name, true, {"3.0", "3.1", "4.0"}},
        {"cvss.fits", Field::CvssFits, Shape::YesNo, true},
        {"cvss.METRIC", Field::CvssMetric, Shape::Name, true},
        {"attachment", Field::Attachment, Shape::Collection, true},
        {"element", Field::Element, Shape::Name, true},
        {"kind", Field::Kind, Shape::Name, false, kinds_of_mail},
        {"thread.known", Field::ThreadKnown, Shape::YesNo},
        {"reporter.reports", Field::ReporterReports, Shape::Number},
        {"reporter.valid", Field::ReporterValid, Shape::Number},
    };
    return fields;
}

const std::vector<FieldKind>& attachment_fields() {
    static const std::vector<FieldKind> fields{
        {"name", Field::AttachmentName, Shape::Words},
        {"type", Field::AttachmentType, Shape::Words},
        {"size", Field::AttachmentSize, Shape::Number},
    };
    return fields;
}

const FieldKind* find_in(const std::vector<FieldKind>& fields, std::string_view name) {
    const auto found = std::ranges::find(fields, name, &FieldKind::name);
    return found == fields.end() ? nullptr : &*found;
}

std::vector<std::string_view> names_in(const std::vector<FieldKind>& fields) {
    std::vector<std::string_view> names;
    for (const FieldKind& field : fields) names.push_back(field.name);
    return names;
}

}  // namespace

const FieldKind* field_named(std::string_view name) {
    if (name.starts_with("header.") && name.size() > 7) return find_in(all_fields(), "header.NAME");
    if (name.starts_with("cvss.") && cvd::values_of_cvss_metric(name.substr(5)))
        return find_in(all_fields(), "cvss.METRIC");
    if (name == "header.NAME" || name == "cvss.METRIC") return nullptr;
    return find_in(all_fields(), name);
}

const FieldKind* field_of_attachment(std::string_view name) { return find_in(attachment_fields(), name); }

const FieldKind& kind_of(Field field) {
    const auto& fields =
        known_from_the_mail(field) && field >= Field::AttachmentName ? attachment_fields() : all_fields();
    return *std::ranges::find(fields, field, &FieldKind::field);
}

std::vector<std::string_view> field_names() { return names_in(all_fields()); }
std::vector<std::string_view> cvss_field_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const std::string_view metric : cvd::cvss_metric_names()) all.push_back("cvss." + std::string{metric});
        return all;
    }();
    return {names.begin(), names.end()};
}
std::vector<std::string_view> attachment_field_names() { return names_in(attachment_fields()); }

bool known_from_the_mail(Field field) { return field < Field::Element; }
bool known_from_the_store(Field field) { return field > Field::Element; }

std::string_view operators_of(Shape shape) {
    switch (shape) {
        case Shape::Words:
            return "~, !~, contains, in, ==, !=";
        case Shape::Name:
            return "==, !=, in";
        case Shape::Number:
            return "==, !=, <, <=, >, >=";
        case Shape::YesNo:
            return "==, !=";
        case Shape::Collection:
            return "any, all, no or has before it";
        case Shape::Presence:
            return "has before it";
    }
    return {};
}

std::string_view in_words(Shape shape) {
    switch (shape) {
        case Shape::Words:
            return "text";
        case Shape::Name:
            return "one of a few words";
        case Shape::Number:
            return "a number";
        case Shape::YesNo:
            return "true or false";
        case Shape::Collection:
            return "a collection";
        case Shape::Presence:
            return "there or not";
    }
    return {};
}

std::string in_a_row(const std::vector<std::string_view>& names) {
    std::string row;
    for (const std::string_view name : names) row += (row.empty() ? "" : ", ") + std::string{name};
    return row;
}

}  // namespace tocsin::rules
