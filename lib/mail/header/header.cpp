#include "base/text.hpp"
#include "mail/structure/entity.hpp"

namespace tocsin::mail {

std::optional<std::string_view> Header::first(std::string_view name) const {
    for (const auto& field : fields_)
        if (equal_ignoring_case(field.name, name)) return field.value;
    return std::nullopt;
}

std::vector<std::string_view> Header::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& field : fields_)
        if (equal_ignoring_case(field.name, name)) values.push_back(field.value);
    return values;
}

std::optional<std::string_view> MediaType::parameter(std::string_view name) const {
    for (const auto& parameter : parameters)
        if (equal_ignoring_case(parameter.name, name)) return parameter.value;
    return std::nullopt;
}

}  // namespace tocsin::mail
