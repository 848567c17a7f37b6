// Names of files that strangers send: labels to show and to match, never paths.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tocsin::mail {

// No directory, control, bidirectional or invisible character, no dots or blanks at the ends; at most `most`
// bytes, the extension kept.
std::string clean_file_name(std::string_view name, std::size_t most);

}  // namespace tocsin::mail
