#include "rules/patterns/needed_literals.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "rules/patterns/pattern_syntax.hpp"

namespace tocsin::rules {
namespace {

constexpr std::size_t most_of_a_class = 12;
constexpr int most_classes = 2;

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

// Its alternatives multiplied out, and then also what may be left out: there, and not there.
std::vector<std::string> branches_of(std::string_view pattern, std::size_t most_branches) {
    // A list of words is long, but as long as it is written.
    const auto top = alternatives_of(pattern);
    auto branches = multiplied_out({top.begin(), top.end()}, choices_in, most_branches + top.size());
    return multiplied_out(std::move(branches), choices_or_options_in, most_branches * 3 / 2 + top.size());
}

// Each character of a class of few: those of "0123456789" for "[0-9]"; what is more than ASCII as it stands there.
std::vector<std::string_view> members_of_class(std::string_view element) {
    static constexpr std::string_view ascii =
        " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
    const auto is_plain = [](char c) { return (c & '\x80') == 0 && c >= ' ' && c != '^' && c != '[' && c != '\\'; };
    const auto place_of = [](char c) { return static_cast<std::size_t>(c - ascii.front()); };
    if (element == "\\d") return members_of_class("[0-9]");
    if (element.front() != '[') return {};
    std::vector<std::string_view> members;
    const std::string_view inside = element.substr(1, element.size() - 2);
    for (std::size_t at = 0; at < inside.size();) {
        const std::size_t end = end_of_element(inside, at);
        const auto character = inside.substr(at, end - at);
        const bool is_range = end + 1 < inside.size() && inside[end] == '-';
        const bool is_foreign = (character.front() & '\x80') != 0;
        if ((!is_foreign && !is_plain(character.front())) || folds_to_ascii(character)) return {};
        if (is_range && (is_foreign || !is_plain(inside[end + 1]) || inside[end + 1] < character.front())) return {};
        if (is_foreign) {
            members.push_back(character);
        } else {
            const std::size_t first = place_of(character.front());
            const std::size_t last = is_range ? place_of(inside[end + 1]) : first;
            if (last - first >= most_of_a_class) return {};
            for (std::size_t one = first; one <= last; ++one) members.push_back(ascii.substr(one, 1));
        }
        if (members.size() > most_of_a_class) return {};
        at = is_range ? end + 2 : end;
    }
    return members;
}

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
            ways.push_back({read_branch(part).literals, {}});
            if (ways.back().literals.empty()) break;
        }
        if (!ways.back().literals.empty()) return ways;
    }
    return {};
}

struct OneOfFew {
    std::size_t begin = 0;  // of the class
    std::size_t end = 0;    // past it and a '+' behind it
    std::vector<std::string_view> members;
    bool is_repeated = false;
};

// The first class of a few characters that must be there, as [0-9] or [ :.].
std::optional<OneOfFew> first_small_class(std::string_view branch) {
    for (std::size_t at = 0; at < branch.size();) {
        if (branch[at] == '(') {
            const Group group = group_at(branch, at);
            const bool certain = group.plain && !may_be_absent(branch, group.end);
            at = certain ? group.content : group.end;
            continue;
        }
        const std::size_t end = end_of_element(branch, at);
        auto members = members_of_class(branch.substr(at, end - at));
        if (!members.empty() && !may_be_absent(branch, end)) {
            const bool is_repeated = branch.substr(end).starts_with('+');
            return OneOfFew{at, end + (is_repeated ? 1 : 0), std::move(members), is_repeated};
        }
        at = end;
    }
    return std::nullopt;
}

std::vector<NeededTogether> ways_of(std::string_view branch, int classes = most_classes);  // NOLINT(misc-no-recursion)

// Where nothing else is certain: what each character of a class would make certain.
std::vector<NeededTogether> ways_of_a_class(std::string_view branch, int classes) {  // NOLINT(misc-no-recursion)
    const auto found = classes > 0 ? first_small_class(branch) : std::nullopt;
    if (!found) return {};
    std::vector<NeededTogether> ways;
    for (const std::string_view member : found->members) {
        const char first = member.front();
        std::string one{branch.substr(0, found->begin)};
        if ((first & '\x80') == 0 && !is_letter(first) && !is_digit(first)) one += '\\';
        one += member;
        if (found->is_repeated) one += std::string{branch.substr(found->begin, found->end - 1 - found->begin)} + "*";
        one += branch.substr(found->end);
        auto of_one = ways_of(one, classes - 1);
        if (of_one.empty()) return {};
        for (NeededTogether& way : of_one) ways.push_back({std::move(way.literals), {}});
    }
    return ways;
}

std::vector<NeededTogether> ways_of(std::string_view branch, int classes) {  // NOLINT(misc-no-recursion)
    auto together = read_branch(branch);
    if (!together.literals.empty()) return {std::move(together)};
    if (auto ways = ways_of_one_choice(branch); !ways.empty()) return ways;
    return ways_of_a_class(branch, classes);
}

}  // namespace

std::vector<NeededTogether> needed_literals(std::string_view pattern, std::size_t most_branches) {
    std::vector<NeededTogether> needed;
    // Flags at the very beginning change nothing in what is needed: its case is never looked at.
    const auto flags = flags_of(pattern);
    const bool any_case = flags.find('i') < flags.find('-');
    pattern.remove_prefix(flags.size());
    if (quotes_or_names(pattern)) return {};
    std::set<std::pair<std::vector<std::string>, std::string>> seen;
    for (const std::string& branch : branches_of(pattern, most_branches)) {
        auto ways = ways_of(branch);
        if (ways.empty()) return {};
        for (NeededTogether& together : ways) {
            if (!any_case) together = {std::move(together.literals), {}};
            if (seen.emplace(together.literals, together.plain_words).second) needed.push_back(std::move(together));
        }
    }
    return needed;
}

}  // namespace tocsin::rules
