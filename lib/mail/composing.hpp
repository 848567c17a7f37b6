// Mail that we write (RFC 5322, 2045-2047, 3676): typed header values in, canonical bytes out.
//
// A value that could end a header line cannot be made, so none can be written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "mail/header/address.hpp"

namespace tocsin::mail {

// RFC 5322 section 3.2.5. Valid UTF-8 on one line without control characters; there is no other way to make one.
class Unstructured {
public:
    static std::optional<Unstructured> from(std::string_view text);
    // What a stranger wrote, made fit: one line, controls and bidirectional characters gone.
    static Unstructured cleaned(std::string_view text, std::size_t most_code_points = 200);
    std::string_view view() const noexcept { return text_; }

private:
    explicit Unstructured(std::string text) : text_{std::move(text)} {}
    std::string text_;
};

// RFC 5322 section 3.6.4, without the angle brackets: printable ASCII with one "@", at most 250 bytes.
class MessageId {
public:
    static std::optional<MessageId> from(std::string_view text);
    std::string_view view() const noexcept { return text_; }
    friend bool operator==(const MessageId&, const MessageId&) = default;

private:
    explicit MessageId(std::string text) : text_{std::move(text)} {}
    std::string text_;
};

// A header field's name (RFC 5322 section 2.2): letters, digits and hyphens.
class FieldName {
public:
    static std::optional<FieldName> from(std::string_view text);
    std::string_view view() const noexcept { return text_; }

private:
    explicit FieldName(std::string text) : text_{std::move(text)} {}
    std::string text_;
};

struct NamedAddress {
    std::string name;  // any text; written as a quoted string or encoded words
    Address address;
};

struct Enclosure {
    std::string name;  // any text; cleaned as it is written
    std::string media_type = "application/octet-stream";
    std::string bytes;
};

struct Composition {
    NamedAddress from;
    std::vector<NamedAddress> to;
    std::optional<Address> reply_to;
    Unstructured subject;
    Instant date;
    MessageId message_id;
    std::optional<MessageId> in_reply_to;
    std::vector<MessageId> references;
    std::vector<std::pair<FieldName, Unstructured>> fields;  // Auto-Submitted, X-Tocsin-Ticket and the like
    std::string text;                                        // UTF-8, LF; goes out as format=flowed (RFC 3676)
    std::vector<Enclosure> enclosures;
};

// CRLF line ends throughout, no line above 998 bytes, header lines folded at 76, 7-bit clean but for nothing.
std::string compose(const Composition& composition);

// RFC 3676: soft line breaks at 72 columns, space-stuffed. What flows on of a line that begins with '>' begins with it
// too; lines that begin with '|' are kept as they are.
std::string to_flowed(std::string_view text);

// RFC 5322 section 3.3 date-time in UTC ("Sun, 22 Nov 2026 01:50:00 +0000").
std::string to_date_time(Instant at);

}  // namespace tocsin::mail
