#include "mail/lines.hpp"

namespace tocsin::mail {

Lines::Lines(std::string_view bytes, std::size_t from)
    : bytes_{bytes},
      position_{from},
      end_{bytes.find('\n') == std::string_view::npos && bytes.find('\r') != std::string_view::npos ? '\r' : '\n'} {}

Line Lines::at(std::size_t position) const noexcept {
    const auto found = bytes_.find(end_, position);
    if (found == std::string_view::npos) return {position, bytes_.size(), bytes_.size()};
    const bool crlf = end_ == '\n' && found > position && bytes_[found - 1] == '\r';
    return {position, crlf ? found - 1 : found, found + 1};
}

bool Lines::next(Line& line) noexcept {
    if (done()) return false;
    line = at(position_);
    position_ = line.next;
    return true;
}

}  // namespace tocsin::mail
