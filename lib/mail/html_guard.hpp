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

// The text between tags, with the entities of XML undone; for what the parser was not allowed to read to its end.
std::string strip_tags(std::string_view html);

}  // namespace tocsin::mail
