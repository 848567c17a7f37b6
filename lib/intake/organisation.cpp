#include "intake/organisation.hpp"

#include <algorithm>

namespace tocsin::intake {

bool Organisation::owns(std::string_view text) const {
    const auto candidate = mail::Address::from(text);
    return candidate && (*candidate == address || std::ranges::find(aliases, *candidate) != aliases.end());
}

const Member* Organisation::member(std::string_view text) const {
    const auto candidate = mail::Address::from(text);
    if (!candidate) return nullptr;
    const auto found = std::ranges::find(team, *candidate, &Member::address);
    return found == team.end() ? nullptr : &*found;
}

const std::string& Organisation::language_for(std::string_view wanted) const {
    const auto found = std::ranges::find(languages, wanted);
    return found == languages.end() ? languages.front() : *found;
}

}  // namespace tocsin::intake
