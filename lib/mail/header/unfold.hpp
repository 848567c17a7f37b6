// Folding undone (RFC 5322 section 2.2.3): line ends go, the white space after them stays.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::mail {

// Also trims the ends, and makes a bare CR or a NUL a blank, so that what comes out is one line.
std::string unfold(std::string_view value);

}  // namespace tocsin::mail
