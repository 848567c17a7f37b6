#include "intake/promises/promises.hpp"

#include <algorithm>
#include <set>

#include "intake/promises/clock_course.hpp"
#include "intake/promises/named_dates.hpp"
#include "sla/deadline.hpp"

namespace tocsin::intake {

namespace {

using cvd::EventKind;

std::string counted_from(const rules::ClockRule& rule, Instant from) {
    return sla::to_text(rule.within) + " from " + to_rfc3339(from) +
           (rule.within.counts_business_time() ? " by the calendar " + rule.calendar : "");
}

std::string in_words(cvd::Severity severity) { return "the severity is now " + std::string{cvd::to_text(severity)}; }

// One event and what follows from it.
class Happening {
public:
    Happening(OpenTicket& open, const cvd::Event& event) : open_{open}, event_{event} {}

    std::vector<cvd::Event> run() {
        const cvd::Severity before = open_.ticket.severity;
        const std::optional<Instant> embargo_before = open_.ticket.embargo_dates.until();
        const bool eta_moves_later = moves_eta_later(open_.ticket, event_);
        const bool waited = open_.ticket.state == cvd::TicketState::Waiting;
        add(event_);
        for (const rules::ClockRule& rule : open_.policy.clocks) move(rule);
        if (open_.ticket.severity != before) rebind(before);
        move_eta();
        move_embargo(embargo_before);
        move_disclosure();
        if (event_.kind == EventKind::Closed) close();
        if (event_.kind == EventKind::Reopened) reopen();
        // Whoever has heard from a person knows that we have her report.
        if (event_.kind == EventKind::ReporterUpdated && awaits_acknowledgement())
            follow({EventKind::Acknowledged, event_.at, event_.actor, {{"why", "a person has answered"}}});
        // The work went on without a word that it does: time counts again.
        const bool waits = open_.ticket.state == cvd::TicketState::Waiting;
        if (waited && !waits && !is_closed() && event_.kind != EventKind::Resumed)
            follow({EventKind::Resumed, event_.at, "tocsin", {{"why", "the work went on"}}});
        // Clocks of the policy may wait for the delay itself.
        if (eta_moves_later && event_.kind == EventKind::EtaSet)
            follow({EventKind::Delayed, event_.at, event_.actor, {{"why", "a later date was named"}}});
        return std::move(events_);
    }

private:
    void add(cvd::Event next) {
        cvd::apply(open_.ticket, next);
        open_.happened[next.kind] = next.at;
        if (cvd::moves_clocks(next.kind)) open_.course.emplace_back(next.kind, next.at);
        events_.push_back(std::move(next));
    }

    void follow(const cvd::Event& next) {
        for (cvd::Event& one : happen(open_, next)) events_.push_back(std::move(one));
    }

    cvd::Event of_clock(EventKind kind, std::string_view clock) const {
        return {kind, event_.at, "tocsin", {{"clock", std::string{clock}}}};
    }

    void stop(std::string_view clock, const std::string& why = {}) {
        cvd::Event stopped = of_clock(EventKind::ClockStopped, clock);
        if (!why.empty()) stopped.detail["why"] = why;
        add(std::move(stopped));
    }

    void start(const rules::ClockRule& rule, const Course& course, const std::string& how) {
        cvd::Event started = of_clock(EventKind::ClockStarted, rule.id);
        started.detail["due"] = to_rfc3339(course.due);
        started.detail["how"] = how;
        if (course.from != event_.at) started.detail["started"] = to_rfc3339(course.from);
        if (course.paused) started.detail["paused"] = to_rfc3339(*course.paused);
        if (rule.goal) started.detail["goal"] = "yes";
        add(std::move(started));
    }

    // Nothing is promised any more; the words that close a ticket reach the reporter after it.
    bool is_closed() const { return open_.ticket.state == cvd::TicketState::Closed; }

    bool awaits_acknowledgement() const {
        if (is_closed()) return false;
        return open_.ticket.state == cvd::TicketState::New ||
               std::ranges::any_of(open_.policy.clocks, [&](const rules::ClockRule& rule) {
                   return ends_at(rule, EventKind::Acknowledged) && open_.ticket.open_clock(rule.id) != nullptr;
               });
    }

