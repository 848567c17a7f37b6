// What a look at the clocks costs: 100,000 of them run, ten are due. Prints what it took, and fails above 5 ms.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "intake/admit/admit.hpp"
#include "intake/promises/promises.hpp"
#include "intake/promises/tick.hpp"
#include "store/statement.hpp"

namespace {

using namespace tocsin;
using namespace std::chrono_literals;

constexpr std::size_t tickets = 25'000;  // four clocks each
constexpr std::size_t due_at_once = 10;
constexpr int rounds = 15;
constexpr double most_ms = 5;

const Instant start = std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 9h;

rules::RuleSet shipped_rules() {
    rules::Mistakes mistakes;
    auto rule_set =
        rules::RuleSet::load({{std::filesystem::path{TOCSIN_SOURCE_DIR} / "rules"}, {"en", "de"}}, mistakes);
    if (!rule_set) throw std::runtime_error{mistakes.to_text()};
    return std::move(*rule_set);
}

void open_ticket(store::Store& store, const rules::Policy& policy, std::size_t number) {
    intake::OpenTicket open;
    open.policy = policy;
    const Instant received = start + std::chrono::minutes{number};
    std::vector<cvd::Event> events = intake::happen(open, {cvd::EventKind::Opened,
                                                           received,
                                                           "tocsin",
                                                           {{"number", "SEC-2026-" + std::to_string(10'000 + number)},
                                                            {"title", "A report"},
                                                            {"reporter", "rae@lab.test"},
                                                            {"language", "en"},
                                                            {"mailbox", "security"},
                                                            {"policy", policy.name},
                                                            {"policy_hash", policy.hash},
                                                            {"severity", "medium"},
                                                            {"score", "30"}}});
    for (cvd::Event& event : intake::happen(open, {cvd::EventKind::Received, received, "reporter", {}}))
        events.push_back(std::move(event));
    const TicketId id = store.tickets.open(events);
    // All marks lie ahead; those of ten clocks come in the minutes that are measured.
    for (const auto& [clock, at] : intake::reminders_of(open))
        store.tickets.remind_next(id, clock, start + std::chrono::days{3650});
}

}  // namespace

int main() {
    const rules::RuleSet rule_set = shipped_rules();
    const rules::Policy& policy = *rule_set.policy("default");
    const mail::Address office = *mail::Address::from("security@acme.test");
    intake::Organisation acme{"ACME", office, {}, intake::Mode::Live, {"en"}, {}, {}, {}};
    acme.team = {{"Alice", *mail::Address::from("alice@acme.test"), {"lead"}},
                 {"Bob", *mail::Address::from("bob@acme.test"), {}}};
    const intake::MessageIds ids{Secret{std::string(32, 'k')}, "acme.test"};
    store::Store store{store::Database::open(":memory:", store::Database::Use::Daemon).value()};
    {
        store::Transaction transaction{store.database};
        store.conversations.keep_policy(policy.hash, policy.name, policy.source, start);
        for (std::size_t number = 0; number < tickets; ++number) open_ticket(store, policy, number);
        transaction.commit();
    }
    const auto clocks =
        store.database.prepare("SELECT count(*) FROM clock WHERE stopped IS NULL").first<std::int64_t>().value();

    std::vector<double> taken;
    for (int round = 0; round < rounds; ++round) {
        const Instant now = start + std::chrono::days{60 + round} + 2h;  // in office hours, or held: either is work
        store::Transaction transaction{store.database};
        std::vector<TicketId> due;
        for (std::size_t i = 0; i < due_at_once; ++i)
            due.emplace_back(static_cast<std::int64_t>(1 + i * 997 + static_cast<std::size_t>(round) * 13));
        for (const TicketId id : due) store.tickets.remind_next(id, "triage", now);
        const auto before = std::chrono::steady_clock::now();
        const auto reminded = intake::remind(store, rule_set, acme, ids, now);
        (void)store.tickets.next_reminder();
        taken.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count());
        // What these say next would come in the next round.
        for (const TicketId id : due) {
            const cvd::Ticket told = store.tickets.find(id).value();
            for (const cvd::TicketClock& clock : told.clocks)
                store.tickets.remind_next(id, clock.name, start + std::chrono::days{3650});
        }
        transaction.commit();
        if (reminded.tickets > due_at_once) {
            std::printf("%zu tickets were told of, not %zu\n", reminded.tickets, due_at_once);
            return 1;
        }
    }
    std::ranges::sort(taken);
    std::printf("%lld open clocks, %zu due: median %.2f ms, most %.2f ms\n", static_cast<long long>(clocks),
                due_at_once, taken[taken.size() / 2], taken.back());
    return clocks >= 100'000 && taken[taken.size() / 2] <= most_ms ? 0 : 1;
}
