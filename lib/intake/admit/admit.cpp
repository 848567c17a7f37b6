#include "intake/admit/admit.hpp"

#include <algorithm>
#include <chrono>

#include "base/text.hpp"
#include "intake/admit/forget.hpp"
#include "intake/admit/moving.hpp"
#include "intake/decide/budget.hpp"
#include "intake/decide/encrypted_report.hpp"
#include "intake/outgoing/reply_token.hpp"
#include "intake/promises/marks.hpp"
#include "intake/promises/promises.hpp"
#include "intake/team/team_view.hpp"

namespace tocsin::intake {

namespace {

// A number that nobody has yet, of the year in which the ticket is opened.
std::string new_number(store::Store& store, const Organisation& organisation, Instant opened) {
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(opened)};
    const int year = static_cast<int>(date.year());
    for (;;) {
        std::string number = cvd::make_number(organisation.numbers, year, store.tickets.next_serial(year));
        if (!store.tickets.number_taken(number)) return number;
    }
}

// What a step could not do, or what a member has to know of it; it ends up in her transcript.
struct StepResult {
    bool refused = false;
    std::string words;
};

StepResult result_of(const Result<void>& done) { return done ? StepResult{} : StepResult{true, done.error().what}; }

StepResult forget(store::Store& store, TicketId ticket, const StoreStep& step, Instant now) {
    const auto forgotten = forget_reporter(store, ticket, step.words, now);
    if (!forgotten) return {true, forgotten.error().what};
    std::string words = "the reporter is forgotten";
    for (const std::string& line : forgotten->out_of_reach) words.append("\n  out of reach: ").append(line);
    return {false, words};
}

StepResult carry_out(store::Store& store, const StoreStep& step, std::optional<TicketId> ticket,
                     const rules::RuleSet* rule_set, Instant now) {
    using What = StoreStep::What;
    switch (step.what) {
        case What::Spend:
            store.spent.keep(step.words, now);
            return {};
        case What::Reopen: {
            // What was given up was never read: it is not looked at again, but for the first time.
            const auto entry = store.journal.find(JournalId{step.id});
            if (entry && entry->state == store::EntryState::Quarantined) store.spent.forget(retry_key(entry->id));
            if (store.journal.reopen(JournalId{step.id})) return {};
            return {true, "that mail cannot be looked at again"};
        }
        case What::DropMail:
            store.outbox.drop(OutboxId{step.id});
            return {};
        case What::Participant:
            if (ticket) store.conversations.add_participant(*ticket, step.words, store::Part::Reporter, now);
            return {};
        case What::NoParticipant:
            if (ticket) store.conversations.remove_participant(*ticket, step.words, from_micros(step.id));
            return {};
        case What::HoldAgain:
            store.held.unsettle(JournalId{step.id});
            return {};
        case What::Merge:
            if (!ticket || rule_set == nullptr) return {true, "it cannot be done here"};
            return result_of(merge_tickets(store, *ticket, TicketId{step.id}, step.words, *rule_set, now));
        case What::UndoMerge:
            if (rule_set == nullptr) return {true, "it cannot be done here"};
            return result_of(undo_merge(store, TicketId{step.id}, step.words, *rule_set, now));
        case What::Split:
            if (!ticket) return {true, "it cannot be done here"};
            return result_of(split_off(store, *ticket, JournalId{step.id}, step.words, now));
        case What::UndoSplit:
            if (!ticket || rule_set == nullptr) return {true, "it cannot be done here"};
            return result_of(undo_split(store, *ticket, JournalId{step.id}, step.words, *rule_set, now));
        case What::Forget:
            return ticket ? forget(store, *ticket, step, now) : StepResult{true, "about which ticket?"};
        case What::Block:
            store.spent.keep(blocked_key(step.words), now);
            store.outbox.drop_answers_to(step.words);
            store.collected.drop(step.words);
            return {};
        case What::Unblock:
            store.spent.forget(blocked_key(step.words));
            return {};
        case What::AcceptKey:
            store.keys.accept(step.words, now);
            return {};
    }
    return {};
}

// What only the store could tell, in the transcript's last line.
void tell_in_transcript(std::vector<Recipe>& mail, const StepResult& result) {
    if (result.words.empty()) return;
    for (Recipe& recipe : mail) {
        const auto found = recipe.fields.values().find("lines");
        if (recipe.template_name != "transcript" || found == recipe.fields.values().end()) continue;
        auto lines = std::get<rules::TemplateFields::List>(found->second);
        if (lines.empty()) continue;
        lines.back().set("result", result.words);
        lines.back().set("refused", result.refused);
        recipe.fields.set("lines", std::move(lines));
        if (result.refused) recipe.fields.set("done", false);
    }
}

// As the steps left the ticket: what went into another one is closed, and its clocks run there.
void show_state_in_transcript(std::vector<Recipe>& mail, const cvd::Ticket& ticket) {
    for (Recipe& recipe : mail) {
        if (recipe.template_name != "transcript") continue;
        recipe.fields.set("state", std::string{to_text(ticket.state)});
        if (ticket.state == cvd::TicketState::Closed) recipe.fields.set("clocks", rules::TemplateFields::List{});
    }
}

bool suppressed(const Organisation& organisation, const Recipe& recipe) {
    switch (organisation.mode) {
        case Mode::Live:
            return false;
        case Mode::Team:
            return !recipe.to_team;
        case Mode::Shadow:
            return true;
    }
    return true;
}

// To a member with her key; in an encrypted conversation to the key that is bound to the address. An acknowledgement
// knows for itself what stood on the outside of the mail it answers.
void protect(const store::Store& store, Recipe& recipe, std::optional<TicketId> ticket,
             const Organisation& organisation) {
    if (recipe.bare) return;
    if (recipe.to_team) {
        const Member* member = organisation.member(recipe.to_address);
        if (recipe.encrypt_to.empty() && member != nullptr && !member->key.empty())
            recipe.encrypt_to.push_back(member->key);
        recipe.plain_allowed = organisation.plain_to_team;
        return;
    }
    if (recipe.accepted_means == cvd::to_text(cvd::EventKind::Acknowledged) || !ticket) return;
    const auto about = store.tickets.find(*ticket);
    if (!about || !about->encrypted) return;
    recipe.confidential = true;
    const auto address = mail::Address::from(recipe.to_address);
    if (!address) return;
    for (const store::KnownKey& key : store.keys.of(address->identity()))
        if (key.state == store::KeyState::Bound) recipe.encrypt_to.push_back(key.fingerprint);
}

}  // namespace

