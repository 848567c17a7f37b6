// A year of a team's life in seconds: reports come, people act, the daemon is down, the clock jumps. Afterwards the
// history is read by somebody who knows nothing of the code that wrote it, and every reminder is accounted for.
//
// TOCSIN_YEAR_TICKETS=5000 makes it a busier year.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "base/text.hpp"
#include "desk.hpp"
#include "intake/promises/clock_jump.hpp"
#include "intake/promises/marks.hpp"
#include "intake/promises/named_dates.hpp"
#include "wall_calendar.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;
using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year;

const Instant new_year = sys_days{year{2026} / 1 / 5} + 6h;
const Instant years_end = sys_days{year{2027} / 1 / 5} + 6h;

class YearClock final : public Clock {
public:
    Instant now() const override { return real + set; }
    std::optional<Uptime> uptime() const override { return Uptime{"boot", real - new_year}; }
    Instant real = new_year;
    Micros set{0};
};

struct Stretch {
    Instant from;
    Instant to;
};

class AYear : public DeskTest {
protected:
    AYear() {
        organisation_.team.front().roles = {"lead"};
        examination_ =
            examined({.text = "A stored XSS in comments lets an attacker run script in the browser."}, shipped_rules());
        // Four times down, from an hour to a week, and twice a clock that is wrong for two hours.
        for (int i = 0; i < 4; ++i) {
            const Instant from = new_year + days{20 + 80 * i} + chance(0, 48 * 60) * 1min;
            away_.push_back({from, from + chance(1, i == 2 ? 8 * 24 : 30) * 1h});
        }
        jumps_ = {{new_year + days{50} + 3h, new_year + days{50} + 5h},
                  {new_year + days{130} + 4h, new_year + days{130} + 6h}};
    }

    std::int64_t chance(std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>{least, most}(random_);
    }
    static bool within(Instant at, const std::vector<Stretch>& stretches) {
        return std::ranges::any_of(stretches, [&](const Stretch& one) { return at >= one.from && at < one.to; });
    }
    bool runs(Instant at) const { return !within(at, away_) && !within(at, jumps_); }
    Instant runs_next(Instant at) const {
        for (bool moved_on = true; moved_on;) {
            moved_on = false;
            for (const auto* list : {&away_, &jumps_})
                for (const Stretch& one : *list)
                    if (at >= one.from && at < one.to) at = one.to, moved_on = true;
        }
        return at;
    }

    void take(Instant received, Instant now) {
        Examination examination = examination_;
        examination.outer.message_id = "m" + std::to_string(++mails_) + "@lab.test";
        examination.content = sha256(examination.outer.message_id);
        const std::string bytes = "Subject: " + examination.outer.message_id + "\r\n\r\n";
        in_transaction([&] {
            const auto entry = store_.journal.append(
                {.place = {"security", "INBOX", 1, next_uid_++}, .internal_date = received}, bytes, now);
            const Decision decision = decide(examination, {}, shipped_rules(), organisation_, security_mailbox(),
                                             arrived(entry->value(), received), now);
            const Admitted admitted =
                admit(store_, decision, *entry, store::EntryState::Done, organisation_, acme_ids(), now);
            tickets_.push_back(*admitted.ticket);
            admitted_[admitted.ticket->value()] = now;
            open_[*admitted.ticket] = now + chance(3, 30) * days{1};
            return 0;
        });
    }

