#include "mail/structure/lines.hpp"

namespace tocsin::mail {

Lines::Lines(std::string_view bytes, std::size_t from)
    : bytes_{bytes},
      position_{from},
      end_{bytes.find('\n') == std::string_view::npos && bytes.find('\r') != std::string_view::npos ? '\r' : '\n'} {}

Line Lines::at(std::size_t position) const noexcept {
    const auto found = bytes_.find(end_, position);
    if (found == std::string_view::npos) return {position, bytes_.size(), bytes_.size()};
    auto end = found;
    // Some gateways add a CR to each CRLF.
    while (end_ == '\n' && end > position && bytes_[end - 1] == '\r') --end;
    return {position, end, found + 1};
}

bool Lines::next(Line& line) noexcept {
    if (done()) return false;
    line = at(position_);
    position_ = line.next;
    return true;
}

}  // namespace tocsin::mail
