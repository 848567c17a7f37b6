#include "mail/html/html_guard.hpp"

#include <algorithm>
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

// Length of "<![if !supportLists]>" or "<![endif]>", which Word writes around what everybody is shown; 0 for others.
std::size_t condition_length(std::string_view rest) {
    constexpr std::size_t longest = 200;
    if (!rest.starts_with("<![") || starts_ignoring_case(rest, "<![cdata[")) return 0;
    const auto end = rest.substr(0, longest).find('>');
    return end != std::string_view::npos && rest[end - 1] == ']' ? end + 1 : 0;
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
        } else if (const auto length = condition_length(html.substr(at)); length > 0) {
            at += length;
        } else {
            // All of a run but the last, with which a tag may begin.
            const auto run = std::min(html.find_first_not_of('<', at), html.size()) - at;
            out.append(std::max<std::size_t>(run - 1, 1), '<');
            at += std::max<std::size_t>(run - 1, 1);
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

std::string with_plain_blanks(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '\xC2' && at + 1 < text.size() && text[at + 1] == '\xA0') {
            out.push_back(' ');
            at += 2;
            continue;
        }
        if (text[at] == '\n')
            while (out.ends_with(' ')) out.pop_back();
        out.push_back(text[at++]);
    }
    while (out.ends_with(' ')) out.pop_back();
    return out;
}

std::string_view charset_in_html(std::string_view html) {
    constexpr std::size_t looked_at = 1'024;
    constexpr std::string_view keyword = "charset";
    html = html.substr(0, looked_at);
    const std::string low = lower(html);
    for (std::size_t tag = 0; (tag = low.find("<meta", tag)) != std::string::npos; ++tag) {
        const auto end = std::min(low.find('>', tag), low.size());
        auto at = low.find(keyword, tag);
        if (at >= end) continue;
        at += keyword.size();
        const auto skip = [&](std::string_view these) {
            while (at < end && (is_space(low[at]) || these.find(low[at]) != std::string_view::npos)) ++at;
        };
        skip("=\"'");
        const auto from = at;
        while (at < end && (is_letter(low[at]) || is_digit(low[at]) || low[at] == '-' || low[at] == '_')) ++at;
        const auto name = html.substr(from, at - from);
        // Whoever reads this byte by byte has not got what it says.
        if (!name.empty() && !starts_ignoring_case(name, "utf-16") && !starts_ignoring_case(name, "utf-32"))
            return name;
    }
    return {};
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
