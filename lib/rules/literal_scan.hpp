// Which of many short strings occur in a text, in one pass (Aho and Corasick), without regard to the case of ASCII.
//
// Two letters beyond ASCII fold to ASCII ones (U+017F to s, U+212A to k) and are taken for them, as RE2 does. Only
// read once it is built.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::rules {

class LiteralScan {
public:
    LiteralScan() = default;
    // Takes strings of lower-case ASCII; one that is empty, or holds anything else, counts as found everywhere.
    explicit LiteralScan(const std::vector<std::string>& literals);

    // The places, in the list given, of those that occur in the text; each once, in no order.
    std::vector<int> found_in(std::string_view text) const;

private:
    using Node = std::uint32_t;
    static constexpr std::uint8_t other = 0;  // the class of a byte that no literal has

    Node step(Node from, std::uint8_t byte_class) const { return next_[from * classes_ + byte_class]; }

    std::array<std::uint8_t, 256> class_of_{};
    std::size_t classes_ = 1;
    std::vector<Node> next_;
    std::vector<int> ends_;      // of each node: the literal that ends there, or -1
    std::vector<Node> shorter_;  // of each node: the nearest suffix at which a literal ends, or the root
    std::vector<int> everywhere_;
    std::size_t literals_ = 0;
};

}  // namespace tocsin::rules
