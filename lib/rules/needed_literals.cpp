#include "rules/needed_literals.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "rules/literal_scan.hpp"

namespace tocsin::rules {
namespace {

constexpr std::size_t most_branches = 256;        // of one pattern, once its alternatives are multiplied out
constexpr std::size_t most_plain_branches = 384;  // once also what may be left out is there and is not
constexpr std::size_t shortest_run = 3;           // shorter ones occur in every mail and rule nothing out
constexpr std::size_t shortest_word = 2;          // with a boundary at one end or both

// In plain words, beside letters and LiteralScan::boundary.
constexpr char some_space = '\x03';     // \s+
constexpr char one_space = '\x04';      // \s
constexpr char blank_or_dash = '\x05';  // [ -]
constexpr char any_ending = '\x06';     // \w* after the last letter

struct Group {
    std::size_t begin = 0;    // its '('
    std::size_t content = 0;  // past "(" or "(?:"
    std::size_t end = 0;      // past its ')'
    bool plain = false;       // not one that sets flags
};

// One element of a pattern: an escape, a class, or a character; a parenthesis is one by itself.
std::size_t end_of_element(std::string_view pattern, std::size_t at) {
    if (pattern[at] == '\\') return std::min(at + 2, pattern.size());
    if (pattern[at] == '[') return end_of_class(pattern, at);
    ++at;
    while (at < pattern.size() && (pattern[at] & '\xC0') == '\x80') ++at;  // the rest of a character
    return at;
}

// U+017F and U+212A fold to ASCII's s and k.
bool folds_to_ascii(std::string_view character) { return character == "\xC5\xBF" || character == "\xE2\x84\xAA"; }

Group group_at(std::string_view pattern, std::size_t begin) {
    Group group{begin, begin + 1, pattern.size(), true};
    if (pattern.substr(begin).starts_with("(?")) {
        group.plain = pattern.substr(begin).starts_with("(?:");
        group.content = begin + 3;
    }
    std::size_t depth = 0;
    for (auto at = begin; at < pattern.size(); at = end_of_element(pattern, at)) {
        if (pattern[at] == '(') ++depth;
        if (pattern[at] == ')' && --depth == 0) {
            group.end = at + 1;
            break;
        }
    }
    return group;
}

bool is_quantified(std::string_view pattern, std::size_t at) {
    return at < pattern.size() && std::string_view{"?*+{"}.find(pattern[at]) != std::string_view::npos;
}
bool may_be_absent(std::string_view pattern, std::size_t at) {
    return is_quantified(pattern, at) && pattern[at] != '+';
}

// The alternatives at the top of a pattern.
std::vector<std::string_view> alternatives_of(std::string_view pattern) {
    std::vector<std::string_view> found;
    std::size_t from = 0;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] == '|') {
            found.push_back(pattern.substr(from, at - from));
            from = ++at;
        } else {
            at = pattern[at] == '(' ? group_at(pattern, at).end : end_of_element(pattern, at);
        }
    }
    found.push_back(pattern.substr(from));
    return found;
}

// The first group that stands for one of several things and must be there: "x(a|b)y" is "xay" or "xby".
std::optional<Group> first_choice(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] != '(') {
            at = end_of_element(pattern, at);
            continue;
        }
        const Group group = group_at(pattern, at);
        const bool certain = group.plain && !is_quantified(pattern, group.end);
        const auto content = pattern.substr(group.content, group.end - 1 - group.content);
        if (certain && alternatives_of(content).size() > 1) return group;
        at = certain ? group.content : group.end;  // into it, or past it
    }
    return std::nullopt;
}

// White space or a dash, once or often: the scan takes any of it for one blank.
bool is_gap(std::string_view element) {
    return element == " " || element == "-" || element == "\\s" || element == "[ -]" || element == "[- ]" ||
           element == "[ ]";
}

