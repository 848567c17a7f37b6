#include "mail/header/parameters.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "mail/defects.hpp"
#include "mail/header/encoded_words.hpp"
#include "mail/header/unfold.hpp"
#include "mail/text/charset.hpp"
#include "mail/text/charset_names.hpp"

namespace tocsin::mail {
namespace {

struct RawParameter {
    std::string name;  // lower case, without what RFC 2231 adds to it
    std::string value;
    std::optional<std::size_t> section;  // RFC 2231 section 3
    bool extended = false;               // section 4: charset'language'percent-encoded
};

bool is_parameter_token(char c) {
    return static_cast<unsigned char>(c) > ' ' &&
           std::string_view{"()<>,;:\\\"/[]?="}.find(c) == std::string_view::npos;
}

class ParameterReader {
public:
    ParameterReader(std::string_view text, std::vector<std::string>& defects) : text_{text}, defects_{defects} {}

    std::optional<RawParameter> next() {
        for (;;) {
            skip_blanks_and_comments();
            while (at_ < text_.size() && (text_[at_] == ';' || text_[at_] == ',')) {
                ++at_;
                skip_blanks_and_comments();
            }
            if (at_ >= text_.size()) return std::nullopt;
            const auto from = at_;
            while (at_ < text_.size() && text_[at_] != '=' && text_[at_] != ';') ++at_;
            auto name = trim(text_.substr(from, at_ - from));
            // "attachment filename=x": a semicolon was forgotten.
            name.remove_prefix(name.find_last_of(" \t") + 1);
            if (at_ >= text_.size() || text_[at_] == ';') {
                note_defect(defects_, "parameter-without-value");
                continue;
            }
            ++at_;
            RawParameter parameter;
            parameter.value = value();
            name_of(name, parameter);
            if (!parameter.name.empty()) return parameter;
        }
    }

private:
    void skip_blanks_and_comments() {
        for (std::size_t depth = 0; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '(') {
                ++depth;
            } else if (c == ')' && depth > 0) {
                --depth;
            } else if (c == '\\' && depth > 0) {
                ++at_;
            } else if (depth == 0 && !is_space(c)) {
                return;
            }
        }
        at_ = std::min(at_, text_.size());
    }

    std::string value() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
        if (at_ < text_.size() && text_[at_] == '"') return quoted();
        // Strictly a token; programs that forget the quotes mean all up to the semicolon. A comment ends it.
        const auto from = at_;
        bool token = true;
        while (at_ < text_.size() && text_[at_] != ';' &&
               !(text_[at_] == '(' && at_ > from && is_blank(text_[at_ - 1])))
            token = is_parameter_token(text_[at_++]) && token;
        const auto end = at_;
        while (at_ < text_.size() && text_[at_] != ';') ++at_;
        const auto found = trim(text_.substr(from, end - from));
        if (!token && found.find(' ') != std::string_view::npos) note_defect(defects_, "parameter-not-quoted");
        return std::string{found};
    }

    std::string quoted() {
        std::string out;
        for (++at_; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                const auto from = at_;
                while (at_ < text_.size() && text_[at_] != ';') ++at_;
                // "a" b "c": quotes inside quotes, not escaped.
                const auto rest = trim(text_.substr(from, at_ - from));
                if (!rest.empty() && rest.front() != '(') {
                    note_defect(defects_, "parameter-quoted-oddly");
                    if (rest.back() == '"') out.append("\"").append(rest.substr(0, rest.size() - 1));
                }
                return out;
            }
            // Old clients put Windows paths here with bare backslashes; only what needs an escape has one.
            if (c == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\')) ++at_;
            out.push_back(text_[at_]);
        }
        note_defect(defects_, "quote-not-closed");
        return out;
    }

