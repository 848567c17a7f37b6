// Whether a condition can hold at all: tried out on every kind of mail that its tests can tell apart.
#pragma once

#include <optional>
#include <vector>

#include "rules/conditions/condition.hpp"

namespace tocsin::rules {

enum class Holds { Sometimes, Never, Always };

// `tests` is the table that the program's places point into. Nothing when there are too many kinds to try.
std::optional<Holds> when_it_holds(const Program& program, const std::vector<Test>& tests);

}  // namespace tocsin::rules
