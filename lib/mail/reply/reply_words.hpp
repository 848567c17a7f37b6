// The words by which mail programs set apart what they quote, in the languages that are common, in small letters.
#pragma once

#include <span>
#include <string_view>

#include "mail/reply/reply_lines.hpp"

namespace tocsin::mail {

using Phrases = std::span<const std::string_view>;

Phrases words_for_wrote();         // "wrote", "schrieb"
Phrases attribution_openings();    // "on ", "am ", a day's name
Phrases original_markers();        // "original message"
Phrases device_openings();         // "sent from "
Phrases set_phrases_of_devices();  // "sent from my ": that hardly anybody begins a sentence with
Phrases words_for_devices();       // "iphone", "mail"
Phrases words_for_pardon();        // "excuse": for its brevity

// "from", "von", "件名"; without its colon.
PastedField field_of_label(std::string_view label);

}  // namespace tocsin::mail