    bool stops(const rules::ClockRule& rule, const cvd::TicketClock& clock) const {
        if (!ends_at(rule, event_.kind)) return false;
        return rule.stop.of == rules::StopCondition::Of::Any || happened_since(rule, clock.started);
    }

    bool happened_since(const rules::ClockRule& rule, Instant from) const {
        return is_met(rule.stop, [&](EventKind kind) {
            const auto last = open_.happened.find(kind);
            return last != open_.happened.end() && last->second >= from;
        });
    }

    // And the ticket was not opened again since.
    bool has_happened(EventKind kind) const {
        const auto last = open_.happened.find(kind);
        const auto reopened = open_.happened.find(EventKind::Reopened);
        return last != open_.happened.end() && (reopened == open_.happened.end() || last->second > reopened->second);
    }

    // What the clock would wait for was done before it started.
    bool is_done_already(const rules::ClockRule& rule) const {
        return is_met(rule.stop, [&](EventKind kind) {
            return kind != event_.kind && is_done_for_good(kind) && has_happened(kind);
        });
    }

    // A clock that starts anew by what stops it ("keep informed") ends for good by what else stops it.
    bool is_over(const rules::ClockRule& rule) const {
        if (!ends_at(rule, rule.start)) return false;
        return std::ranges::any_of(rule.stop.events,
                                   [&](EventKind kind) { return kind != rule.start && has_happened(kind); });
    }

    void move(const rules::ClockRule& rule) {
        const cvd::TicketClock* clock = open_.ticket.open_clock(rule.id);
        if (clock != nullptr && stops(rule, *clock)) {
            stop(rule.id);
        } else if (clock != nullptr && !clock->paused && rule.pause == event_.kind) {
            add(of_clock(EventKind::ClockPaused, rule.id));
        } else if (clock != nullptr && clock->paused && event_.kind == EventKind::Resumed) {
            cvd::Event resumed = of_clock(EventKind::ClockResumed, rule.id);
            resumed.detail["due"] = to_rfc3339(
                sla::shifted(clock->due, *clock->paused, event_.at, rule.within, open_.policy.calendar_of(rule)));
            add(std::move(resumed));
        }
        if (is_closed()) return;
        if (event_.kind == EventKind::AcknowledgementLost && ends_at(rule, EventKind::Acknowledged))
            return take_back(rule);
        if (!begins_at(rule, event_.kind) || is_over(rule) || is_done_already(rule)) return;
        if (!rule.binds(open_.ticket.severity)) return;
        if (open_.ticket.open_clock(rule.id) != nullptr) return;
        const Instant due = sla::due_after(event_.at, rule.within, open_.policy.calendar_of(rule));
        start(rule, {event_.at, due, {}}, counted_from(rule, event_.at));
        if (rule.pause == EventKind::Waiting && open_.ticket.state == cvd::TicketState::Waiting)
            add(of_clock(EventKind::ClockPaused, rule.id));
    }

    // What had been kept is open again, and due when it was due at first: the reporter has waited all the while.
    void take_back(const rules::ClockRule& rule) {
        const cvd::TicketClock* last = open_.ticket.last_clock(rule.id);
        if (last == nullptr || last->open()) return;
        cvd::Event again = of_clock(EventKind::ClockStarted, rule.id);
        again.detail["due"] = to_rfc3339(last->due);
        again.detail["how"] = last->how + ", again since the acknowledgement did not arrive";
        again.detail["started"] = to_rfc3339(last->started);
        if (last->goal) again.detail["goal"] = "yes";
        add(std::move(again));
    }

