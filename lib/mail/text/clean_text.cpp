#include "mail/text/clean_text.hpp"

#include <array>

#include "base/utf8.hpp"

namespace tocsin::mail {
namespace {

// Bytes that stand for themselves and are shown as they are.
constexpr std::array<bool, 256> plain_bytes = [] {
    std::array<bool, 256> plain{};
    for (std::size_t byte = 0x20; byte < 0x7F; ++byte) plain[byte] = true;
    plain['\n'] = plain['\t'] = true;
    return plain;
}();

bool is_plain_byte(char c) { return plain_bytes[static_cast<unsigned char>(c)]; }

}  // namespace

std::string clean_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto from = at;
        while (at < text.size() && is_plain_byte(text[at])) ++at;
        out.append(text.substr(from, at - from));
        const auto special = at;
        while (at < text.size() && !is_plain_byte(text[at])) ++at;
        auto run = text.substr(special, at - special);
        // The commonest run of all is the CR of a CRLF, or of a CR CRLF.
        if (at < text.size() && text[at] == '\n')
            while (run.ends_with('\r')) run.remove_suffix(1);
        if (!run.empty()) out.append(for_people(run));
    }
    return out;
}

}  // namespace tocsin::mail
