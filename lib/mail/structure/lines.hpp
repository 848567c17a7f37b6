// Lines of received bytes, one after the other, without copying (RFC 5322 section 2.1).
//
// A line ends with CRLF, CR CRLF or with a bare LF. Bytes that hold no LF at all have lines that end with a bare CR;
// any other bare CR belongs to its line.
#pragma once

#include <cstddef>
#include <string_view>

namespace tocsin::mail {

struct Line {
    std::size_t begin = 0;
    std::size_t end = 0;   // before the line end
    std::size_t next = 0;  // after it
    std::string_view of(std::string_view bytes) const { return bytes.substr(begin, end - begin); }
    bool ended() const noexcept { return next != end; }
};

class Lines {
public:
    explicit Lines(std::string_view bytes, std::size_t from = 0);

    // Moves to the next line; false when there is none left.
    bool next(Line& line) noexcept;
    Line peek() const noexcept { return at(position_); }
    bool done() const noexcept { return position_ >= bytes_.size(); }
    std::size_t position() const noexcept { return position_; }
    void skip_to(std::size_t position) noexcept { position_ = position; }
    bool bare_cr() const noexcept { return end_ == '\r'; }

private:
    Line at(std::size_t position) const noexcept;
    std::string_view bytes_;
    std::size_t position_;
    char end_;
};

}  // namespace tocsin::mail
