#include "mail/html_guard.hpp"

#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t most_attributes = 32;

// Passes the tag that begins at `at`, keeping its first attributes.
void copy_tag(std::string_view html, std::size_t& at, std::string& out) {
    std::size_t separators = 0;
    char quote = 0;
    char before = 0;
    for (; at < html.size(); ++at) {
        const char c = html[at];
        if (quote != 0) {
            if (c == quote) {
                quote = 0;
                ++separators;
            }
        } else if (c == '>') {
            break;
        } else if ((c == '"' || c == '\'') && (before == '=' || is_space(before))) {
            quote = c;
        } else if (is_space(c) && !is_space(before)) {
            ++separators;
        }
        if (separators <= 2 * most_attributes) out.push_back(c == '\0' ? ' ' : c);
        before = c;
    }
}

}  // namespace

std::string guard_html(std::string_view html) {
    std::string out;
    out.reserve(html.size());
    for (std::size_t at = 0; at < html.size();) {
        const auto tag = html.find('<', at);
        const auto text = html.substr(at, tag - at);
        const auto from = out.size();
        out.append(text);
        for (auto i = from; i < out.size(); ++i)
            if (out[i] == '\0') out[i] = ' ';
        if (tag == std::string_view::npos) break;
        at = tag;
        const char after = at + 1 < html.size() ? html[at + 1] : ' ';
        if (is_letter(after) || after == '/') {
            copy_tag(html, at, out);
        } else {
            out.push_back('<');
            ++at;
        }
    }
    return out;
}

std::string with_windows_characters(std::string text) {
    constexpr char32_t characters[32] = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                         0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                         0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                         0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};
    const auto is_c1 = [&](std::size_t at) {
        return text[at] == '\xC2' && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
    };
    std::size_t from = 0;
    while (from < text.size() && !is_c1(from)) ++from;
    if (from == text.size()) return text;
    std::string out = text.substr(0, from);
    for (std::size_t at = from; at < text.size(); ++at) {
        if (is_c1(at))
            append_utf8(out, characters[static_cast<unsigned char>(text[++at]) - 0x80]);
        else
            out.push_back(text[at]);
    }
    return out;
}

std::string strip_tags(std::string_view html) {
    constexpr std::pair<std::string_view, std::string_view> entities[] = {
        {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&nbsp;", " "}, {"&#39;", "'"}};
    std::string out;
    for (std::size_t at = 0; at < html.size();) {
        if (html[at] == '<' && at + 1 < html.size() &&
            (is_letter(html[at + 1]) || html[at + 1] == '/' || html[at + 1] == '!')) {
            const auto end = html.find('>', at);
            if (end == std::string_view::npos) break;
            if (!out.ends_with('\n')) out.push_back(html[at + 1] == '/' ? ' ' : '\n');
            at = end + 1;
            continue;
        }
        bool replaced = false;
        if (html[at] == '&')
            for (const auto& [entity, text] : entities)
                if (!replaced && html.substr(at).starts_with(entity)) {
                    out.append(text);
                    at += entity.size();
                    replaced = true;
                }
        if (!replaced) out.push_back(html[at++]);
    }
    return out;
}

}  // namespace tocsin::mail
