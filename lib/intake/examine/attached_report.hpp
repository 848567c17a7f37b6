// The report that a member forwards with /open as a file: what a person reads there is what she reports.
#pragma once

#include "mail/reading.hpp"
#include "mail/structure/entity.hpp"

namespace tocsin::intake {

// Of a mail that says /open and has a mail attached whole, its text, files and language become the mail's own. All
// others stay as they are.
void read_attached_report(mail::Reading& reading, const mail::Message& message, const mail::ParseLimits& limits);

}  // namespace tocsin::intake
