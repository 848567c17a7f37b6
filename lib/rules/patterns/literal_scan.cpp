#include "rules/patterns/literal_scan.hpp"

#include <algorithm>
#include <utility>

#include "base/letter_case.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin::rules {
namespace {

constexpr std::uint32_t root = 0;  // state of the root's row

constexpr std::size_t most_paths = 3;  // of a node without a row

}  // namespace

char LiteralScan::kind_of(char32_t character) { return static_cast<char>(0x80 | (folded(character) & 0x0F)); }

// Where the nodes of a tree come to lie: the rows, and the paths behind all of them.
struct LiteralScan::Layout {
    const LiteralTree& tree;
    std::vector<std::uint32_t> by_depth = tree.by_depth();
    std::vector<LiteralTree::Suffixes> suffixes = tree.find_suffixes(by_depth);
    std::vector<std::uint32_t> children = std::vector<std::uint32_t>(by_depth.size());
    std::vector<std::uint32_t> state_of = std::vector<std::uint32_t>(by_depth.size());
    std::size_t row_cells = 0;
    std::size_t paths = 0;

    Layout(const LiteralTree& laid_out, std::size_t row_width) : tree{laid_out} {
        for (const std::uint32_t node : by_depth) {
            for_children(node, [&](std::uint32_t) { ++children[node]; });
            if (has_row(node)) row_cells += row_width;
        }
        std::size_t next_row = 0, next_path = row_cells;
        for (const std::uint32_t node : by_depth) {
            std::size_t& next = has_row(node) ? next_row : next_path;
            state_of[node] = static_cast<std::uint32_t>(next);
            next += has_row(node) ? row_width : std::max(children[node], 1U);
        }
        paths = next_path - row_cells;
    }

    template <typename Do>
    void for_children(std::uint32_t node, Do&& visit) const {
        for (auto child = tree.nodes_[node].first_child; child != LiteralTree::root; child = tree.nodes_[child].sibling)
            visit(child);
    }

    bool has_row(std::uint32_t node) const { return node == LiteralTree::root || children[node] > most_paths; }
    std::uint32_t falls_back(std::uint32_t node) const { return state_of[suffixes[node].longest]; }
    std::uint32_t shorter(std::uint32_t node) const { return state_of[suffixes[node].ending]; }
    int ends(std::uint32_t node) const { return tree.nodes_[node].ends; }
    unsigned char letter(std::uint32_t node) const { return static_cast<unsigned char>(tree.nodes_[node].letter); }

    // Doubled, and odd where something ends there.
    std::uint32_t marked(std::uint32_t node) const {
        const bool has_end = ends(node) != LiteralTree::none || suffixes[node].ending != LiteralTree::root;
        return state_of[node] << 1 | (has_end ? 1U : 0U);
    }
};

LiteralScan::LiteralScan(LiteralTree literals) {
    name_classes(literals);
    const Layout layout{literals, classes_ + 2};
    rows_.assign(layout.row_cells, layout.marked(LiteralTree::root));
    paths_.reserve(layout.paths);
    for (const std::uint32_t node : layout.by_depth)
        if (layout.has_row(node))
            lay_row(layout, node);
        else
            lay_paths(layout, node);
    literals_ = std::move(literals.literals_);
    everywhere_ = std::move(literals.everywhere_);
}

void LiteralScan::name_classes(const LiteralTree& tree) {
    for (std::size_t i = 1; i < tree.nodes_.size(); ++i) {
        auto& byte_class = class_of_[static_cast<unsigned char>(tree.nodes_[i].letter)];
        if (byte_class == other) byte_class = static_cast<std::uint8_t>(classes_++);
    }
    for (char c = 'a'; c <= 'z'; ++c)
        class_of_[static_cast<unsigned char>(c - 'a' + 'A')] = class_of_[static_cast<unsigned char>(c)];
    gap_ = class_of_[static_cast<unsigned char>(' ')];
    for (int c = 0; c < 0x80; ++c)
        if (is_gap(static_cast<char>(c))) class_of_[static_cast<std::size_t>(c)] = gap_;
}

void LiteralScan::lay_row(const Layout& layout, std::uint32_t node) {
    std::uint32_t* const row = &rows_[layout.state_of[node]];
    // Where no literal goes on it is as in the nearest suffix, which is laid out by now.
    for (std::size_t c = 1; c < classes_ && node != LiteralTree::root; ++c)
        row[c] = after(layout.falls_back(node), static_cast<std::uint8_t>(c));
    layout.for_children(node,
                        [&](std::uint32_t child) { row[class_of_[layout.letter(child)]] = layout.marked(child); });
    row[classes_] = static_cast<std::uint32_t>(layout.ends(node));
    row[classes_ + 1] = layout.shorter(node);
}

void LiteralScan::lay_paths(const Layout& layout, std::uint32_t node) {
    Path path{other, 0, layout.falls_back(node), layout.ends(node), layout.shorter(node)};
    if (layout.children[node] == 0) paths_.push_back(path);
    std::uint32_t left = layout.children[node];
    layout.for_children(node, [&](std::uint32_t child) {
        path.byte_class = class_of_[layout.letter(child)];
        path.next = layout.marked(child);
        path.otherwise = --left == 0 ? layout.falls_back(node) : layout.state_of[node] + layout.children[node] - left;
        paths_.push_back(path);
    });
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
    std::uint32_t state = root;
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
        for (std::uint32_t end = state; end != root;) {
            const Ending ending = ending_at(end);
            end = ending.shorter;
            for (int one = ending.literal; one != LiteralTree::none;) {
                const LiteralTree::Literal& literal = literals_[static_cast<std::size_t>(one)];
                one = literal.next;
                if (literal.ends_word && !is_boundary(text, to) && to > plain_from) continue;
                // A letter beyond ASCII makes it longer than it looks: then its beginning is not known, and not asked.
                const bool is_plain = to >= plain_from + literal.size;
                if (literal.begins_word && is_plain && !is_boundary(text, to - literal.size)) continue;
                found.push_back({literal.number, static_cast<std::uint32_t>(to)});
            }
        }
    }
    for (const std::uint32_t number : everywhere_) found.push_back({number, everywhere});
    return found;
}

}  // namespace tocsin::rules
