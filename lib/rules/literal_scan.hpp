// Which of many short strings occur in a text, in one pass (Aho and Corasick), without regard to the case of ASCII.
//
// A string may ask for a word's boundary at its ends, as RE2's \b does. Two letters beyond ASCII fold to ASCII ones
// (U+017F to s, U+212A to k) and are taken for them, as RE2 does. White space and dashes, however many, are one blank,
// in the strings and in the text. Only read once it is built.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::rules {

class LiteralScan {
public:
    static constexpr char boundary = '\x01';  // stands for \b in a string to look for

    LiteralScan() = default;
    // Takes strings of lower-case ASCII; one that is empty, or holds anything else, counts as found everywhere.
    explicit LiteralScan(const std::vector<std::string>& literals);

    // The places, in the list given, of those that occur in the text; each once, in no order.
    std::vector<int> found_in(std::string_view text) const;

private:
    using Node = std::uint32_t;
    static constexpr std::uint8_t other = 0;  // the class of a byte that no literal has

    struct Literal {
        int place = 0;  // in the list given
        std::size_t size = 0;
        bool begins_word = false;  // needs a boundary in front
        bool ends_word = false;
        int next = -1;  // the same letters with other boundaries
    };

    void add(std::string_view literal, int place);
    void make_fallbacks();
    std::uint8_t class_at(std::string_view text, std::size_t& at) const;
    void take(const Literal& literal, std::string_view text, std::size_t end, std::vector<bool>& seen,
              std::vector<int>& found) const;

    std::array<std::uint8_t, 256> class_of_{};
    std::size_t classes_ = 1;
    std::uint8_t gap_ = other;  // the class of white space and dashes
    std::vector<Literal> literals_;
    std::vector<Node> next_;     // by node and class
    std::vector<int> ends_;      // of each node: the first literal that ends there, or -1
    std::vector<Node> shorter_;  // of each node: the nearest suffix at which a literal ends, or the root
    std::vector<int> everywhere_;
    std::size_t places_ = 0;
};

}  // namespace tocsin::rules
