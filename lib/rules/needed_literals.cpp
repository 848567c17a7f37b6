#include "rules/needed_literals.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "rules/literal_scan.hpp"

namespace tocsin::rules {
namespace {

constexpr std::size_t most_branches = 96;  // of one pattern, once its alternatives are multiplied out
constexpr std::size_t shortest_run = 3;    // shorter ones occur in every mail and rule nothing out
constexpr std::size_t shortest_word = 2;   // with a boundary at one end or both

struct Group {
    std::size_t begin = 0;    // its '('
    std::size_t content = 0;  // past "(" or "(?:"
    std::size_t end = 0;      // past its ')'
    bool plain = false;       // not one that sets flags
};

// One element of a pattern: an escape, a class, or a character; a parenthesis is one by itself.
std::size_t end_of_element(std::string_view pattern, std::size_t at) {
    if (pattern[at] == '\\') return std::min(at + 2, pattern.size());
    return pattern[at] == '[' ? end_of_class(pattern, at) : at + 1;
}

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

// The alternatives of the alternatives, as long as they are few.
std::vector<std::string> branches_of(std::string_view pattern) {
    std::vector<std::string> done;
    std::vector<std::string> waiting{std::string{pattern}};
    while (!waiting.empty()) {
        const std::string one = std::move(waiting.back());
        waiting.pop_back();
        std::vector<std::string> parts;
        if (const auto top = alternatives_of(one); top.size() > 1) {
            parts.assign(top.begin(), top.end());
        } else if (const auto choice = first_choice(one)) {
            const std::string before = one.substr(0, choice->begin), after = one.substr(choice->end);
            const auto content = std::string_view{one}.substr(choice->content, choice->end - 1 - choice->content);
            for (const auto part : alternatives_of(content))
                parts.push_back(before + "(?:" + std::string{part} + ")" + after);
        }
        const bool few = done.size() + waiting.size() + parts.size() <= most_branches;
        if (parts.empty() || !few)
            done.push_back(one);
        else
            waiting.insert(waiting.end(), parts.begin(), parts.end());
    }
    return done;
}

// Reads a branch from left to right, gathering runs of characters that must stand there side by side.
class RunReader {
public:
    explicit RunReader(std::string_view branch) : branch_{branch} {}

    NeededTogether read() {
        if (alternatives_of(branch_).size() > 1) return {};  // too many to be multiplied out
        while (at_ < branch_.size()) step();
        end_run();
        std::ranges::sort(runs_);
        runs_.erase(std::unique(runs_.begin(), runs_.end()), runs_.end());
        return std::move(runs_);
    }

private:
    void step() {
        const char c = branch_[at_];
        if (c == '(') return group();
        if (c == ')') {
            ++at_;
            if (is_quantified(branch_, at_)) end_run();
            return;
        }
        const auto element = branch_.substr(at_, end_of_element(branch_, at_) - at_);
        at_ += element.size();
        if (element == "\\b" && !is_quantified(branch_, at_)) return boundary();
        const bool escaped = c == '\\' && element.size() == 2;
        const char literal = escaped ? element[1] : c;
        if (is_gap(element) && !may_be_absent(branch_, at_)) return gap();
        const bool special = escaped ? is_letter(literal) || is_digit(literal)
                                     : std::string_view{"[.^$?*+{}|"}.find(literal) != std::string_view::npos;
        if (special || (literal & '\x80') != 0 || literal == LiteralScan::boundary) {
            end_run();
            // What follows these is not a literal either: \Q...\E, \p{Greek}, \x{41}, and quantifiers.
            if (escaped && std::string_view{"QEpPxC"}.find(literal) != std::string_view::npos) give_up();
            if (c == '{') at_ = std::min(branch_.find('}', at_), branch_.size());
            return;
        }
        if (!may_be_absent(branch_, at_)) run_.push_back(ascii_lower(literal));
        if (is_quantified(branch_, at_)) end_run();
    }

    void group() {
        const Group group = group_at(branch_, at_);
        const auto content = branch_.substr(group.content, group.end - 1 - group.content);
        if (!group.plain || may_be_absent(branch_, group.end) || alternatives_of(content).size() > 1) {
            end_run();
            at_ = group.end;
        } else {
            at_ = group.content;  // its ')' is met later
        }
    }

    // White space or a dash, once or often: the scan takes any of it for one blank.
    static bool is_gap(std::string_view element) {
        return element == " " || element == "-" || element == "\\s" || element == "[ -]" || element == "[- ]" ||
               element == "[ ]";
    }

    void gap() {
        if (run_.empty() || run_.back() != ' ') run_.push_back(' ');
        if (is_quantified(branch_, at_)) ++at_;                  // "+"
        if (at_ < branch_.size() && branch_[at_] == '?') ++at_;  // a lazy one
    }

    void boundary() {
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
        if (letters >= shortest_run || (letters >= shortest_word && marks > 0)) runs_.push_back(run_);
        run_.clear();
    }

    void give_up() {
        runs_.clear();
        run_.clear();
        at_ = branch_.size();
    }

    std::string_view branch_;
    std::size_t at_ = 0;
    std::string run_;
    NeededTogether runs_;
};

}  // namespace

std::vector<NeededTogether> needed_literals(std::string_view pattern) {
    std::vector<NeededTogether> needed;
    // Flags at the very beginning change nothing here: case is never looked at.
    if (pattern.starts_with("(?") && !pattern.starts_with("(?:"))
        pattern.remove_prefix(std::min(pattern.find(')'), pattern.size() - 1) + 1);
    // What is quoted or set later on is beyond this.
    if (pattern.find("\\Q") != std::string_view::npos || pattern.find("(?P") != std::string_view::npos) return {};
    for (const std::string& branch : branches_of(pattern)) {
        auto runs = RunReader{branch}.read();
        if (runs.empty()) return {};
        if (std::ranges::find(needed, runs) == needed.end()) needed.push_back(std::move(runs));
    }
    return needed;
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
