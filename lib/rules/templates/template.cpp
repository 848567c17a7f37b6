// The Mustache library stands behind this file alone.
#include "rules/templates/template.hpp"

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <optional>
#include <system_error>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/templates/template_lint.hpp"

namespace tocsin::rules {

namespace {

namespace mustache = kainjow::mustache;

constexpr std::size_t most_bytes_of_a_template = std::size_t{256} << 10;

// Keeps a line from being taken for one that holds nothing but a section's tag.
constexpr char line_mark = '\x01';

bool is_tag_alone(std::string_view line) {
    line = trim(line);
    return line.size() > 5 && line.starts_with("{{") &&
           std::string_view{"#^/!"}.find(line[2]) != std::string_view::npos && line.find("}}") == line.size() - 2;
}

// The library leaves an empty line where a section is not shown, and swallows empty lines at the beginning of one that
// is. So lines with a tag alone are joined to the next one here, and all others are marked as holding something.
std::string with_marked_lines(std::string_view text) {
    std::string marked;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        if (is_tag_alone(line))
            marked += trim(line);
        else
            (marked += line) += end < text.size() ? std::string{line_mark, '\n'} : std::string{};
        at = end + 1;
    }
    return marked;
}

// Text as the library is to read it. What it makes of a text is some fifty times as large, and most templates are
// rendered seldom: so it is made when it is needed first.
class Text {
public:
    explicit Text(std::string text = {}) : text_{std::move(text)} {}

    std::string render(const mustache::data& data) const { return compiled().render(data); }
    // Nothing where the library can read it.
    std::string mistake() const { return compiled().is_valid() ? "" : compiled().error_message(); }
    void forget_compiled() { compiled_.reset(); }

private:
    mustache::mustache& compiled() const {
        if (!compiled_) {
            compiled_ = std::make_unique<mustache::mustache>(text_);
            compiled_->set_custom_escape(
                [](const std::string& value) { return value; });  // plain text needs no escapes
        }
        return *compiled_;
    }

    std::string text_;
    // The library renders through a member that is not const, though it changes nothing but its message.
    mutable std::unique_ptr<mustache::mustache> compiled_;
};

struct MailTexts {
    std::vector<std::pair<std::string, Text>> header;
    Text body;
};

mustache::data to_mustache(const TemplateFields& fields) {  // NOLINT(misc-no-recursion): lists as the caller built them
    mustache::data object;
    for (const auto& [name, value] : fields.values()) {
        if (const auto* text = std::get_if<std::string>(&value)) {
            // In this library an empty text opens a section; in Mustache's own words it is false.
            object.set(name, text->empty() ? mustache::data{false} : mustache::data{*text});
        } else if (const auto* yes = std::get_if<bool>(&value)) {
            object.set(name, mustache::data{*yes});
        } else {
            mustache::data list{mustache::data::type::list};
            for (const TemplateFields& entry : std::get<TemplateFields::List>(value))
                list.push_back(to_mustache(entry));
            object.set(name, list);
        }
    }
    return object;
}

bool has_control(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const char32_t c = next_code_point(text, at);
        if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029) return true;
    }
    return false;
}

// RFC 5322 section 2.2: printable ASCII but the colon.
bool is_header_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

// NAME.LANG.eml
std::optional<std::pair<std::string, std::string>> name_and_language(const std::filesystem::path& file) {
    const std::string stem = file.stem().string();
    const std::size_t point = stem.rfind('.');
    if (point == std::string::npos || !is_header_name(stem.substr(0, point)) || !is_header_name(stem.substr(point + 1)))
        return std::nullopt;
    return std::pair{stem.substr(0, point), stem.substr(point + 1)};
}

// One template file while it is read: tells where in it a mistake stands.
class TemplateFile {
public:
    TemplateFile(const std::filesystem::path& file, std::string text, Mistakes& mistakes)
        : file_{file.string()}, text_{std::move(text)}, mistakes_{mistakes} {}

    void mistake(std::size_t offset, std::string what) {
        const std::string_view before = std::string_view{text_}.substr(0, offset);
        const auto line = static_cast<unsigned>(std::ranges::count(before, '\n') + 1);
        const std::size_t begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
        const std::string_view rest = std::string_view{text_}.substr(begin);
        mistakes_.error({file_, line, static_cast<unsigned>(offset - begin + 1)}, std::move(what),
                        std::string{rest.substr(0, rest.find('\n'))});
        sound_ = false;
    }

    // Nothing, and mistakes told, when it cannot be used.
    std::optional<MailTexts> read(const std::vector<std::string_view>& fields) {
        MailTexts mail;
        std::size_t at = 0;
        while (at < text_.size() && text_[at] != '\n') at = read_header_line(at, fields, mail);
        if (at >= text_.size()) mistake(0, "a template is header fields, an empty line, and the body");
        if (std::ranges::none_of(mail.header,
                                 [](const auto& one) { return equal_ignoring_case(one.first, "Subject"); }))
            mistake(0, "missing header field 'Subject'");
        const std::size_t body_at = std::min(at + 1, text_.size());
        mail.body = checked(text_.substr(body_at), body_at, fields, with_marked_lines(text_.substr(body_at)));
        return sound_ ? std::optional{std::move(mail)} : std::nullopt;
    }

private:
    Text checked(const std::string& text, std::size_t offset, const std::vector<std::string_view>& fields,
                 std::string for_library) {
        lint_mustache(text, fields, [&](std::size_t at, std::string what) { mistake(offset + at, std::move(what)); });
        Text read{std::move(for_library)};
        if (std::string what = read.mistake(); sound_ && !what.empty()) mistake(offset, std::move(what));
        read.forget_compiled();
        return read;
    }

