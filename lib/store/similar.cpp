#include "store/similar.hpp"

#include <algorithm>
#include <map>

#include "store/statement.hpp"

namespace tocsin::store {

namespace {

constexpr std::size_t most_sharing = 10;
// A shingle that stands in more reports than that is a form's or a footer's, and says nothing: the newest are enough.
constexpr std::int64_t most_with_one_hash = 40;

}  // namespace

void Similar::keep(TicketId ticket, const std::vector<std::int64_t>& hashes, std::int64_t shingles) {
    if (hashes.empty()) return;
    Statement insert = database_.prepare(
        "INSERT INTO shingle (hash, ticket, shingles) VALUES (?, ?, ?) ON CONFLICT (hash, ticket) DO NOTHING");
    for (const std::int64_t hash : hashes) insert.bind(hash, ticket, shingles).run();
}

std::vector<SharedShingles> Similar::sharing(const std::vector<std::int64_t>& hashes) const {
    std::map<std::int64_t, SharedShingles> by_ticket;
    Statement find =
        database_.prepare("SELECT ticket, shingles FROM shingle WHERE hash = ? ORDER BY ticket DESC LIMIT ?");
    for (const std::int64_t hash : hashes) {
        find.bind(hash, most_with_one_hash);
        while (find.step()) {
            const auto ticket = find.next<TicketId>();
            SharedShingles& found = by_ticket.try_emplace(ticket.value(), SharedShingles{}).first->second;
            found.ticket = ticket;
            found.shingles = find.next<std::int64_t>();
            ++found.shared;
        }
    }
    std::vector<SharedShingles> all;
    for (const auto& [id, found] : by_ticket) all.push_back(found);
    std::ranges::stable_sort(all, std::ranges::greater{}, &SharedShingles::shared);
    if (all.size() > most_sharing) all.resize(most_sharing);
    for (SharedShingles& found : all) {
        Statement describe = database_.prepare("SELECT number, state, opened FROM ticket WHERE id = ?");
        if (!describe.bind(found.ticket).step()) continue;
        found.number = describe.next<std::string>();
        found.state = describe.next<std::string>();
        found.opened = describe.next<Instant>();
    }
    return all;
}

}  // namespace tocsin::store
