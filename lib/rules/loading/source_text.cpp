#include "rules/loading/source_text.hpp"

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"

namespace tocsin::rules {

SourceText::SourceText(std::string name, std::string bytes, Mistakes& mistakes)
    : name_{std::move(name)}, bytes_{std::move(bytes)}, mistakes_{&mistakes} {
    if (bytes_.starts_with("\xEF\xBB\xBF")) bytes_.erase(0, 3);  // editors do not count a byte order mark as a column
    for (std::size_t at = bytes_.find('\n'); at != std::string::npos; at = bytes_.find('\n', at + 1))
        line_begins_.push_back(at + 1);
}

bool SourceText::is_readable() const {
    const std::string_view bytes = bytes_;
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
        mistakes_->error({name_, 1, 1}, "this file is UTF-16; save it as UTF-8");
        return false;
    }
    if (is_utf8(bytes)) return true;
    for (const std::size_t begin : line_begins_) {
        const std::string_view line = bytes.substr(begin, bytes.find('\n', begin) - begin);
        if (is_utf8(line)) continue;
        std::size_t at = 0, before = 0;
        while (is_utf8(line.substr(before, at - before))) before = at, next_code_point(line, at);
        error(place_at(begin + before), "this byte is not UTF-8; save the file as UTF-8");
        break;
    }
    return false;
}

std::string_view SourceText::line(unsigned number) const {
    if (number == 0 || number > line_begins_.size()) return {};
    std::string_view text = std::string_view{bytes_}.substr(line_begins_[number - 1]);
    text = text.substr(0, text.find('\n'));
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

Place SourceText::place_of(unsigned number, unsigned code_point) const {
    const std::string_view text = line(number);
    std::size_t offset = 0;
    for (unsigned column = 1; column < code_point && offset < text.size(); ++column) next_code_point(text, offset);
    return {name_, number, static_cast<unsigned>(offset + 1)};
}

std::size_t SourceText::offset_of(const Place& at) const {
    if (at.line == 0 || at.line > line_begins_.size()) return 0;
    return std::min(bytes_.size(), line_begins_[at.line - 1] + at.column - 1);
}

Place SourceText::place_at(std::size_t offset) const {
    const auto after = std::upper_bound(line_begins_.begin(), line_begins_.end(), offset);
    const auto number = static_cast<unsigned>(after - line_begins_.begin());
    return {name_, number, static_cast<unsigned>(offset - line_begins_[number - 1] + 1)};
}

void SourceText::error(const Place& at, std::string what) const {
    mistakes_->error(at, std::move(what), std::string{line(at.line)});
}

void SourceText::warning(const Place& at, std::string what) const {
    mistakes_->warning(at, std::move(what), std::string{line(at.line)});
}

}  // namespace tocsin::rules
