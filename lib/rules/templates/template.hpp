// Templates: mails in Mustache, `NAME.LANG.eml`: header fields, an empty line, the body.
//
// Header and body are rendered apart, values are never read as templates again, and nothing is escaped, since
// plain text needs none. A header value with a control character in it is refused.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "rules/mistake.hpp"

namespace tocsin::rules {

// What a template can use: text, a yes or no, or a list of the like.
class TemplateFields {
public:
    using List = std::vector<TemplateFields>;
    using Value = std::variant<std::string, bool, List>;

    void set(std::string name, std::string text) { values_[std::move(name)] = std::move(text); }
    void set(std::string name, const char* text) { values_[std::move(name)] = std::string{text}; }
    void set(std::string name, bool yes) { values_[std::move(name)] = yes; }
    void set(std::string name, List list) { values_[std::move(name)] = std::move(list); }
    const std::map<std::string, Value>& values() const noexcept { return values_; }
    std::string text(const std::string& name) const;  // empty where there is no such text
    bool says(const std::string& name) const;         // false where there is no such yes

private:
    std::map<std::string, Value> values_;
};

struct RenderedMail {
    std::vector<std::pair<std::string, std::string>> header;  // "Subject" and what else the template sets
    std::string body;                                         // LF line ends
};

class Templates {
public:
    Templates();
    Templates(Templates&&) noexcept;
    Templates& operator=(Templates&&) noexcept;
    ~Templates();

    // Reads NAME.LANG.eml below `folder`; a later folder replaces by name and language. Sections that are never closed
    // and fields that do not exist (against the list in docs/RULES.md, kept in template_fields.cpp) are mistakes.
    void add_folder(const std::filesystem::path& folder, Mistakes& mistakes);

    bool has(std::string_view name, std::string_view language) const;
    std::vector<std::string> names() const;
    // In `language`, or else in `fallback`.
    Result<RenderedMail> render(std::string_view name, std::string_view language, std::string_view fallback,
                                const TemplateFields& fields) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// The fields that the templates of a name may use, as docs/RULES.md lists them: "ticket", "clocks.promise", …
std::vector<std::string_view> fields_of_template(std::string_view name);
// The templates that Tocsin itself asks for.
std::vector<std::string_view> template_names();
// The one of these whose fields a template of an administrator's own has: "eta-unhurried" those of "eta", and any other
// name those of the acknowledgement.
std::string_view template_like(std::string_view name);

}  // namespace tocsin::rules
