#include "rules/pattern.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"
#include "rules/literal_scan.hpp"
#include "rules/needed_literals.hpp"

namespace tocsin::rules {

namespace {

// A cap for one pattern's automaton: what is not needed is not taken.
constexpr std::int64_t most_bytes_of_a_pattern = std::int64_t{8} << 20;

RE2::Options pattern_options() {
    RE2::Options options{RE2::Quiet};  // a bad pattern is ours to report
    options.set_max_mem(most_bytes_of_a_pattern);
    options.set_never_capture(true);  // only the whole match is asked for
    return options;
}

bool is_quantifier(char c) { return c == '*' || c == '+' || c == '?' || c == '{'; }

std::string with_wide_blanks(std::string_view pattern) {
    std::string wide;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern.substr(at).starts_with("\\Q")) {  // quoted up to \E: as it is
            const std::size_t end = std::min(pattern.find("\\E", at), pattern.size());
            wide += pattern.substr(at, end - at);
            at = end;
        } else if (pattern[at] == '\\' && at + 1 < pattern.size()) {
            wide += pattern.substr(at, 2);
            at += 2;
        } else if (pattern[at] == '[') {
            const std::size_t end = end_of_class(pattern, at);
            wide += pattern.substr(at, end - at);
            at = end;
        } else if (pattern[at] == ' ') {
            ++at;
            wide += at < pattern.size() && is_quantifier(pattern[at]) ? "\\s" : "\\s+";
        } else {
            wide += pattern[at++];
        }
    }
    return wide;
}

}  // namespace

std::optional<PatternMistake> mistake_in_pattern(std::string_view pattern) {
    if (pattern.empty()) return PatternMistake{0, "empty pattern: it would match everything"};
    const RE2 re2{re2::StringPiece{pattern.data(), pattern.size()}, pattern_options()};
    if (!re2.ok()) {
        const std::size_t at = re2.error_arg().empty() ? 0 : pattern.find(re2.error_arg());
        std::string what = "bad pattern: " + re2.error();
        if (!re2.error_arg().empty() && re2.error().find(re2.error_arg()) == std::string::npos)
            what += " near '" + re2.error_arg() + "'";
        if (re2.error_code() == RE2::ErrorBadPerlOp) what += " (RE2 has no look-around)";
        return PatternMistake{at == std::string::npos ? 0 : at, std::move(what)};
    }
    const RE2 wide{pattern_for_re2(pattern, true), pattern_options()};
    if (!wide.ok()) return PatternMistake{0, "bad pattern: " + wide.error()};
    if (RE2::FullMatch("", wide)) return PatternMistake{0, "this pattern matches nothing at all, so it always matches"};
    return std::nullopt;
}

std::optional<std::size_t> boundary_beside_foreign_letter(std::string_view pattern) {
    const auto foreign = [&](std::size_t at) { return at < pattern.size() && (pattern[at] & '\x80') != 0; };
    for (std::size_t at = 0; at + 1 < pattern.size(); ++at) {
        if (pattern[at] != '\\') continue;
        if (pattern[at + 1] == 'b' && (foreign(at + 2) || (at > 0 && foreign(at - 1)))) return at;
        ++at;  // past what is escaped
    }
    return std::nullopt;
}

std::string pattern_for_re2(std::string_view pattern, bool ignore_case) {
    return (ignore_case ? "(?im)" : "(?m)") + with_wide_blanks(pattern);
}

std::string pattern_for_words(const std::vector<std::string>& all) {
    std::string pattern;
    for (const std::string& entry : all) {
        std::string quoted;
        for (const std::string_view word : words(entry)) {
            if (!quoted.empty()) quoted += "\\s+";
            quoted += RE2::QuoteMeta(re2::StringPiece{word.data(), word.size()});
        }
        if (quoted.empty()) continue;
        if (!pattern.empty()) pattern += '|';
        pattern += quoted;
    }
    return pattern.empty() ? pattern : "(?i)" + pattern;
}

// Most patterns need words that a mail does not have. One pass over the text finds the literal strings that occur;
// only the patterns that these leave possible are run. One automaton of all patterns (RE2::Set) would be as fast once
// it is warm, but each mail's process begins cold where its mail leads, and finds a thousand new states for every mail.
struct PatternSet::State {
    // One of the ways in which a pattern may match, by the strings that it needs.
    struct Branch {
        int pattern = 0;
        std::size_t needs = 0;
    };
    std::vector<std::unique_ptr<RE2>> patterns;
    std::vector<int> always;  // patterns of which nothing is known
    std::vector<Branch> branches;
    LiteralScan literals;
    std::vector<std::vector<std::size_t>> branches_of_literal;

    std::vector<int> possible_in(std::string_view text) const;
};

std::vector<int> PatternSet::State::possible_in(std::string_view text) const {
    std::vector<int> possible = always;
    std::vector<std::size_t> missing(branches.size());
    for (std::size_t i = 0; i < branches.size(); ++i) missing[i] = branches[i].needs;
    for (const int literal : literals.found_in(text))
        for (const std::size_t branch : branches_of_literal[static_cast<std::size_t>(literal)])
            if (--missing[branch] == 0) possible.push_back(branches[branch].pattern);
    std::ranges::sort(possible);
    possible.erase(std::unique(possible.begin(), possible.end()), possible.end());
    return possible;
}

PatternSet::PatternSet() : state_{std::make_unique<State>()} {}
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

std::optional<std::size_t> PatternSet::add(const std::string& pattern) {
    auto single = std::make_unique<RE2>(pattern, pattern_options());
    if (!single->ok()) return std::nullopt;
    state_->patterns.push_back(std::move(single));
    return state_->patterns.size() - 1;
}

void PatternSet::build() {
    std::vector<std::string> literals;
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t index = 0; index < state_->patterns.size(); ++index) {
        const auto needed = needed_literals(state_->patterns[index]->pattern());
        if (needed.empty()) state_->always.push_back(static_cast<int>(index));
        for (const NeededTogether& together : needed) {
            for (const std::string& literal : together) {
                const auto [place, added] = places.emplace(literal, literals.size());
                if (added) {
                    literals.push_back(literal);
                    state_->branches_of_literal.emplace_back();
                }
                state_->branches_of_literal[place->second].push_back(state_->branches.size());
            }
            state_->branches.push_back({static_cast<int>(index), together.size()});
        }
    }
    state_->literals = LiteralScan{literals};
}

std::size_t PatternSet::size() const { return state_->patterns.size(); }

void PatternSet::match(std::string_view text, std::vector<int>& hits) const {
    hits = state_->possible_in(text);
    const re2::StringPiece piece{text.data(), text.size()};
    std::erase_if(
        hits, [&](int index) { return !RE2::PartialMatch(piece, *state_->patterns[static_cast<std::size_t>(index)]); });
}

std::optional<std::string_view> PatternSet::find(std::size_t index, std::string_view text) const {
    re2::StringPiece found;
    const re2::StringPiece piece{text.data(), text.size()};
    const RE2& single = *state_->patterns.at(index);
    if (!single.Match(piece, 0, piece.size(), RE2::UNANCHORED, &found, 1)) return std::nullopt;
    return std::string_view{found.data(), found.size()};
}

void PatternSet::warm_up(std::string_view text) const {
    for (std::size_t index = 0; index < state_->patterns.size(); ++index) {
        // Two automata: one tells whether, the other one where, and that one is asked only when there is something.
        if (RE2::PartialMatch(text, *state_->patterns[index])) (void)find(index, text);
    }
}

}  // namespace tocsin::rules