    static void name_of(std::string_view written, RawParameter& parameter) {
        std::string name = lower(written);
        if (name.ends_with('*')) {
            parameter.extended = true;
            name.pop_back();
        }
        if (const auto star = name.rfind('*'); star != std::string::npos) {
            if (const auto number = to_whole_number(std::string_view{name}.substr(star + 1)); number && *number >= 0) {
                parameter.section = static_cast<std::size_t>(*number);
                name.resize(star);
            }
        }
        parameter.name = trim(name);
    }

    std::string_view text_;
    std::vector<std::string>& defects_;
    std::size_t at_ = 0;
};

std::string percent_decoded(std::string_view text) {
    std::string out;
    const auto hex = [](char c) {
        if (is_digit(c)) return c - '0';
        const char low = ascii_lower(c);
        return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '%' && at + 2 < text.size() && hex(text[at + 1]) >= 0 && hex(text[at + 2]) >= 0) {
            out.push_back(static_cast<char>(hex(text[at + 1]) * 16 + hex(text[at + 2])));
            at += 2;
        } else {
            out.push_back(text[at]);
        }
    }
    return out;
}

// One parameter from its sections, which may come in any order (RFC 2231 section 3).
std::string joined_sections(std::vector<RawParameter*>& sections, std::vector<std::string>& defects) {
    std::ranges::stable_sort(sections, {}, [](const RawParameter* p) { return p->section.value_or(0); });
    std::string charset;
    std::string bytes;
    bool extended = false;
    std::size_t expected = sections.front()->section.value_or(0);
    if (expected != 0) note_defect(defects, "parameter-section-missing");
    for (auto* section : sections) {
        if (section->section.value_or(0) != expected) note_defect(defects, "parameter-section-missing");
        expected = section->section.value_or(0) + 1;
        std::string_view text = section->value;
        if (section->extended) {
            if (section == sections.front()) {
                const auto first = text.find('\'');
                const auto second = first == std::string_view::npos ? first : text.find('\'', first + 1);
                if (second != std::string_view::npos) {
                    charset = text.substr(0, first);
                    text.remove_prefix(second + 1);
                }
            }
            extended = true;
            // RFC 2231 section 7 has no quoted string here; "filename*=utf-8''\"a%20b\"" is common all the same.
            if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"'))
                text = text.substr(1, text.size() - 2);
            bytes.append(percent_decoded(text));
        } else {
            bytes.append(text);
        }
    }
    if (!extended) return {};
    return to_utf8(bytes, charset, defects);
}

// "filename=utf-8''na%C3%AFve.txt": the asterisk of RFC 2231 section 4 was forgotten.
std::optional<std::string> extended_without_star(std::string_view value, std::vector<std::string>& defects) {
    const auto first = value.find('\'');
    const auto second = first == std::string_view::npos ? first : value.find('\'', first + 1);
    if (second == std::string_view::npos || first == 0 || second - first > 12) return std::nullopt;
    if (value.find('%', second) == std::string_view::npos) return std::nullopt;
    const auto charset = value.substr(0, first);
    for (const char c : value.substr(first + 1, second - first - 1))
        if (!is_letter(c) && c != '-') return std::nullopt;
    if (converter_for(charset) == nullptr) return std::nullopt;
    note_defect(defects, "parameter-star-missing");
    return to_utf8(percent_decoded(value.substr(second + 1)), charset, defects);
}

std::string_view before_parameters(std::string_view value) { return value.substr(0, value.find(';')); }

std::string without_comments(std::string_view text) {
    std::string out;
    std::size_t depth = 0;
    for (const char c : text) {
        if (c == '(') ++depth;
        if (depth == 0) out.push_back(c);
        if (c == ')' && depth > 0) --depth;
    }
    return std::string{trim(out)};
}

}  // namespace