    void rebind(cvd::Severity before) {
        if (is_closed()) return;
        for (const rules::ClockRule& rule : open_.policy.clocks) {
            if (!rule.binds(open_.ticket.severity) || rule.binds(before)) continue;
            if (open_.ticket.open_clock(rule.id) != nullptr) continue;
            auto course = course_of(rule, open_);
            if (!course) continue;
            // Nobody breaks a promise before it is made.
            if (!course->paused && course->due <= event_.at)
                course = Course{event_.at, sla::due_after(event_.at, rule.within, open_.policy.calendar_of(rule)), {}};
            if (is_promised_sooner(rule, course->due)) continue;
            start(rule, *course, counted_from(rule, course->from) + ", since " + in_words(open_.ticket.severity));
        }
        for (const rules::ClockRule& rule : open_.policy.clocks) {
            const cvd::TicketClock* clock = open_.ticket.open_clock(rule.id);
            if (clock == nullptr || rule.binds(open_.ticket.severity)) continue;
            if (const auto* other = stands_for(rule, *clock)) {
                stop(rule.id, in_words(open_.ticket.severity) + "; " + other->id + " stands for it");
            } else if (rule.promise.empty()) {
                stop(rule.id, in_words(open_.ticket.severity));
            } else {
                cvd::Event kept = of_clock(EventKind::ClockKept, rule.id);
                kept.detail["due"] = to_rfc3339(clock->due);
                kept.detail["why"] = in_words(open_.ticket.severity) + "; what was promised stays";
                add(std::move(kept));
            }
        }
    }

    static bool end_alike(const rules::ClockRule& one, const rules::ClockRule& other) {
        return one.stop.of == other.stop.of && std::set(one.stop.events.begin(), one.stop.events.end()) ==
                                                   std::set(other.stop.events.begin(), other.stop.events.end());
    }

    // A stricter severity's clock for the same event has promised an earlier date: a later one beside it would only be
    // a second promise for one thing.
    bool is_promised_sooner(const rules::ClockRule& rule, Instant due) const {
        return std::ranges::any_of(open_.policy.clocks, [&](const rules::ClockRule& other) {
            const cvd::TicketClock* running = open_.ticket.open_clock(other.id);
            return running != nullptr && !other.binds(open_.ticket.severity) && !other.promise.empty() &&
                   end_alike(rule, other) && running->due <= due;
        });
    }

    // Another clock for the same event that binds now and is due no later.
    const rules::ClockRule* stands_for(const rules::ClockRule& rule, const cvd::TicketClock& clock) const {
        for (const rules::ClockRule& other : open_.policy.clocks) {
            if (other.id == rule.id || !other.binds(open_.ticket.severity)) continue;
            // A clock of the team's own keeps no promise to the reporter.
            if (other.promise.empty() && !rule.promise.empty()) continue;
            if (!end_alike(rule, other)) continue;
            const cvd::TicketClock* running = open_.ticket.open_clock(other.id);
            if (running != nullptr && running->due <= clock.due) return &other;
        }
        return nullptr;
    }

    void move_eta() {
        const std::string date = event_.kind == EventKind::EtaSet    ? cvd::said(event_, "eta")
                                 : event_.kind == EventKind::Delayed ? cvd::said(event_, "until")
                                                                     : std::string{};
        if (const auto due = from_rfc3339(date)) {
            const cvd::TicketClock* running = open_.ticket.open_clock(eta_clock);
            // A date that passed unkept stays on record.
            if (running != nullptr && running->due <= event_.at) stop(eta_clock, "moved after it had passed");
            start(*clock_rule(open_.policy, eta_clock), {event_.at, *due, {}}, "named on " + to_rfc3339(event_.at));
        }
        const bool over = event_.kind == EventKind::Fixed || event_.kind == EventKind::Disclosed;
        if (over && open_.ticket.open_clock(eta_clock) != nullptr) stop(eta_clock);
    }

    void move_embargo(const std::optional<Instant>& before) {
        const cvd::Embargo& embargo = open_.ticket.embargo_dates;
        const cvd::TicketClock* running = open_.ticket.open_clock(embargo_clock);
        if (embargo.ended && running != nullptr)
            return stop(embargo_clock, event_.kind == EventKind::EmbargoEnded ? "its date has come" : "published");
        const auto until = embargo.until();
        const bool told = event_.kind == EventKind::EmbargoProposed || event_.kind == EventKind::EmbargoSet;
        if (told && !until && running != nullptr) return stop(embargo_clock, "none any more");
        if (!told || !until || embargo.ended || (running != nullptr && until == before)) return;
        start(*clock_rule(open_.policy, embargo_clock), {event_.at, *until, {}},
              std::string{embargo.state()} + " on " + to_rfc3339(event_.at));
    }

