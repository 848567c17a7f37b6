// The fields of RFC 2045 and RFC 2183 in an entity's header: what it is, how it is written, what it is called.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/structure/entity.hpp"

namespace tocsin::mail {

// Reads them out of `entity.fields`. `default_type` holds where there is no Content-Type.
void read_mime_fields(Entity& entity, const MediaType& default_type, const ParseLimits& limits,
                      std::vector<std::string>& defects);

// The boundaries that a multipart names, at most two; nothing when one is beyond the limit.
std::optional<std::vector<std::string>> boundaries_of(const MediaType& type, const ParseLimits& limits,
                                                      std::vector<std::string>& defects);

}  // namespace tocsin::mail
