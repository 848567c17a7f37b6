// The report as a notice shows it: quoted text in which no line can be mistaken for a command or an armor, and its
// files as opaque bytes under names of ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/composing.hpp"
#include "mail/reading.hpp"
#include "rules/templates/template.hpp"

namespace tocsin::intake {

inline constexpr std::size_t most_report_bytes = 256u << 10;
inline constexpr std::size_t most_enclosed_bytes = 20u << 20;  // of one notice
inline constexpr std::size_t most_enclosures = 50;

// Each line begins with "> ", and so will each piece of it (mail::to_flowed). Armor lines are escaped with a dash (RFC
// 4880 section 7.1).
std::string quoted_report(std::string_view text);

// Sets `report`, `cut` and `attachments`; returns the files. `number` is part of their names; `apart` are files that
// lay in what was opened apart.
std::vector<mail::Enclosure> show_report(rules::TemplateFields& fields, const mail::Message& message,
                                         const mail::Reading& reading, std::string_view number,
                                         std::vector<mail::Enclosure> apart = {});

}  // namespace tocsin::intake
