// What is wrong in a piece of Mustache, before it is ever rendered.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::rules {

// Tags that are never closed, sections that cross, fields that a template of this kind cannot use, and what would read
// a value as a template again (partials, other delimiters).
void lint_mustache(std::string_view text, const std::vector<std::string_view>& fields,
                   const std::function<void(std::size_t offset, std::string what)>& mistake);

}  // namespace tocsin::rules
