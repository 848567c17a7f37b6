// How much text two reports share: a sketch of each one's shingles (three words in a row), compared.
//
// Pure. The examiner makes the sketch, since it alone sees the text; the daemon keys its hashes before they are kept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "store/similar.hpp"

namespace tocsin::intake {

// The lowest hashes of all shingles: a fair sample, the same ones for the same text.
struct TextSketch {
    std::vector<std::uint64_t> lowest;  // ascending, at most `sketch_size`
    std::int64_t shingles = 0;          // different ones in the whole text
};
inline constexpr std::size_t sketch_size = 128;

// Words are letters and digits, in any case; the order of white space and punctuation does not matter. A text of a
// few words has none.
TextSketch sketch_of(std::string_view text);

struct SimilarTicket {
    std::string number;
    std::string state;
    Instant opened;
    int percent = 0;  // of the shorter text's shingles, about
};

// Those worth a look, most similar first, at most three.
std::vector<SimilarTicket> similar_tickets(std::int64_t shingles, const std::vector<store::SharedShingles>& sharing);

}  // namespace tocsin::intake
