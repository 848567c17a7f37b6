#include "intake/decide/organisation.hpp"

#include <algorithm>

#include "mail/automatic/signs.hpp"

namespace tocsin::intake {

bool Organisation::owns(std::string_view text) const {
    const auto candidate = mail::Address::from(mail::without_detail(text));
    return candidate && (*candidate == address || std::ranges::find(aliases, *candidate) != aliases.end());
}

std::vector<std::string> all_addresses_of(const Organisation& organisation) {
    std::vector<std::string> addresses{organisation.address.identity()};
    for (const mail::Address& alias : organisation.aliases) addresses.push_back(alias.identity());
    return addresses;
}

std::vector<NamedCertificate> certificates_of(const Organisation& organisation) {
    std::vector<NamedCertificate> named;
    for (const Member& member : organisation.team)
        if (!member.smime.empty()) named.push_back({member.address.text(), member.smime});
    return named;
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
