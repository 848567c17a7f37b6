#include "rules/pattern_set.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <unordered_map>

#include "rules/counted_text.hpp"
#include "rules/first_match.hpp"
#include "rules/literal_scan.hpp"
#include "rules/longest_match.hpp"
#include "rules/made_patterns.hpp"
#include "rules/match_windows.hpp"
#include "rules/needed_literals.hpp"
#include "rules/words_and_rest.hpp"

namespace tocsin::rules {

// Most patterns need words that a mail does not have. One pass over the text finds the literal strings that occur;
// only the patterns that these leave possible are run, and only around what was found. One automaton of all patterns
// (RE2::Set) would be as fast once it is warm, but each mail's process begins cold where its mail leads, and pays for
// every state that it is the first to need.
struct PatternSet::State {
    struct Pattern {
        const RE2* re2 = nullptr;  // none where it asks for a length, or for nothing but words
        std::optional<Length> length;
        std::optional<NearTheBeginning> near;  // what `re2` finds must begin there
        std::optional<std::size_t> longest;    // bytes of a match of `re2`; nothing where it has no bound
        bool is_run_always = false;            // nothing is known of what `re2` needs
    };
    // One of the ways of a pattern: what it needs and says is a part of `needed` and of `words`.
    struct StoredWay {
        std::uint32_t pattern = 0;
        std::uint32_t needed = 0, needed_count = 0;
        std::uint32_t words = 0, words_size = 0;
        bool is_told_by_words = false;
    };
    // A pattern that has to be looked for, and by which of its ways; `no_way`: it is looked for in every text.
    struct Place {
        std::uint32_t pattern = 0;
        std::uint32_t way = no_way;
        bool operator<(const Place& other) const {
            return pattern != other.pattern ? pattern < other.pattern : way < other.way;
        }
    };
    static constexpr std::uint32_t no_way = 0xFFFFFFFF;

    std::vector<Pattern> patterns;
    std::vector<StoredWay> ways;
    std::vector<std::uint32_t> needed;
    std::string words;
    std::vector<std::string> looked_for;  // by the number of a literal, until the set is built
    std::unordered_map<std::string, std::uint32_t> number_of;
    LiteralScan literals;
    // By literal: where its part of `beginning_with` begins, of the ways that need it first.
    std::vector<std::uint32_t> first_beginning_with;
    std::vector<std::uint32_t> beginning_with;
    std::vector<Place> run_always;

    std::size_t literal_count() const { return first_beginning_with.empty() ? 0 : first_beginning_with.size() - 1; }

    bool have_room_for(const std::vector<NeededTogether>& more) const {
        std::size_t most = looked_for.size();
        for (const NeededTogether& together : more) most += together.literals.size();
        return most <= MatchWindows::most_literals;
    }

    // Of the pattern that comes next.
    void add_ways(const std::vector<NeededTogether>& more) {
        const auto place_of = [](const auto& list) { return static_cast<std::uint32_t>(list.size()); };
        for (const NeededTogether& together : more) {
            ways.push_back({place_of(patterns), place_of(needed), place_of(together.literals), place_of(words),
                            place_of(together.plain_words), together.is_told_by_words});
            words += together.plain_words;
            for (const std::string& literal : together.literals) {
                const auto [place, added] = number_of.emplace(literal, looked_for.size());
                if (added) looked_for.push_back(literal);
                needed.push_back(place->second);
            }
        }
    }

    Way way(std::uint32_t place) const {
        const StoredWay& one = ways[place];
        return {std::span{needed}.subspan(one.needed, one.needed_count),
                std::string_view{words}.substr(one.words, one.words_size), one.is_told_by_words};
    }