    void act(Instant now) {
        if (tickets_.empty()) return;
        const TicketId id =
            tickets_[static_cast<std::size_t>(chance(0, static_cast<std::int64_t>(tickets_.size()) - 1))];
        OpenTicket open = load_ticket(store_, id, shipped_rules());
        const char* alice = "alice@acme.test";
        cvd::Event event{EventKind::Waiting, now, alice, {}};
        switch (chance(0, 13)) {
            case 0:
                event.kind = EventKind::Waiting;
                break;
            case 1:
                event.kind = EventKind::Resumed;
                break;
            case 2:
                event.kind = EventKind::Acknowledged;
                break;
            case 3:
                event.kind = EventKind::Triaged;
                break;
            case 4:
                event.kind = EventKind::Evaluated;
                break;
            case 5:
                event.kind = EventKind::ReporterUpdated;
                break;
            case 6:
                event = {EventKind::Assigned, now, alice, {{"owner", "bob@acme.test"}}};
                break;
            case 7:
                event = {EventKind::Rated,
                         now,
                         alice,
                         {{"severity",
                           std::string{cvd::to_text(cvd::all_severities[static_cast<std::size_t>(chance(0, 3))])}}}};
                break;
            case 8:
                event = {EventKind::EtaSet, now, alice, {{"eta", to_rfc3339(now + chance(1, 60 * 24) * 1h)}}};
                break;
            case 9:
                event.kind = EventKind::Fixed;
                break;
            case 10:
                event.kind = chance(0, 1) == 0 ? EventKind::Closed : EventKind::Reopened;
                open_[id] = now + days{10};
                break;
            case 11:
                event = {EventKind::EmbargoProposed,
                         now,
                         alice,
                         {{"until", to_rfc3339(now + chance(24, 90 * 24) * 1h)},
                          {"by", chance(0, 1) == 0 ? "team" : "reporter"}}};
                break;
            case 12:
                event.kind = EventKind::Disclosed;
                break;
            default:
                event = {EventKind::Muted, now, alice, {{"member", alice}}};
                break;
        }
        in_transaction([&] {
            record(store_, open, event);
            return 0;
        });
    }

    void look_at_the_clock() {
        in_transaction([&] {
            if (check_clock(store_.notes, clock_).believed)
                remind(store_, shipped_rules(), organisation_, acme_ids(), clock_.now());
            return 0;
        });
    }

    void live(std::int64_t reports, std::int64_t actions) {
        std::vector<Instant> coming, acting;
        const auto length = (years_end - new_year) / 1s;
        for (std::int64_t i = 0; i < reports; ++i) coming.push_back(new_year + chance(0, length) * 1s);
        for (std::int64_t i = 0; i < actions; ++i) acting.push_back(new_year + chance(0, length) * 1s);
        std::ranges::sort(coming);
        std::ranges::sort(acting);
        auto report = coming.begin();
        auto action = acting.begin();
        look_at_the_clock();
        while (true) {
            Instant next = years_end;
            if (report != coming.end()) next = std::min(next, *report);
            if (action != acting.end()) next = std::min(next, *action);
            if (const auto reminder = store_.tickets.next_reminder())
                next = std::min(next, std::max(*reminder, clock_.real));
            if (next >= years_end) break;
            // A clock that is wrong is looked at as well: nothing may be said then.
            for (const Stretch& jump : jumps_)
                if (clock_.real < jump.from && next >= jump.from) {
                    clock_.real = jump.from + 1h;
                    clock_.set = chance(0, 1) == 0 ? Micros{72h} : -Micros{5h};
                    look_at_the_clock();
                    clock_.set = Micros{0};
                    clock_.real = jump.to;
                    look_at_the_clock();
                }
            clock_.real = std::max(runs_next(next), clock_.real);
            while (report != coming.end() && *report <= clock_.real) take(*report++, clock_.real);
            while (action != acting.end() && *action <= clock_.real) {
                if (*action == clock_.real) act(*action);
                ++action;
            }
            close_old_ones();
            look_at_the_clock();
        }
    }

    // Nobody works on a report for ever; what stays overdue for a year would be all there is.
    void close_old_ones() {
        std::erase_if(open_, [&](const auto& one) {
            if (clock_.real < one.second) return false;
            OpenTicket open = load_ticket(store_, one.first, shipped_rules());
            in_transaction([&] {
                record(store_, open, {EventKind::Closed, clock_.real, "alice@acme.test", {{"reason", "fixed"}}});
                return 0;
            });
            return true;
        });
    }

    // ---- afterwards

