// What stands between hostile HTML and libxml2.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::mail {

// The same HTML with at most a few dozen attributes in any one tag and no NUL: libxml2 compares each attribute
// with all before it.
std::string guard_html(std::string_view html);

// C1 controls are what is left of references such as "&#150;": characters of windows-1252, as browsers read them (HTML
// Standard section 13.2.5.80).
std::string with_windows_characters(std::string text);

// Blanks that do not break (what "&nbsp;" stands for) as plain ones, and none at the end of a line: they are layout,
// and would hide words and empty lines from whoever looks for them.
std::string with_plain_blanks(std::string_view text);

// The set that the HTML itself names near its beginning (HTML Standard section 13.2.3.2); empty when it names none that
// could be read there.
std::string_view charset_in_html(std::string_view html);

// The text between tags, with the entities of XML undone; for what the parser was not allowed to read to its end.
std::string strip_tags(std::string_view html);

}  // namespace tocsin::mail
