// The fields that a condition can ask for, with what can be asked of each (docs/RULES.md lists them).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::rules {

enum class Field : unsigned char {
    Text,
    Subject,
    Body,
    Quoted,
    Header,
    Sender,
    SenderDomain,
    Recipient,
    Language,
    Sign,
    Cve,
    Cwe,
    Url,
    Asset,
    Encrypted,
    Signature,
    Dmarc,
    Dkim,
    Spf,
    Cvss,
    CvssBase,
    CvssVersion,
    CvssFits,
    CvssMetric,
    Attachment,
    // Of one attachment.
    AttachmentName,
    AttachmentType,
    AttachmentSize,
    // Those that the mail alone does not tell.
    Element,
    Kind,
    ThreadKnown,
    ReporterReports,
    ReporterValid,
};

enum class Shape : unsigned char {
    Words,       // text, one value or several: ~ !~ contains in == != has
    Name,        // one of a few words: == != in has
    Number,      // == != < <= > >= has
    YesNo,       // == != has
    Collection,  // any, all, no, has
    Presence,    // has
};

struct FieldKind {
    std::string_view name;
    Field field;
    Shape shape;
    bool of_text = false;                       // a limit that cut the text can hide it
    std::vector<std::string_view> values = {};  // of a Name; empty: whatever
};

// Nothing when there is no such field. `header.` and `cvss.` fields are found by what stands before the point.
const FieldKind* field_named(std::string_view name);
const FieldKind* field_of_attachment(std::string_view name);
const FieldKind& kind_of(Field field);
std::vector<std::string_view> field_names();
std::vector<std::string_view> attachment_field_names();
std::vector<std::string_view> cvss_field_names();  // "cvss.AV", …

bool known_from_the_mail(Field field);
bool known_from_the_store(Field field);  // without `element`, which follows from other conditions

// The operators that a shape takes, for people.
std::string_view operators_of(Shape shape);
std::string_view in_words(Shape shape);

// "a, b, c"
std::string in_a_row(const std::vector<std::string_view>& names);

}  // namespace tocsin::rules
