// What was decided of each mail, beside what was known of it then: `rules backtest` decides again from it.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "cvd/severity.hpp"
#include "store/database.hpp"

namespace tocsin::store {

struct Rating {
    Instant received;  // as it was decided with
    std::string view;  // intake::to_json(TicketView): ids, numbers and flags, nothing of the mail's words
    std::string kind;  // INTERFACES section 2
    bool acknowledged = false;
    std::string policy;
    std::optional<cvd::Severity> severity{};  // nothing where the mail was not read
    int score = 0;
    std::string rules;  // hash of the rule set
};

class Ratings {
public:
    explicit Ratings(Database& database) : database_{database} {}

    // Call within a Transaction; a mail that was decided before is decided anew.
    void record(JournalId entry, const Rating& rating);
    std::optional<Rating> of(JournalId entry) const;

private:
    Database& database_;
};

}  // namespace tocsin::store