    void read_history_of(TicketId id) {
        const OpenTicket open = load_ticket(store_, id, shipped_rules());
        struct Run {
            Life life;
            Instant promised;
            Instant since;  // of the stretch in which it ran without a change
            std::optional<Instant> paused;
            std::map<std::string, std::int64_t> told;
        };
        std::map<std::string, Run> running;
        // All that should have been said between two changes was said, and at the right moment.
        const auto nothing_was_missed = [&](const std::string& name, const Run& run, Instant until) {
            if (run.paused) return;
            const auto rule = clock_rule(open.policy, name);
            for (const MarkOfClock& mark : marks_of(*rule)) {
                const std::string words = mark.escalates ? mark.name.substr(10) : mark.name;
                const bool repeats = words.starts_with("every ");
                const auto told = run.told.find(mark.name);
                const std::int64_t times = told == run.told.end() ? 0 : told->second;
                if (times > 0 && !repeats) continue;
                if (may_stay_unsaid(words, run.life)) continue;
                const auto speaks =
                    speaks_on(words, *rule, run.life, run.promised, next_time(words, run.life, run.promised, times));
                if (!speaks) continue;
                Instant at = runs_next(std::max(*speaks, run.since));
                const bool would_wait = *speaks > run.life.due || opens_next(*speaks) <= run.life.due;
                if (!rule->calendar.empty() && !open_at(at) && (open_at(*speaks) || would_wait)) {
                    at = opens_next(at);
                    for (Instant again = runs_next(at); again != at; again = runs_next(at)) at = opens_next(again);
                }
                EXPECT_GE(at, until) << name << " '" << mark.name << "' of ticket " << id.value() << " at "
                                     << to_rfc3339(at) << " was not told by " << to_rfc3339(until) << "\n"
                                     << history_text(id);
            }
        };
        std::vector<std::pair<EventKind, Instant>> course;
        for (const store::HistoryLine& line : store_.tickets.history(id)) {
            course.emplace_back(line.event.kind, line.event.at);
            const auto clock = line.event.detail.find("clock");
            if (clock == line.event.detail.end()) continue;
            const std::string& name = clock->second;
            const Instant at = line.event.at;
            const auto said = [&](const char* word) {
                return from_rfc3339(line.event.detail.contains(word) ? line.event.detail.at(word) : "");
            };
            const Instant known = std::max(at, admitted_.at(id.value()));
            if (line.event.kind != EventKind::Reminded && running.contains(name) &&
                line.event.kind != EventKind::ClockKept)
                nothing_was_missed(name, running.at(name), at);
            switch (line.event.kind) {
                case EventKind::ClockStarted: {
                    const auto rule = clock_rule(open.policy, name);
                    const Instant started = said("started").value_or(at);
                    running[name] = {{started, *said("due"), rule->within.counts_business_time(),
                                      standstills_after(course, rule->pause, started)},
                                     at,
                                     known,
                                     said("paused"),
                                     {}};
                    break;
                }
                case EventKind::ClockPaused:
                    running.at(name).paused = at;
                    break;
                case EventKind::ClockResumed:
                    running.at(name).life.stood =
                        standstills_after(course, clock_rule(open.policy, name)->pause, running.at(name).life.started);
                    running.at(name).paused.reset();
                    running.at(name).life.due = *said("due");
                    running.at(name).since = at;
                    break;
                case EventKind::ClockStopped:
                    running.erase(name);
                    break;
                case EventKind::Reminded: {
                    ASSERT_TRUE(running.contains(name)) << name;
                    Run& run = running.at(name);
                    EXPECT_FALSE(run.paused);
                    EXPECT_TRUE(runs(at));
                    const auto rule = clock_rule(open.policy, name);
                    bool any_allowed = rule->calendar.empty() || open_at(at);
                    for (const std::string_view one : split(line.event.detail.at("marks"), ',')) {
                        const std::string_view text = trim(one);
                        const std::string mark{text.substr(0, text.rfind(' '))};
                        const std::int64_t count = *to_whole_number(text.substr(text.rfind(' ') + 1));
                        const std::string words = mark.starts_with("escalate: ") ? mark.substr(10) : mark;
                        EXPECT_GT(count, run.told[mark]) << mark << " was told twice";
                        if (!words.starts_with("every ")) {
                            EXPECT_EQ(1, count);
                        }
                        const auto first = speaks_on(words, *rule, run.life, run.promised,
                                                     next_time(words, run.life, run.promised, run.told[mark]));
                        const auto last = falls(words, run.life, count);
                        if (!first) {
                            ADD_FAILURE() << name << " '" << mark << "' should never be told\n" << history_text(id);
                            continue;
                        }
                        EXPECT_LE(*first, at) << name << " '" << mark << "' was told early";
                        EXPECT_LE(*last, at) << name << " '" << mark << "' was told early";
                        any_allowed = any_allowed || (*first <= run.life.due && opens_next(*first) > run.life.due);
                        run.told[mark] = count;
                        ++told_;
                        late_ += at - *first > 1s ? 1 : 0;
                    }
                    EXPECT_TRUE(any_allowed) << name << " spoke outside of hours, " << to_rfc3339(at);
                    break;
                }
                default:
                    break;
            }
        }
        for (const auto& [name, run] : running)
            nothing_was_missed(name, run, runs_next(std::min(clock_.real, years_end)));
    }

