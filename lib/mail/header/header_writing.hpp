// Header fields as bytes: folded, ASCII, never more than one field from one value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/composing.hpp"

namespace tocsin::mail {

// "Name: value" with CRLF at its end. The words of the text that are not ASCII, and all between them, become
// encoded words (RFC 2047); a line breaks at 76 columns wherever there is a blank.
void write_unstructured(std::string& out, std::string_view name, std::string_view text);

// The pieces with a blank between them, each kept whole.
void write_pieces(std::string& out, std::string_view name, const std::vector<std::string>& pieces);

// display-name and angle-addr (RFC 5322 section 3.4), as pieces to fold between.
std::vector<std::string> named_address_pieces(const NamedAddress& mailbox);

// A parameter of a MIME field (RFC 2045 section 5.1), as RFC 2231 sections where it must be.
std::vector<std::string> parameter_pieces(std::string_view name, std::string_view value);

// Encoded words of at most 75 characters, no character split between two.
std::vector<std::string> encoded_word_pieces(std::string_view text);

}  // namespace tocsin::mail
