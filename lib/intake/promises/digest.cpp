#include "intake/promises/digest.hpp"

#include <algorithm>

#include "intake/admit/admit.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "sla/deadline.hpp"

namespace tocsin::intake {

namespace {

constexpr std::string_view digest_note = "digest";
constexpr std::size_t most_lines = 50;

sla::Zone zone_of(const sla::Calendar* calendar) { return calendar == nullptr ? sla::Zone::utc() : calendar->zone(); }

bool is_workday(const sla::Calendar* calendar, std::chrono::sys_days day) {
    if (calendar != nullptr) return calendar->is_business_day(day);
    return std::chrono::weekday{day}.iso_encoding() < 6;
}

DigestLine line_of(const cvd::Ticket& ticket, const cvd::TicketClock* clock) {
    return {ticket.number,
            ticket.title,
            std::string{cvd::to_text(ticket.severity)},
            ticket.owner,
            clock == nullptr ? std::string{} : clock->name,
            clock == nullptr ? Instant{} : clock->due};
}

void set_lines(rules::TemplateFields& fields, const std::string& name, const std::vector<DigestLine>& lines,
               const sla::Zone& zone, const std::string& language) {
    rules::TemplateFields::List list;
    for (const DigestLine& line : lines) {
        if (list.size() == most_lines) break;
        rules::TemplateFields item;
        item.set("ticket", line.ticket);
        item.set("title", line.title);
        item.set("severity", line.severity);
        item.set("owner", line.owner);
        item.set("clock", line.clock);
        item.set("due", line.clock.empty() ? std::string{} : sla::in_words(line.due, zone, language));
        list.push_back(std::move(item));
    }
    fields.set("has_" + name, !lines.empty());
    fields.set(name, std::move(list));
}

std::string count_text(std::int64_t count) { return count == 0 ? std::string{} : std::to_string(count); }

}  // namespace

bool MorningDigest::empty() const {
    return overdue.empty() && due.empty() && waiting.empty() && unassigned.empty() && held.empty() && held_back == 0 &&
           put_off == 0 && collected == 0 && deferred == 0 && failed == 0;
}

Instant next_morning(const sla::Calendar* calendar, Micros of_day, Instant after) {
    const sla::Zone zone = zone_of(calendar);
    std::chrono::sys_days day{zone.civil(after).date};
    // A year without a business day has no morning: the last one looked at stands for it.
    for (int tries = 0; tries < 366; ++tries, day += std::chrono::days{1}) {
        const Instant at = zone.instant({std::chrono::year_month_day{day}, of_day});
        if (at > after && is_workday(calendar, day)) return at;
    }
    return zone.instant({std::chrono::year_month_day{day}, of_day});
}

MorningDigest digest_of(const store::Store& store, Instant now, Instant due_until, Instant since) {
    MorningDigest digest;
    store::TicketFilter open;
    open.open = true;
    open.most = 100'000;
    const auto held = store.tickets.with_held_mail();
    for (const auto& [id, ticket] : store.tickets.list(open, now)) {
        for (const cvd::TicketClock& clock : ticket.clocks) {
            if (!clock.open() || clock.paused) continue;
            if (clock.state(now) == cvd::ClockState::Missed)
                digest.overdue.push_back(line_of(ticket, &clock));
            else if (clock.due < due_until)
                digest.due.push_back(line_of(ticket, &clock));
        }
        if (ticket.state == cvd::TicketState::Waiting) digest.waiting.push_back(line_of(ticket, nullptr));
        if (ticket.owner.empty()) digest.unassigned.push_back(line_of(ticket, nullptr));
        if (std::ranges::find(held, id) != held.end()) digest.held.push_back(line_of(ticket, nullptr));
    }
    for (auto* lines : {&digest.overdue, &digest.due}) std::ranges::stable_sort(*lines, {}, &DigestLine::due);
    const auto counts = store.outbox.counts();
    digest.held_back = counts.held;
    digest.put_off = static_cast<std::int64_t>(store.outbox.held_back(now));
    digest.collected = static_cast<std::int64_t>(store.collected.waiting());
    digest.deferred = counts.deferred;
    digest.failed = store.outbox.failed_since(since);
    digest.unfiled = store.journal.count_unfiled(since);
    return digest;
}

std::vector<Recipe> digest_mails(const MorningDigest& digest, const Organisation& organisation, const sla::Zone& zone,
                                 Instant now) {
    const std::string& language = organisation.languages.front();
    rules::TemplateFields fields;
    set_lines(fields, "overdue", digest.overdue, zone, language);
    set_lines(fields, "due", digest.due, zone, language);
    set_lines(fields, "waiting", digest.waiting, zone, language);
    set_lines(fields, "unassigned", digest.unassigned, zone, language);
    set_lines(fields, "held", digest.held, zone, language);
    fields.set("held_back", count_text(digest.held_back));
    fields.set("put_off", count_text(digest.put_off));
    fields.set("collected", count_text(digest.collected));
    fields.set("deferred", count_text(digest.deferred));
    fields.set("failed", count_text(digest.failed));
    fields.set("unfiled", count_text(digest.unfiled));
    fields.set("overdue_count", std::to_string(digest.overdue.size()));
    fields.set("due_count", std::to_string(digest.due.size()));
    fields.set("today", sla::in_words(now, zone, language));
    std::string away;
    for (const std::string& one : digest.away) away.append(away.empty() ? "" : ", ").append(one);
    fields.set("away", away);
    const std::chrono::year_month_day day = zone.civil(now).date;
    return alarms("digest", fields, "digest " + to_rfc3339(Instant{std::chrono::sys_days{day}}), organisation);
}

std::optional<Instant> next_digest(const store::Store& store) {
    const auto note = store.notes.find(digest_note);
    return note ? std::optional{note->at} : std::nullopt;
}

std::size_t send_digest(store::Store& store, const rules::Policy& policy, const Organisation& organisation,
                        const MessageIds& ids, Instant now) {
    if (!organisation.digest) return 0;
    const sla::Calendar* calendar = policy.usual_calendar();
    const sla::Zone zone = zone_of(calendar);
    const std::chrono::sys_days today{zone.civil(now).date};
    const auto note = store.notes.find(digest_note);
    if (!note) {
        const Instant tomorrow = zone.instant({std::chrono::year_month_day{today + std::chrono::days{1}}, Micros{0}});
        store.notes.keep(digest_note, next_morning(calendar, *organisation.digest, tomorrow - Micros{1}),
                         to_rfc3339(now));
        return 0;
    }
    if (now < note->at) return 0;
    // After a downtime it waits for the hour that it has.
    const Instant midnight = zone.instant({std::chrono::year_month_day{today}, Micros{0}});
    const Instant morning = next_morning(calendar, *organisation.digest, midnight - Micros{1});
    if (now < morning && std::chrono::sys_days{zone.civil(morning).date} == today) {
        store.notes.keep(digest_note, morning, note->words);
        return 0;
    }
    const Instant next = next_morning(calendar, *organisation.digest, now);
    store.notes.keep(digest_note, next, to_rfc3339(now));
    // A morning that a downtime slept through is made up for on the same day alone.
    if (!is_workday(calendar, today)) return 0;
    const std::chrono::sys_days tomorrow{zone.civil(next).date};
    const Instant until = zone.instant({std::chrono::year_month_day{tomorrow + std::chrono::days{1}}, Micros{0}});
    MorningDigest digest = digest_of(store, now, until, from_rfc3339(note->words).value_or(now));
    if (digest.empty()) return 0;
    for (const std::string& one : store.absences.at(now))
        for (const Member& member : organisation.team)
            if (member.address.identity() == one) digest.away.push_back(member.name);
    return queue_mail(store, digest_mails(digest, organisation, zone, now), std::nullopt, "", std::nullopt,
                      organisation, ids, now);
}

}  // namespace tocsin::intake
