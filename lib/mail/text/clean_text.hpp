// for_people() of base/utf8.hpp for whole bodies, where most bytes are plain ASCII.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::mail {

// The same characters as tocsin::for_people gives, at the speed of a copy.
std::string clean_text(std::string_view text);

}  // namespace tocsin::mail
