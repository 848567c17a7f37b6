#include "intake/admit/moving.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "intake/promises/marks.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {

namespace {

using cvd::EventKind;

constexpr std::string_view clock_prefix = "clock ";
constexpr std::string_view kept_prefix = "kept ";  // what the other ticket's clock was before

std::string numbers_text(const std::vector<std::int64_t>& numbers) {
    std::string text;
    for (const std::int64_t number : numbers) text += (text.empty() ? "" : " ") + std::to_string(number);
    return text;
}

std::vector<std::int64_t> numbers_in(const std::string& text) {
    std::vector<std::int64_t> numbers;
    for (const std::string_view word : words(text))
        if (const auto number = to_whole_number(word)) numbers.push_back(*number);
    return numbers;
}

std::string words_text(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& word : all) text += (text.empty() ? "" : " ") + word;
    return text;
}

// Started, due, paused, goal, how: what ClockStarted needs to make the clock again.
std::string clock_text(const cvd::TicketClock& clock) {
    return to_rfc3339(clock.started) + "|" + to_rfc3339(clock.due) + "|" +
           (clock.paused ? to_rfc3339(*clock.paused) : "") + "|" + (clock.goal ? "yes" : "") + "|" + clock.how;
}

cvd::Event clock_again(const std::string& name, const std::string& text, const std::string& by, Instant now) {
    cvd::Event event{EventKind::ClockStarted, now, by, {{"clock", name}}};
    const auto parts = split(text, '|');
    static constexpr const char* names[] = {"started", "due", "paused", "goal", "how"};
    for (std::size_t i = 0; i < parts.size() && i < std::size(names); ++i)
        if (!parts[i].empty()) event.detail[names[i]] = std::string{parts[i]};
    return event;
}

// What happened, and when the clocks that it moved speak next.
void record_moves(store::Store& store, TicketId id, const std::vector<cvd::Event>& events,
                  const rules::RuleSet& rule_set) {
    store.tickets.record(id, events);
    OpenTicket open = load_ticket(store, id, rule_set);
    // A clock that stood still in a ticket that waited goes on in one that does not.
    if (open.ticket.state != cvd::TicketState::Waiting && open.ticket.state != cvd::TicketState::Closed &&
        std::ranges::any_of(open.ticket.clocks, [](const auto& each) { return each.open() && each.paused; }))
        store.tickets.record(id, happen(open, {EventKind::Resumed, events.back().at, "tocsin", {}}));
    for (const auto& [clock, at] : reminders_of(open)) store.tickets.remind_next(id, clock, at);
}

std::optional<cvd::Event> last_merge_of(const store::Store& store, TicketId id) {
    std::optional<cvd::Event> last;
    for (const store::HistoryLine& line : store.tickets.history(id)) {
        if (line.event.kind == EventKind::Merged) last = line.event;
        if (line.event.kind == EventKind::MergeUndone && line.event.detail.contains("state")) last.reset();
    }
    return last;
}

}  // namespace

namespace {

// What the ticket that goes away says of where it went, and what it takes to bring it back.
cvd::Event merged_into(const cvd::Ticket& target, const cvd::Ticket& gone, const store::Moved& moved,
                       const std::string& by, Instant now) {
    return {EventKind::Merged,
            now,
            by,
            {{"into", target.number},
             {"state", std::string{cvd::to_text(gone.state)}},
             {"closed_for", gone.closed_for},
             {"messages", numbers_text(moved.messages)},
             {"journal", numbers_text(moved.journal)},
             {"keys", numbers_text(moved.keys)}}};
}

cvd::Event clock_leaves(const cvd::TicketClock& clock, const cvd::Ticket& target, const std::string& by, Instant now) {
    return {EventKind::ClockLeft, now, by, {{"clock", clock.name}, {"to", target.number}}};
}

}  // namespace

Result<void> merge_tickets(store::Store& store, TicketId from, TicketId into, const std::string& by,
                           const rules::RuleSet& rule_set, Instant now) {
    const auto moved_ticket = store.tickets.find(from);
    const auto target = store.tickets.find(into);
    if (!moved_ticket || !target) return permanent(Code::BadInput, "there is no such ticket");
    if (from == into) return permanent(Code::BadInput, "a ticket cannot be merged into itself");
    if (moved_ticket->closed_for == "merged") return permanent(Code::BadInput, "this ticket is merged already");
    if (target->closed_for == "merged")
        return permanent(Code::BadInput, target->number + " is itself merged into another ticket");
    if (target->state == cvd::TicketState::Closed)
        return permanent(Code::BadInput, target->number + " is closed; it is reopened first");

    const store::Moved moved = store.moving.move_all(from, into, now);
    cvd::Event merged = merged_into(*target, *moved_ticket, moved, by, now);
    merged.detail["participants"] = words_text(moved.participants);
    std::vector<cvd::Event> leaving;
    std::vector<cvd::Event> arriving{{EventKind::MergedIn, now, by, {{"from", moved_ticket->number}}}};
    if (moved_ticket->encrypted) arriving.front().detail["encrypted"] = "yes";
    for (const cvd::TicketClock& clock : moved_ticket->clocks) {
        if (!clock.open()) continue;
        merged.detail[std::string{clock_prefix} + clock.name] = clock_text(clock);
        leaving.push_back(clock_leaves(clock, *target, by, now));
        const cvd::TicketClock* known = target->open_clock(clock.name);
        if (known != nullptr && known->due <= clock.due) continue;
        if (known != nullptr) merged.detail[std::string{kept_prefix} + clock.name] = clock_text(*known);
        cvd::TicketClock taken = clock;
        taken.how = "taken over from " + moved_ticket->number + ": " + clock.how;
        merged.detail["taken " + clock.name] = "yes";
        arriving.push_back(clock_again(clock.name, clock_text(taken), by, now));
    }
    leaving.push_back(std::move(merged));
    record_moves(store, from, leaving, rule_set);
    record_moves(store, into, arriving, rule_set);
    return {};
}

