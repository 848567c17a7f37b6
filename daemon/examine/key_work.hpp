// Carries out what is asked about keys, in a process of `tocsin-examine` of its own.
#pragma once

#include "intake/examine/frame.hpp"

namespace tocsin::daemon {

intake::Frame work_on_keys(const intake::Frame& request);

}  // namespace tocsin::daemon
