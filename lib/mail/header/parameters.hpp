// Content-Type (RFC 2045 section 5.1) and Content-Disposition (RFC 2183) with parameters (RFC 2231), as strict
// mail programs write them and as the others do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/structure/entity.hpp"

namespace tocsin::mail {

struct Disposition {
    std::string kind;  // lower case
    std::vector<Parameter> parameters;
};

// Anything that is not type "/" subtype is text/plain (RFC 2045 section 5.2) and a defect.
MediaType read_media_type(std::string_view field_value, const ParseLimits& limits, std::vector<std::string>& defects);
Disposition read_disposition(std::string_view field_value, const ParseLimits& limits,
                             std::vector<std::string>& defects);

// The parameters after the first ";", in their order; of a name that stands there twice both are given. A boundary is
// given as it stands, whatever its bytes: it is compared with those of the mail.
std::vector<Parameter> read_parameters(std::string_view text, const ParseLimits& limits,
                                       std::vector<std::string>& defects);

}  // namespace tocsin::mail
