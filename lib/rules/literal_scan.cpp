#include "rules/literal_scan.hpp"

#include <algorithm>
#include <deque>

#include "base/text.hpp"

namespace tocsin::rules {
namespace {

constexpr std::uint32_t root_node = 0;

constexpr std::string_view gaps = " -\t\n\f\r";

std::string letters_of(std::string_view literal) {
    std::string letters;
    for (const char c : literal) {
        if (c == LiteralScan::boundary) continue;
        if (gaps.find(c) == std::string_view::npos)
            letters.push_back(c);
        else if (letters.empty() || letters.back() != ' ')
            letters.push_back(' ');
    }
    return letters;
}

bool can_be_scanned_for(std::string_view letters) {
    for (const char c : letters)
        if ((c & '\x80') != 0 || ascii_lower(c) != c) return false;
    return !letters.empty();
}

}  // namespace

bool is_boundary(std::string_view text, std::size_t at) {
    const bool before = at > 0 && is_word_character(text[at - 1]);
    const bool after = at < text.size() && is_word_character(text[at]);
    return before != after;
}

LiteralScan::LiteralScan(const std::vector<std::string>& literals) {
    std::size_t nodes = 1;
    for (const std::string& literal : literals) {
        nodes += literal.size();
        for (const char c : letters_of(literal)) {
            auto& byte_class = class_of_[static_cast<unsigned char>(c)];
            if (byte_class == other && (c & '\x80') == 0) byte_class = static_cast<std::uint8_t>(classes_++);
        }
    }
    for (char c = 'a'; c <= 'z'; ++c)
        class_of_[static_cast<unsigned char>(c - 'a' + 'A')] = class_of_[static_cast<unsigned char>(c)];
    gap_ = class_of_[static_cast<unsigned char>(' ')];
    for (const char c : gaps) class_of_[static_cast<unsigned char>(c)] = gap_;
    next_.assign(nodes * classes_, root_node);
    ends_.assign(1, -1);
    for (std::size_t i = 0; i < literals.size(); ++i) add(literals[i], static_cast<std::uint32_t>(i));
    next_.resize(ends_.size() * classes_);
    next_.shrink_to_fit();
    make_fallbacks();
    mark_ends();
}

void LiteralScan::add(std::string_view literal, std::uint32_t place) {
    const std::string letters = letters_of(literal);
    if (!can_be_scanned_for(letters)) {
        everywhere_.push_back(place);
        return;
    }
    Node at = root_node;
    for (const char c : letters) {
        Node& to = next_[at * classes_ + class_of_[static_cast<unsigned char>(c)]];
        if (to == root_node) {
            to = static_cast<Node>(ends_.size());
            ends_.push_back(-1);
        }
        at = to;
    }
    // How wide a gap is in the text is not known, nor where a string with one begins.
    const bool begins_somewhere = letters.find(' ') != std::string::npos;
    literals_.push_back({place, letters.size(), literal.front() == boundary && !begins_somewhere,
                         literal.back() == boundary, ends_[at]});
    ends_[at] = static_cast<int>(literals_.size()) - 1;
}

// Breadth first: a node's fallback is nearer to the root, so it is complete by then.
void LiteralScan::make_fallbacks() {
    shorter_.assign(ends_.size(), root_node);
    std::vector<Node> falls_back(ends_.size(), root_node);
    std::deque<Node> waiting{root_node};
    while (!waiting.empty()) {
        const Node at = waiting.front();
        waiting.pop_front();
        for (std::size_t c = 1; c < classes_; ++c) {
            Node& to = next_[at * classes_ + c];
            const Node fallback = at == root_node ? root_node : next_[falls_back[at] * classes_ + c];
            if (to == root_node) {
                to = fallback;
                continue;
            }
            falls_back[to] = fallback;
            shorter_[to] = ends_[fallback] >= 0 ? fallback : shorter_[fallback];
            waiting.push_back(to);
        }
    }
}

// The pass over a text has one table to look into for each byte, until something ends there.
void LiteralScan::mark_ends() {
    for (Node& to : next_) {
        const bool ends = ends_[to] >= 0 || shorter_[to] != root_node;
        to = static_cast<Node>(to * classes_) << 1 | (ends ? 1U : 0U);
    }
}

// Moves `at` to the last byte of the character.
std::uint8_t LiteralScan::class_at(std::string_view text, std::size_t& at) const {
    const auto byte_class = class_of_[static_cast<unsigned char>(text[at])];
    if ((text[at] & '\x80') == 0) return byte_class;
    const auto here = text.substr(at, 3);
    if (here.starts_with("\xC5\xBF")) return ++at, class_of_['s'];
    if (here.starts_with("\xE2\x84\xAA")) return at += 2, class_of_['k'];
    while (at + 1 < text.size() && (text[at + 1] & '\xC0') == '\x80') ++at;
    return class_of_[foreign];
}

bool LiteralScan::has_its_boundaries(const Literal& literal, std::string_view text, std::size_t end) {
    // A letter beyond ASCII makes it longer than it looks: then its beginning is not known, and not asked.
    const bool plain = end >= literal.size && std::ranges::none_of(text.substr(end - literal.size, literal.size),
                                                                   [](char c) { return (c & '\x80') != 0; });
    if (!plain) return true;
    return (!literal.begins_word || is_boundary(text, end - literal.size)) &&
           (!literal.ends_word || is_boundary(text, end));
}

std::vector<LiteralScan::Occurrence> LiteralScan::found_in(std::string_view text) const {
    std::vector<Occurrence> found;
    Node row = root_node;
    std::uint8_t before = other;
    for (std::size_t i = 0; i < text.size() && !literals_.empty(); ++i) {
        const std::uint8_t byte_class = class_at(text, i);
        const bool goes_on = byte_class == gap_ && byte_class == before && gap_ != other;
        before = byte_class;
        if (goes_on) continue;  // of one gap
        const Node marked = next_[row + byte_class];
        row = marked >> 1;
        if ((marked & 1U) == 0) continue;
        const auto at = static_cast<Node>(row / classes_);
        for (Node end = ends_[at] >= 0 ? at : shorter_[at]; end != root_node; end = shorter_[end]) {
            for (int one = ends_[end]; one >= 0; one = literals_[static_cast<std::size_t>(one)].next) {
                const Literal& literal = literals_[static_cast<std::size_t>(one)];
                if (has_its_boundaries(literal, text, i + 1))
                    found.push_back({literal.place, static_cast<std::uint32_t>(i + 1)});
            }
        }
    }
    for (const std::uint32_t place : everywhere_) found.push_back({place, everywhere});
    return found;
}

}  // namespace tocsin::rules
