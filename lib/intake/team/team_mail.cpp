#include "intake/team/team_mail.hpp"

#include <algorithm>

#include "intake/decide/alarming.hpp"
#include "intake/promises/marks.hpp"
#include "intake/promises/promises.hpp"
#include "intake/team/addressees.hpp"
#include "intake/team/commanding.hpp"
#include "intake/team/forwarded_report.hpp"
#include "intake/team/relaying.hpp"
#include "intake/team/team_answers.hpp"
#include "intake/team/team_view.hpp"

namespace tocsin::intake {

namespace {

using cvd::EventKind;

const OpenTicket* ticket_meant(const TicketView& view) {
    if (view.thread) return &*view.thread;
    return view.named ? &*view.named : nullptr;
}

class TeamMailDecision {
public:
    TeamMailDecision(const Examination& examination, const TicketView& view, const Authority& authority,
                     const rules::RuleSet& rule_set, const Organisation& organisation, const MailboxRules& mailbox,
                     const Arrival& arrival, Instant now)
        : examination_{examination},
          view_{view},
          authority_{authority},
          rule_set_{rule_set},
          organisation_{organisation},
          mailbox_{mailbox},
          arrival_{arrival},
          now_{now},
          member_{*authority.member},
          about_{ticket_meant(view)} {
        decision_.kind = "team-reply";
        decision_.claims = view.claims;
        decision_.reasons.push_back("from " + member_.name + "'s address; " + authority.why);
        if (about_ != nullptr) {
            open_ = *about_;
            decision_.ticket = open_->id;
            decision_.after = open_->ticket;
            decision_.action = Action::Append;
            decision_.reasons.push_back("about " + open_->ticket.number);
        }
    }

    Decision decide() {
        if (view_.answered && view_.answered->template_name == "question" && authority_.proven())
            return answer_to_question();
        if (may_be_direct()) return direct();
        if (only_looks_automatic(examination_, view_, authority_)) return looks_automatic();
        if (!authority_.proven()) return unproven();
        spend();
        const CarriedOut done = carry_out_commands(commanding());
        if (done.refused) return refuse(done, {});
        if (view_.buried && !view_.granted && !done.opens) return ask_about_buried(done);
        const bool relays = goes_out(done);
        if (relays && closes_as_spam(done))
            return refuse(done, "nobody is told of spam: write it without the words, or with /note above them");
        if (done.destructive() && !authority_.may_destroy())
            return ask(done, "Without a signature this needs your yes.");
        if (relays)
            if (auto held_back = instead_of_relaying(done)) return std::move(*held_back);
        if (done.opens) return open_forwarded(done);
        return carry_out(done, relays);
    }

private:
    bool goes_out(const CarriedOut& done) const {
        return !done.opens && is_meant_for_reporter(examination_, view_, organisation_);
    }
    static bool closes_as_spam(const CarriedOut& done) {
        return std::ranges::any_of(done.commands, [](const cvd::Command& command) {
            return command.verb == cvd::Verb::Close && command.reason == "spam";
        });
    }
    bool live() const { return organisation_.mode == Mode::Live; }
    const std::vector<std::string>& commands() const { return examination_.team.commands.lines; }
    bool words() const { return says_something(examination_); }
    bool note() const { return examination_.team.commands.note; }
    bool went_to_reporter() const { return open_ && has_reporter_among_recipients(examination_, *open_); }
    std::string journal() const { return std::to_string(arrival_.journal.value()); }
    const std::string& actor() const { return member_.address.text(); }
    Commanding commanding() const {
        return {examination_, view_, organisation_, member_, open_ ? &*open_ : nullptr, arrival_, now_};
    }
    TeamAnswer answer() const {
        return {examination_, organisation_, member_, open_ ? &*open_ : nullptr, arrival_, now_};
    }

    void happens(EventKind kind, cvd::Detail detail) {
        if (!open_) return;
        for (cvd::Event& next : happen(*open_, {kind, now_, actor(), std::move(detail)}))
            decision_.events.push_back(std::move(next));
    }

    // What stands in the ticket's own words, once.
    Decision finish() {
        if (open_ && view_.bares)
            for (Recipe& recipe : alarm_of_bared_words(open_->ticket.number, member_, organisation_))
                decision_.mail.push_back(std::move(recipe));
        if (open_) {
            decision_.after = open_->ticket;
            decision_.reminders = reminders_of(*open_);
        }
        return std::move(decision_);
    }

