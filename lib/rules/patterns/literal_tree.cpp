#include "rules/patterns/literal_tree.hpp"

#include <string>

#include "base/text.hpp"
#include "rules/patterns/literal_scan.hpp"

namespace tocsin::rules {
namespace {

std::string letters_of(std::string_view literal) {
    std::string letters;
    for (const char c : literal) {
        if (c == LiteralScan::boundary) continue;
        if (!LiteralScan::is_gap(c))
            letters.push_back(c);
        else if (letters.empty() || letters.back() != ' ')
            letters.push_back(' ');
    }
    return letters;
}

bool can_be_scanned_for(std::string_view letters) {
    for (const char c : letters)
        if (((c & '\x80') != 0 && !LiteralScan::is_kind(c)) || ascii_lower(c) != c) return false;
    return !letters.empty();
}

}  // namespace

std::uint32_t LiteralTree::add(std::string_view literal) {
    const std::string letters = letters_of(literal);
    if (!can_be_scanned_for(letters)) {
        everywhere_.push_back(size_);
        return size_++;
    }
    // How wide a gap is in the text is not known, nor where a string with one begins.
    const bool begins_somewhere = letters.find(' ') != std::string::npos;
    const bool begins_word = literal.front() == LiteralScan::boundary && !begins_somewhere;
    const bool ends_word = literal.back() == LiteralScan::boundary;
    int& ends = nodes_[node_of(letters)].ends;
    for (int at = ends; at != none; at = literals_[static_cast<std::size_t>(at)].next) {
        const Literal& known = literals_[static_cast<std::size_t>(at)];
        if (known.begins_word == begins_word && known.ends_word == ends_word) return known.number;
    }
    literals_.push_back({size_, static_cast<std::uint32_t>(letters.size()), begins_word, ends_word, ends});
    ends = static_cast<int>(literals_.size()) - 1;
    return size_++;
}

std::uint32_t LiteralTree::child_of(std::uint32_t node, char letter) const {
    std::uint32_t child = nodes_[node].first_child;
    while (child != root && nodes_[child].letter != letter) child = nodes_[child].sibling;
    return child;
}

std::uint32_t LiteralTree::node_of(std::string_view letters) {
    std::uint32_t at = root;
    for (const char letter : letters) {
        std::uint32_t next = child_of(at, letter);
        if (next == root) {
            next = static_cast<std::uint32_t>(nodes_.size());
            nodes_.push_back({.sibling = nodes_[at].first_child, .letter = letter});
            nodes_[at].first_child = next;
        }
        at = next;
    }
    return at;
}

std::vector<std::uint32_t> LiteralTree::by_depth() const {
    std::vector<std::uint32_t> order{root};
    order.reserve(nodes_.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        for (std::uint32_t child = nodes_[order[i]].first_child; child != root; child = nodes_[child].sibling)
            order.push_back(child);
    return order;
}

std::vector<LiteralTree::Suffixes> LiteralTree::find_suffixes(const std::vector<std::uint32_t>& by_depth) const {
    std::vector<Suffixes> suffixes(nodes_.size());
    for (const std::uint32_t node : by_depth)
        for (std::uint32_t child = nodes_[node].first_child; child != root; child = nodes_[child].sibling) {
            std::uint32_t longest = root;
            for (std::uint32_t at = node; at != root && longest == root;) {
                at = suffixes[at].longest;
                longest = child_of(at, nodes_[child].letter);
            }
            suffixes[child] = {longest, nodes_[longest].ends != none ? longest : suffixes[longest].ending};
        }
    return suffixes;
}

}  // namespace tocsin::rules
