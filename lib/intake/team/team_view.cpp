#include "intake/team/team_view.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "intake/decide/known_keys.hpp"
#include "intake/outgoing/recipe.hpp"
#include "intake/outgoing/reporter_mail.hpp"
#include "intake/team/team_answers.hpp"

namespace tocsin::intake {

namespace {

// The first mail of ours among those that a mail answers, nearest first.
std::optional<store::OutboxRow> mail_answered(const TeamLookUp& about) {
    const OuterMail& outer = about.examination.outer;
    std::vector<std::string> answered = outer.in_reply_to;
    answered.insert(answered.end(), outer.references.rbegin(), outer.references.rend());
    for (const std::string& id : answered)
        if (about.ids.subject_of(id))
            if (auto row = about.store.outbox.by_message_id(id)) return row;
    return std::nullopt;
}

// The ticket that the newly written words or the subject name. A quotation speaks of many, and who names two has to
// say which one is meant.
std::optional<OpenTicket> named_ticket(const TicketView& view, const TeamLookUp& about) {
    std::vector<std::string> numbers = about.examination.team.written_numbers;
    // "/merge SEC-2026-0002" speaks of another one.
    for (const std::string& line : about.examination.team.commands.lines)
        if (const auto other = cvd::find_number(line, about.organisation.numbers.prefix)) std::erase(numbers, *other);
    if (view.claims) numbers.push_back(*view.claims);
    std::optional<TicketId> named;
    for (const std::string& candidate : numbers) {
        const auto number = cvd::find_number(candidate, about.organisation.numbers.prefix);
        const auto id = number ? about.store.tickets.by_number(*number) : std::nullopt;
        if (!id || named == id) continue;
        if (named) return std::nullopt;
        named = id;
    }
    if (!named) return std::nullopt;
    return load_ticket(about.store, *named, about.rule_set);
}

bool bears_reference(const OpenTicket& open, const TeamLookUp& about) {
    const auto references = about.ids.references_for(open.ticket.number, about.member.address.identity());
    return std::ranges::find_first_of(about.examination.team.codes, references) != about.examination.team.codes.end();
}

// The ticket whose reference the text has in it: a code says nothing, so those of the newest tickets are tried.
std::optional<OpenTicket> referenced_ticket(const TeamLookUp& about) {
    constexpr std::size_t most_tried = 1'000;
    if (about.examination.team.codes.empty()) return std::nullopt;
    for (const auto& [id, ticket] : about.store.tickets.list({.most = most_tried}, about.now))
        if (std::ranges::find_first_of(about.examination.team.codes,
                                       about.ids.references_for(ticket.number, about.member.address.identity())) !=
            about.examination.team.codes.end())
            return load_ticket(about.store, id, about.rule_set);
    return std::nullopt;
}

// The tickets that commands name: /merge NUMBER, /close duplicate NUMBER.
void look_up_others(TicketView& view, const TeamLookUp& about) {
    for (const std::string& line : about.examination.team.commands.lines) {
        const auto number = cvd::find_number(line, about.organisation.numbers.prefix);
        if (!number || view.others.contains(*number)) continue;
        if (const auto id = about.store.tickets.by_number(*number))
            if (auto ticket = about.store.tickets.find(*id)) view.others.insert({*number, {*id, std::move(*ticket)}});
    }
}

// That the reporter is told in a mail of its own, and what a colleague's older words may contradict.
bool tells_the_reporter(cvd::EventKind kind) {
    using cvd::EventKind;
    return kind == EventKind::EtaSet || kind == EventKind::Delayed || kind == EventKind::Fixed ||
           kind == EventKind::Disclosed || kind == EventKind::Closed;
}

// Whether a colleague wrote to the reporter after the mail that this one answers: through us, by herself, or by a
// command. What the answered mail itself shows she has seen.
void look_up_colleagues(TicketView& view, const TeamLookUp& about) {
    if (!view.thread || !view.answered || view.granted) return;
    const Answered& answered = *view.answered;
    const auto history = about.store.tickets.history(view.thread->id);
    std::int64_t seen = -1;
    for (const store::HistoryLine& line : history)
        if (answered.cause && line.event.at <= answered.queued &&
            cvd::said(line.event, "journal") == std::to_string(answered.cause->value()))
            seen = line.seq;
    for (const store::HistoryLine& line : history) {
        const cvd::Event& event = line.event;
        if (event.kind == cvd::EventKind::Undone) view.relayed_meanwhile.clear();
        const auto journal = to_whole_number(cvd::said(event, "journal"));
        const bool words = event.kind == cvd::EventKind::Relayed ||
                           (event.kind == cvd::EventKind::ReporterUpdated && journal.has_value());
        if (!words && !tells_the_reporter(event.kind)) continue;
        if (event.at < answered.queued || line.seq <= seen || event.actor == about.member.address.text()) continue;
        const Member* colleague = about.organisation.member(event.actor);
        const bool by_hand = about.organisation.owns(event.actor);  // out of the shared mailbox
        if (colleague == nullptr && !by_hand) continue;
        if (!words && !view.relayed_meanwhile.empty()) continue;
        view.relayed_meanwhile = colleague != nullptr ? colleague->name : event.actor;
        view.relayed_meanwhile_in.reset();
        if (words && journal) view.relayed_meanwhile_in = JournalId{*journal};
    }
}

void look_up_held(TicketView& view, const TeamLookUp& about) {
    if (!view.thread || !view.answered || !view.answered->cause) return;
    const std::string journal = std::to_string(view.answered->cause->value());
    for (const store::HistoryLine& line : about.store.tickets.history(view.thread->id))
        if (line.event.kind == cvd::EventKind::Held && cvd::said(line.event, "journal") == journal)
            view.held_sender = mail::Address::from(cvd::said(line.event, "sender"));
}

// What words to the reporter would be encrypted to, and whether any may go out.
void look_up_keys(TicketView& view, const OpenTicket& open, const TeamLookUp& about) {
    view.relays_blocked = relays_blocked(about.store, open.id);
    std::vector<std::string> written_to = open.ticket.cc;
    written_to.push_back(open.ticket.reporter);
    for (const std::string& text : written_to) {
        const auto address = mail::Address::from(text);
        if (!address) continue;
        for (const store::KnownKey& key : about.store.keys.of(address->identity()))
            view.offered_keys.push_back(key.fingerprint);
        if (text != open.ticket.reporter) continue;
        const auto keys = keys_of(about.store, *address, about.keyring);
        view.reporter_has_key =
            std::ranges::any_of(keys, [&](const openpgp::Key& key) { return key.encrypts_at(about.now); });
    }
}

void look_up_last_command(TicketView& view, const TeamLookUp& about) {
    const bool asked = std::ranges::any_of(about.examination.team.commands.lines, [](const std::string& line) {
        return starts_ignoring_case(line, "/undo") || starts_ignoring_case(line, "/ undo");
    });
    if (!asked || !view.thread) return;
    const auto history = about.store.tickets.history(view.thread->id);
    // What only the store could refuse stands there as commanded, and nothing came of it.
    const auto came_to_nothing = [&](const store::HistoryLine& line) {
        const bool split = starts_ignoring_case(cvd::said(line.event, "lines"), "/split");
        const bool merge = starts_ignoring_case(cvd::said(line.event, "lines"), "/merge");
        return line.event.kind == cvd::EventKind::Commanded && (split || merge) &&
               std::ranges::none_of(history, [&](const store::HistoryLine& other) {
                   return other.seq > line.seq && other.event.at == line.event.at &&
                          (other.event.kind == cvd::EventKind::SplitOff || other.event.kind == cvd::EventKind::Merged);
               });
    };
    const auto last = std::find_if(history.rbegin(), history.rend(), [&](const store::HistoryLine& line) {
        if (came_to_nothing(line)) return false;
        return line.event.kind == cvd::EventKind::Commanded || line.event.kind == cvd::EventKind::Relayed ||
               line.event.kind == cvd::EventKind::Undone || line.event.kind == cvd::EventKind::MergedIn ||
               line.event.kind == cvd::EventKind::MergeUndone;
    });
    if (last == history.rend() || last->event.kind == cvd::EventKind::Undone ||
        last->event.kind == cvd::EventKind::MergeUndone)
        return;
    if (last->event.kind == cvd::EventKind::MergedIn) {
        LastCommand merge;
        merge.seq = last->seq;
        merge.line = cvd::said(last->event, "from");
        merge.merged_from = about.store.tickets.by_number(merge.line);
        if (merge.merged_from) view.last_command = std::move(merge);
        return;
    }
    const std::string journal = cvd::said(last->event, "journal");
    const auto split = std::find_if(last.base(), history.end(), [](const store::HistoryLine& line) {
        return line.event.kind == cvd::EventKind::SplitOff;
    });
    // A mail may have commanded and been relayed: both are one.
    auto first = last;
    for (auto earlier = last; earlier != history.rend(); ++earlier)
        if (earlier->event.kind == cvd::EventKind::Commanded && cvd::said(earlier->event, "journal") == journal)
            first = earlier;
    LastCommand command;
    command.seq = first->seq;
    command.by = first->event.actor;
    command.line = cvd::said(first->event, "lines");
    for (const store::HistoryLine& line : history) {
        if (line.seq < first->seq) cvd::apply(command.before, line.event);
        // All that it brought was recorded at one moment.
        if (line.seq < first->seq || (line.event.at == first->event.at && line.seq >= first->seq))
            cvd::apply(command.after, line.event);
        if (line.event.at == first->event.at && line.seq >= first->seq) command.brought.push_back(line.event);
    }
    if (const auto id = to_whole_number(journal))
        for (const store::OutboxRow& row : about.store.outbox.of_ticket(view.thread->id)) {
            if (row.to_team || row.cause != JournalId{*id}) continue;
            const bool waits = row.state == store::OutboxState::Queued || row.state == store::OutboxState::Deferred ||
                               row.state == store::OutboxState::Held;
            if (waits)
                command.waiting.push_back(row.id);
            else if (row.state != store::OutboxState::Dropped)
                command.sent.push_back(row.template_name);
        }
    const auto left = split == history.end() ? std::nullopt : to_whole_number(cvd::said(split->event, "journal"));
    if (left && starts_ignoring_case(command.line, "/split")) {
        command.split_off = JournalId{*left};
        const auto entry = about.store.journal.find(*command.split_off);
        const auto own = entry && entry->ticket ? about.store.tickets.find(*entry->ticket) : std::nullopt;
        if (own && *entry->ticket != view.thread->id) command.split_into = own->number;
    }
    view.last_command = std::move(command);
}

}  // namespace

std::string granted_key(JournalId entry) { return "yes to journal " + std::to_string(entry.value()); }
std::string blocked_key(std::string_view address_identity) { return "blocked " + std::string{address_identity}; }
std::string retry_key(JournalId entry) { return "retry journal " + std::to_string(entry.value()); }
std::string answered_key(OutboxId question) { return "question " + std::to_string(question.value()); }
std::string signed_key(std::string_view digest) { return "signed " + std::string{digest}; }
std::string exposed_key(std::string_view message_id) { return "exposed " + std::string{message_id}; }

void look_up_for_team(TicketView& view, const TeamLookUp& about) {
    const store::Store& store = about.store;
    if (const auto row = mail_answered(about)) {
        view.answered = Answered{.id = row->id,
                                 .message_id = row->message_id,
                                 .template_name = row->template_name,
                                 .recipient = row->recipient,
                                 .to_team = row->to_team,
                                 .queued = row->queued,
                                 .ticket = row->ticket,
                                 .cause = row->cause};
        // What was merged belongs to the other ticket now.
        if (view.thread)
            for (const TicketId ticket : store.conversations.tickets_with(row->message_id))
                if (ticket == view.thread->id) view.answered->ticket = ticket;
        const auto recipe = recipe_from_json(row->recipe);
        view.answered->inside = recipe && recipe->brings == "note";
        view.exposed = store.spent.has(exposed_key(row->message_id));
        // What opened a ticket of its own is not looked at again because of a yes: it would open a second one.
        if (row->template_name == "question" && row->cause)
            if (const auto asked = store.journal.find(*row->cause);
                asked && asked->ticket && opening_mail(store, *asked->ticket) == row->cause)
                view.answered->cause.reset();
        view.spent = row->template_name == "question" && store.spent.has(answered_key(row->id));
    }
    for (const SignatureVerdict& signature : about.examination.crypto.signatures)
        if (!signature.signed_text.empty() && store.spent.has(signed_key(signature.signed_text))) view.spent = true;
    if (!view.thread) view.named = named_ticket(view, about);
    if (!view.thread && !view.named) view.named = referenced_ticket(about);
    const OpenTicket* open = view.thread ? &*view.thread : view.named ? &*view.named : nullptr;
    if (open != nullptr) {
        view.bears_reference = bears_reference(*open, about);
        view.reporter_thread = thread_with_reporter(store, open->id);
        look_up_keys(view, *open, about);
    }
    view.questions_today = static_cast<int>(store.outbox.count_to(
        about.member.address.text(), "question", unproven_occasion, about.now - std::chrono::hours{24}));
    look_up_others(view, about);
    look_up_colleagues(view, about);
    look_up_held(view, about);
    look_up_last_command(view, about);
}

}  // namespace tocsin::intake