    // `content`: whether the same mail, delivered again, is a duplicate of this one.
    void record(bool content) {
        if (!open_ || view_.granted) return;  // it stands there already
        decision_.message =
            store::TicketMessage{.direction = store::Direction::In,
                                 .message_id = examination_.outer.message_id,
                                 .kind = decision_.kind,
                                 .at = arrival_.received,
                                 .recipient = {},
                                 .content = content ? std::optional{examination_.content} : std::nullopt,
                                 .journal = arrival_.journal};
    }

    void spend() {
        const auto once = [&](std::string what) {
            decision_.steps.push_back({StoreStep::What::Spend, std::move(what), 0});
        };
        if (authority_.spends && !authority_.spends->empty()) once(signed_key(*authority_.spends));
        if (view_.answered && view_.answered->to_team && has_outsider_among_recipients(examination_, organisation_))
            once(exposed_key(view_.answered->message_id));
    }

    // Nothing proves whose it is: the member is asked at the address that the roster has.
    Decision unproven() {
        const CarriedOut asked = carry_out_commands(commanding());
        if (view_.spent) {
            decision_.reasons.emplace_back("it counted before: nothing is done");
            happens(EventKind::Refused, {{"journal", journal()}, {"why", authority_.why}});
            record(false);
            return finish();
        }
        return ask(asked, "Nothing proves that you wrote it: " + authority_.why + ".");
    }

    // Where something speaks against sending words that are meant for the reporter.
    std::optional<Decision> instead_of_relaying(const CarriedOut& done) {
        if (!view_.relayed_meanwhile.empty() && view_.relayed_meanwhile_in)
            return ask(done, view_.relayed_meanwhile + " has answered meanwhile; these words went out:",
                       view_.relayed_meanwhile_in);
        if (!view_.relayed_meanwhile.empty())
            return ask(done, view_.relayed_meanwhile + " has told the reporter meanwhile that it is " +
                                 std::string{to_text(about_->ticket.state)} + ".");
        if (!view_.granted && is_written_to_a_colleague_too(examination_, organisation_))
            return ask(done, "A colleague stands in To beside us: is it for the reporter, too?");
        if (const std::string why = why_not_relayed(examination_, view_, done); !why.empty()) return refuse(done, why);
        return std::nullopt;
    }

    Decision ask(const CarriedOut& asked, const std::string& why, std::optional<JournalId> shown = {}) {
        // Whoever forges her address would otherwise keep her own mail from being asked about.
        const bool over = !authority_.proven() && view_.questions_today >= most_questions_a_day;
        decision_.reasons.emplace_back(over
                                           ? "nothing is done; " + member_.name + " was asked three times today already"
                                           : "nothing is done before " + member_.name + " says yes");
        if (!authority_.proven() && open_) decision_.action = Action::Hold;
        happens(EventKind::Asked,
                {{"journal", journal()}, {"member", actor()}, {"why", why}, {"sent", over ? "no" : "yes"}});
        if (!over) {
            decision_.mail.push_back(question(answer(), asked, goes_out(asked), why, shown));
            // She says yes to words that she can see. What came encrypted is hers to look up.
            Recipe& recipe = decision_.mail.back();
            if (!shown && words() && !examination_.crypto.encrypted && !examination_.unreadable) {
                recipe.shows_report = true;
                recipe.brings = "colleague";
            }
            if (!authority_.proven()) decision_.mail.back().occasion += unproven_occasion;
        }
        record(false);
        return finish();
    }

    // Below the header lines of the mail that she answers nothing tells her words from its own: they are left out
    // when she says so, and otherwise she writes them where they are seen.
    Decision ask_about_buried(const CarriedOut& done) {
        const std::string where =
            "below the header of the mail that you answered stand words that are not in it, without a mark that tells "
            "them from a quotation";
        if (!words() && done.commands.empty()) return refuse(done, where + "; write them above it, and send it again");
        return ask(done, "Words would be left out: " + where +
                             ". Write them above it and send it again; or say yes, "
                             "and what stands above it is all that counts.");
    }

    Decision refuse(const CarriedOut& done, const std::string& why) {
        decision_.reasons.emplace_back("nothing is done: " +
                                       (why.empty() ? std::string{"a line cannot be carried out"} : why));
        happens(EventKind::Refused,
                {{"journal", journal()}, {"why", why.empty() ? "a command cannot be carried out" : why}});
        decision_.mail.push_back(transcript(answer(), done, {}, {}, why));
        record(true);
        return finish();
    }

