#include "rules/pattern.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <unordered_map>

#include "base/text.hpp"
#include "rules/literal_scan.hpp"
#include "rules/longest_match.hpp"
#include "rules/match_windows.hpp"
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
    const RE2 wide{pattern_for_re2(pattern, true), pattern_options()};
    if (wide.ok()) {
        if (!RE2::FullMatch("", wide)) return std::nullopt;
        return PatternMistake{0, "this pattern matches the empty text too, so it always matches"};
    }
    const RE2 re2{re2::StringPiece{pattern.data(), pattern.size()}, pattern_options()};  // which says where
    if (re2.ok()) return PatternMistake{0, "bad pattern: " + wide.error()};
    const std::size_t at = re2.error_arg().empty() ? 0 : pattern.find(re2.error_arg());
    std::string what = "bad pattern: " + re2.error();
    if (!re2.error_arg().empty() && re2.error().find(re2.error_arg()) == std::string::npos)
        what += " near '" + re2.error_arg() + "'";
    if (re2.error_code() == RE2::ErrorBadPerlOp) what += " (RE2 has no look-around)";
    if (re2.error_arg().size() == 2 && is_digit(re2.error_arg()[1])) what += " (RE2 has no back references)";
    return PatternMistake{at == std::string::npos ? 0 : at, std::move(what)};
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

namespace {

std::size_t characters_in(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char byte) { return (byte & '\xC0') != '\x80'; }));
}

// Of a whole text, in characters, as /(?s)\A.{1,600}\z/ asks for it: an automaton of so many steps is made anew by each
// mail's process, to count.
struct Length {
    std::size_t least = 0;
    std::size_t most = 0;

    bool holds(std::string_view text) const {
        if (text.size() < least || text.size() > 4 * most) return false;
        const std::size_t characters = characters_in(text);
        return least <= characters && characters <= most;
    }
};

std::optional<Length> length_asked_by(const std::string& pattern) {
    static const RE2 form{R"((?:\(\?im?\)|\(\?m\))\(\?s\)\\A\.\{(\d{1,4}),(\d{1,4})\}\\z)"};
    Length length;
    if (!RE2::FullMatch(pattern, form, &length.least, &length.most)) return std::nullopt;
    return length;
}

// How /(?s)\A.{0,400}(words)/ is looked for: where its words begin first says whether they begin near enough, and an
// automaton that counts four hundred characters beside each of them is not needed.
struct NearTheBeginning {
    std::size_t most = 0;  // characters before it

    // `windows` from left to right: what is found first is the leftmost there is.
    std::optional<Window> found(const RE2& re2, std::string_view text, const std::vector<Window>& windows,
                                const std::optional<std::size_t>& longest) const {
        const std::size_t end = longest ? std::min(text.size(), 4 * most + *longest + 1) : text.size();
        for (const Window& window : windows) {
            if (window.from > 4 * most) break;
            re2::StringPiece words;
            const std::size_t to = std::min(window.to, end);
            if (!re2.Match({text.data(), text.size()}, window.from, to, RE2::UNANCHORED, &words, 1)) continue;
            const auto from = static_cast<std::size_t>(words.data() - text.data());
            if (from > 4 * most || characters_in(text.substr(0, from)) > most) break;
            return Window{from, from + words.size()};
        }
        return std::nullopt;
    }
};

// Whether an alternative stands outside of all groups.
bool has_open_alternatives(std::string_view pattern) {
    int depth = 0;
    bool in_class = false;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const char c = pattern[at];
        if (c == '\\')
            ++at;
        else if (in_class)
            in_class = c != ']';
        else if (c == '[')
            in_class = true;
        else if (c == '(')
            ++depth;
        else if (c == ')')
            --depth;
        else if (c == '|' && depth == 0)
            return true;
    }
    return false;
}

// Leaves in `pattern` what is then to be looked for.
std::optional<NearTheBeginning> near_the_beginning(std::string& pattern) {
    static const RE2 form{R"(\(\?(im?|m)\)\(\?s\)\\A\.\{0,(\d{1,4})\}((?s:.+)))"};
    std::string flags, rest;
    NearTheBeginning near;
    if (!RE2::FullMatch(pattern, form, &flags, &near.most, &rest) || has_open_alternatives(rest)) return std::nullopt;
    // What may be empty, or may be repeated with what is in front of it, is left as it is.
    if (rest.front() == '?' || rest.front() == '+' || rest.front() == '*') return std::nullopt;
    pattern = "(?" + flags + ")(?s)" + rest;
    return near;
}

}  // namespace

std::size_t counted_without_automaton(std::string_view pattern) {
    std::string rest = pattern_for_re2(pattern, true);
    if (length_asked_by(rest)) return pattern.size();
    // The beginning holds no blank, so that it is as long in the pattern as it was written.
    return near_the_beginning(rest) ? pattern.find('}') + 1 : 0;
}

std::size_t instructions_of(std::string_view pattern, bool ignore_case) {
    std::string looked_for = pattern_for_re2(pattern, ignore_case);
    (void)near_the_beginning(looked_for);
    const RE2 re2{looked_for, pattern_options()};
    return re2.ok() ? static_cast<std::size_t>(re2.ProgramSize()) : 0;
}

