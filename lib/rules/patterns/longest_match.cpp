#include "rules/patterns/longest_match.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "rules/patterns/pattern_syntax.hpp"

namespace tocsin::rules {
namespace {

using Bytes = std::optional<std::size_t>;

constexpr std::size_t longest_character = 4;  // of UTF-8
constexpr std::size_t longest_folded = 3;     // U+212A is a k to RE2, and U+017F an s
constexpr std::size_t longest_of_all = std::size_t{1} << 20;

Bytes sum(Bytes left, Bytes right) {
    if (!left || !right || *left + *right > longest_of_all) return std::nullopt;
    return *left + *right;
}

Bytes times(Bytes one, std::size_t count) {
    if (!one || (*one > 0 && count > longest_of_all / *one)) return std::nullopt;
    return *one * count;
}

// Reads a pattern that RE2 has taken from left to right; a group is read by a call of its own, and RE2 bounds how deep
// they are.
class LengthReader {
public:
    explicit LengthReader(std::string_view pattern) : pattern_{pattern} {}

    Bytes read() {
        const Bytes all = alternatives();
        return at_ == pattern_.size() ? all : std::nullopt;
    }

private:
    struct Element {
        Bytes once;
        Bytes as_run = std::nullopt;  // of white space or of letters: how often is bounded by the text
    };

    bool ends() const { return at_ >= pattern_.size(); }

    Bytes alternatives() {  // NOLINT(misc-no-recursion)
        Bytes longest = branch();
        while (!ends() && pattern_[at_] == '|') {
            ++at_;
            const Bytes other = branch();
            longest = longest && other ? Bytes{std::max(*longest, *other)} : std::nullopt;
        }
        return longest;
    }

    Bytes branch() {  // NOLINT(misc-no-recursion)
        Bytes all = 0;
        while (!ends() && pattern_[at_] != '|' && pattern_[at_] != ')') all = sum(all, repeated(element()));
        return all;
    }

    Element element() {  // NOLINT(misc-no-recursion)
        const char c = pattern_[at_];
        if (c == '(') return {group()};
        if (c == '\\') return escape();
        if (c == '[') {
            const std::size_t begin = std::exchange(at_, end_of_class(pattern_, at_));
            if (pattern_.substr(begin, at_ - begin) == "[0-9]") return {1, longest_run};
            return {longest_character};
        }
        ++at_;
        if (c == '^' || c == '$') return {0};
        if (c == '.') return {longest_character};
        if ((c & '\x80') != 0) {
            while (!ends() && (pattern_[at_] & '\xC0') == '\x80') ++at_;
            return {longest_character};
        }
        return {of_letter(c)};
    }

    static std::size_t of_letter(char c) {
        const char lower = ascii_lower(c);
        return lower == 's' || lower == 'k' ? longest_folded : 1;
    }

    Bytes group() {  // NOLINT(misc-no-recursion)
        ++at_;
        if (!ends() && pattern_[at_] == '?') {
            // Flags, for the group or from here on; a name is beyond this.
            at_ = std::min(pattern_.find_first_of(":)<", at_), pattern_.size());
            if (ends() || pattern_[at_] == '<') return give_up();
            if (pattern_[at_++] == ')') return 0;
        }
        const Bytes inside = alternatives();
        if (ends()) return std::nullopt;
        ++at_;
        return inside;
    }

    Element escape() {
        if (at_ + 1 >= pattern_.size()) return {give_up()};
        const char c = pattern_[at_ + 1];
        at_ += 2;
        if (c == 'b' || c == 'B' || c == 'A' || c == 'z') return {0};
        if (c == 's') return {1, longest_gap};
        if (c == 'w') return {longest_folded, longest_run};  // as it has an s and a k
        if (c == 'd') return {1, longest_run};
        if (c == 'S' || c == 'W' || c == 'D') return {longest_character};
        if (c == 'n' || c == 't' || c == 'r' || c == 'f' || c == 'v') return {1};
        if (is_letter(c) || is_digit(c) || (c & '\x80') != 0) return {give_up()};  // \Q, \p, \x and others
        return {1};
    }

    // With the quantifier that follows, if one does.
    Bytes repeated(const Element& element) {
        if (ends()) return element.once;
        Bytes all = element.once;
        const char c = pattern_[at_];
        if (c == '*' || c == '+') {
            ++at_;
            if (element.once != Bytes{0}) all = element.as_run;
        } else if (c == '?') {
            ++at_;
        } else if (c == '{') {
            const auto [most, end] = count_at(at_);
            if (end == at_) return all;  // a brace that counts nothing is itself, and comes next
            at_ = end;
            all = most ? times(element.once, *most) : element.as_run;
        } else {
            return all;
        }
        if (!ends() && pattern_[at_] == '?') ++at_;  // a lazy one
        return all;
    }

    struct Count {
        std::optional<std::size_t> most;  // nothing: as often as you like
        std::size_t end;                  // past '}'; where it began when it is no count
    };

    // "{3}", "{3,}" or "{3,5}".
    Count count_at(std::size_t begin) const {
        std::size_t at = begin + 1;
        const auto number = [&]() -> std::optional<std::size_t> {
            std::optional<std::size_t> value;
            for (; at < pattern_.size() && is_digit(pattern_[at]); ++at)
                value = std::min(value.value_or(0) * 10 + static_cast<std::size_t>(pattern_[at] - '0'), longest_of_all);
            return value;
        };
        const auto least = number();
        if (!least || at >= pattern_.size()) return {{}, begin};
        if (pattern_[at] == '}') return {least, at + 1};
        if (pattern_[at++] != ',') return {{}, begin};
        const auto most = number();
        if (at >= pattern_.size() || pattern_[at] != '}') return {{}, begin};
        return {most, at + 1};
    }

    Bytes give_up() {
        at_ = pattern_.size();
        return std::nullopt;
    }

    std::string_view pattern_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<std::size_t> longest_match(std::string_view pattern) { return LengthReader{pattern}.read(); }

}  // namespace tocsin::rules