    std::vector<Place> possible(const std::vector<std::uint32_t>& found) const {
        std::vector<Place> places = run_always;
        for (const std::uint32_t literal : found)
            for (std::uint32_t at = first_beginning_with[literal]; at < first_beginning_with[literal + 1]; ++at)
                places.push_back({ways[beginning_with[at]].pattern, beginning_with[at]});
        std::ranges::sort(places, std::less<>{});
        return places;
    }
};

PatternSet::PatternSet() : state_{std::make_unique<State>()} {}
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

std::optional<std::size_t> PatternSet::add(const std::string& pattern, MadePatterns& made) {
    State::Pattern added;
    added.length = length_asked_by(pattern);
    if (!added.length) {
        std::string looked_for = pattern;
        added.near = near_the_beginning(looked_for);
        if (!added.near) {
            WordsAndRest parts = words_and_rest(looked_for);
            if (state_->have_room_for(parts.words)) {
                state_->add_ways(parts.words);
                looked_for = std::move(parts.rest);
            }
        }
        if (!looked_for.empty()) {
            added.re2 = made.get(looked_for);
            if (added.re2 == nullptr) return std::nullopt;
            added.longest = longest_match(looked_for);
            const auto needed = needed_literals(looked_for);
            added.is_run_always = needed.empty() || !state_->have_room_for(needed);
            if (!added.is_run_always) state_->add_ways(needed);
        }
    }
    state_->patterns.push_back(std::move(added));
    return state_->patterns.size() - 1;
}

void PatternSet::build() {
    state_->literals = LiteralScan{state_->looked_for};
    const auto first_of = [this](std::size_t way) { return state_->needed[state_->ways[way].needed]; };
    state_->beginning_with.resize(state_->ways.size());
    std::iota(state_->beginning_with.begin(), state_->beginning_with.end(), 0U);
    std::ranges::stable_sort(state_->beginning_with, {}, first_of);
    state_->first_beginning_with.assign(state_->looked_for.size() + 1, 0);
    for (std::uint32_t way = 0; way < state_->ways.size(); ++way) ++state_->first_beginning_with[first_of(way) + 1];
    std::partial_sum(state_->first_beginning_with.begin(), state_->first_beginning_with.end(),
                     state_->first_beginning_with.begin());
    for (std::uint32_t pattern = 0; pattern < state_->patterns.size(); ++pattern)
        if (state_->patterns[pattern].length || state_->patterns[pattern].is_run_always)
            state_->run_always.push_back({pattern, State::no_way});
    state_->ways.shrink_to_fit(), state_->needed.shrink_to_fit(), state_->words.shrink_to_fit();
    state_->looked_for = {};
    state_->number_of = {};
}

std::size_t PatternSet::size() const { return state_->patterns.size(); }

void PatternSet::match(std::string_view text, std::vector<PatternHit>& hits) const {
    hits.clear();
    MatchWindows windows{text, state_->literals.found_in(text), state_->literal_count()};
    const re2::StringPiece piece{text.data(), text.size()};
    const std::vector<State::Place> possible = state_->possible(windows.literals());
    std::vector<Way> ways;
    for (std::size_t at = 0; at < possible.size();) {
        const std::size_t index = possible[at].pattern;
        const State::Pattern& pattern = state_->patterns[index];
        ways.clear();
        for (; at < possible.size() && possible[at].pattern == index; ++at)
            if (possible[at].way != State::no_way) ways.push_back(state_->way(possible[at].way));
        if (pattern.length) {
            if (pattern.length->holds(text)) hits.push_back({index, 0, text.size(), true});
            continue;
        }
        if (const auto plain = pattern.near ? std::nullopt : windows.plain_match(ways)) {
            hits.push_back({index, plain->from, plain->to, true});
            continue;
        }
        std::erase_if(ways, [](const Way& way) { return way.is_told_by_words; });
        if (ways.empty() && !pattern.is_run_always) continue;
        const auto& places = pattern.is_run_always ? windows.whole() : windows.of(ways, pattern.longest);
        if (pattern.near) {
            if (const auto where = pattern.near->found(*pattern.re2, text, places, pattern.longest))
                hits.push_back({index, where->from, where->to, true});
            continue;
        }
        for (const Window& window : places) {
            if (!pattern.re2->Match(piece, window.from, window.to, RE2::UNANCHORED, nullptr, 0)) continue;
            hits.push_back({index, window.from, window.to, false});
            break;
        }
    }
}

std::string_view PatternSet::find(const PatternHit& hit, std::string_view text) const {
    Window found{hit.from, hit.to};
    if (!hit.exact) found = first_match(*state_->patterns.at(hit.pattern).re2, text, found).value_or(Window{});
    return text.substr(found.from, found.to - found.from);
}

}  // namespace tocsin::rules
