#include "rules/patterns/pattern_set.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>

#include "rules/patterns/counted_text.hpp"
#include "rules/patterns/first_match.hpp"
#include "rules/patterns/literal_scan.hpp"
#include "rules/patterns/longest_match.hpp"
#include "rules/patterns/made_patterns.hpp"
#include "rules/patterns/match_windows.hpp"
#include "rules/patterns/needed_literals.hpp"
#include "rules/patterns/words_and_rest.hpp"

namespace tocsin::rules {

// Most patterns need words that a mail does not have. One pass over the text finds the literal strings that occur;
// only the patterns that these leave possible are run, and only around what was found. One automaton of all patterns
// (RE2::Set) would be as fast once it is warm, but each mail's process begins cold where its mail leads, and pays for
// every state that it is the first to need.
struct PatternSet::State {
    struct Pattern {
        std::optional<Length> length;
        std::optional<NearTheBeginning> near;  // what its words or parts find must begin there
    };
    // What of a pattern takes a regular expression: an alternative, or several.
    struct Part {
        const RE2* re2 = nullptr;
        std::optional<std::size_t> longest;  // bytes of a match; nothing where it has no bound
    };
    // One of the ways of a pattern: what it needs and says is a part of `needed` and of `words`.
    struct StoredWay {
        std::uint32_t pattern = 0;
        std::uint32_t part = no_part;
        std::uint32_t needed = 0, needed_count = 0;
        std::uint32_t words = 0, words_size = 0;
    };
    // A pattern that has to be looked for, and by which of its ways; `no_way`: it is looked for in every text.
    struct Place {
        std::uint32_t pattern = 0;
        std::uint32_t part = no_part;
        std::uint32_t way = no_way;
        auto operator<=>(const Place&) const = default;
    };
    static constexpr std::uint32_t no_part = 0xFFFFFFFF, no_way = 0xFFFFFFFF;

    std::vector<Pattern> patterns;
    std::vector<Part> parts;
    std::vector<StoredWay> ways;
    std::vector<std::uint32_t> needed;
    std::string words;
    LiteralTree looked_for;  // until the set is built
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

    template <typename List>
    static std::uint32_t place_of(const List& list) {
        return static_cast<std::uint32_t>(list.size());
    }

    // Of the pattern that comes next.
    void add_ways(const std::vector<NeededTogether>& more, std::uint32_t part) {
        for (const NeededTogether& together : more) {
            ways.push_back({place_of(patterns), part, place_of(needed), place_of(together.literals), place_of(words),
                            place_of(together.plain_words)});
            words += together.plain_words;
            for (const std::string& literal : together.literals) needed.push_back(looked_for.add(literal));
        }
    }

    // Of the pattern that comes next. False where RE2 has no room for it.
    bool add_part(const std::string& pattern, MadePatterns& made) {
        const RE2* const re2 = made.get(pattern);
        if (re2 == nullptr) return false;
        const auto more = needed_literals(pattern);
        if (more.empty() || !have_room_for(more))
            run_always.push_back({place_of(patterns), place_of(parts), no_way});
        else
            add_ways(more, place_of(parts));
        parts.push_back({re2, longest_match(pattern)});
        return true;
    }

    Way way(std::uint32_t place) const {
        const StoredWay& one = ways[place];
        return {std::span{needed}.subspan(one.needed, one.needed_count),
                std::string_view{words}.substr(one.words, one.words_size)};
    }

    std::vector<Place> possible(const std::vector<std::uint32_t>& found) const {
        std::vector<Place> places = run_always;
        for (const std::uint32_t literal : found)
            for (std::uint32_t at = first_beginning_with[literal]; at < first_beginning_with[literal + 1]; ++at)
                places.push_back({ways[beginning_with[at]].pattern, ways[beginning_with[at]].part, beginning_with[at]});
        std::ranges::sort(places);
        return places;
    }

    // Of what lies side by side in `places`.
    void gather(std::span<const Place> places, std::vector<Way>& found) const {
        found.clear();
        for (const Place& place : places)
            if (place.way != no_way) found.push_back(way(place.way));
    }

