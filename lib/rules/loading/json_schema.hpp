// A JSON Schema (draft 2020-12) of rules files, so that an editor completes keys and marks mistakes while one types.
// It says less than `rules check`: conditions, patterns and what other files hold are beyond it.
#pragma once

#include <string>

namespace tocsin::rules {

std::string json_schema();

}  // namespace tocsin::rules
