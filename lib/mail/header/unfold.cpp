#include "mail/header/unfold.hpp"

#include "base/text.hpp"

namespace tocsin::mail {

std::string unfold(std::string_view value) {
    value = trim(value);
    std::string out;
    out.reserve(value.size());
    for (std::size_t at = 0; at < value.size(); ++at) {
        const char c = value[at];
        if (c == '\n') continue;
        if (c == '\r') {
            const bool before_line_end = at + 1 < value.size() && value[at + 1] == '\n';
            if (!before_line_end) out.push_back(' ');
            continue;
        }
        out.push_back(c == '\0' ? ' ' : c);
    }
    return out;
}

}  // namespace tocsin::mail
