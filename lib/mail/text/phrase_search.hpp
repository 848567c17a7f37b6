// Whether any of many phrases stands in a text, found without looking for each.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tocsin::mail {

class PhraseSearch {
public:
    // Of two bytes or more each; they must outlive this.
    explicit PhraseSearch(std::span<const std::string_view> phrases);

    // Byte by byte: what is looked through is in the phrases' own case.
    bool finds_one_in(std::string_view text) const;

private:
    std::bitset<65'536> pairs_;  // the first two bytes of each
    std::unordered_map<std::uint16_t, std::vector<std::string_view>> by_pair_;
};

}  // namespace tocsin::mail
