// The lines of an iCalendar file (RFC 5545 section 3.1), unfolded, with the number that an editor shows.
//
// A value each; nothing in it looks into the bytes of the file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace tocsin::sla {

struct ContentLine {
    std::size_t number = 0;                                       // of its first physical line, from 1
    std::string name;                                             // upper case
    std::vector<std::pair<std::string, std::string>> parameters;  // names in upper case, values without their quotes
    std::string value;

    std::string_view parameter(std::string_view name_of_parameter) const;  // empty: not there
};

std::string upper(std::string_view text);  // names are compared so (RFC 5545 section 1.3)

// As much of the file's text as an error may quote: short, printable.
std::string shown(std::string_view text);

// An error of the file, which names the line.
tl::unexpected<Error> wrong_line(std::size_t number, std::string_view what);

class ContentLines {
public:
    explicit ContentLines(std::string_view bytes);
    Result<std::optional<ContentLine>> next();  // nothing: the end of the file
    std::size_t last_number() const { return number_; }

private:
    std::string_view physical_line();
    std::string_view rest_;
    std::size_t number_ = 0;
};

}  // namespace tocsin::sla
