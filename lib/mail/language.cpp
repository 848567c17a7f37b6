#include "mail/language.hpp"

#include <cld2/public/compact_lang_det.h>

#include <utility>

#include "base/utf8.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t enough_text = 1024;  // more makes it no surer, and CLD2 costs 20 ns a byte
constexpr int share_of_main_language = 60;  // percent

// CLD2 keeps codes that ISO 639-1 has withdrawn, and tells scripts apart.
constexpr std::pair<std::string_view, std::string_view> renamed_languages[] = {
    {"iw", "he"}, {"in", "id"}, {"ji", "yi"}, {"jw", "jv"}, {"mo", "ro"}, {"no", "nb"}};

}  // namespace

std::string language_of(std::string_view text) {
    text = cut_utf8(text, enough_text);
    bool reliable = false;
    CLD2::Language languages[3] = {};
    int percents[3] = {};
    int text_bytes = 0;
    const auto language = CLD2::DetectLanguageSummary(text.data(), static_cast<int>(text.size()), true, languages,
                                                      percents, &text_bytes, &reliable);
    if (!reliable || language != languages[0] || percents[0] < share_of_main_language) return {};
    std::string_view code = CLD2::LanguageCode(language);
    code = code.substr(0, code.find('-'));
    if (code.size() != 2) return {};
    for (const auto& [old, current] : renamed_languages)
        if (code == old) return std::string{current};
    return std::string{code};
}

}  // namespace tocsin::mail
