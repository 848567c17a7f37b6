#include "intake/examine/similarity.hpp"

#include <algorithm>

namespace tocsin::intake {

namespace {

constexpr std::size_t words_in_a_shingle = 3;
constexpr std::size_t most_words = 50'000;
constexpr std::int64_t fewest_shingles = 8;  // below it any two greetings are alike
constexpr std::int64_t fewest_shared = 4;
constexpr int least_percent = 25;
constexpr std::size_t most_similar = 3;

// FNV-1a, then the finalizer of a 64-bit mixer: the lowest values must be a fair sample.
class WordHash {
public:
    void add(char c) {
        value_ ^= static_cast<unsigned char>(c);
        value_ *= 0x100000001b3U;
        empty_ = false;
    }
    bool empty() const { return empty_; }
    std::uint64_t value() const { return value_; }

private:
    std::uint64_t value_ = 0xcbf29ce484222325U;
    bool empty_ = true;
};

std::uint64_t mixed(std::uint64_t value) {
    value ^= value >> 33U;
    value *= 0xff51afd7ed558ccdU;
    value ^= value >> 33U;
    value *= 0xc4ceb9fe1a85ec53U;
    return value ^ (value >> 33U);
}

bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::vector<std::uint64_t> words_of(std::string_view text) {
    std::vector<std::uint64_t> hashes;
    WordHash word;
    for (const char c : text) {
        if (is_word_byte(c)) {
            word.add(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
        } else if (!word.empty()) {
            hashes.push_back(word.value());
            word = {};
            if (hashes.size() >= most_words) return hashes;
        }
    }
    if (!word.empty()) hashes.push_back(word.value());
    return hashes;
}

}  // namespace

TextSketch sketch_of(std::string_view text) {
    const std::vector<std::uint64_t> words = words_of(text);
    std::vector<std::uint64_t> shingles;
    for (std::size_t at = 0; at + words_in_a_shingle <= words.size(); ++at) {
        std::uint64_t hash = 0;
        for (std::size_t i = 0; i < words_in_a_shingle; ++i) hash = mixed(hash * 31 + words[at + i]);
        shingles.push_back(hash);
    }
    std::ranges::sort(shingles);
    shingles.erase(std::ranges::unique(shingles).begin(), shingles.end());
    TextSketch sketch;
    sketch.shingles = static_cast<std::int64_t>(shingles.size());
    if (sketch.shingles < fewest_shingles) return {};
    if (shingles.size() > sketch_size) shingles.resize(sketch_size);
    sketch.lowest = std::move(shingles);
    return sketch;
}

// Both sketches hold what lies below the lower of the two texts' bounds, so what they share is a sample of what the
// texts share, at the rate of the longer one.
std::vector<SimilarTicket> similar_tickets(std::int64_t shingles, const std::vector<store::SharedShingles>& sharing) {
    std::vector<SimilarTicket> similar;
    for (const store::SharedShingles& other : sharing) {
        if (other.shared < fewest_shared || other.shingles <= 0 || shingles <= 0) continue;
        const std::int64_t longer = std::max(shingles, other.shingles);
        const std::int64_t shorter = std::min(shingles, other.shingles);
        const auto kept = std::min<std::int64_t>(longer, static_cast<std::int64_t>(sketch_size));
        const auto percent =
            static_cast<int>(std::min<std::int64_t>(100, other.shared * longer * 100 / (kept * shorter)));
        if (percent >= least_percent) similar.push_back({other.number, other.state, other.opened, percent});
    }
    std::ranges::stable_sort(similar, std::ranges::greater{}, &SimilarTicket::percent);
    if (similar.size() > most_similar) similar.resize(most_similar);
    return similar;
}

}  // namespace tocsin::intake
