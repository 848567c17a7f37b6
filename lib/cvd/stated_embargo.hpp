// Until when a reporter says that she keeps quiet, read from her own words. A guess: the team is shown it and agrees to
// it by /embargo, or does not.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "mail/reply/named_day.hpp"
#include "sla/zone.hpp"

namespace tocsin::cvd {

// A day that she names, or so many days from her mail on.
struct StatedDay {
    mail::NamedDay day;
    unsigned days = 0;  // 0: the day counts
    friend bool operator==(const StatedDay&, const StatedDay&) = default;
};

// Those that stand in a sentence about publishing, disclosing, an embargo or keeping quiet, at most ten: English and
// German. "1/2/2026", which could be either of two days, is left out.
std::vector<StatedDay> stated_embargo(std::string_view text);

// The earliest of them that lies ahead of her mail, by two years at most: what is past was said of something else. A
// day ends at 17:00, as in /embargo.
std::optional<Instant> embargo_from(const std::vector<StatedDay>& stated, Instant received, const sla::Zone& zone);

}  // namespace tocsin::cvd
