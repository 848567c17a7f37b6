// A member's newly written words as they may leave the house. Runs in `tocsin-examine`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "intake/outgoing/recipe.hpp"
#include "mail/composing.hpp"
#include "mail/reading.hpp"
#include "mail/structure/entity.hpp"

namespace tocsin::intake {

// Without the commands above them, without quotation and signature block, and without the block that begins with the
// member's own name.
std::string relayed_words(const mail::Reading& reading, const std::vector<std::string>& member_names);
// All of them, with what stands behind a /note.
std::string noted_words(const mail::Reading& reading);
// The files as they were sent, under their names alone: no path, no machine, no client's headers. Keys, visiting cards,
// answers to invitations and the pictures of an HTML signature or quotation stay behind.
std::vector<mail::Enclosure> relayed_files(const mail::Message& message, std::size_t most_bytes,
                                           const std::vector<std::string>& member_names = {});
// Whatever else may be in the mail.
bool stays_behind(std::string_view type, std::string_view name);

// What `recipe.brings` asks for: to the reporter the words as they are, with the files; to colleagues a quotation.
Result<std::vector<mail::Enclosure>> show_words(const Recipe& recipe, rules::TemplateFields& fields,
                                                const mail::Message& message, mail::Reading reading);

}  // namespace tocsin::intake
