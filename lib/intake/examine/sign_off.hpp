// How a member signs off: her name and what stands below it are hers, and do not leave the house.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::intake {

// `names`: hers and her address. Without the block that begins with her name ("Alice Example", "i. A. Alice Example,
// PSIRT", "Cheers, Alice", "/Alice") in the last lines; a postscript and a question below it stay.
std::string without_sign_off(std::string_view text, const std::vector<std::string>& names);

// Whether her address stands in the text, or her whole name.
bool names_member(std::string_view text, const std::vector<std::string>& names);

}  // namespace tocsin::intake
