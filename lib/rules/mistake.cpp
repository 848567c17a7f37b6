#include "rules/mistake.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/conditions/field.hpp"

namespace tocsin::rules {

namespace {

constexpr std::size_t most_of_a_line = 150;  // bytes shown of a source line, around the place

// The part of the line that is shown, and where in it the place stands. A line may hold a whole list of words.
std::pair<std::string, std::size_t> window(std::string_view line, std::size_t at) {
    at = std::min(at, line.size());
    if (line.size() <= most_of_a_line) return {std::string{line}, at};
    std::size_t begin = at > most_of_a_line / 2 ? at - most_of_a_line / 2 : 0;
    while (begin > 0 && (static_cast<unsigned char>(line[begin]) & 0xC0U) == 0x80U) --begin;
    return {std::string{cut_utf8(line.substr(begin), most_of_a_line)}, at - begin};
}

std::string caret_below(std::string_view line, std::size_t at) {
    std::string pad;
    // A tab stays a tab, so that the caret stands below its letter whatever the terminal's tab stops are.
    for (std::size_t from = 0; from < at;) {
        const std::size_t tab = std::min(line.find('\t', from), at);
        pad.append(columns(line.substr(from, tab - from)), ' ');
        if (tab < at) pad += '\t';
        from = tab + 1;
    }
    return pad + '^';
}

}  // namespace

std::string Mistake::in_one_line() const {
    std::string text = place.file;
    if (place.line > 0) text += ':' + std::to_string(place.line);
    if (place.line > 0 && place.column > 0) text += ':' + std::to_string(place.column);
    return text + (warning ? ": warning: " : ": error: ") + what;
}

std::string Mistake::to_text() const {
    std::string text = in_one_line();
    if (source_line.empty() || place.column == 0) return text;
    const auto [shown, at] = window(source_line, place.column - 1);
    text += "\n    ";
    for (const char c : shown) text += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? ' ' : c;
    return text + "\n    " + caret_below(shown, at);
}

namespace {

auto in_file(const Mistake& mistake) {
    return std::tie(mistake.place.file, mistake.place.line, mistake.place.column, mistake.what);
}

void insert_at_its_place(std::vector<Mistake>& mistakes, Mistake mistake) {
    const auto at = std::upper_bound(mistakes.begin(), mistakes.end(), mistake,
                                     [](const Mistake& a, const Mistake& b) { return in_file(a) < in_file(b); });
    // One value may be asked for by two readers; its mistake is told once.
    if (at != mistakes.begin() && in_file(*std::prev(at)) == in_file(mistake)) return;
    mistakes.insert(at, std::move(mistake));
}

}  // namespace

void Mistakes::error(Place place, std::string what, std::string source_line) {
    insert_at_its_place(mistakes_, Mistake{std::move(place), std::move(what), std::move(source_line), false});
}

void Mistakes::warning(Place place, std::string what, std::string source_line) {
    insert_at_its_place(mistakes_, Mistake{std::move(place), std::move(what), std::move(source_line), true});
}

void Mistakes::add(Mistakes other) {
    for (Mistake& mistake : other.mistakes_) insert_at_its_place(mistakes_, std::move(mistake));
}

bool Mistakes::any_error() const {
    return std::ranges::any_of(mistakes_, [](const Mistake& mistake) { return !mistake.warning; });
}

std::string Mistakes::to_text() const {
    std::string text;
    for (const Mistake& mistake : mistakes_) text += mistake.to_text() + '\n';
    return text;
}

std::string is_not_known(std::string_view word, const std::vector<std::string_view>& accepted) {
    const std::string_view near = nearest(word, accepted);
    std::string what = "'" + for_one_line(word, 60) + "' is not known";
    if (!near.empty()) return what + "; did you mean '" + std::string{near} + "'?";
    return what + "; accepted: " + (accepted.empty() ? "none" : in_a_row(accepted));
}

}  // namespace tocsin::rules
