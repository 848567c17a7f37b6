#include "rules/literal_scan.hpp"

#include <algorithm>
#include <utility>

#include "base/letter_case.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin::rules {
namespace {

constexpr std::uint32_t root_node = 0;

constexpr std::size_t most_paths = 3;  // of a node without a row

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
        if (((c & '\x80') != 0 && !LiteralScan::is_kind(c)) || ascii_lower(c) != c) return false;
    return !letters.empty();
}

}  // namespace

char LiteralScan::kind_of(char32_t character) { return static_cast<char>(0x80 | (folded(character) & 0x0F)); }

LiteralScan::LiteralScan(const std::vector<std::string>& literals) {
    for (const std::string& literal : literals) {
        for (const char c : letters_of(literal)) {
            auto& byte_class = class_of_[static_cast<unsigned char>(c)];
            if (byte_class == other && ((c & '\x80') == 0 || is_kind(c)))
                byte_class = static_cast<std::uint8_t>(classes_++);
        }
    }
    for (char c = 'a'; c <= 'z'; ++c)
        class_of_[static_cast<unsigned char>(c - 'a' + 'A')] = class_of_[static_cast<unsigned char>(c)];
    gap_ = class_of_[static_cast<unsigned char>(' ')];
    for (const char c : gaps) class_of_[static_cast<unsigned char>(c)] = gap_;
    std::vector<Node> nodes(1);
    for (std::size_t i = 0; i < literals.size(); ++i) add(nodes, literals[i], static_cast<std::uint32_t>(i));
    lay_out(nodes, find_fallbacks(nodes));
}

void LiteralScan::add(std::vector<Node>& nodes, std::string_view literal, std::uint32_t place) {
    const std::string letters = letters_of(literal);
    if (!can_be_scanned_for(letters)) {
        everywhere_.push_back(place);
        return;
    }
    std::uint32_t at = root_node;
    for (const char c : letters) {
        const std::uint8_t byte_class = class_of_[static_cast<unsigned char>(c)];
        std::uint32_t next = nodes[at].next_with(byte_class);
        if (next == root_node) {
            next = static_cast<std::uint32_t>(nodes.size());
            nodes[at].next.emplace_back(byte_class, next);
            nodes.emplace_back();
        }
        at = next;
    }
    // How wide a gap is in the text is not known, nor where a string with one begins.
    const bool begins_somewhere = letters.find(' ') != std::string::npos;
    literals_.push_back({place, letters.size(), literal.front() == boundary && !begins_somewhere,
                         literal.back() == boundary, nodes[at].ends});
    nodes[at].ends = static_cast<int>(literals_.size()) - 1;
}

// Breadth first: where a node falls back to is nearer to the root. Returns the nodes in this order.
std::vector<std::uint32_t> LiteralScan::find_fallbacks(std::vector<Node>& nodes) {
    std::vector<std::uint32_t> order{root_node};
    order.reserve(nodes.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Node& node = nodes[order[i]];
        for (const auto& [byte_class, next] : node.next) {
            std::uint32_t fallback = root_node;
            for (std::uint32_t at = order[i]; at != root_node && fallback == root_node;) {
                at = nodes[at].falls_back;
                fallback = nodes[at].next_with(byte_class);
            }
            nodes[next].falls_back = fallback;
            nodes[next].shorter = nodes[fallback].ends != no_literal ? fallback : nodes[fallback].shorter;
            order.push_back(next);
        }
    }
    return order;
}

