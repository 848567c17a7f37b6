#include "rules/pattern.hpp"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "rules/literal_scan.hpp"

namespace tocsin::rules {

namespace {

// A cap for one pattern's automaton: what is not needed is not taken.
constexpr std::int64_t most_bytes_of_a_pattern = std::int64_t{8} << 20;
// Shorter ones occur in every mail and rule nothing out.
constexpr int shortest_literal = 3;

RE2::Options pattern_options() {
    RE2::Options options{RE2::Quiet};  // a bad pattern is ours to report
    options.set_max_mem(most_bytes_of_a_pattern);
    options.set_never_capture(true);  // only the whole match is asked for
    return options;
}

bool is_quantifier(char c) { return c == '*' || c == '+' || c == '?' || c == '{'; }

// Where the character class that begins at `at` ends: past its ']'.
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
    re2::FilteredRE2 patterns{shortest_literal};
    std::size_t size = 0;
    LiteralScan literals;
};

PatternSet::PatternSet() : state_{std::make_unique<State>()} {}
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

std::optional<std::size_t> PatternSet::add(const std::string& pattern) {
    int index = 0;
    if (state_->patterns.Add(pattern, pattern_options(), &index) != RE2::NoError) return std::nullopt;
    return state_->size++;
}

void PatternSet::build() {
    if (state_->size == 0) return;
    std::vector<std::string> literals;
    state_->patterns.Compile(&literals);
    state_->literals = LiteralScan{literals};
}

std::size_t PatternSet::size() const { return state_->size; }

void PatternSet::match(std::string_view text, std::vector<int>& hits) const {
    hits.clear();
    if (state_->size == 0) return;
    state_->patterns.AllPotentials(state_->literals.found_in(text), &hits);
    const re2::StringPiece piece{text.data(), text.size()};
    std::erase_if(hits, [&](int index) { return !RE2::PartialMatch(piece, state_->patterns.GetRE2(index)); });
}

std::optional<std::string_view> PatternSet::find(std::size_t index, std::string_view text) const {
    re2::StringPiece found;
    const re2::StringPiece piece{text.data(), text.size()};
    const RE2& single = state_->patterns.GetRE2(static_cast<int>(index));
    if (!single.Match(piece, 0, piece.size(), RE2::UNANCHORED, &found, 1)) return std::nullopt;
    return std::string_view{found.data(), found.size()};
}

void PatternSet::warm_up(std::string_view text) const {
    for (std::size_t index = 0; index < state_->size; ++index) (void)find(index, text);
}

}  // namespace tocsin::rules