// Most patterns need words that a mail does not have. One pass over the text finds the literal strings that occur;
// only the patterns that these leave possible are run, and only around what was found. One automaton of all patterns
// (RE2::Set) would be as fast once it is warm, but each mail's process begins cold where its mail leads, and pays for
// every state that it is the first to need.
struct PatternSet::State {
    struct Pattern {
        std::unique_ptr<RE2> re2;  // none where it asks for a length
        std::optional<Length> length;
        std::optional<NearTheBeginning> near;  // what `re2` finds must begin there
        std::optional<std::size_t> longest;    // bytes of a match; nothing where it has no bound
        std::vector<Way> ways;
    };
    // The way of a pattern, or its only entry where nothing is known of it.
    struct Place {
        std::uint32_t pattern = 0;
        std::uint32_t way = 0;
        bool operator<(const Place& other) const {
            return pattern != other.pattern ? pattern < other.pattern : way < other.way;
        }
    };
    std::vector<Pattern> patterns;
    LiteralScan literals;
    std::vector<std::vector<Place>> beginning_with;  // by literal: the ways that need it first
    std::vector<Place> run_always;

    std::vector<Place> possible(const std::vector<std::uint32_t>& found) const {
        std::vector<Place> places = run_always;
        for (const std::uint32_t literal : found)
            places.insert(places.end(), beginning_with[literal].begin(), beginning_with[literal].end());
        std::ranges::sort(places, std::less<>{});
        return places;
    }
};

PatternSet::PatternSet() : state_{std::make_unique<State>()} {}
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

std::optional<std::size_t> PatternSet::add(const std::string& pattern) {
    State::Pattern added;
    std::string looked_for = pattern;
    added.length = length_asked_by(pattern);
    if (!added.length) {
        added.near = near_the_beginning(looked_for);
        added.re2 = std::make_unique<RE2>(looked_for, pattern_options());
        if (!added.re2->ok()) return std::nullopt;
        added.longest = longest_match(looked_for);
    }
    state_->patterns.push_back(std::move(added));
    return state_->patterns.size() - 1;
}

void PatternSet::build() {
    std::vector<std::string> literals;
    std::unordered_map<std::string, std::uint32_t> places;
    for (State::Pattern& pattern : state_->patterns) {
        if (pattern.length) continue;
        for (const NeededTogether& together : needed_literals(pattern.re2->pattern())) {
            pattern.ways.push_back({{}, together.plain_words});
            for (const std::string& literal : together.literals) {
                const auto [place, added] = places.emplace(literal, literals.size());
                if (added) literals.push_back(literal);
                pattern.ways.back().needed.push_back(place->second);
            }
        }
    }
    state_->literals = LiteralScan{literals};
    state_->beginning_with.resize(literals.size());
    for (std::uint32_t pattern = 0; pattern < state_->patterns.size(); ++pattern) {
        const std::vector<Way>& ways = state_->patterns[pattern].ways;
        if (ways.empty()) state_->run_always.push_back({pattern, 0});
        for (std::uint32_t way = 0; way < ways.size(); ++way)
            state_->beginning_with[ways[way].needed.front()].push_back({pattern, way});
    }
}

std::size_t PatternSet::size() const { return state_->patterns.size(); }

void PatternSet::match(std::string_view text, std::vector<PatternHit>& hits) const {
    hits.clear();
    MatchWindows windows{text, state_->literals.found_in(text), state_->beginning_with.size()};
    const re2::StringPiece piece{text.data(), text.size()};
    const std::vector<State::Place> possible = state_->possible(windows.literals());
    std::vector<const Way*> ways;
    for (std::size_t at = 0; at < possible.size();) {
        const std::size_t index = possible[at].pattern;
        const State::Pattern& pattern = state_->patterns[index];
        ways.clear();
        for (; at < possible.size() && possible[at].pattern == index; ++at)
            if (!pattern.ways.empty()) ways.push_back(&pattern.ways[possible[at].way]);
        if (pattern.length) {
            if (pattern.length->holds(text)) hits.push_back({index, 0, text.size(), true});
            continue;
        }
        const auto places = [&]() -> const std::vector<Window>& {
            return ways.empty() ? windows.whole() : windows.of(ways, pattern.longest);
        };
        if (pattern.near) {
            if (const auto where = pattern.near->found(*pattern.re2, text, places(), pattern.longest))
                hits.push_back({index, where->from, where->to, true});
            continue;
        }
        if (const auto plain = windows.plain_match(ways)) {
            hits.push_back({index, plain->from, plain->to, true});
            continue;
        }
        for (const Window& window : places()) {
            if (!pattern.re2->Match(piece, window.from, window.to, RE2::UNANCHORED, nullptr, 0)) continue;
            hits.push_back({index, window.from, window.to, false});
            break;
        }
    }
}

std::string_view PatternSet::find(const PatternHit& hit, std::string_view text) const {
    if (hit.exact) return text.substr(hit.from, hit.to - hit.from);
    re2::StringPiece found;
    const re2::StringPiece piece{text.data(), text.size()};
    const RE2& single = *state_->patterns.at(hit.pattern).re2;
    if (!single.Match(piece, hit.from, hit.to, RE2::UNANCHORED, &found, 1)) return {};
    return {found.data(), found.size()};
}

}  // namespace tocsin::rules
