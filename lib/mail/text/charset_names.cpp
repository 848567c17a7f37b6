#include "mail/text/charset_names.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_map>

#include "base/text.hpp"

namespace tocsin::mail {
namespace {

constexpr CharsetName charset_table[] = {
    {"utf-8", "UTF-8"},
    {"utf8", "UTF-8"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"utf-8-mac", "UTF-8"},
    {"utf8mb4", "UTF-8"},
    {"cp65001", "UTF-8"},
    {"65001", "UTF-8"},
    {"windows-65001", "UTF-8"},
    {"us-ascii", "CP1252"},
    {"ascii", "CP1252"},
    {"ansi_x3.4-1968", "CP1252"},
    {"646", "CP1252"},
    {"iso646-us", "CP1252"},
    {"iso-8859-1", "CP1252"},
    {"iso8859-1", "CP1252"},
    {"iso_8859-1", "CP1252"},
    {"iso88591", "CP1252"},
    {"8859-1", "CP1252"},
    {"latin1", "CP1252"},
    {"latin-1", "CP1252"},
    {"l1", "CP1252"},
    {"windows-1252", "CP1252"},
    {"cp1252", "CP1252"},
    {"cp-1252", "CP1252"},
    {"ansi", "CP1252"},
    {"x-ansi", "CP1252"},
    {"iso-8859-1-windows-3.1-latin-1", "CP1252"},
    {"iso-8859-2", "ISO-8859-2"},
    {"iso8859-2", "ISO-8859-2"},
    {"latin2", "ISO-8859-2"},
    {"latin-2", "ISO-8859-2"},
    {"iso-8859-3", "ISO-8859-3"},
    {"iso-8859-4", "ISO-8859-4"},
    {"iso8859-4", "ISO-8859-4"},
    {"iso-8859-5", "ISO-8859-5"},
    {"iso8859-5", "ISO-8859-5"},
    {"iso-8859-6", "ISO-8859-6"},
    {"iso-8859-6-i", "ISO-8859-6"},
    {"iso8859-6", "ISO-8859-6"},
    {"iso-8859-7", "ISO-8859-7"},
    {"iso8859-7", "ISO-8859-7"},
    {"iso-8859-8", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-8-e", "ISO-8859-8"},
    {"iso8859-8", "ISO-8859-8"},
    {"logical", "ISO-8859-8"},
    {"iso-8859-9", "CP1254"},
    {"iso8859-9", "CP1254"},
    {"latin5", "CP1254"},
    {"windows-1254", "CP1254"},
    {"cp1254", "CP1254"},
    {"iso-8859-10", "ISO-8859-10"},
    {"iso-8859-11", "CP874"},
    {"tis-620", "CP874"},
    {"tis620", "CP874"},
    {"windows-874", "CP874"},
    {"cp874", "CP874"},
    {"iso-8859-13", "ISO-8859-13"},
    {"iso-8859-14", "ISO-8859-14"},
    {"iso-8859-15", "ISO-8859-15"},
    {"iso8859-15", "ISO-8859-15"},
    {"latin9", "ISO-8859-15"},
    {"latin-9", "ISO-8859-15"},
    {"iso-8859-16", "ISO-8859-16"},
    {"windows-1250", "CP1250"},
    {"cp1250", "CP1250"},
    {"windows-1251", "CP1251"},
    {"cp1251", "CP1251"},
    {"win-1251", "CP1251"},
    {"win1251", "CP1251"},
    {"x-cp1251", "CP1251"},
    {"windows-1253", "CP1253"},
    {"cp1253", "CP1253"},
    {"windows-1255", "CP1255"},
    {"cp1255", "CP1255"},
    {"windows-1256", "CP1256"},
    {"cp1256", "CP1256"},
    {"windows-1257", "CP1257"},
    {"cp1257", "CP1257"},
    {"windows-1258", "CP1258"},
    {"cp1258", "CP1258"},
    {"koi8-r", "KOI8-R"},
    {"koi8r", "KOI8-R"},
    {"koi8", "KOI8-R"},
    {"koi", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"koi8-ru", "KOI8-U"},
    {"ibm437", "IBM437"},
    {"cp437", "IBM437"},
    {"ibm850", "IBM850"},
    {"cp850", "IBM850"},
    {"cp-850", "IBM850"},
    {"ibm852", "IBM852"},
    {"cp852", "IBM852"},
    {"ibm855", "IBM855"},
    {"ibm857", "IBM857"},
    {"ibm858", "IBM850"},
    {"cp858", "IBM850"},
    {"ibm737", "CP737"},
    {"ibm775", "IBM775"},
    {"ibm860", "IBM860"},
    {"ibm861", "IBM861"},
    {"ibm862", "IBM862"},
    {"ibm863", "IBM863"},
    {"ibm864", "IBM864"},
    {"ibm865", "IBM865"},
    {"ibm866", "IBM866"},
    {"ibm1125", "CP1125"},
    {"hp-roman8", "HP-ROMAN8"},
    {"cp866", "IBM866"},
    {"macintosh", "MACINTOSH"},
    {"mac", "MACINTOSH"},
    {"x-mac-roman", "MACINTOSH"},
    {"macroman", "MACINTOSH"},
    {"x-mac-cyrillic", "MAC-CYRILLIC"},
    {"x-mac-ukrainian", "MAC-UK"},
    {"x-mac-ce", "MAC-CENTRALEUROPE"},
    {"x-mac-centraleurroman", "MAC-CENTRALEUROPE"},
    {"mac-centraleurope", "MAC-CENTRALEUROPE"},
    {"x-mac-turkish", "MACINTOSH"},
    {"x-mac-hebrew", "CP1255"},
    {"x-mac-arabic", "ISO-8859-6"},
    {"x-mac-japanese", "CP932"},
    {"x-mac-korean", "CP949"},
    {"x-mac-chinesesimp", "GB18030"},
    {"x-mac-chinesetrad", "BIG5-HKSCS"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"x-sjis", "CP932"},
    {"ms_kanji", "CP932"},
    {"windows-31j", "CP932"},
    {"cp932", "CP932"},
    {"cswindows31j", "CP932"},
    {"euc-jp", "EUC-JP-MS"},
    {"x-euc-jp", "EUC-JP-MS"},
    {"eucjp", "EUC-JP-MS"},
    {"cp51932", "EUC-JP-MS"},
    {"iso-2022-jp", "ISO-2022-JP-3"},
    {"iso-2022-jp-1", "ISO-2022-JP-3"},
    {"iso-2022-jp-2", "ISO-2022-JP-2"},
    {"iso-2022-jp-3", "ISO-2022-JP-3"},
    {"csiso2022jp", "ISO-2022-JP-3"},
    {"cp50220", "ISO-2022-JP-3"},
    {"cp50221", "ISO-2022-JP-3"},
    {"cp50222", "ISO-2022-JP-3"},
    {"iso-2022-jp-ms", "ISO-2022-JP-3"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"gb18030", "GB18030"},
    {"gb-2312", "GB18030"},
    {"gb_2312-80", "GB18030"},
    {"x-gbk", "GB18030"},
    {"cp936", "GB18030"},
    {"windows-936", "GB18030"},
    {"euc-cn", "GB18030"},
    {"chinese", "GB18030"},
    {"csgb2312", "GB18030"},
    {"iso-2022-cn", "ISO-2022-CN"},
    {"big5", "BIG5-HKSCS"},
    {"big-5", "BIG5-HKSCS"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"cn-big5", "BIG5-HKSCS"},
    {"x-x-big5", "BIG5-HKSCS"},
    {"csbig5", "BIG5-HKSCS"},
    {"cp950", "CP950"},
    {"windows-950", "CP950"},
    {"euc-tw", "EUC-TW"},
    {"euc-kr", "CP949"},
    {"euckr", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"ks_c_5601-1989", "CP949"},
    {"ksc5601", "CP949"},
    {"ksc_5601", "CP949"},
    {"ks_c_5601", "CP949"},
    {"korean", "CP949"},
    {"cp949", "CP949"},
    {"windows-949", "CP949"},
    {"uhc", "CP949"},
    {"x-windows-949", "CP949"},
    {"iso-2022-kr", "ISO-2022-KR"},
    {"johab", "JOHAB"},
    {"tcvn", "TCVN5712-1"},
    {"viscii", "VISCII"},
    {"utf-7", "UTF-7"},
    {"utf7", "UTF-7"},
    {"unicode-1-1-utf-7", "UTF-7"},
    {"x-unicode-2-0-utf-7", "UTF-7"},
    {"utf-16", "UTF-16"},
    {"utf16", "UTF-16"},
    {"unicode", "UTF-16"},
    {"utf-16le", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
    {"ucs-2", "UTF-16"},
    {"iso-10646-ucs-2", "UTF-16BE"},
    {"utf-32", "UTF-32"},
    {"utf-32le", "UTF-32LE"},
    {"utf-32be", "UTF-32BE"},
    {"utf-8-sig", "UTF-8"},
    {"isolatin1", "CP1252"},
    {"isolatin2", "ISO-8859-2"},
    {"isolatin3", "ISO-8859-3"},
    {"isolatin4", "ISO-8859-4"},
    {"isolatin5", "CP1254"},
    {"isolatin6", "ISO-8859-10"},
    {"isolatin9", "ISO-8859-15"},
    {"isolatincyrillic", "ISO-8859-5"},
    {"isolatinarabic", "ISO-8859-6"},
    {"isolatingreek", "ISO-8859-7"},
    {"isolatinhebrew", "ISO-8859-8"},
    {"cyrillic", "ISO-8859-5"},
    {"arabic", "ISO-8859-6"},
    {"greek", "ISO-8859-7"},
    {"hebrew", "ISO-8859-8"},
    {"latin3", "ISO-8859-3"},
    {"latin4", "ISO-8859-4"},
    {"latin6", "ISO-8859-10"},
    {"latin7", "ISO-8859-13"},
    {"latin8", "ISO-8859-14"},
    {"latin10", "ISO-8859-16"},
    {"cp943", "CP932"},
    {"cp943c", "CP932"},
    {"shift_jisx0213", "CP932"},
    {"iso-2022-jp-2004", "ISO-2022-JP-3"},
    {"euc-jp-ms", "EUC-JP-MS"},
    {"extended_unix_code_packed_format_for_japanese", "EUC-JP-MS"},
    {"gb2312_charset", "GB18030"},
    {"ibm-eucjp", "EUC-JP-MS"},
    {"ibm-euckr", "CP949"},
    {"big5-eten", "BIG5-HKSCS"},
    {"iso-ir-100", "CP1252"},
    {"cp28591", "CP1252"},
    {"cp28592", "ISO-8859-2"},
    {"cp28605", "ISO-8859-15"},
    {"cp20866", "KOI8-R"},
    {"cp21866", "KOI8-U"},
    {"cp20127", "CP1252"},
    {"cp20932", "EUC-JP-MS"},
    {"cp51949", "CP949"},
    {"cp54936", "GB18030"},
};

// "ISO8859_1", "utf_8", "Shift-JIS": the letters and digits are what counts.
std::string letters_and_digits(std::string_view label) {
    std::string plain;
    for (const char c : label)
        if (is_letter(c) || is_digit(c)) plain.push_back(c);
    return plain;
}

const char* converter_spelt_alike(std::string_view label) {
    static const auto spellings = [] {
        std::unordered_map<std::string, const char*> map;
        for (const auto& entry : charset_table) map.emplace(letters_and_digits(entry.label), entry.converter);
        return map;
    }();
    const auto found = spellings.find(letters_and_digits(label));
    return found == spellings.end() ? nullptr : found->second;
}

}  // namespace

const CharsetName* charset_names_begin() noexcept { return std::begin(charset_table); }
const CharsetName* charset_names_end() noexcept { return std::end(charset_table); }

const char* converter_for(std::string_view label) {
    std::string cleaned;
    for (const char c : label.substr(0, 64))
        if (!is_space(c) && c != '"' && c != '\'' && c != ';') cleaned.push_back(ascii_lower(c));
    // RFC 2231 section 5: a language may follow after an asterisk.
    cleaned = cleaned.substr(0, cleaned.find('*'));
    const auto named = [&](std::string_view name) {
        const auto* found = std::find_if(charset_names_begin(), charset_names_end(),
                                         [&](const CharsetName& entry) { return entry.label == name; });
        return found == charset_names_end() ? nullptr : found->converter;
    };
    if (const char* converter = named(cleaned)) return converter;
    if (cleaned.starts_with("x-") || cleaned.starts_with("cs"))
        if (const char* converter = converter_spelt_alike(std::string_view{cleaned}.substr(2))) return converter;
    if (const char* converter = converter_spelt_alike(cleaned.substr(0, cleaned.find(':')))) return converter;
    // "DOS-862", "cp_1251", "IBM-850", "windows1252": the number is what counts.
    const auto digits = cleaned.find_last_not_of("0123456789") + 1;
    const auto prefix = std::string_view{cleaned}.substr(0, digits);
    for (const std::string_view vendor : {"dos", "ibm", "cp", "windows", "win", "ms", "x-cp", "x-windows"})
        if (digits < cleaned.size() && prefix.starts_with(vendor) && prefix.size() <= vendor.size() + 1)
            for (const std::string_view known : {"cp", "ibm", "windows-"})
                if (const char* converter = named(std::string{known} + cleaned.substr(digits))) return converter;
    return nullptr;
}

}  // namespace tocsin::mail
