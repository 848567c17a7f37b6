#include "mail/structure/opaque_files.hpp"

#include <optional>

#include "base/text.hpp"
#include "mail/structure/lines.hpp"

namespace tocsin::mail {
namespace {

constexpr std::string_view binhex_opening = "(This file must be converted with BinHex";
constexpr std::string_view yenc_opening = "=ybegin ";
constexpr std::string_view yenc_end = "=yend";

// RFC 1741 section 4: six bits a character; the first byte is the length of the name that follows.
std::string binhex_name(std::string_view data) {
    constexpr std::string_view alphabet = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
    constexpr std::size_t longest_name = 63;
    std::string bytes;
    unsigned bits = 0;
    int count = 0;
    for (const char c : data) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) break;
        bits = bits << 6 | static_cast<unsigned>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes.push_back(static_cast<char>(bits >> count));
        }
        if (!bytes.empty() && bytes.size() > static_cast<unsigned char>(bytes.front())) break;
    }
    if (bytes.empty()) return {};
    const auto length = static_cast<std::size_t>(static_cast<unsigned char>(bytes.front()));
    return length == 0 || length > longest_name || bytes.size() <= length ? std::string{} : bytes.substr(1, length);
}

// From the colon at the beginning of a line to the one at the end of another.
std::optional<OpaqueFile> binhex_at(std::string_view text, const Line& opening, Lines& lines) {
    Line line;
    while (lines.next(line) && trim(line.of(text)).empty()) {
    }
    auto content = trim(line.of(text));
    if (!content.starts_with(':')) return std::nullopt;
    OpaqueFile file{{opening.begin, line.next}, binhex_name(content.substr(1)), "application/mac-binhex40"};
    if (content.size() > 1 && content.ends_with(':')) return file;
    while (!lines.done()) {
        content = trim(lines.peek().of(text));
        if (content.empty() || content.find(' ') != std::string_view::npos) break;
        lines.next(line);
        file.lines.end = line.next;
        if (content.ends_with(':')) break;
    }
    return file;
}

std::optional<OpaqueFile> yenc_at(std::string_view text, const Line& opening, Lines& lines) {
    const auto header = opening.of(text);
    const auto name = header.find(" name=");
    if (header.find(" size=") == std::string_view::npos || name == std::string_view::npos) return std::nullopt;
    OpaqueFile file{
        {opening.begin, opening.next}, std::string{trim(header.substr(name + 6))}, "application/octet-stream"};
    const auto data = lines.position();
    for (Line line; lines.next(line);)
        if (line.of(text).starts_with(yenc_end)) {
            file.lines.end = line.next;
            return file;
        }
    lines.skip_to(data);
    return std::nullopt;
}

}  // namespace

std::vector<OpaqueFile> find_opaque_files(std::string_view text, std::size_t most) {
    std::vector<OpaqueFile> files;
    // An opening without an end is looked for once: a text of nothing else would be work for nothing.
    bool yenc_may_end = text.find(yenc_end) != std::string_view::npos;
    const bool binhex = text.find(binhex_opening) != std::string_view::npos;
    if (!binhex && !yenc_may_end) return files;
    Lines lines{text};
    for (Line line; files.size() < most && lines.next(line);) {
        const auto content = line.of(text);
        std::optional<OpaqueFile> file;
        if (binhex && content.starts_with(binhex_opening)) file = binhex_at(text, line, lines);
        if (yenc_may_end && content.starts_with(yenc_opening)) {
            file = yenc_at(text, line, lines);
            yenc_may_end = file.has_value();
        }
        if (file) files.push_back(std::move(*file));
    }
    return files;
}

}  // namespace tocsin::mail
