#include "rules/match_windows.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "rules/longest_match.hpp"
#include "rules/needed_literals.hpp"

namespace tocsin::rules {
namespace {

enum class RunKind : std::uint8_t { None, Space, Word };

constexpr std::array<RunKind, 256> run_kinds = [] {
    std::array<RunKind, 256> kinds{};
    for (std::size_t c = 0; c < 128; ++c) {
        const char one = static_cast<char>(c);
        if (is_word_character(one)) kinds[c] = RunKind::Word;
        if (is_white(one)) kinds[c] = RunKind::Space;
    }
    return kinds;
}();

// Of white space or of letters.
std::vector<Window> long_runs(std::string_view text) {
    std::vector<Window> runs;
    RunKind before = RunKind::None;
    std::size_t from = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        const RunKind kind = at < text.size() ? run_kinds[static_cast<unsigned char>(text[at])] : RunKind::None;
        if (kind == before) continue;
        if (before != RunKind::None && at - from > longest_run) runs.push_back({from, at});
        before = kind;
        from = at;
    }
    return runs;
}

}  // namespace

MatchWindows::MatchWindows(std::string_view text, const std::vector<LiteralScan::Occurrence>& found,
                           std::size_t literals)
    : text_{text}, first_(literals + 1), ends_(found.size()), runs_{long_runs(text)} {
    for (const auto& one : found) ++first_[one.place + 1];
    for (std::size_t i = 0; i < literals; ++i) {
        if (first_[i + 1] > 0) literals_.push_back(static_cast<std::uint32_t>(i));
        first_[i + 1] += first_[i];
    }
    std::vector<std::uint32_t> next{first_.begin(), first_.end() - 1};
    for (const auto& one : found) ends_[next[one.place]++] = one.end;
}

const std::vector<Window>& MatchWindows::of(std::span<const Way* const> ways,
                                            const std::optional<std::size_t>& longest) {
    windows_.clear();
    for (const Way* way : ways) {
        const auto& needed = way->needed;
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

std::optional<Window> MatchWindows::plain_match(std::span<const Way* const> ways) const {
    for (const Way* way : ways) {
        if (way->plain_words.empty()) continue;
        for (const std::uint32_t end : ends_of(way->needed.front())) {
            if (end == LiteralScan::everywhere) continue;
            if (const auto found = plain_words_at(way->plain_words, text_, end)) {
                const auto from = static_cast<std::size_t>(found->data() - text_.data());
                return Window{from, from + found->size()};
            }
        }
    }
    return std::nullopt;
}

// A match holds all that its way needs: where the rarest of them is says enough.
std::span<const std::uint32_t> MatchWindows::rarest_of(const std::vector<std::uint32_t>& needed) const {
    auto rarest = ends_of(needed.front());
    for (const std::uint32_t literal : needed)
        if (const auto ends = ends_of(literal); ends.size() < rarest.size()) rarest = ends;
    return rarest;
}

// What one match holds stands as near together as it is long.
bool MatchWindows::has_all_near(const std::vector<std::uint32_t>& needed, std::size_t end, std::size_t longest) const {
    return std::ranges::all_of(needed, [&](std::uint32_t literal) {
        const auto ends = ends_of(literal);
        const auto near = std::ranges::lower_bound(ends, end - std::min(longest, end));
        return near != ends.end() && *near <= end + longest;
    });
}

std::span<const std::uint32_t> MatchWindows::ends_of(std::uint32_t literal) const {
    return std::span{ends_}.subspan(first_[literal], first_[literal + 1] - first_[literal]);
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