    std::size_t read_header_line(std::size_t at, const std::vector<std::string_view>& fields, MailTexts& mail) {
        const std::size_t end = std::min(text_.find('\n', at), text_.size());
        const std::string_view line = std::string_view{text_}.substr(at, end - at);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !is_header_name(line.substr(0, colon))) {
            mistake(at, "expected a header field such as 'Subject: …', or the empty line before the body");
        } else {
            const std::string value{trim(line.substr(colon + 1))};
            const auto value_at = static_cast<std::size_t>(trim(line.substr(colon + 1)).data() - text_.data());
            mail.header.emplace_back(std::string{line.substr(0, colon)},
                                     checked(value, value.empty() ? at : value_at, fields, value));
        }
        return end + 1;
    }

    std::string file_;
    std::string text_;
    Mistakes& mistakes_;
    bool sound_ = true;
};

std::string with_lf(std::string text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);  // some editors leave a byte order mark
    std::erase(text, '\r');
    return text;
}

}  // namespace

std::string TemplateFields::text(const std::string& name) const {
    const auto found = values_.find(name);
    const auto* text = found == values_.end() ? nullptr : std::get_if<std::string>(&found->second);
    return text == nullptr ? std::string{} : *text;
}

bool TemplateFields::says(const std::string& name) const {
    const auto found = values_.find(name);
    const auto* yes = found == values_.end() ? nullptr : std::get_if<bool>(&found->second);
    return yes != nullptr && *yes;
}

struct Templates::State {
    std::map<std::pair<std::string, std::string>, MailTexts> mails;  // by name and language

    const MailTexts* find(std::string_view name, std::string_view language) const {
        const auto found = mails.find({std::string{name}, std::string{language}});
        return found == mails.end() ? nullptr : &found->second;
    }
};

Templates::Templates() : state_{std::make_unique<State>()} {}
Templates::Templates(Templates&&) noexcept = default;
Templates& Templates::operator=(Templates&&) noexcept = default;
Templates::~Templates() = default;

void Templates::add_folder(const std::filesystem::path& folder, Mistakes& mistakes) {
    std::vector<std::filesystem::path> files;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{folder, none})
        if (entry.path().extension() == ".eml" && !entry.path().filename().string().starts_with('.'))
            files.push_back(entry.path());
    std::ranges::sort(files);
    for (const std::filesystem::path& file : files) {
        const auto named = name_and_language(file);
        if (!named) {
            mistakes.error({file.string()}, "a template is named NAME.LANGUAGE.eml, as in acknowledgement.en.eml");
            continue;
        }
        if (std::filesystem::is_fifo(file, none)) {  // whoever opens one waits for its writer
            mistakes.error({file.string()}, "cannot be read: not an ordinary file");
            continue;
        }
        auto text = read_file(file, most_bytes_of_a_template);
        if (!text || !is_utf8(*text)) {
            mistakes.error({file.string()}, text ? "this is not UTF-8" : "cannot be read: " + text.error().what);
            continue;
        }
        if (auto mail = TemplateFile{file, with_lf(std::move(*text)), mistakes}.read(fields_of_template(named->first)))
            state_->mails.insert_or_assign(*named, std::move(*mail));
    }
}

bool Templates::has(std::string_view name, std::string_view language) const {
    return state_->find(name, language) != nullptr;
}

std::vector<std::string> Templates::names() const {
    std::vector<std::string> names;
    for (const auto& [key, mail] : state_->mails)
        if (names.empty() || names.back() != key.first) names.push_back(key.first);
    return names;
}

Result<RenderedMail> Templates::render(std::string_view name, std::string_view language, std::string_view fallback,
                                       const TemplateFields& fields) const {
    const MailTexts* mail = state_->find(name, language);
    if (mail == nullptr) mail = state_->find(name, fallback);
    if (mail == nullptr)
        return permanent(Code::Configuration, "there is no template '" + std::string{name} + "' in '" +
                                                  std::string{language} + "' or '" + std::string{fallback} + "'");
    const mustache::data data = to_mustache(fields);
    RenderedMail rendered;
    for (const auto& [field, value] : mail->header) {
        std::string text = value.render(data);
        if (has_control(text))
            return permanent(Code::BadInput, "template '" + std::string{name} + "': the value of " + field +
                                                 " would hold a control character");
        rendered.header.emplace_back(field, std::move(text));
    }
    rendered.body = mail->body.render(data);
    std::erase(rendered.body, line_mark);
    return rendered;
}

}  // namespace tocsin::rules
