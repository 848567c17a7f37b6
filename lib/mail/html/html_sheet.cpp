#include "mail/html/html_sheet.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "mail/html/html_style.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t most_rules = 2'000;
constexpr std::size_t longest_sheet = 128u << 10;
constexpr std::size_t longest_selector = 100;
constexpr std::size_t longest_declarations = 1'000;    // of one rule
constexpr std::size_t longest_style_of_rules = 2'000;  // of one element
constexpr std::size_t most_classes = 20;

std::string without_css_comments(std::string_view css) {
    std::string out;
    while (!css.empty()) {
        const auto comment = css.find("/*");
        out.append(css.substr(0, comment));
        if (comment == std::string_view::npos) break;
        const auto end = css.find("*/", comment + 2);
        css = end == std::string_view::npos ? std::string_view{} : css.substr(end + 2);
    }
    return out;
}

// One name, or one with a class: no combinator, no attribute, no state.
bool is_simple(std::string_view selector) {
    if (selector.empty() || selector.size() > longest_selector) return false;
    std::size_t marks = 0;
    for (std::size_t i = 0; i < selector.size(); ++i) {
        const char c = selector[i];
        if (c == '.' || c == '#')
            ++marks;
        else if (!is_letter(c) && !is_digit(c) && c != '-' && c != '_')
            return false;
    }
    return marks <= 1;
}

// "@media screen { … }" counts as if it were not there; of other conditions nothing is known.
bool holds_for_every_window(std::string_view condition) {
    std::string plain = plain_css(condition);
    std::erase(plain, ',');
    return plain == "@media" || plain == "@mediaall" || plain == "@mediascreen" || plain == "@mediascreenall" ||
           plain == "@mediaonlyscreen";
}

// Past the block that opens at `open`, those within it too.
std::size_t end_of_block(std::string_view css, std::size_t open) {
    std::size_t depth = 0;
    for (std::size_t at = open; at < css.size(); ++at) {
        if (css[at] == '{') ++depth;
        if (css[at] == '}' && --depth == 0) return at + 1;
    }
    return css.size();
}

}  // namespace

void HtmlSheet::read(std::string_view css) {
    const std::string plain = without_css_comments(css.substr(0, longest_sheet));
    const std::string_view text = plain;
    for (std::size_t at = 0; at < text.size() && count_ < most_rules;) {
        const auto mark = text.find_first_of("{};", at);
        if (mark == std::string_view::npos) return;
        const auto head = trim(text.substr(at, mark - at));
        at = mark + 1;
        if (text[mark] != '{') continue;  // "@import …;", or the end of a block that was gone into
        if (head.starts_with('@')) {
            if (!holds_for_every_window(head)) at = end_of_block(text, mark);
            continue;
        }
        const auto end = std::min(text.find('}', at), text.size());
        add(head, text.substr(at, end - at));
        at = std::min(end + 1, text.size());
    }
}

void HtmlSheet::add(std::string_view selectors, std::string_view declarations) {
    if (selectors.starts_with("<!--")) selectors.remove_prefix(4);
    const std::string plain = plain_css(declarations.substr(0, longest_declarations)) + ";";
    for (const auto selector : split(selectors, ',')) {
        const auto name = trim(selector);
        if (!is_simple(name) || count_ >= most_rules) continue;
        const auto mark = name.find_first_of(".#");
        const auto element = lower(name.substr(0, mark));
        if (mark == std::string_view::npos) {
            of_elements_[element].push_back({element, plain});
        } else {
            auto& rules = name[mark] == '.' ? of_classes_ : of_ids_;
            rules[std::string{name.substr(mark + 1)}].push_back({element, plain});
        }
        ++count_;
    }
}

std::string HtmlSheet::declarations_for(std::string_view element, std::string_view classes, std::string_view id) const {
    std::string all;
    const auto take = [&](const Rules& rules, std::string_view name) {
        const auto found = rules.find(name);
        if (found == rules.end()) return;
        for (const auto& rule : found->second) {
            if (!rule.element.empty() && rule.element != element) continue;
            if (all.size() + rule.declarations.size() > longest_style_of_rules) return;
            all += rule.declarations;
        }
    };
    take(of_elements_, element);
    for (std::size_t count = 0; !classes.empty() && count < most_classes; ++count) {
        const auto end = std::min(classes.find_first_of(" \t\r\n\f"), classes.size());
        take(of_classes_, classes.substr(0, end));
        classes.remove_prefix(std::min(end + 1, classes.size()));
    }
    take(of_ids_, id);
    return all;
}

}  // namespace tocsin::mail