    Decision answer_to_question() {
        const Answered& asked = *view_.answered;
        const CarriedOut nothing;
        if (!examination_.team.says_yes) {
            decision_.reasons.emplace_back("does not begin with yes: nothing is done");
            if (open_) happens(EventKind::Noted, {{"journal", journal()}});
            record(true);
            return finish();
        }
        if (view_.spent) return refuse(nothing, "that question was answered before");
        if (arrival_.received > asked.queued + longest_question)
            return refuse(nothing, "the yes came after more than 24 hours; write it again");
        if (!asked.cause)
            return refuse(nothing, "the mail that it was about has a ticket of its own already, and needs no yes");
        decision_.reasons.push_back("says yes to journal " + std::to_string(asked.cause->value()));
        decision_.steps = {{StoreStep::What::Spend, answered_key(asked.id), 0},
                           {StoreStep::What::Spend, granted_key(*asked.cause), 0},
                           {StoreStep::What::Reopen, {}, asked.cause->value()}};
        happens(EventKind::Joined, {{"journal", journal()}, {"kind", decision_.kind}});
        record(true);
        return finish();
    }

    // A number is no proof. Who answers a mail of the conversation has at least seen that mail, and a mail that our
    // own server refutes is nobody's.
    bool may_be_direct() const {
        if (!went_to_reporter() || !commands().empty()) return false;
        return authority_.proven() || (view_.thread && level_of_proof(examination_, organisation_) >= 0);
    }

    // A report without an author who could be answered: that a human takes it on is all that can be done.
    bool nobody_to_tell() const { return open_->ticket.reporter.empty(); }
    static bool is_taken_on(const CarriedOut& done) {
        return std::ranges::any_of(done.events, [](const cvd::Event& event) {
            return event.kind == EventKind::Assigned || event.kind == EventKind::Triaged;
        });
    }

    // She wrote to the reporter herself.
    Decision direct() {
        const bool proven = authority_.proven();
        decision_.reasons.emplace_back("the reporter is among its recipients: recorded, and not sent again");
        spend();
        happens(EventKind::Joined, {{"journal", journal()}, {"kind", decision_.kind}});
        happens(EventKind::ReporterUpdated, {{"journal", journal()}});
        for (Recipe& recipe : copies(answer(), view_, proven ? Words::Direct : Words::Unproven))
            decision_.mail.push_back(std::move(recipe));
        record(true);
        return finish();
    }

    // Kept like an autoresponder's mail. She is told, where it would have gone out, since she may have written it;
    // what answers that is an answer inside, so that two programs stop here.
    Decision looks_automatic() {
        decision_.kind = "auto-reply";
        decision_.reasons.push_back("looks like a program's answer: " + view_.seems_automatic);
        happens(EventKind::Joined, {{"journal", journal()}, {"kind", decision_.kind}});
        if (authority_.proven() && words() && !note() && answers_the_conversation(view_)) {
            const std::string why =
                "not relayed: it looks like an automatic answer. Write /status in a line above"
                " your words, or sign the mail, and send it again";
            happens(EventKind::Refused, {{"journal", journal()}, {"why", "it looks like an automatic answer"}});
            decision_.mail.push_back(transcript(answer(), {}, {}, {}, why));
        }
        record(true);
        return finish();
    }

    // An answer of which nothing is left is told of: it may have been taken for a quotation or a signature.
    Decision carry_out(CarriedOut done, bool would_relay) {
        if (open_ && done.commands.empty() && !words() && !went_to_reporter() && answers_the_conversation(view_))
            return refuse(done, "there are no words of your own in it, only a quotation or what you sign with");
        if (!open_ && !done.commands.empty()) {  // /help about no ticket
            decision_.mail.push_back(transcript(answer(), done, {}, {}, {}));
            return finish();
        }
        if (!open_) return finish();
        const bool relays = would_relay && live();
        const bool noted = keep(done, relays);
        const std::vector<Recipe> told = mail_of_what_was_done(answer(), view_, done, relays);
        decision_.mail.insert(decision_.mail.end(), told.begin(), told.end());
        if (!live() && (would_relay || !told.empty()))
            done.outcomes.push_back(
                {would_relay ? "your words to the reporter" : "the mail to the reporter",
                 "not sent, since the mode is not live" + std::string{would_relay ? "; they are kept as a note" : ""},
                 false});
        // Somebody who asks the reporter beside a /wait would wait for an answer to what she never got.
        if (noted && live() && !note() && !done.commands.empty())
            done.outcomes.push_back(
                {"your words", "they stay inside: what goes to the reporter is an answer to a notice", false});
        if (relays || noted || went_to_reporter()) {
            const Words which = relays ? Words::Relayed : noted ? Words::Noted : Words::Direct;
            for (Recipe& recipe : copies(answer(), view_, which)) decision_.mail.push_back(std::move(recipe));
        }
        report_on(done, told);
        if (relays) decision_.reasons.emplace_back("its newly written words go to the reporter");
        if (noted) decision_.reasons.emplace_back("its words stay inside");
        for (const CommandOutcome& outcome : done.outcomes)
            decision_.reasons.push_back(outcome.line + ": " + outcome.result);
        record(true);
        return finish();
    }

