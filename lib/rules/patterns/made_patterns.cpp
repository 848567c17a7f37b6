#include "rules/patterns/made_patterns.hpp"

#include <re2/re2.h>

#include <cstdint>

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

}  // namespace

std::unique_ptr<RE2> made_pattern(std::string_view pattern) {
    return std::make_unique<RE2>(re2::StringPiece{pattern.data(), pattern.size()}, pattern_options());
}

MadePatterns::MadePatterns() = default;
MadePatterns::MadePatterns(MadePatterns&&) noexcept = default;
MadePatterns& MadePatterns::operator=(MadePatterns&&) noexcept = default;
MadePatterns::~MadePatterns() = default;

const RE2* MadePatterns::get(const std::string& pattern) {
    auto& one = all_[pattern];
    if (!one) one = made_pattern(pattern);
    return one->ok() ? one.get() : nullptr;
}

}  // namespace tocsin::rules