    void move_disclosure() {
        if (event_.kind == EventKind::Disclosed && publication_of(open_.ticket)) return stop(disclosure_clock);
        const auto at = from_rfc3339(cvd::said(event_, "at"));
        if (event_.kind == EventKind::DisclosurePlanned && at)
            start(*clock_rule(open_.policy, disclosure_clock), {event_.at, *at, {}},
                  "named on " + to_rfc3339(event_.at));
    }

    void close() {
        std::vector<std::string> names;
        for (const cvd::TicketClock& clock : open_.ticket.clocks)
            if (clock.open()) names.push_back(clock.name);
        for (const std::string& name : names) stop(name, "closed");
    }

    // Those that the closing alone ended go on.
    void reopen() {
        for (const rules::ClockRule& rule : open_.policy.clocks) {
            if (ends_at(rule, EventKind::Closed) || open_.ticket.open_clock(rule.id) != nullptr) continue;
            if (!rule.binds(open_.ticket.severity)) continue;
            const cvd::TicketClock* last = open_.ticket.last_clock(rule.id);
            const auto closed = open_.happened.find(EventKind::Closed);
            if (last == nullptr || closed == open_.happened.end() || last->stopped != closed->second) continue;
            // Met by another command of the mail that closed the ticket.
            if (happened_since(rule, closed->second)) continue;
            const Instant stood = last->paused.value_or(*last->stopped);
            const Instant due = sla::shifted(last->due, stood, event_.at, rule.within, open_.policy.calendar_of(rule));
            start(rule, {last->started, due, {}}, last->how + ", later by the time in which it was closed");
        }
        // Dates that were named stay what they are.
        const auto& embargo = open_.ticket.embargo_dates;
        if (open_.ticket.eta && !open_.happened.contains(EventKind::Fixed)) start_again(eta_clock, *open_.ticket.eta);
        if (embargo.until() && !embargo.ended) start_again(embargo_clock, *embargo.until());
        const cvd::TicketClock* planned = open_.ticket.last_clock(disclosure_clock);
        const bool disclosed = open_.happened.contains(EventKind::Disclosed);
        if (planned != nullptr && !planned->open() && !disclosed) start_again(disclosure_clock, planned->due);
    }

    void start_again(std::string_view clock, Instant due) {
        start(*clock_rule(open_.policy, clock), {event_.at, due, {}}, "as it was named before the ticket was closed");
    }

    OpenTicket& open_;
    const cvd::Event event_;
    std::vector<cvd::Event> events_;
};

}  // namespace

std::vector<cvd::Event> happen(OpenTicket& open, const cvd::Event& event) { return Happening{open, event}.run(); }

std::optional<std::string> forbidden(const OpenTicket& open, cvd::EventKind event) {
    const auto has_happened = [&open](EventKind kind) {
        return open.happened.contains(kind) ||
               (counts_as(EventKind::Fixed, kind) && open.happened.contains(EventKind::Fixed));
    };
    for (const rules::Guard& guard : open.policy.guards) {
        if (guard.event != event) continue;
        std::string lacking;
        for (const EventKind before : guard.after)
            if (!has_happened(before)) lacking.append(lacking.empty() ? "" : ", ").append(cvd::to_text(before));
        if (!lacking.empty())
            return "not yet: " + lacking + " comes first. " + rules::in_language(guard.why, "en", "en");
    }
    return std::nullopt;
}

bool moves_eta_later(const cvd::Ticket& ticket, const cvd::Event& event) {
    const bool names_date = event.kind == EventKind::EtaSet || event.kind == EventKind::Delayed;
    const auto date = from_rfc3339(cvd::said(event, event.kind == EventKind::EtaSet ? "eta" : "until"));
    const cvd::TicketClock* running = ticket.open_clock(eta_clock);
    return names_date && date && running != nullptr && *date > running->due;
}

}  // namespace tocsin::intake
