// What the style elements of an HTML mail say of whole elements, classes and identifiers.
//
// Of each rule those selectors are taken that are one name ("p", ".preheader", "#top", "td.preheader"); what depends on
// the place of an element, its state or the width of the window is passed over, so that words are rather shown than
// lost.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tocsin::mail {

class HtmlSheet {
public:
    // One style element.
    void read(std::string_view css);
    bool empty() const noexcept { return count_ == 0; }

    // The declarations for an element, as plain_css writes them, weakest first.
    std::string declarations_for(std::string_view element, std::string_view classes, std::string_view id) const;

private:
    struct Rule {
        std::string element;  // empty: any
        std::string declarations;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
    };
    using Rules = std::unordered_map<std::string, std::vector<Rule>, Hash, std::equal_to<>>;

    void add(std::string_view selectors, std::string_view declarations);

    Rules of_elements_;
    Rules of_classes_;
    Rules of_ids_;
    std::size_t count_ = 0;
};

}  // namespace tocsin::mail