std::vector<Parameter> read_parameters(std::string_view text, const ParseLimits& limits,
                                       std::vector<std::string>& defects) {
    ParameterReader reader{text, defects};
    std::vector<RawParameter> raw;
    std::size_t sections = 0;
    while (auto parameter = reader.next()) {
        if (parameter->section ? ++sections > limits.max_parameter_segments
                               : raw.size() - sections >= limits.max_parameters) {
            note_defect(defects, parameter->section ? "limit-parameter-segments" : "limit-parameters");
            break;
        }
        raw.push_back(std::move(*parameter));
    }
    std::vector<Parameter> parameters;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        auto& first = raw[i];
        if (first.name.empty()) continue;  // taken as a section of an earlier one
        const auto name = first.name;
        // A boundary is compared with what stands in the mail, byte by byte.
        if (name == "boundary" && !first.section && !first.extended) {
            parameters.push_back({name, first.value});
            continue;
        }
        if (!first.section && !first.extended) {
            if (auto value = extended_without_star(first.value, defects)) {
                parameters.push_back({name, std::move(*value)});
                continue;
            }
            // RFC 2047 section 5 forbids encoded words here; half of all programs write them.
            parameters.push_back({name, decode_encoded_words(first.value, limits.max_encoded_words, defects)});
            continue;
        }
        std::vector<RawParameter*> together;
        for (std::size_t j = i; j < raw.size(); ++j)
            if (raw[j].name == name && (raw[j].section || raw[j].extended)) together.push_back(&raw[j]);
        std::string value = joined_sections(together, defects);
        if (value.empty()) {
            std::string plain;
            for (const auto* section : together) plain.append(section->value);
            value = decode_encoded_words(plain, limits.max_encoded_words, defects);
        }
        for (auto* section : together) section->name.clear();
        // What stands there a second time for older programs says it less exactly.
        const auto plain = std::ranges::find(parameters, name, &Parameter::name);
        parameters.insert(plain, {name, std::move(value)});
    }
    return parameters;
}

MediaType read_media_type(std::string_view field_value, const ParseLimits& limits, std::vector<std::string>& defects) {
    const std::string value = unfold(field_value);
    const std::string name = lower(without_comments(before_parameters(value)));
    MediaType type;
    const auto slash = name.substr(0, name.find('=')).find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == name.size()) {
        note_defect(defects, "content-type-malformed");
    } else {
        const auto token = [](std::string_view text) {
            text = trim(text);
            std::size_t length = 0;
            while (length < text.size() && is_parameter_token(text[length])) ++length;
            return std::string{text.substr(0, length)};
        };
        auto main = token(std::string_view{name}.substr(0, slash));
        auto sub = token(std::string_view{name}.substr(slash + 1));
        if (main.empty() || sub.empty()) {
            note_defect(defects, "content-type-malformed");
        } else {
            type.type = std::move(main);
            type.subtype = std::move(sub);
        }
    }
    auto begin = value.find(';');
    // "text/plain charset=utf-8; format=flowed", "charset=utf-8": what stands where a semicolon is missing.
    if (name.find('=') != std::string::npos) begin = slash == std::string::npos ? 0 : value.find_first_of(" \t(");
    if (begin != std::string::npos)
        type.parameters = read_parameters(std::string_view{value}.substr(begin), limits, defects);
    return type;
}

Disposition read_disposition(std::string_view field_value, const ParseLimits& limits,
                             std::vector<std::string>& defects) {
    const std::string value = unfold(field_value);
    Disposition disposition;
    std::string_view rest = value;
    const std::string name = lower(without_comments(before_parameters(value)));
    // Some programs leave the kind out, or the semicolon after it: "filename=x" is then an attachment.
    if (name.find('=') == std::string::npos) {
        disposition.kind = name;
        const auto semicolon = rest.find(';');
        rest = semicolon == std::string_view::npos ? std::string_view{} : rest.substr(semicolon + 1);
    } else {
        disposition.kind = "attachment";
    }
    disposition.parameters = read_parameters(rest, limits, defects);
    return disposition;
}

}  // namespace tocsin::mail
