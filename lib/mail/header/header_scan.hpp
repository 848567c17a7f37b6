// The fields of one header block as its lines come by (RFC 5322 sections 2.2 and 4.5, RFC 6532 section 3.2).
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "mail/structure/entity.hpp"
#include "mail/structure/lines.hpp"

namespace tocsin::mail {

// Length of the field name that the line begins with, 0 when it does not begin a field. Obsolete syntax allows
// blanks before the colon.
std::size_t field_name_length(std::string_view line);
// A name that occurs at the top of real mails; used to tell fields from text that merely has a colon.
bool is_common_field_name(std::string_view name);

class HeaderScan {
public:
    enum class Step { More, EndsBefore, EndsWith };  // the line is not part of it, or is the empty line that ends it

    HeaderScan(std::string_view bytes, const ParseLimits& limits, std::vector<std::string>& defects, bool of_a_message)
        : bytes_{bytes}, limits_{limits}, defects_{defects}, of_a_message_{of_a_message} {}

    // `after` stands behind the line: a few lines ahead tell junk from a header that has no end.
    Step take(const Line& line, const Lines& after);
    Header finish();

private:
    bool continues_without_blank(std::string_view line, std::size_t name_length) const;
    bool is_junk_between_fields(std::string_view line, Lines after) const;
    void open_field(const Line& line, std::size_t name_length);
    void close_field();

    std::string_view bytes_;
    const ParseLimits& limits_;
    std::vector<std::string>& defects_;
    bool of_a_message_;
    std::vector<Field> fields_;
    std::size_t seen_bytes_ = 0;
    std::size_t broken_lines_ = 0;  // that lost the blank in front, or are junk
    bool seen_field_ = false;
    bool open_ = false;
    std::size_t name_begin_ = 0, name_end_ = 0, value_begin_ = 0, value_end_ = 0;
};

}  // namespace tocsin::mail
