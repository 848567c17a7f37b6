// Where \b stands beside a letter that RE2 takes for none: its word characters are those of ASCII alone.
#include <cstdint>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/patterns/pattern.hpp"
#include "rules/patterns/pattern_syntax.hpp"

namespace tocsin::rules {

namespace {

constexpr int deepest_group = 100;

// What a piece of a pattern may begin and end with.
struct PatternEdge {
    bool begins_foreign = false;
    bool ends_foreign = false;
    bool may_be_empty = false;
    bool ends_in_word = false;  // surely in a letter or digit of ASCII: a boundary before a foreign letter holds there
};

// Signs beyond ASCII that no word holds: General Punctuation, and the Latin-1 signs before its letters.
bool is_letter_beyond_ascii(char32_t c) { return c > 0xBF && !(c >= 0x2000 && c <= 0x206F) && c != 0xD7 && c != 0xF7; }

class BoundaryReader {
public:
    explicit BoundaryReader(std::string_view pattern) : pattern_{pattern} {}

    std::optional<std::size_t> whole() {
        (void)alternatives(0);
        return found_;
    }

private:
    bool at_end() const { return at_ >= pattern_.size(); }
    bool stands(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }

    PatternEdge alternatives(int depth) {  // NOLINT(misc-no-recursion): bounded by `deepest_group`
        PatternEdge any = sequence(depth);
        while (stands("|")) {
            ++at_;
            const PatternEdge other = sequence(depth);
            any.begins_foreign |= other.begins_foreign;
            any.ends_foreign |= other.ends_foreign;
            any.may_be_empty |= other.may_be_empty;
            any.ends_in_word &= other.ends_in_word;
        }
        return any;
    }

    PatternEdge sequence(int depth) {  // NOLINT(misc-no-recursion): as above
        PatternEdge whole{false, false, true};
        constexpr std::size_t none = std::string_view::npos;
        std::size_t boundary = none;  // a \b after which nothing came yet that takes room
        while (!at_end() && !stands("|") && !stands(")")) {
            if (stands("\\b")) {
                if (whole.ends_foreign) note(at_);
                if (boundary == none && !whole.ends_in_word) boundary = at_;
                at_ += 2;
                continue;
            }
            const PatternEdge piece = quantified(atom(depth));
            if (boundary != none && piece.begins_foreign) note(boundary);
            if (!piece.may_be_empty) boundary = none;
            if (whole.may_be_empty) whole.begins_foreign |= piece.begins_foreign;
            whole.ends_foreign = piece.ends_foreign || (piece.may_be_empty && whole.ends_foreign);
            if (!piece.may_be_empty || !piece.ends_in_word) whole.ends_in_word = piece.ends_in_word;
            whole.may_be_empty &= piece.may_be_empty;
        }
        return whole;
    }

    PatternEdge atom(int depth) {  // NOLINT(misc-no-recursion): as above
        if (stands("(")) return group(depth);
        if (stands("[")) {
            const std::size_t end = end_of_class(pattern_, at_);
            bool foreign = false;
            const bool negated = pattern_.substr(at_).starts_with("[^");
            for (++at_; at_ < end;) foreign |= is_letter_beyond_ascii(next_code_point(pattern_, at_));
            return {foreign && !negated, foreign && !negated, false};
        }
        if (stands("\\")) {
            const bool takes_no_room = stands("\\B") || stands("\\A") || stands("\\z");
            const bool in_word = stands("\\w") || stands("\\d");
            at_ = std::min(at_ + 2, pattern_.size());
            return {false, false, takes_no_room, in_word};
        }
        const bool takes_no_room = stands("^") || stands("$");
        const bool in_word = is_letter(pattern_[at_]) || is_digit(pattern_[at_]) || stands("_");
        const bool foreign = is_letter_beyond_ascii(next_code_point(pattern_, at_));
        return {foreign, foreign, takes_no_room, in_word};
    }

    PatternEdge group(int depth) {  // NOLINT(misc-no-recursion): as above
        ++at_;
        if (depth == deepest_group) {
            at_ = pattern_.size();
            return {};
        }
        if (stands("?")) {  // (?:…), (?i:…), (?P<name>…), (?i)
            while (!at_end() && !stands(":") && !stands(")") && !stands(">")) ++at_;
            if (stands(")")) {
                ++at_;
                return {false, false, true};
            }
            ++at_;
        }
        const PatternEdge inside = alternatives(depth + 1);
        if (stands(")")) ++at_;
        return inside;
    }

    PatternEdge quantified(PatternEdge piece) {
        const bool braces =
            stands("{") && at_ + 1 < pattern_.size() && pattern_[at_ + 1] >= '0' && pattern_[at_ + 1] <= '9';
        if (stands("?") || stands("*") || (braces && pattern_[at_ + 1] == '0')) piece.may_be_empty = true;
        if (braces) at_ = std::min(pattern_.find('}', at_), pattern_.size() - 1) + 1;
        while (stands("?") || stands("*") || stands("+")) ++at_;
        return piece;
    }

    void note(std::size_t boundary) {
        if (!found_ || boundary < *found_) found_ = boundary;
    }

    std::string_view pattern_;
    std::size_t at_ = 0;
    std::optional<std::size_t> found_;
};

}  // namespace

std::optional<std::size_t> boundary_beside_foreign_letter(std::string_view pattern) {
    return BoundaryReader{pattern}.whole();
}

}  // namespace tocsin::rules
