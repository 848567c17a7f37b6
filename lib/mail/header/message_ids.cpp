#include "mail/header/message_ids.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/defects.hpp"
#include "mail/header/unfold.hpp"

namespace tocsin::mail {
namespace {

// Blanks inside the brackets come from folding; what is shown of an identifier is one word.
std::string identifier(std::string_view text) {
    std::string id;
    for (const char c : for_people(text.substr(0, 998)))
        if (!is_space(c)) id.push_back(c);
    return id;
}

}  // namespace

std::vector<std::string> read_message_ids(std::string_view field_value, std::size_t most,
                                          std::vector<std::string>& defects) {
    const std::string text = unfold(field_value);
    std::vector<std::string> ids;
    std::size_t dropped = 0;
    const auto add = [&](std::string_view id) {
        auto one = identifier(id);
        if (one.empty()) return;
        if (ids.size() >= most && most > 1) {
            ids.erase(ids.begin() + 1);
            ++dropped;
        }
        if (ids.size() < most) ids.push_back(std::move(one));
    };
    if (text.find('<') == std::string::npos) {
        // No brackets at all: the words that look like identifiers.
        for (const auto word : words(text))
            if (word.find('@') != std::string_view::npos) add(word.substr(0, word.find('>')));
        if (!text.empty()) note_defect(defects, "message-id-without-brackets");
    }
    for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos;) {
        const auto end = text.find_first_of("<>", at + 1);
        if (end == std::string::npos || text[end] == '<') {
            note_defect(defects, "message-id-malformed");
            if (end == std::string::npos) {
                add(std::string_view{text}.substr(at + 1));
                break;
            }
            at = end;
            continue;
        }
        add(std::string_view{text}.substr(at + 1, end - at - 1));
        at = end + 1;
    }
    if (dropped > 0) note_defect(defects, "limit-references");
    return ids;
}

}  // namespace tocsin::mail
