// What a person sees: aligned tables, and colours where the terminal has them.
//
// What strangers wrote passes `for_people` before it gets here, so no control character reaches a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::daemon {

enum class Colour { None, Bold, Dim, Red, Yellow, Green };

// INTERFACES section 1: --color auto|always|never, NO_COLOR, a dumb terminal.
class Palette {
public:
    static Palette for_standard_output(std::string_view choice);
    std::string paint(std::string_view text, Colour colour) const;

private:
    explicit Palette(bool on) : on_{on} {}
    bool on_;
};

struct Cell {
    std::string text;
    Colour colour = Colour::None;
    bool right = false;  // aligned to the right
};

// Columns as wide as their widest cell; the last one is cut at the terminal's width, where there is one.
std::string table(const std::vector<std::string>& head, const std::vector<std::vector<Cell>>& rows,
                  const Palette& palette);

// In characters; 0 where standard output is no terminal.
std::size_t width_of_terminal();

// "in 2 h 10 min", "3 days ago"
std::string distance_in_words(std::int64_t micros);

}  // namespace tocsin::daemon
