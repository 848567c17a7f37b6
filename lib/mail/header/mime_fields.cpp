#include "mail/header/mime_fields.hpp"

#include "base/text.hpp"
#include "mail/defects.hpp"
#include "mail/header/parameters.hpp"
#include "mail/structure/transfer_encoding.hpp"

namespace tocsin::mail {
namespace {

// Where a field stands there twice, the part's own delimiter or empty line was lost: the last one is nearest to the
// body.
std::optional<std::string_view> last_of(const Header& fields, std::string_view name,
                                        std::vector<std::string>& defects) {
    const auto values = fields.all(name);
    if (values.size() > 1) note_defect(defects, "duplicate-" + std::string{name});
    return values.empty() ? std::nullopt : std::optional{values.back()};
}

std::string first_token(std::string_view value) {
    std::string token;
    std::size_t depth = 0;
    for (const char c : value.substr(0, 200)) {
        if (c == '(') ++depth;
        const bool separator = is_space(c) || c == ';' || c == '"' || c == ',';
        if (depth == 0 && separator && !token.empty()) break;
        if (depth == 0 && !separator) token.push_back(ascii_lower(c));
        if (c == ')' && depth > 0) --depth;
    }
    return token;
}

// RFC 2183 section 2.3 has "filename", RFC 2045 "name"; some programs write each where the other belongs.
std::string name_among(const std::vector<Parameter>& parameters, std::string_view right, std::string_view wrong) {
    for (const auto name : {right, wrong})
        for (const auto& parameter : parameters)
            if (parameter.name == name && !parameter.value.empty()) return parameter.value;
    return {};
}

}  // namespace

void read_mime_fields(Entity& entity, const MediaType& default_type, const ParseLimits& limits,
                      std::vector<std::string>& defects) {
    const auto type = last_of(entity.fields, "content-type", defects);
    entity.media_type = type ? read_media_type(*type, limits, defects) : default_type;
    if (const auto encoding = last_of(entity.fields, "content-transfer-encoding", defects)) {
        entity.transfer_encoding = first_token(*encoding);
        bool known = true;
        transfer_encoding_named(entity.transfer_encoding, known);
        if (!known) note_defect(defects, "transfer-encoding-unknown");
    }
    if (const auto value = last_of(entity.fields, "content-disposition", defects)) {
        const auto disposition = read_disposition(*value, limits, defects);
        // RFC 2183 section 2.8: what is neither is to be treated as an attachment.
        if (!disposition.kind.empty()) entity.disposition = disposition.kind == "inline" ? "inline" : "attachment";
        entity.file_name = name_among(disposition.parameters, "filename", "name");
    }
    if (entity.file_name.empty()) entity.file_name = name_among(entity.media_type.parameters, "name", "filename");
}

std::optional<std::vector<std::string>> boundaries_of(const MediaType& type, const ParseLimits& limits,
                                                      std::vector<std::string>& defects) {
    std::vector<std::string> boundaries;
    for (const auto& parameter : type.parameters) {
        if (parameter.name != "boundary") continue;
        const auto boundary = trim(parameter.value);
        if (boundary.empty()) continue;
        if (boundary.size() > limits.max_boundary_bytes) {
            note_defect(defects, "limit-boundary-bytes");
            return std::nullopt;
        }
        if (!boundaries.empty()) note_defect(defects, "boundary-doubled");
        if (boundaries.size() >= 2) continue;
        boundaries.emplace_back(boundary);
        // boundary='abc' above "--abc": a single quote is no quote, and some programs write it for one.
        if (boundary.size() > 2 && boundary.starts_with('\'') && boundary.ends_with('\''))
            boundaries.emplace_back(boundary.substr(1, boundary.size() - 2));
    }
    if (boundaries.empty()) note_defect(defects, "boundary-missing");
    return boundaries;
}

}  // namespace tocsin::mail