std::size_t queue_mail(store::Store& store, const std::vector<Recipe>& mail, std::optional<TicketId> ticket,
                       const std::string& number, std::optional<JournalId> cause, const Organisation& organisation,
                       const MessageIds& ids, Instant now) {
    std::size_t queued = 0;
    std::vector<cvd::Event> events;
    for (Recipe recipe : mail) {
        recipe.ticket_number = number;
        protect(store, recipe, ticket, organisation);
        recipe.fields.set("ticket", number);
        if (recipe.to_team && !number.empty())
            if (const auto member = mail::Address::from(recipe.to_address))
                recipe.fields.set("reference", ids.reference_for(number, member->identity()));
        recipe.message_id = ids.mint(number.empty() ? "tocsin" : number).view();
        recipe.date = now;
        const bool silent = suppressed(organisation, recipe);
        if (!recipe.to_team && !number.empty()) recipe.reply_to = reply_address_for(organisation, ids, number);
        const Allowance allowance = silent ? Allowance{} : allowance_for(store, recipe, ticket, organisation, now);
        if (allowance.none) continue;
        if (allowance.together && ticket) {
            if (const auto to = mail::Address::from(recipe.to_address))
                store.collected.add(*ticket, to->identity(), to->text(), recipe.language, now);
            continue;
        }
        std::optional<Instant> not_before = recipe.not_before;
        if (allowance.not_before) not_before = std::max(not_before.value_or(now), *allowance.not_before);
        const auto id = store.outbox.add({.ticket = ticket,
                                          .cause = cause,
                                          .occasion = recipe.occasion,
                                          .template_name = recipe.template_name,
                                          .recipient = recipe.to_address,
                                          .message_id = recipe.message_id,
                                          .recipe = to_json(recipe),
                                          .to_team = recipe.to_team,
                                          .suppressed = silent,
                                          .not_before = not_before},
                                         now);
        if (!id) continue;  // queued by an earlier admission
        if (!silent) spend_on(store, recipe, not_before.value_or(now));
        ++queued;
        if (!ticket || silent) continue;
        store.conversations.record_message(*ticket, {.direction = store::Direction::Out,
                                                     .message_id = recipe.message_id,
                                                     .kind = recipe.template_name,
                                                     .at = now,
                                                     .recipient = recipe.to_address,
                                                     .content = {}});
        events.push_back({cvd::EventKind::Queued,
                          now,
                          "tocsin",
                          {{"template", recipe.template_name}, {"outbox", std::to_string(id->value())}}});
    }
    if (ticket && !events.empty()) store.tickets.record(*ticket, events);
    return queued;
}

