#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "mail/reading.hpp"

namespace tocsin::mail {
namespace {

constexpr std::string_view reply_prefixes[] = {
    "re",     "fwd",  "fw",   "aw",   "wg",   "antw", "antwort",    "sv",  "vs",    "vl",  "vb",   "odp",
    "pd",     "ynt",  "ilt",  "r",    "rif",  "i",    "tr",         "réf", "rv",    "res", "enc",  "resp",
    "doorst", "fs",   "bls",  "trs",  "atb",  "vá",   "továbbítás", "отв", "ответ", "пер", "回复", "回覆",
    "答复",   "转发", "轉寄", "返信", "転送", "답장", "전달",       "απ",  "πρθ",   "yan"};

// Length of one prefix with its colon and the blanks after it, 0 for none: "Re:", "RE[2]:", "Aw (3) :", "回复：".
std::size_t prefix_length(std::string_view subject) {
    for (const auto prefix : reply_prefixes) {
        if (!starts_ignoring_case(subject, prefix)) continue;
        auto at = prefix.size();
        while (at < subject.size() && is_blank(subject[at])) ++at;
        if (at < subject.size() && (subject[at] == '[' || subject[at] == '(' || subject[at] == '^')) {
            auto count = at + 1;
            while (count < subject.size() && count < at + 5 && is_digit(subject[count])) ++count;
            if (count > at + 1 && count < subject.size() && (subject[count] == ']' || subject[count] == ')')) ++count;
            if (count > at + 1) at = count;
        }
        while (at < subject.size() && is_blank(subject[at])) ++at;
        if (subject.substr(at).starts_with(':'))
            ++at;
        else if (subject.substr(at).starts_with("："))
            at += std::string_view{"："}.size();
        else
            continue;
        while (at < subject.size() && is_blank(subject[at])) ++at;
        return at;
    }
    return 0;
}

}  // namespace

std::string_view without_reply_prefix(std::string_view subject) {
    while (!subject.empty() && is_blank(subject.front())) subject.remove_prefix(1);
    for (auto length = prefix_length(subject); length > 0; length = prefix_length(subject))
        subject.remove_prefix(length);
    return subject;
}

}  // namespace tocsin::mail