void LiteralScan::lay_out(const std::vector<Node>& nodes, const std::vector<std::uint32_t>& order) {
    const auto has_row = [&](std::uint32_t node) { return node == root_node || nodes[node].next.size() > most_paths; };
    const std::size_t width = classes_ + 2;
    const auto rows = static_cast<std::size_t>(std::ranges::count_if(order, has_row));
    std::vector<std::uint32_t> state_of(nodes.size());
    std::size_t next_row = 0, next_path = rows * width;
    for (const std::uint32_t node : order) {
        std::size_t& next = has_row(node) ? next_row : next_path;
        state_of[node] = static_cast<std::uint32_t>(next);
        next += has_row(node) ? width : std::max<std::size_t>(nodes[node].next.size(), 1);
    }
    const auto marked = [&](std::uint32_t node) {
        const bool ends = nodes[node].ends != no_literal || nodes[node].shorter != root_node;
        return state_of[node] << 1 | (ends ? 1U : 0U);
    };
    rows_.assign(rows * width, marked(root_node));
    paths_.reserve(next_path - rows * width);
    for (const std::uint32_t at : order) {
        const Node& node = nodes[at];
        if (has_row(at)) {
            std::uint32_t* const row = &rows_[state_of[at]];
            // Where no literal goes on it is as in the nearest suffix, which is laid out by now.
            for (std::size_t c = 1; c < classes_ && at != root_node; ++c)
                row[c] = after(state_of[node.falls_back], static_cast<std::uint8_t>(c));
            for (const auto& [byte_class, next] : node.next) row[byte_class] = marked(next);
            row[classes_] = static_cast<std::uint32_t>(node.ends);
            row[classes_ + 1] = state_of[node.shorter];
            continue;
        }
        Path path{other, 0, state_of[node.falls_back], node.ends, state_of[node.shorter]};
        if (node.next.empty()) paths_.push_back(path);
        for (std::size_t i = 0; i < node.next.size(); ++i) {
            path.byte_class = node.next[i].first;
            path.next = marked(node.next[i].second);
            const bool is_last = i + 1 == node.next.size();
            path.otherwise = is_last ? state_of[node.falls_back] : state_of[at] + static_cast<std::uint32_t>(i) + 1;
            paths_.push_back(path);
        }
    }
}

std::uint32_t LiteralScan::Node::next_with(std::uint8_t byte_class) const {
    const auto found = std::ranges::find(next, byte_class, &std::pair<std::uint8_t, std::uint32_t>::first);
    return found != next.end() ? found->second : root_node;
}

// The next state, doubled, and odd where something ends there.
std::uint32_t LiteralScan::after(std::uint32_t state, std::uint8_t byte_class) const {
    while (state >= rows_.size()) {
        const Path& path = paths_[state - rows_.size()];
        if (path.byte_class == byte_class && byte_class != other) return path.next;
        state = path.otherwise;
    }
    return rows_[state + byte_class];
}

LiteralScan::Ending LiteralScan::ending_at(std::uint32_t state) const {
    if (state < rows_.size()) return {static_cast<int>(rows_[state + classes_]), rows_[state + classes_ + 1]};
    const Path& path = paths_[state - rows_.size()];
    return {path.ends, path.shorter};
}

// Moves `at` to the last byte of the character.
std::uint8_t LiteralScan::class_beyond_ascii(std::string_view text, std::size_t& at) const {
    const char32_t letter = folded(next_code_point(text, at));
    while (at < text.size() && (text[at] & '\xC0') == '\x80') ++at;
    --at;
    return class_of_[letter < 0x80 ? letter : static_cast<unsigned char>(kind_of(letter))];
}

std::vector<LiteralScan::Occurrence> LiteralScan::found_in(std::string_view text) const {
    std::vector<Occurrence> found;
    std::uint32_t state = root_node;
    std::uint8_t before = other;
    std::size_t plain_from = 0;  // past the last letter beyond ASCII
    for (std::size_t i = 0; i < text.size() && !literals_.empty(); ++i) {
        std::uint8_t byte_class = class_of_[static_cast<unsigned char>(text[i])];
        if ((text[i] & '\x80') != 0) {
            byte_class = class_beyond_ascii(text, i);
            plain_from = i + 1;
        }
        // The rest of a gap. (Where no literal has one, white space leads to the root, as it did before.)
        if (byte_class == gap_ && before == gap_) continue;
        before = byte_class;
        const std::uint32_t marked = after(state, byte_class);
        state = marked >> 1;
        if ((marked & 1U) == 0) continue;
        const std::size_t to = i + 1;
        for (std::uint32_t end = state; end != root_node;) {
            const Ending ending = ending_at(end);
            end = ending.shorter;
            for (int one = ending.literal; one != no_literal;) {
                const Literal& literal = literals_[static_cast<std::size_t>(one)];
                one = literal.next;
                if (literal.ends_word && !is_boundary(text, to) && to > plain_from) continue;
                // A letter beyond ASCII makes it longer than it looks: then its beginning is not known, and not asked.
                const bool is_plain = to >= plain_from + literal.size;
                if (literal.begins_word && is_plain && !is_boundary(text, to - literal.size)) continue;
                found.push_back({literal.place, static_cast<std::uint32_t>(to)});
            }
        }
    }
    for (const std::uint32_t place : everywhere_) found.push_back({place, everywhere});
    return found;
}

}  // namespace tocsin::rules
