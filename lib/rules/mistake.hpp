// A mistake of an administrator, told so that it can be mended: where, what is wrong, what is accepted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::rules {

struct Place {
    std::string file;
    unsigned line = 0;    // from 1; 0 where there is none
    unsigned column = 0;  // from 1, in bytes
};

struct Mistake {
    Place place;
    std::string what;         // "unknown key 'sevrity', did you mean 'severity'?"
    std::string source_line;  // the line, for the caret; may be empty
    bool warning = false;

    std::string to_text() const;      // "FILE:LINE:COLUMN: error: what" and the line with a caret below
    std::string in_one_line() const;  // the first line of it
};

// Every mistake of one reading, in the order of its place.
class Mistakes {
public:
    void error(Place place, std::string what, std::string source_line = {});
    void warning(Place place, std::string what, std::string source_line = {});
    void add(Mistakes other);
    bool any_error() const;
    const std::vector<Mistake>& all() const noexcept { return mistakes_; }
    std::string to_text() const;

private:
    std::vector<Mistake> mistakes_;
};

// "'hihg' is not known; did you mean 'high'?", or all that is accepted where nothing comes near.
std::string is_not_known(std::string_view word, const std::vector<std::string_view>& accepted);

}  // namespace tocsin::rules
