// The gate for text that goes to a server, and the sieve for text that comes from one.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tocsin::transport {

// Passes only what can neither end a command nor begin another: printable ASCII, at most 1000 bytes. `what` names it in
// the error. Nothing goes into a command line but through here.
Result<std::string> wire_safe(std::string_view text, std::string_view what);

// The same with UTF-8 allowed, for what is sent in base64 (RFC 4616 section 2) or after SMTPUTF8.
Result<std::string> wire_safe_utf8(std::string_view text, std::string_view what);

// A server's words for an operator: one line, clean, short, and without addresses.
std::string for_operators(std::string_view server_text);

}  // namespace tocsin::transport
