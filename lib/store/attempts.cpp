// The attempts to send one mail of the outbox, and what each of them leaves behind.
#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/utf8.hpp"
#include "store/outbox.hpp"
#include "store/statement.hpp"

namespace tocsin::store {

namespace {

constexpr std::string_view twice_unknown = "no reply after the final dot, for the second time: taken as sent";

constexpr Micros longest_without_server = std::chrono::minutes{10};

// What one attempt makes of a mail.
struct Outcome {
    OutboxState state = OutboxState::Sent;
    std::optional<Instant> next_attempt{};
    bool unknown = false;
    std::string status{};
};

std::string in_one_line(const AttemptResult& result) {
    std::string text = for_one_line(result.text);
    if (result.code == 0) return text;
    return std::to_string(result.code) + (text.empty() ? "" : " ") + text;
}

// RFC 5321 section 4.5.4.1: four to five days from the first attempt on, however long the mail was held before it.
bool given_up(Database& database, OutboxId id, Instant now) {
    const auto first = database.prepare("SELECT min(started) FROM attempt WHERE outbox = ?")
                           .bind(id)
                           .first<std::optional<Instant>>()
                           .value();
    return first && now - *first >= given_up_after;
}

// Where no server said no to this mail, it is one of many that wait for the server, and goes soon after that is back.
Micros deferred_for(const AttemptResult& result, int tries, double chance) {
    const Micros wait = back_off(tries, chance);
    return result.code == 0 ? std::min<Micros>(wait, longest_without_server) : wait;
}

int unknowns_of(Database& database, OutboxId id) {
    return database.prepare("SELECT unknowns FROM outbox WHERE id = ?").bind(id).first<int>().value_or(0);
}

void close_attempt(Database& database, OutboxId id, const AttemptResult& result, Instant now) {
    database.prepare("UPDATE attempt SET code = ?, text = ?, finished = ? WHERE outbox = ? AND finished IS NULL")
        .bind(result.code == 0 ? std::nullopt : std::optional{result.code}, for_one_line(result.text), now, id)
        .run();
}

void move_on(Database& database, OutboxId id, const Outcome& outcome) {
    database
        .prepare("UPDATE outbox SET state = ?, next_attempt = ?, unknowns = unknowns + ?, last_status = ? WHERE id = ?")
        .bind(to_text(outcome.state), outcome.next_attempt, outcome.unknown, outcome.status, id)
        .run();
}

}  // namespace

Micros back_off(int tries, double chance) {
    using namespace std::chrono_literals;
    constexpr std::array waits{1min, 5min, 15min, 30min, 60min, 120min, 240min};
    const auto place = static_cast<std::size_t>(std::clamp(tries - 1, 0, static_cast<int>(waits.size()) - 1));
    const Micros wait = waits.at(place);
    // Chance keeps many mails that failed together from coming back together.
    const double longer = static_cast<double>(wait.count()) / 5 * std::clamp(chance, 0.0, 1.0);
    return wait + Micros{static_cast<std::int64_t>(longer)};
}

std::vector<OutboxId> Outbox::recover(Instant now) {
    Together step{database_};
    Statement rows =
        database_.prepare("SELECT id, state, last_status FROM outbox WHERE state IN ('attempting', 'at-final-dot')");
    std::vector<std::pair<OutboxId, Outcome>> left_behind;
    while (rows.step()) {
        const auto id = rows.next<OutboxId>();
        Outcome outcome{.state = OutboxState::Queued, .next_attempt = now};
        outcome.unknown = rows.next<std::string>() == to_text(OutboxState::AtFinalDot);
        outcome.status = rows.next<std::string>();
        left_behind.emplace_back(id, std::move(outcome));
    }
    std::vector<OutboxId> taken_as_sent;
    for (auto& [id, outcome] : left_behind) {
        if (outcome.unknown) outcome.state = OutboxState::Unknown;
        if (outcome.unknown && unknowns_of(database_, id) > 0) {
            outcome = {OutboxState::Sent, std::nullopt, true, std::string{twice_unknown}};
            taken_as_sent.push_back(id);
        }
        close_attempt(database_, id, {.text = "the process ended"}, now);
        move_on(database_, id, outcome);
    }
    database_.prepare("UPDATE outbox SET next_attempt = ? WHERE state = 'deferred'").bind(now).run();
    step.commit();
    return taken_as_sent;
}

void Outbox::attempting(OutboxId id, Instant now) {
    Together step{database_};
    database_
        .prepare(
            "UPDATE outbox SET state = 'attempting', tries = tries + 1, next_attempt = NULL"
            " WHERE id = ? AND is_sealed = 1 AND state IN ('queued', 'unknown', 'deferred')")
        .bind(id)
        .run();
    if (database_.changes() != 1) throw std::logic_error{"this mail is not to be tried"};
    database_.prepare("INSERT INTO attempt (outbox, started, phase) VALUES (?, ?, 'before-final-dot')")
        .bind(id, now)
        .run();
    step.commit();
}

void Outbox::at_final_dot(OutboxId id) {
    Together step{database_};
    database_.prepare("UPDATE outbox SET state = 'at-final-dot' WHERE id = ? AND state = 'attempting'").bind(id).run();
    if (database_.changes() != 1) throw std::logic_error{"this mail is not being tried"};
    database_.prepare("UPDATE attempt SET phase = 'at-final-dot' WHERE outbox = ? AND finished IS NULL").bind(id).run();
    step.commit();
}

OutboxState Outbox::finish_attempt(OutboxId id, const AttemptResult& result, Instant now, double chance) {
    const auto mail = find(id);
    if (!mail || (mail->state != OutboxState::Attempting && mail->state != OutboxState::AtFinalDot))
        throw std::logic_error{"this mail is not being tried"};
    Outcome outcome{.state = result.state, .status = in_one_line(result)};
    switch (result.state) {
        case OutboxState::Sent:
        case OutboxState::Failed:
            break;
        case OutboxState::Deferred:
            if (given_up(database_, id, now)) {
                outcome.state = OutboxState::Failed;
            } else {
                outcome.next_attempt = now + deferred_for(result, mail->tries, chance);
            }
            break;
        case OutboxState::Unknown:
            outcome.unknown = true;
            if (unknowns_of(database_, id) > 0) {
                outcome.state = OutboxState::Sent;
                outcome.status = twice_unknown;
            } else {
                outcome.next_attempt = now + back_off(mail->tries, chance);
            }
            break;
        case OutboxState::Queued:
        case OutboxState::Attempting:
        case OutboxState::AtFinalDot:
        case OutboxState::Held:
        case OutboxState::Dropped:
        case OutboxState::Suppressed:
            throw std::logic_error{"no attempt ends like this"};
    }
    Together step{database_};
    close_attempt(database_, id, result, now);
    move_on(database_, id, outcome);
    step.commit();
    return outcome.state;
}

}  // namespace tocsin::store
