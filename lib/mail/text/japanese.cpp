#include "mail/text/japanese.hpp"

#include <utility>

namespace tocsin::mail {
namespace {

enum class JapaneseSet { Ascii, Kana, Kanji, MoreKanji };

constexpr std::pair<std::string_view, JapaneseSet> japanese_escapes[] = {
    {"\x1B$B", JapaneseSet::Kanji}, {"\x1B$@", JapaneseSet::Kanji},      {"\x1B$(B", JapaneseSet::Kanji},
    {"\x1B(B", JapaneseSet::Ascii}, {"\x1B(J", JapaneseSet::Ascii},      {"\x1B(H", JapaneseSet::Ascii},
    {"\x1B(I", JapaneseSet::Kana},  {"\x1B$(D", JapaneseSet::MoreKanji}, {"\x0E", JapaneseSet::Kana},
    {"\x0F", JapaneseSet::Ascii}};

}  // namespace

std::optional<std::string> euc_of_iso_2022_jp(std::string_view bytes) {
    constexpr char single_shift_kana = '\x8E';
    constexpr char single_shift_more = '\x8F';
    std::string euc;
    auto set = JapaneseSet::Ascii;
    const auto eighth_bit = [](char c) { return static_cast<char>(c | '\x80'); };
    while (!bytes.empty()) {
        const char c = bytes.front();
        if ((c & '\x80') != 0) return std::nullopt;
        if (c == '\x1B' || c == '\x0E' || c == '\x0F') {
            bool known = false;
            for (const auto& [escape, begun] : japanese_escapes)
                if (!known && bytes.starts_with(escape)) {
                    set = begun;
                    bytes.remove_prefix(escape.size());
                    known = true;
                }
            if (!known) return std::nullopt;
            continue;
        }
        // RFC 1468: a line ends in ASCII, whatever was forgotten.
        if (c == '\n' || c == '\r') set = JapaneseSet::Ascii;
        if (set == JapaneseSet::Ascii || c <= ' ') {
            euc.push_back(c);
        } else if (set == JapaneseSet::Kana) {
            euc.append({single_shift_kana, eighth_bit(c)});
        } else if (bytes.size() > 1) {
            if (set == JapaneseSet::MoreKanji) euc.push_back(single_shift_more);
            euc.append({eighth_bit(c), eighth_bit(bytes[1])});
            bytes.remove_prefix(1);
        }
        bytes.remove_prefix(1);
    }
    return euc;
}

}  // namespace tocsin::mail
