#include "mail/structure/uuencoded.hpp"

#include <optional>

#include "base/text.hpp"
#include "mail/structure/lines.hpp"

namespace tocsin::mail {
namespace {

// "begin" SP mode SP name: three or four octal digits.
std::optional<std::string_view> name_in_begin_line(std::string_view line) {
    constexpr std::string_view keyword = "begin ";
    if (!line.starts_with(keyword)) return std::nullopt;
    line.remove_prefix(keyword.size());
    std::size_t digits = 0;
    while (digits < line.size() && line[digits] >= '0' && line[digits] <= '7') ++digits;
    if (digits < 3 || digits > 4 || digits >= line.size() || line[digits] != ' ') return std::nullopt;
    const auto name = trim(line.substr(digits));
    if (name.empty()) return std::nullopt;
    return name;
}

bool is_data_line(std::string_view line) {
    if (line.empty() || line.front() <= ' ' || line.front() > '`') return false;
    const auto count = static_cast<std::size_t>(line.front() - ' ') & 0x3F;
    const auto needed = (count + 2) / 3 * 4;
    // Blanks at the end may have been lost on the way; one check character may follow.
    const auto least = (count * 8 + 5) / 6;
    if (line.size() - 1 > needed + 1) return false;
    return line.size() - 1 >= least || (line.size() > 1 && needed - (line.size() - 1) <= 8);
}

}  // namespace

std::vector<UuencodedFile> find_uuencoded(std::string_view text, std::size_t most) {
    std::vector<UuencodedFile> files;
    Lines lines{text};
    Line line;
    while (files.size() < most && lines.next(line)) {
        const auto name = name_in_begin_line(line.of(text));
        if (!name) continue;
        UuencodedFile file{{line.begin, line.next}, *name, false};
        std::size_t data_lines = 0;
        Line inner;
        while (!lines.done()) {
            inner = lines.peek();
            const auto content = inner.of(text);
            if (content == "end") {
                file.ended = true;
                lines.skip_to(inner.next);
                break;
            }
            // A line of no bytes stands before the end: "`", or a blank that was lost.
            const bool empty_line = trim(content).empty() || content == "`";
            if (!empty_line && !is_data_line(content)) break;
            if (!empty_line) ++data_lines;
            lines.skip_to(inner.next);
        }
        file.lines.end = lines.position();
        if (file.ended || (data_lines > 0 && lines.done())) files.push_back(file);
    }
    return files;
}

}  // namespace tocsin::mail
