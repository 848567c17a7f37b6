// Small letters of all scripts, in texts.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::mail {

// What has no small letter stays. The text is UTF-8.
std::string lower_letters(std::string_view text);

}  // namespace tocsin::mail