// The first thing that may be there or not: a letter, a class or a group before a '?'.
std::optional<Group> first_option(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] == ')') {
            ++at;
            continue;
        }
        Group group{at, at, end_of_element(pattern, at), true};
        if (pattern[at] == '(') group = group_at(pattern, at);
        const bool optional = group.end < pattern.size() && pattern[group.end] == '?' && group.plain;
        const bool lazy = optional && group.end + 1 < pattern.size() && pattern[group.end + 1] == '?';
        const auto element = pattern.substr(at, group.end - at);
        if (optional && !lazy && (is_gap(element) || is_letter(element[0]) || element[0] == '(')) return group;
        const bool into = pattern[at] == '(' && group.plain && !is_quantified(pattern, group.end);
        at = into ? group.content : group.end;
    }
    return std::nullopt;
}

// What a pattern with a choice in it stands for; nothing when it has none.
std::vector<std::string> choices_in(const std::string& pattern) {
    std::vector<std::string> parts;
    if (const auto top = alternatives_of(pattern); top.size() > 1) {
        parts.assign(top.begin(), top.end());
    } else if (const auto choice = first_choice(pattern)) {
        const std::string before = pattern.substr(0, choice->begin), after = pattern.substr(choice->end);
        const auto content = std::string_view{pattern}.substr(choice->content, choice->end - 1 - choice->content);
        for (const auto part : alternatives_of(content))
            parts.push_back(before + "(?:" + std::string{part} + ")" + after);
    }
    return parts;
}

std::vector<std::string> choices_or_options_in(const std::string& pattern) {
    if (auto choices = choices_in(pattern); !choices.empty()) return choices;
    const auto option = first_option(pattern);
    if (!option) return {};
    const std::string before = pattern.substr(0, option->begin);
    const std::string after = pattern.substr(option->end + 1);
    return {before + "(?:" + pattern.substr(option->begin, option->end - option->begin) + ")" + after, before + after};
}

// Each of the branches taken apart as long as they are few.
template <typename Choices>
std::vector<std::string> multiplied_out(std::vector<std::string> waiting, Choices choices, std::size_t most) {
    std::vector<std::string> done;
    while (!waiting.empty()) {
        const std::string one = std::move(waiting.back());
        waiting.pop_back();
        auto parts = choices(one);
        const bool few = done.size() + waiting.size() + parts.size() <= most;
        if (parts.empty() || !few)
            done.push_back(one);
        else
            waiting.insert(waiting.end(), std::make_move_iterator(parts.begin()), std::make_move_iterator(parts.end()));
    }
    return done;
}

std::vector<std::string> branches_of(std::string_view pattern) {
    // A list of words is long, but as long as it is written.
    const auto top = alternatives_of(pattern);
    auto branches = multiplied_out({top.begin(), top.end()}, choices_in, most_branches + top.size());
    return multiplied_out(std::move(branches), choices_or_options_in, most_plain_branches + top.size());
}

// Reads a branch from left to right, gathering runs of characters that must stand there side by side.
class RunReader {
public:
    explicit RunReader(std::string_view branch) : branch_{branch} {}

    NeededTogether read() {
        if (alternatives_of(branch_).size() > 1) return {};  // too many to be multiplied out
        while (at_ < branch_.size()) step();
        end_run();
        if (runs_.size() != 1) words_.clear();
        std::ranges::sort(runs_);
        runs_.erase(std::unique(runs_.begin(), runs_.end()), runs_.end());
        return {std::move(runs_), std::move(words_)};
    }

private:
    void step() {
        const char c = branch_[at_];
        if (c == '(') return group();
        if (c == ')') {
            ++at_;
            if (is_quantified(branch_, at_)) {
                end_run();
                are_more_than_words();
            }
            return;
        }
        const auto element = branch_.substr(at_, end_of_element(branch_, at_) - at_);
        at_ += element.size();
        if (element == "\\b" && !is_quantified(branch_, at_)) return boundary();
        if (element == "\\w" && branch_.substr(at_).starts_with('*')) return ending();
        const bool escaped = c == '\\' && element.size() == 2;
        const char literal = escaped ? element[1] : c;
        if (is_gap(element) && !may_be_absent(branch_, at_)) return gap(element);
        if ((literal & '\x80') != 0 && !escaped && !folds_to_ascii(element)) return foreign();
        const bool special = escaped ? is_letter(literal) || is_digit(literal)
                                     : std::string_view{"[.^$?*+{}|"}.find(literal) != std::string_view::npos;
        if (special || (literal & '\x80') != 0 || static_cast<unsigned char>(literal) < ' ') {
            end_run();
            are_more_than_words();
            // What follows these is not a literal either: \Q...\E, \pL, \p{Greek}, \x{41}, and quantifiers.
            if (escaped && std::string_view{"QE"}.find(literal) != std::string_view::npos) give_up();
            if (escaped && std::string_view{"pPx"}.find(literal) != std::string_view::npos) named(literal);
            if (c == '{') at_ = std::min(branch_.find('}', at_), branch_.size());
            return;
        }
        if (!may_be_absent(branch_, at_)) run_.push_back(ascii_lower(literal));
        if (is_quantified(branch_, at_)) {
            end_run();
            are_more_than_words();
        }
        say(ascii_lower(literal));
    }

