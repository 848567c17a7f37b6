// A file that an administrator wrote, as its mistakes are told: by lines and places. `mistakes` outlives it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rules/mistake.hpp"

namespace tocsin::rules {

class SourceText {
public:
    SourceText(std::string name, std::string bytes, Mistakes& mistakes);

    const std::string& name() const noexcept { return name_; }
    const std::string& bytes() const noexcept { return bytes_; }  // without a byte order mark

    // Whether it is UTF-8. Told here, for a parser's own words name neither the byte nor what to do about it.
    bool is_readable() const;

    std::string_view line(unsigned number) const;              // from 1; empty where there is none
    Place place_of(unsigned line, unsigned code_point) const;  // both from 1; our columns are bytes
    Place place_at(std::size_t offset) const;
    std::size_t offset_of(const Place& at) const;

    void error(const Place& at, std::string what) const;
    void warning(const Place& at, std::string what) const;

private:
    std::string name_;
    std::string bytes_;
    std::vector<std::size_t> line_begins_{0};  // offsets into `bytes_`
    Mistakes* mistakes_;
};

}  // namespace tocsin::rules
