// The strings that a LiteralScan is to look for, while they are gathered: a tree of their letters.
//
// A string may hold LiteralScan::boundary at its ends. White space and dashes, however many, are one blank.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

namespace tocsin::rules {

class LiteralTree {
public:
    // The string's number, from 0: the same for strings that are found at the same places. Lower-case ASCII and kinds;
    // one that is empty, or holds anything else, counts as found everywhere.
    std::uint32_t add(std::string_view literal);
    std::size_t size() const noexcept { return size_; }  // how many different ones

private:
    friend class LiteralScan;

    static constexpr std::uint32_t root = 0;
    static constexpr int none = -1;

    struct Literal {
        std::uint32_t number = 0;
        std::uint32_t size = 0;
        bool begins_word = false;  // needs a boundary in front
        bool ends_word = false;
        int next = none;  // the same letters with other boundaries
    };
    struct Node {
        std::uint32_t first_child = root;  // the root: there is none
        std::uint32_t sibling = root;      // the next child of the same node
        int ends = none;                   // the first literal that ends here
        char letter = '\0';                // that leads here
    };
    // Of the letters that lead to a node.
    struct Suffixes {
        std::uint32_t longest = root;  // that is a node
        std::uint32_t ending = root;   // the longest at which a literal ends
    };

    std::uint32_t child_of(std::uint32_t node, char letter) const;  // or the root
    std::uint32_t node_of(std::string_view letters);
    // The nodes, each behind those that are nearer to the root.
    std::vector<std::uint32_t> by_depth() const;
    std::vector<Suffixes> find_suffixes(const std::vector<std::uint32_t>& by_depth) const;

    std::deque<Node> nodes_{1};  // which leaves no room unused, where there are many
    std::vector<Literal> literals_;
    std::vector<std::uint32_t> everywhere_;  // by number
    std::uint32_t size_ = 0;
};

}  // namespace tocsin::rules