    // The rest of \pL, \p{Greek}, \x41 or \x{41}.
    void named(char kind) {
        const bool braced = branch_.substr(at_).starts_with('{');
        const std::size_t end = braced ? branch_.find('}', at_) : at_ + (kind == 'x' ? 1 : 0);
        at_ = end < branch_.size() ? end + 1 : branch_.size();
    }

    void group() {
        const Group group = group_at(branch_, at_);
        const auto content = branch_.substr(group.content, group.end - 1 - group.content);
        if (!group.plain || may_be_absent(branch_, group.end) || alternatives_of(content).size() > 1) {
            end_run();
            are_more_than_words();
            at_ = group.end;
        } else {
            at_ = group.content;  // its ')' is met later
        }
    }

    void gap(std::string_view element) {
        if (run_.empty() || run_.back() != ' ') run_.push_back(' ');
        const bool repeated = is_quantified(branch_, at_);
        if (element == "\\s")
            say(repeated ? some_space : one_space);
        else if (repeated || element == " " || element == "[ ]")
            are_more_than_words();
        else
            say(element == "-" ? '-' : blank_or_dash);
        if (repeated) ++at_;                                     // "+"
        if (at_ < branch_.size() && branch_[at_] == '?') ++at_;  // a lazy one
    }

    void foreign() {
        are_more_than_words();
        if (!may_be_absent(branch_, at_)) run_.push_back(LiteralScan::foreign);
        if (is_quantified(branch_, at_)) end_run();
    }

    // The rest of a word, whatever it is; nothing may come after it but the word's end.
    void ending() {
        ++at_;
        end_run();
        if (words_.empty() || !is_word_character(words_.back())) return are_more_than_words();
        say(any_ending);
    }

    void say(char c) {
        const bool ended = !words_.empty() && words_.back() == any_ending;
        if (ended && c != LiteralScan::boundary) return are_more_than_words();
        if (plain_ && !ended) words_.push_back(c);  // where a word ends is a boundary
    }
    void are_more_than_words() {
        plain_ = false;
        words_.clear();
    }

    void boundary() {
        say(LiteralScan::boundary);
        // How wide the gap is that ends here is not known, so that nothing can be said of where it ends.
        if (!run_.empty() && run_.back() == ' ')
            run_.pop_back();
        else
            run_.push_back(LiteralScan::boundary);
        end_run();
        run_.assign(1, LiteralScan::boundary);
    }

    void end_run() {
        const auto marks = static_cast<std::size_t>(std::ranges::count(run_, LiteralScan::boundary));
        const auto gaps = static_cast<std::size_t>(std::ranges::count(run_, ' '));
        const auto letters = run_.size() - marks - gaps;
        const bool is_foreign = run_.find(LiteralScan::foreign) != std::string::npos;  // few mails have any
        if (letters >= shortest_run || (letters >= shortest_word && marks > 0) || is_foreign) runs_.push_back(run_);
        run_.clear();
    }

    void give_up() {
        are_more_than_words();
        runs_.clear();
        run_.clear();
        at_ = branch_.size();
    }

    std::string_view branch_;
    std::size_t at_ = 0;
    std::string run_;
    std::vector<std::string> runs_;
    bool plain_ = true;  // so far, and said in
    std::string words_;
};

