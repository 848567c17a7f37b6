// The subjects that mail systems and people who are away give to their reports, in the languages that are common.
//
// A subject alone proves nothing: anybody may write one. It only says where to look.
#pragma once

#include <string_view>

namespace tocsin::mail {

bool is_bounce_subject(std::string_view subject);
bool is_away_subject(std::string_view subject);
// Whether it begins with such words, and they are all that it says or end in a colon: "Out of office", "Automatic
// reply: your mail", and not "Out of office replies tell the numbers of telephones".
bool begins_as_away_subject(std::string_view subject);

}  // namespace tocsin::mail