Result<void> undo_merge(store::Store& store, TicketId from, const std::string& by, const rules::RuleSet& rule_set,
                        Instant now) {
    const auto merge = last_merge_of(store, from);
    const auto into = merge ? store.tickets.by_number(cvd::said(*merge, "into")) : std::nullopt;
    const auto target = into ? store.tickets.find(*into) : std::nullopt;
    if (!target) return permanent(Code::BadInput, "this ticket is not merged, or what it was is forgotten");

    store.moving.move_back({.messages = numbers_in(cvd::said(*merge, "messages")),
                            .journal = numbers_in(cvd::said(*merge, "journal")),
                            .keys = numbers_in(cvd::said(*merge, "keys")),
                            .participants =
                                [&] {
                                    std::vector<std::string> all;
                                    const std::string text = cvd::said(*merge, "participants");
                                    for (const std::string_view word : words(text)) all.emplace_back(word);
                                    return all;
                                }()},
                           from, *into);
    std::vector<cvd::Event> returning{{EventKind::MergeUndone,
                                       now,
                                       by,
                                       {{"from", target->number},
                                        {"state", cvd::said(*merge, "state")},
                                        {"closed_for", cvd::said(*merge, "closed_for")}}}};
    std::vector<cvd::Event> leaving{{EventKind::MergeUndone, now, by, {}}};
    for (const auto& [name, text] : merge->detail) {
        if (!name.starts_with(clock_prefix)) continue;
        const std::string clock = name.substr(clock_prefix.size());
        const bool taken = merge->detail.contains("taken " + clock);
        const cvd::TicketClock* running = target->open_clock(clock);
        if (taken && running == nullptr && target->state != cvd::TicketState::Closed)
            continue;  // it was kept meanwhile
        returning.push_back(clock_again(clock, text, by, now));
        if (!taken || running == nullptr) continue;
        const auto kept = merge->detail.find(std::string{kept_prefix} + clock);
        leaving.push_back(kept == merge->detail.end() ? cvd::Event{EventKind::ClockLeft, now, by, {{"clock", clock}}}
                                                      : clock_again(clock, kept->second, by, now));
    }
    record_moves(store, from, returning, rule_set);
    record_moves(store, *into, leaving, rule_set);
    return {};
}

TicketId standing_for(const store::Store& store, TicketId ticket) {
    constexpr int longest_chain = 20;
    for (int merges = 0; merges < longest_chain; ++merges) {
        const auto found = store.tickets.find(ticket);
        const auto merge = found && found->closed_for == "merged" ? last_merge_of(store, ticket) : std::nullopt;
        const auto into = merge ? store.tickets.by_number(cvd::said(*merge, "into")) : std::nullopt;
        if (!into) break;
        ticket = *into;
    }
    return ticket;
}

Result<void> split_off(store::Store& store, TicketId from, JournalId mail, const std::string& by, Instant now) {
    const auto entry = store.journal.find(mail);
    if (!entry || entry->ticket != from) return permanent(Code::BadInput, "that mail is not in this ticket");
    if (entry->forgotten) return permanent(Code::BadInput, "that mail was forgotten");
    if (opening_mail(store, from) == mail)
        return permanent(Code::BadInput, "that mail opened this ticket, and is one already");
    store.moving.set_apart(mail);
    store.tickets.record(from, {{EventKind::SplitOff, now, by, {{"journal", std::to_string(mail.value())}}}});
    return {};
}

Result<void> undo_split(store::Store& store, TicketId into, JournalId mail, const std::string& by,
                        const rules::RuleSet& rule_set, Instant now) {
    const auto entry = store.journal.find(mail);
    const auto own = entry && entry->ticket ? store.tickets.find(*entry->ticket) : std::nullopt;
    const auto target = store.tickets.find(into);
    if (!own || !target || *entry->ticket == into)
        return permanent(Code::BadInput, "that mail has no ticket of its own");
    if (own->closed_for == "merged") return permanent(Code::BadInput, own->number + " is merged into another ticket");
    const TicketId from = *entry->ticket;
    const store::Moved moved = store.moving.move_all(from, into, now);
    for (const std::string& address : moved.participants) store.conversations.remove_participant(into, address, now);
    std::vector<cvd::Event> leaving;
    for (const cvd::TicketClock& clock : own->clocks)
        if (clock.open()) leaving.push_back(clock_leaves(clock, *target, by, now));
    leaving.push_back(merged_into(*target, *own, moved, by, now));
    record_moves(store, from, leaving, rule_set);
    std::string sender;
    for (const store::HistoryLine& line : store.tickets.history(into))
        if (line.event.kind == EventKind::Held && cvd::said(line.event, "journal") == std::to_string(mail.value()))
            sender = cvd::said(line.event, "sender");
    cvd::Event back{sender.empty() ? EventKind::Joined : EventKind::Held,
                    now,
                    by,
                    {{"journal", std::to_string(mail.value())}, {"from", own->number}}};
    if (sender.empty())
        back.detail["kind"] = "foreign";
    else
        back.detail["sender"] = sender;
    record_moves(store, into, {back}, rule_set);
    store.moving.rename_reports(moved.messages, sender.empty() ? "reporter-reply" : "foreign");
    store.held.unsettle(mail);
    return {};
}

}  // namespace tocsin::intake
