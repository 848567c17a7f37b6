// A mail as the structure of its received bytes: RFC 5322 fields and RFC 2045-2046 entities.
//
// All views point into the bytes that were parsed, which must outlive the result. Every entity knows the exact
// span of its header and of its body, since a signature is checked over those (RFC 1847 section 2.1).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::mail {

// Every limit that a hostile mail can hit. A limit that was hit is a defect in the result, not a failure.
struct ParseLimits {
    std::size_t max_header_bytes = 256u << 10;  // one header block
    std::size_t max_field_bytes = 64u << 10;    // one field, unfolded
    std::size_t max_fields = 1'000;             // in one header
    std::size_t max_depth = 32;                 // entities within entities
    std::size_t max_parts = 500;                // entities in all
    std::size_t max_message_depth = 5;          // message/rfc822 within message/rfc822
    std::size_t max_boundary_bytes = 255;       // RFC 2046 section 5.1.1 says 70
    std::size_t max_parameters = 32;            // of one field
    std::size_t max_parameter_segments = 64;    // RFC 2231 continuations of one parameter
    std::size_t max_encoded_words = 200;        // decoded in one field
    std::size_t max_addresses = 1'000;          // in all
    std::size_t max_comment_depth = 8;
    std::size_t max_references = 50;             // the first and the last ones are kept
    std::size_t max_part_text_bytes = 1u << 20;  // decoded text of one part
    std::size_t max_text_bytes = 4u << 20;       // decoded text in all
    std::size_t max_attachments = 200;
    std::size_t max_file_name_bytes = 150;
    std::size_t max_html_bytes = 2u << 20;
};

struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string_view of(std::string_view bytes) const { return bytes.substr(begin, end - begin); }
    friend bool operator==(Span, Span) = default;
};

struct Field {
    std::string_view name;   // as it was written
    std::string_view value;  // after the colon, still folded, without the last line end
};

// The fields of one header in their order. Names compare without regard to case.
class Header {
public:
    explicit Header(std::vector<Field> fields = {}) : fields_{std::move(fields)} {}
    const std::vector<Field>& fields() const noexcept { return fields_; }
    std::optional<std::string_view> first(std::string_view name) const;
    std::vector<std::string_view> all(std::string_view name) const;
    std::size_t count(std::string_view name) const { return all(name).size(); }

private:
    std::vector<Field> fields_;
};

struct Parameter {
    std::string name;   // lower case
    std::string value;  // decoded to UTF-8 (RFC 2231, RFC 2047 where it was misused)
};

// Content-Type (RFC 2045 section 5) and Content-Disposition (RFC 2183).
struct MediaType {
    std::string type = "text";  // lower case
    std::string subtype = "plain";
    std::vector<Parameter> parameters;

    std::string full() const { return type + "/" + subtype; }
    bool is(std::string_view full_name) const { return full() == full_name; }
    std::optional<std::string_view> parameter(std::string_view name) const;
};

struct Entity {
    Span header;  // without the empty line after it
    Span body;    // without the line end before the next boundary (RFC 2046 section 5.1.1)
    Header fields;
    MediaType media_type;
    std::string disposition;        // lower case: "inline", "attachment" or empty
    std::string file_name;          // as the mail says it, decoded; not yet cleaned
    std::string transfer_encoding;  // lower case; empty means 7bit
    std::optional<std::size_t> parent;
    std::vector<std::size_t> children;  // of a multipart, or the one message inside message/rfc822
    std::size_t depth = 0;
    bool opaque = false;  // a limit or its type kept it from being looked into
};

struct Message {
    std::string_view bytes;
    std::vector<Entity> entities;  // in their order in the mail; [0] is the mail itself
    std::vector<std::string> defects;
    bool is_payload = false;  // it lay inside an encryption (RFC 9788 section 1.10)

    const Entity& root() const { return entities.front(); }
    std::string_view header_of(const Entity& entity) const { return entity.header.of(bytes); }
    std::string_view body_of(const Entity& entity) const { return entity.body.of(bytes); }
};

// One pass, no recursion; never fails and never throws on what a stranger can send.
Message parse(std::string_view bytes, const ParseLimits& limits = {});

// The body with its transfer encoding undone (RFC 2045 section 6), at most `most` bytes of it.
struct Decoded {
    std::string bytes;
    bool cut = false;
    bool damaged = false;
};
Decoded decode_body(const Message& message, const Entity& entity, std::size_t most);

}  // namespace tocsin::mail
