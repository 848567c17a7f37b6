#include "rules/patterns/match_windows.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/text.hpp"
#include "rules/patterns/longest_match.hpp"
#include "rules/patterns/plain_words.hpp"

namespace tocsin::rules {
namespace {

enum class RunKind : std::uint8_t { None, Gap, Word };

constexpr std::array<RunKind, 256> run_kinds = [] {
    std::array<RunKind, 256> kinds{};
    for (std::size_t c = 0; c < 128; ++c) {
        const char one = static_cast<char>(c);
        if (is_word_character(one)) kinds[c] = RunKind::Word;
        if (is_white(one)) kinds[c] = RunKind::Gap;
    }
    // U+017F and U+212A, which \w takes for s and k where case does not count. Others with these bytes only make a run
    // look longer.
    for (const std::size_t c : {0xC5U, 0xBFU, 0xE2U, 0x84U, 0xAAU}) kinds[c] = RunKind::Word;
    return kinds;
}();

RunKind run_kind(char c) { return run_kinds[static_cast<unsigned char>(c)]; }

// Of white space or of letters. A long run holds one of every few bytes: the others need not be looked at.
std::vector<Window> long_runs(std::string_view text) {
    std::vector<Window> runs;
    for (std::size_t at = longest_gap; at < text.size(); at += longest_gap + 1) {
        const RunKind kind = run_kind(text[at]);
        if (kind == RunKind::None || (!runs.empty() && at < runs.back().to)) continue;
        Window run{at, at + 1};
        while (run.from > 0 && run_kind(text[run.from - 1]) == kind) --run.from;
        while (run.to < text.size() && run_kind(text[run.to]) == kind) ++run.to;
        if (run.to - run.from > (kind == RunKind::Gap ? longest_gap : longest_run)) runs.push_back(run);
    }
    return runs;
}

}  // namespace

MatchWindows::MatchWindows(std::string_view text, const std::vector<LiteralScan::Occurrence>& found,
                           std::size_t literals)
    : text_{text}, rank_(literals), ends_(found.size()), runs_{long_runs(text)} {
    for (const auto& one : found) {
        if (rank_[one.number] != 0) continue;
        literals_.push_back(one.number);
        rank_[one.number] = static_cast<std::uint16_t>(literals_.size());
    }
    first_.resize(literals_.size() + 2);
    for (const auto& one : found) ++first_[rank_[one.number] + 1U];
    std::partial_sum(first_.begin(), first_.end(), first_.begin());
    // Each is moved on to where the next one begins.
    for (const auto& one : found) ends_[first_[rank_[one.number]]++] = one.end;
}

const std::vector<Window>& MatchWindows::of(std::span<const Way> ways, const std::optional<std::size_t>& longest) {
    windows_.clear();
    for (const Way& way : ways) {
        const auto& needed = way.needed;
        const auto ends = rarest_of(needed);
        if (ends.empty()) continue;
        if (!longest || ends.front() == LiteralScan::everywhere) return whole();
        for (const std::uint32_t end : ends) {
            const Window window{end - std::min<std::size_t>(*longest, end), end + *longest};
            // A run that is longer than the bound begins within the bound, seen from the literal.
            if (meets_a_long_run(window)) return whole();
            if (has_all_near(needed, end, *longest)) windows_.push_back(window);
        }
    }
    merge();
    return are_most_of_it() ? whole() : windows_;
}

std::optional<Window> MatchWindows::plain_match(std::span<const Way> ways, std::size_t farthest) const {
    for (const Way& way : ways) {
        const bool are_there = std::ranges::none_of(way.needed, [&](auto literal) { return ends_of(literal).empty(); });
        if (way.plain_words.empty() || !are_there) continue;
        for (const std::uint32_t end : ends_of(way.needed.front())) {
            if (end == LiteralScan::everywhere) continue;
            if (const auto found = plain_words_at(way.plain_words, text_, end, farthest)) {
                const auto from = static_cast<std::size_t>(found->data() - text_.data());
                return Window{from, from + found->size()};
            }
        }
    }
    return std::nullopt;
}

// A match holds all that its way needs: where the rarest of them is says enough.
std::span<const std::uint32_t> MatchWindows::rarest_of(std::span<const std::uint32_t> needed) const {
    auto rarest = ends_of(needed.front());
    for (const std::uint32_t literal : needed)
        if (const auto ends = ends_of(literal); ends.size() < rarest.size()) rarest = ends;
    return rarest;
}

// What one match holds stands as near together as it is long.
bool MatchWindows::has_all_near(std::span<const std::uint32_t> needed, std::size_t end, std::size_t longest) const {
    return std::ranges::all_of(needed, [&](std::uint32_t literal) {
        const auto ends = ends_of(literal);
        const auto near = std::ranges::lower_bound(ends, end - std::min(longest, end));
        return near != ends.end() && *near <= end + longest;
    });
}

std::span<const std::uint32_t> MatchWindows::ends_of(std::uint32_t literal) const {
    const std::size_t rank = rank_[literal];
    if (rank == 0) return {};
    return std::span{ends_}.subspan(first_[rank - 1], first_[rank] - first_[rank - 1]);
}

bool MatchWindows::meets_a_long_run(const Window& window) const {
    const auto run = std::ranges::lower_bound(runs_, window.from, {}, &Window::to);
    return run != runs_.end() && run->from <= window.to;
}

// Then one run over all of it is as good.
bool MatchWindows::are_most_of_it() const {
    std::size_t covered = 0;
    for (const Window& window : windows_) covered += window.to - window.from;
    return 2 * covered > text_.size();
}

const std::vector<Window>& MatchWindows::whole() {
    windows_.assign(1, Window{0, text_.size()});
    return windows_;
}

void MatchWindows::merge() {
    std::ranges::sort(windows_, {}, &Window::from);
    std::size_t kept = 0;
    for (Window window : windows_) {
        window.to = std::min(window.to, text_.size());
        if (kept > 0 && window.from <= windows_[kept - 1].to)
            windows_[kept - 1].to = std::max(windows_[kept - 1].to, window.to);
        else
            windows_[kept++] = window;
    }
    windows_.resize(kept);
}

}  // namespace tocsin::rules
