// Phrases that a line may begin with, found without trying each.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace tocsin::mail {

class Openings {
public:
    // In small letters, of two bytes or more; they must outlive this.
    explicit Openings(std::span<const std::string_view> phrases);

    // Whether the line begins with one of them, in capitals or small letters. The line is UTF-8.
    bool begin(std::string_view line) const;

private:
    bool none_begins_like(std::string_view line) const;

    std::array<std::vector<std::string_view>, 256> by_first_byte_;
    std::bitset<128 * 128> pairs_;  // the first two bytes of those that begin in ASCII
    std::size_t longest_ = 0;
};

}  // namespace tocsin::mail
