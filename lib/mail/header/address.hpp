// An address that we may write to (RFC 5321 section 4.1.2, RFC 6531 section 3.3), and a mailbox as a mail shows it.
//
// Address has one way in, `from`, which takes dot-atoms and domains of letters, digits and hyphens (ASCII or
// valid UTF-8) and nothing else: no quoted string, no route, no control, no blank. So a line break or a second
// command cannot get onto the wire in one.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::mail {

class Address {
public:
    static std::optional<Address> from(std::string_view text);

    const std::string& text() const noexcept { return text_; }
    std::string_view local_part() const noexcept { return std::string_view{text_}.substr(0, at_); }
    std::string_view domain() const noexcept { return std::string_view{text_}.substr(at_ + 1); }
    bool needs_smtputf8() const noexcept;

    // The same mailbox: local part and domain compared without regard to ASCII case, as servers do.
    std::string identity() const;
    friend bool operator==(const Address& a, const Address& b) { return a.identity() == b.identity(); }

private:
    Address(std::string text, std::size_t at) : text_{std::move(text)}, at_{at} {}
    std::string text_;
    std::size_t at_;
};

// RFC 5322 section 3.4, decoded for people; `address` is what stood there and may be no Address at all.
struct Mailbox {
    std::string name;
    std::string address;
    friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

struct AddressLimits {
    std::size_t max_mailboxes = 500;
    std::size_t max_comment_depth = 8;
};

// Reads an address list with groups, comments, obsolete routes and encoded words (RFC 5322 sections 3.4 and 4.4).
// What cannot be read is left out and named in `defects`. Encoded words are decoded in display names alone,
// never in an address.
std::vector<Mailbox> read_address_list(std::string_view field_value, const AddressLimits& limits,
                                       std::vector<std::string>& defects);

}  // namespace tocsin::mail