    // In the history of the ticket: the mail, what its commands did, and what became of its words. True: they stay
    // inside.
    bool keep(const CarriedOut& done, bool relays) {
        happens(EventKind::Joined, {{"journal", journal()}, {"kind", decision_.kind}});
        if (!done.commands.empty()) happens(EventKind::Commanded, {{"lines", done.lines()}, {"journal", journal()}});
        if (done.after) open_ = done.after;
        decision_.events.insert(decision_.events.end(), done.events.begin(), done.events.end());
        decision_.steps.insert(decision_.steps.end(), done.steps.begin(), done.steps.end());
        if (relays) happens(EventKind::Relayed, {{"journal", journal()}});
        if (went_to_reporter()) happens(EventKind::ReporterUpdated, {{"journal", journal()}});
        if (nobody_to_tell() && open_->ticket.open_clock("acknowledge") != nullptr && is_taken_on(done))
            happens(EventKind::Acknowledged, {{"journal", journal()}});
        const bool noted = words() && !relays && !went_to_reporter();
        if (noted) happens(EventKind::Noted, {{"journal", journal()}});
        return noted;
    }

    // To the member, where she commanded something; `told` are the mails that the reporter gets.
    void report_on(const CarriedOut& done, const std::vector<Recipe>& told) {
        if (done.outcomes.empty()) return;
        std::vector<std::string> sent;
        if (live() && !told.empty()) sent = {told.front().template_name};
        std::optional<Instant> held;
        if (!sent.empty() && organisation_.team_mail.relay_delay > Micros{0})
            held = now_ + organisation_.team_mail.relay_delay;
        decision_.mail.push_back(transcript(answer(), done, sent, held, {}));
    }

    Decision open_forwarded(const CarriedOut& done) {
        open_ = open_forwarded_report(decision_, done, commanding(), rule_set_, mailbox_);
        decision_.mail.push_back(transcript(answer(), done, {"acknowledgement"}, {}, {}));
        decision_.reasons.push_back("opens a ticket of " + open_->ticket.reporter);
        return finish();
    }

    const Examination& examination_;
    const TicketView& view_;
    const Authority& authority_;
    const rules::RuleSet& rule_set_;
    const Organisation& organisation_;
    const MailboxRules& mailbox_;
    const Arrival& arrival_;
    const Instant now_;
    const Member& member_;
    const OpenTicket* about_;
    std::optional<OpenTicket> open_;
    Decision decision_;
};

// About no ticket, proven by nothing, and nobody is asked about it any more today: a human has to see it, as a report.
bool vanishes(const TicketView& view, const Authority& authority) {
    return !authority.proven() && !view.thread && !view.named && view.questions_today >= most_questions_a_day;
}

}  // namespace

bool is_for_team_desk(const Examination& examination, const TicketView& view, const Authority& authority,
                      const Arrival& arrival) {
    if (!authority.is_team() || arrival.baseline || view.sent_by_us || view.delivered_before) return false;
    // A member's own autoresponder says nothing that she wrote.
    if (view.automatic) return false;
    const auto& commands = examination.team.commands;
    // A member may report something herself, and then she is that ticket's reporter.
    const bool answers_team_mail = view.answered && view.answered->to_team;
    if (view.part == store::Part::Reporter && !answers_team_mail && commands.lines.empty() && commands.strays.empty())
        return false;
    if (view.thread || view.named || view.answered) return !vanishes(view, authority);
    // "/etc/passwd can be read" begins a report.
    const bool commands_something =
        authority.proven() || std::ranges::any_of(commands.lines, cvd::is_known_command) || !commands.strays.empty();
    return (!commands.lines.empty() || !commands.strays.empty()) && commands_something && !vanishes(view, authority);
}

Decision decide_team_mail(const Examination& examination, const TicketView& view, const Authority& authority,
                          const rules::RuleSet& rule_set, const Organisation& organisation, const MailboxRules& mailbox,
                          const Arrival& arrival, Instant now) {
    return TeamMailDecision{examination, view, authority, rule_set, organisation, mailbox, arrival, now}.decide();
}

}  // namespace tocsin::intake
