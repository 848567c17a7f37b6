// What a mail of the team's would ask for, found in the text that a person is shown. Runs in `tocsin-examine`.
#pragma once

#include "intake/examine/examination.hpp"
#include "mail/structure/entity.hpp"

namespace tocsin::intake {

TeamText read_team_text(const mail::Message& message, const mail::Reading& reading);

}  // namespace tocsin::intake
