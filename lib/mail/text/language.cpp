#include "mail/text/language.hpp"

#include <cld2/public/compact_lang_det.h>

#include <utility>

#include "base/utf8.hpp"

namespace tocsin::mail {
namespace {

// CLD2 costs 30 ns a byte. Most people's first lines leave no doubt; the others' are looked at further.
constexpr std::size_t first_lines = 384;
constexpr std::size_t enough_text = 1024;
constexpr int share_without_doubt = 90;     // percent
constexpr int share_of_main_language = 60;  // percent

// CLD2 keeps codes that ISO 639-1 has withdrawn, and tells scripts apart.
constexpr std::pair<std::string_view, std::string_view> renamed_languages[] = {
    {"iw", "he"}, {"in", "id"}, {"ji", "yi"}, {"jw", "jv"}, {"mo", "ro"}, {"no", "nb"}};

// The language that at least so much of the text is in, empty where there is none.
std::string_view language_of_share(std::string_view text, int percent) {
    bool reliable = false;
    CLD2::Language languages[3] = {};
    int percents[3] = {};
    int text_bytes = 0;
    const auto language = CLD2::DetectLanguageSummary(text.data(), static_cast<int>(text.size()), true, languages,
                                                      percents, &text_bytes, &reliable);
    if (!reliable || language != languages[0] || percents[0] < percent) return {};
    return CLD2::LanguageCode(language);
}

}  // namespace

std::string language_of(std::string_view text) {
    std::string_view code;
    if (text.size() > first_lines) code = language_of_share(cut_utf8(text, first_lines), share_without_doubt);
    if (code.empty()) code = language_of_share(cut_utf8(text, enough_text), share_of_main_language);
    code = code.substr(0, code.find('-'));
    if (code.size() != 2) return {};
    for (const auto& [old, current] : renamed_languages)
        if (code == old) return std::string{current};
    return std::string{code};
}

}  // namespace tocsin::mail
