#include "mail/text/charset.hpp"

#include <iconv.h>
#include <uchardet/uchardet.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <unordered_map>

#include "base/handle.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/defects.hpp"
#include "mail/text/charset_names.hpp"
#include "mail/text/japanese.hpp"

namespace tocsin::mail {
namespace {

constexpr std::string_view replacement_utf8 = "\xEF\xBF\xBD";
constexpr std::size_t guessed_from = 16u << 10;  // bytes, of a longer text from the first that is not ASCII on

struct IconvClose {
    void operator()(void* descriptor) const noexcept { iconv_close(descriptor); }
};
using Converter = std::unique_ptr<void, IconvClose>;

Converter open_converter(const char* name) {
    const auto descriptor = iconv_open("UTF-8", name);
    return Converter{descriptor == reinterpret_cast<iconv_t>(-1) ? nullptr : descriptor};
}

// Opened once in each thread: a field of hundreds of words in as many sets is not worth hundreds of openings. `name`
// is a literal. Null where there is no such converter.
iconv_t converter_of(const char* name) {
    thread_local std::unordered_map<std::string_view, Converter> opened;
    // Those that look for a mark of byte order look for it once.
    if (std::string_view{name}.starts_with("UTF")) opened.erase(name);
    auto found = opened.find(name);
    if (found == opened.end()) found = opened.emplace(name, open_converter(name)).first;
    if (found->second) iconv(found->second.get(), nullptr, nullptr, nullptr, nullptr);
    return found->second.get();
}

struct Converted {
    std::string text;
    std::size_t bad = 0;  // bytes that were no character
};

// Gives up once more than `most_bad` bytes were no character.
Converted convert(iconv_t descriptor, std::string_view bytes, std::size_t most_bad) {
    Converted result;
    result.text.reserve(bytes.size() + bytes.size() / 2);
    char* in = const_cast<char*>(bytes.data());
    std::size_t left = bytes.size();
    char buffer[4096];
    const auto step = [&](char** from, std::size_t* count) {
        char* out = buffer;
        std::size_t room = sizeof buffer;
        const auto done = iconv(descriptor, from, count, &out, &room);
        const int error = done == static_cast<std::size_t>(-1) ? errno : 0;
        result.text.append(buffer, sizeof buffer - room);
        return error;
    };
    while (left > 0 && result.bad <= most_bad) {
        const auto before = left;
        const int error = step(&in, &left);
        if (error == EILSEQ || (error == EINVAL && left > 0)) {
            // An unknown or a cut character: one byte of it is replaced, the next may begin a good one.
            result.text.append(replacement_utf8);
            ++result.bad;
            ++in;
            --left;
        } else if (error != 0 && error != E2BIG) {
            break;
        } else if (error == E2BIG && left == before && result.text.empty()) {
            break;  // cannot happen with a buffer of this size; no endless loop even so
        }
    }
    step(nullptr, nullptr);  // what a stateful set still holds back
    // iconv lets code points above U+10FFFF pass (found by fuzzing).
    if (!is_utf8(result.text)) result.text = to_valid_utf8(result.text);
    return result;
}

std::string_view what_tells_the_set(std::string_view bytes) {
    if (bytes.size() <= guessed_from) return bytes;
    const auto first = std::ranges::find_if(bytes, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    return bytes.substr(static_cast<std::size_t>(first - bytes.begin())).substr(0, guessed_from);
}

std::string guess_charset(std::string_view bytes) {
    thread_local const std::unique_ptr<std::remove_pointer_t<uchardet_t>, Releaser<&uchardet_delete>> detector{
        uchardet_new()};
    if (!detector) return {};
    uchardet_reset(detector.get());
    bytes = what_tells_the_set(bytes);
    if (uchardet_handle_data(detector.get(), bytes.data(), bytes.size()) != 0) return {};
    uchardet_data_end(detector.get());
    return uchardet_get_charset(detector.get());
}

// Whether the bytes that are not ASCII make up UTF-8; one character that is cut does not count.
bool is_mostly_utf8(std::string_view bytes) {
    bytes = what_tells_the_set(bytes);
    std::size_t good = 0;
    std::size_t bad = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        if (static_cast<unsigned char>(bytes[at]) < 0x80) {
            ++at;
            continue;
        }
        const auto from = at;
        if (next_code_point(bytes, at) == 0xFFFD && bytes.substr(from, at - from) != replacement_utf8)
            ++bad;
        else
            ++good;
    }
    return good > 4 * bad;
}

std::string guessed(std::string_view bytes) {
    const std::string name = guess_charset(bytes);
    const char* converter = name.empty() ? nullptr : converter_for(name);
    if (converter == nullptr) converter = "CP1252";
    if (const auto open = converter_of(converter)) {
        auto result = convert(open, bytes, bytes.size() / 20);
        if (result.bad * 20 <= bytes.size()) return std::move(result.text);
    }
    const auto latin = converter_of("CP1252");
    return latin != nullptr ? convert(latin, bytes, bytes.size()).text : to_valid_utf8(bytes);
}

// How many characters beyond ASCII the text has, no more than `most`.
std::size_t letters_beyond_ascii(std::string_view utf8, std::size_t most) {
    std::size_t count = 0;
    for (const char c : utf8)
        if ((c & '\xC0') == '\xC0' && ++count >= most) break;
    return count;
}

// UTF-8 that is called something else is common, and text in a set of single bytes that is valid UTF-8 by accident is
// not. Thai is the exception: its letters follow one another like the bytes of a character.
bool is_utf8_called(std::string_view converter, std::string_view bytes) {
    if (converter == "CP1252") return is_utf8(bytes);
    for (const std::string_view wide :
         {"GB", "BIG5", "CP932", "CP949", "CP950", "EUC", "ISO-2022", "JOHAB", "UTF", "CP874"})
        if (converter.starts_with(wide)) return false;
    return letters_beyond_ascii(bytes, 2) >= 2 && is_utf8(bytes);
}

// ISO-2022 is ASCII with escapes (RFC 1468, RFC 1557), and is often sent without a word of it.
const char* escaped_set(std::string_view bytes) {
    if (bytes.find("\x1B$") == std::string_view::npos) return nullptr;
    return bytes.find("\x1B$)C") == std::string_view::npos ? "ISO-2022-JP-3" : "ISO-2022-KR";
}

}  // namespace

bool is_ascii(std::string_view bytes) noexcept {
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    std::uint64_t seen = 0;
    for (; left >= 8; at += 8, left -= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        seen |= word;
    }
    for (; left > 0; ++at, --left) seen |= static_cast<unsigned char>(*at);
    return (seen & 0x8080808080808080u) == 0;
}

void load_charsets() {
    static std::vector<Converter> kept;
    if (!kept.empty()) return;
    std::vector<std::string_view> opened;
    for (const auto* entry = charset_names_begin(); entry != charset_names_end(); ++entry) {
        if (std::ranges::find(opened, std::string_view{entry->converter}) != opened.end()) continue;
        opened.emplace_back(entry->converter);
        kept.push_back(open_converter(entry->converter));
    }
}

std::string to_utf8(std::string_view bytes, std::string_view declared, std::vector<std::string>& defects) {
    const char* converter = declared.empty() ? nullptr : converter_for(declared);
    const std::string_view name = converter == nullptr ? std::string_view{} : converter;
    const bool ascii_based =
        !name.starts_with("UTF-16") && !name.starts_with("UTF-32") && name != "UTF-7" && !name.starts_with("ISO-2022");
    const bool may_be_wrong = ascii_based || name.starts_with("ISO-2022");  // EUC-JP is often called so
    if (ascii_based && is_ascii(bytes)) {
        if (!declared.empty() && name.empty()) note_defect(defects, "charset-unknown");
        const char* escaped = escaped_set(bytes);
        if (const auto open = escaped == nullptr ? nullptr : converter_of(escaped)) {
            auto result = convert(open, bytes, bytes.size() / 20);
            if (result.bad * 20 <= bytes.size()) {
                note_defect(defects, declared.empty() ? "charset-missing" : "charset-wrong");
                return std::move(result.text);
            }
        }
        return std::string{bytes};
    }
    if (name.empty()) {
        note_defect(defects, declared.empty() ? "charset-missing" : "charset-unknown");
        if (is_mostly_utf8(bytes)) return to_valid_utf8(bytes);
        return guessed(bytes);
    }
    if (name == "UTF-8") {
        if (is_utf8(bytes)) return std::string{bytes};
        note_defect(defects, "charset-wrong");
        if (is_mostly_utf8(bytes)) return to_valid_utf8(bytes);
        return guessed(bytes);
    }
    if (is_utf8_called(name, bytes)) {
        note_defect(defects, "charset-wrong");
        return std::string{bytes};
    }
    if (equal_ignoring_case(declared, "us-ascii") || equal_ignoring_case(declared, "ascii")) {
        note_defect(defects, "charset-wrong");
        if (is_mostly_utf8(bytes)) return to_valid_utf8(bytes);
        return guessed(bytes);
    }
    const auto open = converter_of(converter);
    if (open == nullptr) {
        note_defect(defects, "charset-unknown");
        return to_valid_utf8(bytes);
    }
    auto result = convert(open, bytes, may_be_wrong ? bytes.size() / 20 : bytes.size());
    if (result.bad > 0) {
        note_defect(defects, "charset-wrong");
        if (const auto euc = name.starts_with("ISO-2022-JP") ? euc_of_iso_2022_jp(bytes) : std::nullopt)
            if (const auto vendors = converter_of("EUC-JP-MS")) {
                auto again = convert(vendors, *euc, result.bad);
                if (again.bad < result.bad) return std::move(again.text);
            }
        if (may_be_wrong && result.bad * 20 > bytes.size())
            return is_mostly_utf8(bytes) ? to_valid_utf8(bytes) : guessed(bytes);
    }
    return std::move(result.text);
}

}  // namespace tocsin::mail