void record(store::Store& store, OpenTicket& open, const cvd::Event& event) {
    store.tickets.record(open.id, happen(open, event));
    for (const auto& [clock, at] : reminders_of(open)) store.tickets.remind_next(open.id, clock, at);
}

Admitted admit(store::Store& store, const Decision& decision, JournalId entry, store::EntryState becomes,
               const Organisation& organisation, const MessageIds& ids, Instant now, const rules::RuleSet* rule_set) {
    Admitted admitted;
    if (const auto known = store.journal.find(entry); known && known->finished) {
        admitted.ticket = known->ticket;
        if (const auto ticket = known->ticket ? store.tickets.find(*known->ticket) : std::nullopt)
            admitted.number = ticket->number;
        return admitted;
    }
    if (decision.away && decision.away->until) store.absences.mark(decision.away->member, now, *decision.away->until);
    if (decision.away && !decision.away->until) store.absences.end(decision.away->member);
    admitted.ticket = decision.ticket;
    switch (decision.action) {
        case Action::None:
            admitted.number = decision.after.number;
            break;
        case Action::Open: {
            std::vector<cvd::Event> events = decision.events;
            admitted.number = new_number(store, organisation, events.front().at);
            events.front().detail["number"] = admitted.number;
            store.conversations.keep_policy(decision.policy->hash, decision.policy->name, decision.policy->source, now);
            admitted.ticket = store.tickets.open(events);
            store.similar.keep(*admitted.ticket, decision.shingles, decision.all_shingles);
            break;
        }
        case Action::Append:
        case Action::Hold:
            admitted.number = decision.after.number;
            store.tickets.record(*admitted.ticket, decision.events);
            break;
    }
    if (admitted.ticket && decision.action != Action::None) {
        for (const auto& [address, part] : decision.joining)
            store.conversations.add_participant(*admitted.ticket, address, part, now, decision.proof);
        for (const auto& [clock, at] : decision.reminders) store.tickets.remind_next(*admitted.ticket, clock, at);
        if (decision.ask_again) store.held.hold(entry, *admitted.ticket, decision.sender, now, *decision.ask_again);
        if (decision.message) store.conversations.record_message(*admitted.ticket, *decision.message);
    }
    for (const cvd::Event& event : decision.events)
        if (event.kind == cvd::EventKind::Confirmed)
            if (const auto number = to_whole_number(cvd::said(event, "journal")))
                store.held.settle(JournalId{*number}, now);
    // Whoever is proven to write from there reads there too.
    if (decision.proof > 0 && !decision.sender.empty()) store.unreachable.clear(decision.sender);
    keep_crypto(store, decision, entry, admitted.ticket, admitted.number, organisation, ids, now);
    std::vector<Recipe> mail = decision.mail;
    for (const StoreStep& step : decision.steps)
        if (step.what == StoreStep::What::Split) store.held.settle(JournalId{step.id}, now);
    for (const StoreStep& step : decision.steps) {
        const StepResult done = carry_out(store, step, admitted.ticket, rule_set, now);
        const bool forgot = step.what == StoreStep::What::Forget && !done.refused;
        admitted.forgot = admitted.forgot || forgot;
        tell_in_transcript(mail, done);
        if (!forgot) continue;
        // The title may have named her.
        const std::string title = store.tickets.find(*admitted.ticket)->title;
        for (Recipe& recipe : mail) recipe.fields.set("title", title);
    }
    const bool moved = std::ranges::any_of(decision.steps, [](const StoreStep& step) {
        return step.what == StoreStep::What::Merge || step.what == StoreStep::What::UndoMerge;
    });
    if (moved && admitted.ticket) show_state_in_transcript(mail, *store.tickets.find(*admitted.ticket));
    admitted.queued = queue_mail(store, mail, admitted.ticket, admitted.number, entry, organisation, ids, now);
    store.spent.forget(retry_key(entry));
    if (decision.rating) store.ratings.record(entry, *decision.rating);
    store.journal.finish(entry, becomes, admitted.ticket, decision.kind, now);
    if (admitted.forgot && admitted.ticket) store.erasure.forget_mails(*admitted.ticket, now);
    return admitted;
}

}  // namespace tocsin::intake
