// What was wrong with a mail, by name: kebab-case, each name once, in the order of discovery.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::mail {

inline void note_defect(std::vector<std::string>& defects, std::string_view name) {
    if (std::ranges::find(defects, name) == defects.end()) defects.emplace_back(name);
}

}  // namespace tocsin::mail