    // The places are those of one pattern. `found` is room for its ways.
    std::optional<PatternHit> hit_of(std::span<const Place> places, std::string_view text, MatchWindows& windows,
                                     std::vector<Way>& found) const {
        const std::size_t index = places.front().pattern;
        const Pattern& pattern = patterns[index];
        if (pattern.length)
            return pattern.length->holds(text) ? std::optional{PatternHit{index, 0, text.size(), true}} : std::nullopt;
        const std::size_t farthest = pattern.near ? pattern.near->farthest_in(text) : text.size();
        gather(places, found);
        if (const auto plain = windows.plain_match(found, farthest))
            return PatternHit{index, plain->from, plain->to, true};
        while (!places.empty() && places.front().part != no_part) {
            const auto of_part = take_same(places, &Place::part);
            const Part& part = parts[of_part.front().part];
            const auto& near = windows_of(of_part, part, windows, found);
            if (!pattern.near) {
                if (const auto where = window_with_match(*part.re2, text, near))
                    return PatternHit{index, where->from, where->to, false, part.re2};
            } else if (const auto where = match_up_to(farthest, *part.re2, text, near)) {
                return PatternHit{index, where->from, where->to, true};
            }
        }
        return std::nullopt;
    }

    const std::vector<Window>& windows_of(std::span<const Place> places, const Part& part, MatchWindows& windows,
                                          std::vector<Way>& found) const {
        if (places.back().way == no_way) return windows.whole();
        gather(places, found);
        std::erase_if(found, [](const Way& way) { return !way.plain_words.empty(); });
        return windows.of(found, part.longest);
    }

    static std::optional<Window> window_with_match(const RE2& re2, std::string_view text,
                                                   const std::vector<Window>& windows) {
        const re2::StringPiece piece{text.data(), text.size()};
        for (const Window& window : windows)
            if (re2.Match(piece, window.from, window.to, RE2::UNANCHORED, nullptr, 0)) return window;
        return std::nullopt;
    }

    // The first places that have one and the same of these.
    static std::span<const Place> take_same(std::span<const Place>& places, std::uint32_t Place::*what) {
        std::size_t count = 1;
        while (count < places.size() && places[count].*what == places.front().*what) ++count;
        const auto taken = places.first(count);
        places = places.subspan(count);
        return taken;
    }
};

PatternSet::PatternSet() : state_{std::make_unique<State>()} {}
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

std::optional<std::size_t> PatternSet::add(const std::string& pattern, MadePatterns& made) {
    State::Pattern added;
    added.length = length_asked_by(pattern);
    std::string looked_for = pattern;
    if (!added.length) added.near = near_the_beginning(looked_for);
    WordsAndRest apart;
    if (!added.length) apart = words_and_rest(looked_for);
    if (!state_->have_room_for(apart.words)) apart = {{}, {looked_for}};
    state_->add_ways(apart.words, State::no_part);
    for (const std::string& part : apart.rest)
        if (!state_->add_part(part, made)) return std::nullopt;
    if (added.length) state_->run_always.push_back({State::place_of(state_->patterns), State::no_part, State::no_way});
    state_->patterns.push_back(std::move(added));
    return state_->patterns.size() - 1;
}

void PatternSet::build() {
    const std::size_t literals = state_->looked_for.size();
    state_->literals = LiteralScan{std::exchange(state_->looked_for, {})};
    const auto first_of = [this](std::size_t way) { return state_->needed[state_->ways[way].needed]; };
    state_->beginning_with.resize(state_->ways.size());
    std::iota(state_->beginning_with.begin(), state_->beginning_with.end(), 0U);
    std::ranges::stable_sort(state_->beginning_with, {}, first_of);
    state_->first_beginning_with.assign(literals + 1, 0);
    for (std::uint32_t way = 0; way < state_->ways.size(); ++way) ++state_->first_beginning_with[first_of(way) + 1];
    std::partial_sum(state_->first_beginning_with.begin(), state_->first_beginning_with.end(),
                     state_->first_beginning_with.begin());
    state_->ways.shrink_to_fit(), state_->needed.shrink_to_fit(), state_->words.shrink_to_fit();
}

std::size_t PatternSet::size() const { return state_->patterns.size(); }

void PatternSet::match(std::string_view text, std::vector<PatternHit>& hits) const {
    hits.clear();
    MatchWindows windows{text, state_->literals.found_in(text), state_->literal_count()};
    const std::vector<State::Place> possible = state_->possible(windows.literals());
    std::vector<Way> ways;
    for (std::span<const State::Place> left{possible}; !left.empty();) {
        const auto of_one = State::take_same(left, &State::Place::pattern);
        if (const auto hit = state_->hit_of(of_one, text, windows, ways)) hits.push_back(*hit);
    }
}

std::string_view PatternSet::find(const PatternHit& hit, std::string_view text) const {
    Window found{hit.from, hit.to};
    if (!hit.exact) found = first_match(*hit.by, text, found).value_or(Window{});
    return text.substr(found.from, found.to - found.from);
}

}  // namespace tocsin::rules