// Where a branch has too many choices to multiply them all out, the first of them that says enough by itself.
std::vector<NeededTogether> ways_of_one_choice(std::string_view branch) {
    if (alternatives_of(branch).size() > 1) return {};
    for (std::size_t at = 0; at < branch.size();) {
        if (branch[at] != '(') {
            at = end_of_element(branch, at);
            continue;
        }
        const Group group = group_at(branch, at);
        const auto parts = alternatives_of(branch.substr(group.content, group.end - 1 - group.content));
        const bool certain = group.plain && !may_be_absent(branch, group.end);
        at = certain && parts.size() == 1 ? group.content : group.end;  // into it, or past it
        if (!certain) continue;
        std::vector<NeededTogether> ways;
        for (const auto part : parts) {
            ways.push_back({RunReader{part}.read().literals, {}});
            if (ways.back().literals.empty()) break;
        }
        if (!ways.back().literals.empty()) return ways;
    }
    return {};
}

std::vector<NeededTogether> ways_of(std::string_view branch) {
    auto together = RunReader{branch}.read();
    if (together.literals.empty()) return ways_of_one_choice(branch);
    return {std::move(together)};
}

}  // namespace

std::vector<NeededTogether> needed_literals(std::string_view pattern) {
    std::vector<NeededTogether> needed;
    // Flags at the very beginning change nothing in what is needed: its case is never looked at.
    bool any_case = false;
    if (pattern.starts_with("(?") && !pattern.starts_with("(?:")) {
        const std::size_t end = std::min(pattern.find(')'), pattern.size() - 1);
        const auto flags = pattern.substr(0, end);
        any_case = flags.find('i') < flags.find('-');
        pattern.remove_prefix(end + 1);
    }
    // What is quoted or set later on is beyond this.
    if (pattern.find("\\Q") != std::string_view::npos || pattern.find("(?P") != std::string_view::npos) return {};
    for (const std::string& branch : branches_of(pattern)) {
        auto ways = ways_of(branch);
        if (ways.empty()) return {};
        for (NeededTogether& together : ways) {
            if (!any_case) together.plain_words.clear();
            if (std::ranges::find(needed, together) == needed.end()) needed.push_back(std::move(together));
        }
    }
    return needed;
}

std::optional<std::string_view> plain_words_at(std::string_view words, std::string_view text, std::size_t end) {
    std::size_t to = end, at = end;
    for (std::size_t left = words.size(); left > 0; --left) {
        const char wanted = words[left - 1];
        if (wanted == any_ending) {
            while (to < text.size() && is_word_character(text[to])) ++to;
        } else if (wanted == LiteralScan::boundary) {
            if (!is_boundary(text, at)) return std::nullopt;
        } else if (at == 0) {
            return std::nullopt;
        } else if (wanted == some_space) {
            const std::size_t gap_end = at;
            while (at > 0 && is_white(text[at - 1])) --at;
            if (at == gap_end) return std::nullopt;
        } else if (wanted == one_space) {
            if (!is_white(text[--at])) return std::nullopt;
        } else if (wanted == blank_or_dash) {
            --at;
            if (text[at] != ' ' && text[at] != '-') return std::nullopt;
        } else if (ascii_lower(text[--at]) != wanted) {
            return std::nullopt;
        }
    }
    return text.substr(at, to - at);
}

std::size_t end_of_class(std::string_view pattern, std::size_t at) {
    std::size_t end = at + 1;
    if (end < pattern.size() && pattern[end] == '^') ++end;
    if (end < pattern.size() && pattern[end] == ']') ++end;  // a first ']' is itself
    while (end < pattern.size() && pattern[end] != ']') {
        if (pattern.substr(end).starts_with("[:")) {
            const std::size_t close = pattern.find(":]", end + 2);
            end = close == std::string_view::npos ? end + 1 : close + 2;
        } else {
            end += pattern[end] == '\\' ? 2 : 1;
        }
    }
    return std::min(end + 1, pattern.size());
}

}  // namespace tocsin::rules
