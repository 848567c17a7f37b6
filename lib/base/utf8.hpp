// UTF-8 (RFC 3629) as strangers send it and as people may be shown it.
#pragma once

#include <string>
#include <string_view>

namespace tocsin {

bool is_utf8(std::string_view bytes);

// Each maximal bad sequence becomes one U+FFFD.
std::string to_valid_utf8(std::string_view bytes);

// What a person may be shown of what a stranger wrote: valid UTF-8 without C0 and C1 controls, DEL and
// bidirectional overrides and isolates (U+202A-202E, U+2066-2069, U+200E, U+200F, U+061C). CR LF and bare CR become LF.
std::string for_people(std::string_view text);

// The same for one line: every run of white space is one blank, none at the ends. Cut after `most`
// code points, with an ellipsis.
std::string for_one_line(std::string_view text, std::size_t most = 10'000);

// Cuts to at most `bytes` bytes, never inside a code point.
std::string_view cut_utf8(std::string_view text, std::size_t bytes);

// Decodes the code point at `at` and moves past it; a bad sequence gives U+FFFD and is passed as a whole.
char32_t next_code_point(std::string_view text, std::size_t& at);

void append_utf8(std::string& text, char32_t code_point);

// Columns that the text takes on a terminal (wide and combining characters counted as such).
std::size_t columns(std::string_view text);

}  // namespace tocsin
