#include "store/ratings.hpp"

#include "store/statement.hpp"

namespace tocsin::store {

void Ratings::record(JournalId entry, const Rating& rating) {
    std::optional<std::string_view> severity;
    if (rating.severity) severity = cvd::to_text(*rating.severity);
    database_
        .prepare(
            "INSERT OR REPLACE INTO rating (journal, received, view, kind, acknowledged, policy, severity, score, "
            "rules)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(entry, rating.received, rating.view, rating.kind, rating.acknowledged, rating.policy, severity,
              rating.score, rating.rules)
        .run();
}

std::optional<Rating> Ratings::of(JournalId entry) const {
    Statement row = database_.prepare(
        "SELECT received, view, kind, acknowledged, policy, severity, score, rules FROM rating WHERE journal = ?");
    if (!row.bind(entry).step()) return std::nullopt;
    Rating rating;
    rating.received = row.next<Instant>();
    rating.view = row.next<std::string>();
    rating.kind = row.next<std::string>();
    rating.acknowledged = row.next<bool>();
    rating.policy = row.next<std::string>();
    rating.severity = cvd::severity_from(row.next<std::optional<std::string>>().value_or(""));
    rating.score = row.next<int>();
    rating.rules = row.next<std::string>();
    return rating;
}

}  // namespace tocsin::store
