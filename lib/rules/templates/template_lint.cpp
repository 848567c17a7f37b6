#include "rules/templates/template_lint.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin::rules {

namespace {

struct OpenSection {
    std::string name;
    std::size_t at = 0;
    bool inverted = false;
};

std::string tag_named(std::string_view name) { return "{{" + for_one_line(name, 60) + "}}"; }

// The names that can be used inside these sections: those without a point, and `due` for "promises.due".
std::vector<std::string_view> usable(const std::vector<std::string_view>& fields,
                                     const std::vector<OpenSection>& open) {
    std::vector<std::string_view> names;
    for (const std::string_view field : fields) {
        const std::size_t point = field.find('.');
        if (point == std::string_view::npos) {
            names.push_back(field);
        } else if (std::ranges::any_of(open, [&](const OpenSection& section) {
                       return !section.inverted && section.name == field.substr(0, point);
                   })) {
            names.push_back(field.substr(point + 1));
        }
    }
    return names;
}

std::string unknown_field(std::string_view name, const std::vector<std::string_view>& fields,
                          const std::vector<std::string_view>& names) {
    std::string what = "unknown field " + tag_named(name);
    for (const std::string_view field : fields) {
        const std::size_t point = field.find('.');
        if (point == std::string_view::npos || field.substr(point + 1) != name) continue;
        const std::string list{field.substr(0, point)};
        return what + "; it is there inside {{#" + list + "}}…{{/" + list + "}} alone";
    }
    if (const std::string_view near = nearest(name, names); !near.empty())
        return what + "; did you mean '" + std::string{near} + "'?";
    what += "; accepted here: ";
    for (const std::string_view accepted : names)
        what += std::string{accepted == names.front() ? "" : ", "} += accepted;
    return what;
}

}  // namespace

void lint_mustache(std::string_view text, const std::vector<std::string_view>& fields,
                   const std::function<void(std::size_t, std::string)>& mistake) {
    std::vector<OpenSection> open;
    for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at)) {
        const bool triple = text.substr(at).starts_with("{{{");
        const std::string_view closing = triple ? "}}}" : "}}";
        const std::size_t end = text.find(closing, at + 2);
        if (end == std::string_view::npos)
            return mistake(at, "this tag is never closed; it ends with " + std::string{closing});
        std::string_view content = trim(text.substr(at + closing.size(), end - at - closing.size()));
        const char sigil = triple || content.empty() ? ' ' : content.front();
        const std::size_t tag = at;
        at = end + closing.size();
        if (sigil == '!') continue;
        if (sigil == '>' || sigil == '=') {
            mistake(tag, "partials and other delimiters are not taken");
            continue;
        }
        const bool has_sigil = sigil == '#' || sigil == '^' || sigil == '/' || sigil == '&';
        if (has_sigil) content = trim(content.substr(1));
        if (sigil == '/') {
            if (open.empty()) {
                mistake(tag, "{{/" + for_one_line(content, 60) + "}} closes a section that was never opened");
            } else if (open.back().name != content) {
                mistake(tag,
                        "{{/" + for_one_line(content, 60) + "}} stands where {{/" + open.back().name + "}} must stand");
            }
            if (!open.empty()) open.pop_back();
            continue;
        }
        const auto names = usable(fields, open);
        if (std::ranges::find(names, content) == names.end()) mistake(tag, unknown_field(content, fields, names));
        if (sigil == '#' || sigil == '^') open.push_back({std::string{content}, tag, sigil == '^'});
    }
    for (const OpenSection& section : open)
        mistake(section.at,
                "section " + tag_named(section.name) + " is never closed; it ends with {{/" + section.name + "}}");
}

}  // namespace tocsin::rules