    std::string history_text(TicketId id) {
        std::string text;
        for (const store::HistoryLine& line : store_.tickets.history(id)) {
            text += to_rfc3339(line.event.at) + " " + std::string{cvd::to_text(line.event.kind)};
            for (const auto& [name, value] : line.event.detail) text += " " + name + "=" + value;
            text += "\n";
        }
        return text;
    }

    static std::int64_t next_time(std::string_view words, const Life& life, Instant promised, std::int64_t told) {
        std::int64_t next = told + 1;
        if (words.starts_with("every "))
            while (falls(words, life, next) <= promised) ++next;
        return next;
    }

    std::optional<Instant> speaks_on(std::string_view words, const rules::ClockRule& rule, const Life& life,
                                     Instant promised, std::int64_t nth) {
        const auto at = falls(words, life, nth);
        if (!at || *at < life.started || *at <= promised) return std::nullopt;
        if (rule.calendar.empty()) return at;
        const Instant opens = opens_next(*at);
        return *at > life.due || opens <= life.due ? opens : *at;
    }

    void everybody_got_one_mail_at_a_time() {
        std::set<std::pair<std::string, Instant>> seen;
        for (const store::OutboxRow& row : store_.outbox.waiting(10'000'000))
            if (row.template_name == "reminder" || row.template_name == "overdue" ||
                row.template_name == "escalation") {
                EXPECT_TRUE(seen.emplace(row.recipient, row.queued).second)
                    << row.recipient << " " << to_rfc3339(row.queued);
            }
        EXPECT_FALSE(seen.empty());
    }

    std::mt19937_64 random_{20260306};
    Examination examination_;
    YearClock clock_;
    std::vector<Stretch> away_, jumps_;
    std::vector<TicketId> tickets_;
    std::map<std::int64_t, Instant> admitted_;
    std::map<TicketId, Instant> open_;  // until when it is worked on
    int mails_ = 0;
    std::int64_t told_ = 0, late_ = 0;
};

TEST_F(AYear, HasEachReminderOnceNeitherEarlyNorOutsideOfHours) {
    const char* wanted = std::getenv("TOCSIN_YEAR_TICKETS");
    const std::int64_t reports = wanted == nullptr ? 25 : to_whole_number(wanted).value_or(25);
    live(reports, reports * 12);
    ASSERT_EQ(static_cast<std::size_t>(reports), tickets_.size());
    for (const TicketId id : tickets_) {
        read_history_of(id);
        if (HasFailure()) break;
        EXPECT_EQ(store_.tickets.rebuild(id), ticket(id));
    }
    everybody_got_one_mail_at_a_time();
    EXPECT_GT(told_, reports);
    EXPECT_GT(late_, 0);  // the downtimes were felt
    std::printf("%lld tickets, %lld reminders told, %lld of them late\n", static_cast<long long>(reports),
                static_cast<long long>(told_), static_cast<long long>(late_));
}

}  // namespace
}  // namespace tocsin::intake
