#include "intake/decide/ticket_view.hpp"

#include "intake/team/team_view.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "base/text.hpp"
#include "intake/admit/moving.hpp"
#include "intake/decide/automatic_mail.hpp"
#include "intake/decide/known_keys.hpp"
#include "intake/outgoing/recipe.hpp"
#include "intake/outgoing/reply_token.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t flood_begins_after = 15;
constexpr Micros flood_ends_after = std::chrono::hours{6};  // without another mail
constexpr Micros bounces_come_within = std::chrono::hours{24 * 6};

// What a mail says that it answers, nearest first (RFC 5322 section 3.6.4).
std::vector<std::string> answered_ids(const OuterMail& outer) {
    std::vector<std::string> ids = outer.in_reply_to;
    ids.insert(ids.end(), outer.references.rbegin(), outer.references.rend());
    return ids;
}

// That only the member knows to whom it went.
std::vector<std::string> team_mail_named_in(const store::Store& store, const OuterMail& outer, const MessageIds& ids) {
    constexpr std::size_t most = 20;
    std::vector<std::string> named;
    for (const std::string& id : answered_ids(outer)) {
        if (named.size() >= most) break;
        if (!ids.subject_of(id)) continue;
        if (const auto row = store.outbox.by_message_id(id);
            row && row->to_team && std::ranges::find(named, row->message_id) == named.end())
            named.push_back(row->message_id);
    }
    return named;
}

// The ticket in which a mail with this id stands. An id that strangers chose may stand in several: the one its
// sender takes part in is meant.
std::optional<TicketId> ticket_of(const store::Store& store, const std::string& id,
                                  const std::optional<mail::Address>& author, const mail::Reading& reading) {
    const std::vector<TicketId> tickets = store.conversations.tickets_with(id);
    if (tickets.empty()) return std::nullopt;
    if (author) {
        const auto own = std::ranges::find_if(tickets, [&](TicketId ticket) {
            return store.conversations.part_of(ticket, author->identity()).has_value();
        });
        if (own != tickets.end()) return *own;
    }
    // What was written to a reporter belongs to her ticket; else the id is that of whoever bore it first.
    for (const auto* list : {&reading.to, &reading.cc})
        for (const mail::Mailbox& to : *list)
            if (const auto address = mail::Address::from(to.address))
                for (const TicketId ticket : tickets)
                    if (store.conversations.part_of(ticket, address->identity()) == store::Part::Reporter)
                        return ticket;
    return tickets.front();
}

// The newest ticket that an acknowledgement of several lists, of her own where she has one among them.
std::optional<TicketId> ticket_told_together(const store::Store& store, const std::string& id,
                                             const std::optional<mail::Address>& author) {
    const auto row = store.outbox.by_message_id(id);
    const auto recipe = row ? recipe_from_json(row->recipe) : Result<Recipe>{permanent(Code::BadInput, "gone")};
    if (!recipe) return std::nullopt;
    std::optional<TicketId> newest;
    for (auto number = recipe->tickets.rbegin(); number != recipe->tickets.rend(); ++number) {
        const auto ticket = store.tickets.by_number(*number);
        if (!ticket) continue;
        if (author && store.conversations.part_of(*ticket, author->identity())) return ticket;
        if (!newest) newest = ticket;
    }
    return newest;
}

// The notices that make up a member's thread of the ticket. Those of held mail stand apart.
void find_notices(TicketView& view, const store::Store& store, const Organisation& organisation) {
    for (const store::TicketMessage& message : store.conversations.messages(view.thread->id)) {
        if (message.direction != store::Direction::Out || message.kind != "notice" ||
            organisation.member(message.recipient) == nullptr)
            continue;
        const auto row = store.outbox.by_message_id(message.message_id);
        const auto recipe = row ? recipe_from_json(row->recipe) : Result<Recipe>{permanent(Code::BadInput, "gone")};
        if (recipe && recipe->fields.says("held")) continue;
        if (recipe && view.subject_severity.empty()) view.subject_severity = recipe->fields.text("subject_severity");
        view.notices_to[message.recipient].push_back(message.message_id);
        view.last_notice_to[message.recipient] = message.message_id;
    }
}

void find_similar(TicketView& view, const store::Store& store, const Examination& examination, const MessageIds& ids) {
    if (examination.sketch.lowest.empty()) return;
    const std::vector<std::int64_t> under_any_key = ids.keyed_by_all(examination.sketch.lowest);
    const auto newest = static_cast<std::ptrdiff_t>(examination.sketch.lowest.size());
    view.shingles.assign(under_any_key.begin(), under_any_key.begin() + newest);
    view.similar = similar_tickets(examination.sketch.shingles, store.similar.sharing(under_any_key));
}

// A ticket that a Message-ID of ours names, where the store has forgotten the mail itself.
std::optional<TicketId> ticket_in(const store::Store& store, const std::string& id, const MessageIds& ids) {
    const auto subject = ids.subject_of(id);
    return subject ? store.tickets.by_number(*subject) : std::nullopt;
}

// The mail of ours that a report on a delivery is about: by the Message-ID inside, else by whom it did not reach.
std::optional<store::OutboxRow> mail_told_of(const store::Store& store, const Examination& examination,
                                             const Organisation& organisation, Instant now) {
    if (!examination.delivery || examination.delivery->report == mail::DeliveryReport::Away) return std::nullopt;
    const mail::DeliveryStatus& delivery = *examination.delivery;
    if (!delivery.original_message_id.empty())
        if (auto row = store.outbox.by_message_id(delivery.original_message_id)) return row;
    for (const std::string& id : answered_ids(examination.outer))
        if (auto row = store.outbox.by_message_id(id)) return row;
    // Whoever merely speaks of bounces tells of none. Without an id of ours anybody could say that he does: then only
    // the null sender is believed, or a mailbox that notes no sender at all.
    if (!has_sign(examination, "delivery-report") && !has_sign(examination, "returned-mail")) return std::nullopt;
    if (!has_sign(examination, "null-sender") && !has_sign(examination, "no-return-path")) return std::nullopt;
    // Submission servers may replace the id: then the subject that came back names our ticket. Else it is a mail of
    // somebody else's.
    const auto named = cvd::find_number(delivery.original_subject, organisation.numbers.prefix);
    if (!delivery.original_message_id.empty() && !named) return std::nullopt;
    for (const mail::AffectedRecipient& recipient : delivery.recipients) {
        auto row = store.outbox.last_sent_to(recipient.address, now - bounces_come_within);
        if (!row) continue;
        if (delivery.original_message_id.empty()) return row;
        const auto ticket = row->ticket ? store.tickets.find(*row->ticket) : std::nullopt;
        if (ticket && ticket->number == *named) return row;
    }
    return std::nullopt;
}

// Whether its reporter has had an answer, or gets one, or a human has taken the ticket on.
bool was_answered(const store::Store& store, TicketId id, const cvd::Ticket& ticket) {
    if (ticket.state != cvd::TicketState::New) return true;
    return std::ranges::any_of(store.conversations.messages(id), [&](const store::TicketMessage& message) {
        return message.direction == store::Direction::Out && equal_ignoring_case(message.recipient, ticket.reporter);
    });
}

// So many unproven reports of one sender within an hour that the next ones share a ticket.
std::optional<TicketId> flood_of(const store::Store& store, const mail::Address& author, Instant now) {
    const auto newest = store.conversations.newest_unproven_of(author.identity(), flood_begins_after);
    if (newest.size() < flood_begins_after) return std::nullopt;
    const Instant an_hour_ago = now - std::chrono::hours{1};
    const TicketId shared = newest.front().first;
    // One that goes on is one flood, however old its tickets are by now; a pause does not make fifteen new ones of it.
    const bool goes_on = store.conversations.count_reports(shared) > 1 &&
                         store.conversations.last_report(shared).value_or(Instant{}) > now - flood_ends_after;
    if (newest.back().second <= an_hour_ago && !goes_on) return std::nullopt;
    return shared;
}

// A program that sends back what it got may lose every field that says so: its subject alone is that of our own mail,
// which no person makes up, and it comes from where that mail went to a moment ago.
bool is_own_answer_again(const store::Store& store, const std::string& number, const OuterMail& outer,
                         const mail::Address& author, Instant now) {
    const auto ticket = store.tickets.by_number(number);
    if (!ticket) return false;
    return std::ranges::any_of(store.conversations.messages(*ticket), [&](const store::TicketMessage& message) {
        if (message.direction != store::Direction::Out || message.kind != "acknowledgement" ||
            !equal_ignoring_case(message.recipient, author.text()) || message.at <= now - std::chrono::hours{24})
            return false;
        const auto row = store.outbox.by_message_id(message.message_id);
        if (!row || !row->sealed) return false;
        const std::string subject = mail::read(mail::parse(store.outbox.bytes(row->id))).subject;
        return !subject.empty() && lower(outer.subject).find(lower(subject)) != std::string::npos;
    });
}

}  // namespace

// All that a member's mail brings is recorded at one moment.
std::set<std::int64_t> undone_lines(const std::vector<store::HistoryLine>& history) {
    std::set<std::int64_t> undone;
    for (const store::HistoryLine& line : history) {
        if (line.event.kind != cvd::EventKind::Undone) continue;
        const auto since = to_whole_number(cvd::said(line.event, "since"));
        const auto first = std::ranges::find(history, since.value_or(0), &store::HistoryLine::seq);
        for (auto each = first; each != history.end() && each->event.at == first->event.at; ++each)
            undone.insert(each->seq);
    }
    return undone;
}

namespace {

// A mail that was written anew out of the shared mailbox: by the number in its subject, else by its recipient, where
// she has one open ticket and no more.
std::optional<TicketId> written_to_reporter(const store::Store& store, const mail::Reading& reading,
                                            const OuterMail& outer, const Organisation& organisation, Instant now) {
    constexpr std::size_t most_open = 2'000;
    const auto is_written_to = [&](const std::string& reporter) {
        const auto hers = mail::Address::from(reporter);
        const auto names_her = [&](const mail::Mailbox& mailbox) {
            const auto one = mail::Address::from(mailbox.address);
            return one && hers && *one == *hers;
        };
        return std::ranges::any_of(reading.to, names_her) || std::ranges::any_of(reading.cc, names_her);
    };
    if (const auto number = cvd::find_number(outer.subject, organisation.numbers.prefix)) {
        const auto named = store.tickets.by_number(*number);
        const auto ticket = named ? store.tickets.find(*named) : std::nullopt;
        if (ticket && is_written_to(ticket->reporter)) return named;
    }
    std::optional<TicketId> only;
    for (const auto& [id, ticket] : store.tickets.list({.open = true, .most = most_open}, now)) {
        if (!is_written_to(ticket.reporter)) continue;
        if (only) return std::nullopt;
        only = id;
    }
    return only;
}

// Tickets to which somebody else sent one of the ciphertexts that lie in this mail, each once.
std::vector<TicketView::Elsewhere> sent_by_somebody_else(const store::Store& store, const Examination& examination,
                                                         const MessageIds& ids, const std::string& sender) {
    std::vector<TicketView::Elsewhere> tickets;
    for (const Digest& session : examination.sessions)
        for (const Digest& keyed : ids.keyed_by_all(session))
            for (const store::SeenCiphertext& seen : store.ciphertexts.with(keyed)) {
                if (seen.sender == sender || !seen.ticket) continue;
                if (std::ranges::find(tickets, *seen.ticket, &TicketView::Elsewhere::ticket) != tickets.end()) continue;
                if (const auto ticket = store.tickets.find(*seen.ticket))
                    tickets.push_back({*seen.ticket, ticket->number, times_blocked(store, *seen.ticket)});
            }
    return tickets;
}

}  // namespace

int level_of_proof(const Examination& examination, const Organisation& organisation) {
    for (const SignatureVerdict& signature : examination.crypto.signatures)
        if (signature.status == "good" && signature.covers == "all") return 2;
    const auto verdict = proof_of_sender(examination, organisation.authserv_id);
    if (!verdict) return 0;
    return verdict->proven() ? 1 : verdict->dmarc == "fail" ? -1 : 0;
}

OpenTicket load_ticket(const store::Store& store, TicketId id, const rules::RuleSet& rule_set) {
    OpenTicket open;
    open.id = id;
    auto ticket = store.tickets.find(id);
    if (!ticket) throw std::logic_error{"a ticket is missing"};
    open.ticket = std::move(*ticket);
    const std::vector<store::HistoryLine> history = store.tickets.history(id);
    const auto undone = undone_lines(history);
    for (const store::HistoryLine& line : history) {
        if (undone.contains(line.seq)) continue;
        open.happened[line.event.kind] = line.event.at;
        if (cvd::moves_clocks(line.event.kind)) open.course.emplace_back(line.event.kind, line.event.at);
    }

    const rules::Policy* current = rule_set.policy(open.ticket.policy);
    if (current != nullptr && current->hash == open.ticket.policy_hash) {
        open.policy = *current;
        return open;
    }
    const auto source = store.conversations.policy_source(open.ticket.policy_hash);
    auto policy = rules::policy_from_source(source.value_or(""));
    if (!policy) throw std::logic_error{"the policy of a ticket cannot be read: " + policy.error().what};
    open.policy = std::move(*policy);
    return open;
}

std::optional<JournalId> opening_mail(const store::Store& store, TicketId ticket) {
    for (const store::HistoryLine& line : store.tickets.history(ticket)) {
        if (line.event.kind != cvd::EventKind::Received) continue;
        if (const auto number = to_whole_number(cvd::said(line.event, "journal"))) return JournalId{*number};
    }
    return std::nullopt;
}

TicketView look_up(const store::Store& store, const Examination& examination, const Organisation& organisation,
                   const MessageIds& ids, const rules::RuleSet& rule_set, std::optional<JournalId> entry, Instant now,
                   const openpgp::Keyring& keyring) {
    TicketView view;
    const OuterMail& outer = examination.outer;
    view.own_subject = ids.subject_of(outer.message_id).value_or("");
    view.sent_by_us = !view.own_subject.empty();
    view.granted = entry && store.spent.has(granted_key(*entry));
    // A mail that was split off answers nothing any more.
    const auto journaled = entry ? store.journal.find(*entry) : std::nullopt;
    const bool alone = journaled && journaled->alone;
    view.again = journaled && journaled->ticket && store.spent.has(retry_key(*entry));
    // A mail that is looked at again is not its own duplicate.
    if (!view.granted && !view.again && !alone) {
        view.delivered_before = store.conversations.ticket_with_content(examination.content);
        view.reused_id = !view.delivered_before && !outer.message_id.empty() &&
                         !store.conversations.tickets_with(outer.message_id).empty();
    }

    const std::optional<mail::Address> author = author_of(examination.reading);
    view.blocked = author && store.spent.has(blocked_key(author->identity()));
    if (const auto lost = author ? store.unreachable.find(author->identity()) : std::nullopt)
        view.bounced = lost->status.empty() ? "no reason given" : lost->status;
    if (author) {
        view.reporter_reports = store.tickets.count_by_reporter(author->identity());
        view.reporter_valid = store.tickets.count_valid_by_reporter(author->identity());
    }
    view.from_us = author && organisation.owns(author->text());
    if (author && organisation.member(author->text()) != nullptr) {
        const AutomaticMail automatic =
            automatic_mail(examination, rule_set.evaluate(examination.answers, {}, *rule_set.policy("default")));
        view.automatic = automatic.sent_by_a_program;
        // A gateway's mark against loops, or a list on the way, says nothing of who wrote.
        for (const AutomaticSignal& signal : automatic.signals)
            if (view.seems_automatic.empty() && !view.automatic &&
                (signal.kind == AutomaticKind::AutoReply || signal.kind == AutomaticKind::Machine))
                view.seems_automatic = signal.reason;
    } else
        view.exposes = team_mail_named_in(store, outer, ids);
    view.returned = mail_told_of(store, examination, organisation, now);

    if (author) view.author_keys = keys_of(store, *author, keyring);
    if (author)
        for (const store::KnownKey& key : store.keys.of(author->identity()))
            if (key.state == store::KeyState::Retired) view.retired_keys.push_back(key.fingerprint);
    // A mail of several authors is nobody's own: whoever sent the ciphertext first was somebody else.
    view.same_ciphertext = sent_by_somebody_else(store, examination, ids, author ? author->identity() : std::string{});

    const auto belongs_to = [&](TicketId ticket) {
        view.thread = load_ticket(store, ticket, rule_set);
        if (!author) return;
        view.part = store.conversations.part_of(ticket, author->identity());
        view.proof_at_opening = store.conversations.proof_of(ticket, author->identity());
        // A member takes part in every ticket.
        if (!view.part && organisation.member(author->text()) != nullptr) view.part = store::Part::Team;
    };
    if (view.returned && view.returned->ticket) belongs_to(*view.returned->ticket);
    for (const std::string& id : alone ? std::vector<std::string>{} : answered_ids(outer)) {
        if (view.thread) break;
        auto ticket = ticket_of(store, id, author, examination.reading);
        if (!ticket) ticket = ticket_in(store, id, ids);
        if (!ticket) ticket = ticket_told_together(store, id, author);
        if (ticket) belongs_to(standing_for(store, *ticket));
    }
    if (const auto number = number_written_to(examination.reading, outer.delivered_to, organisation, ids);
        number && !view.thread && !alone)
        if (const auto ticket = store.tickets.by_number(*number)) belongs_to(standing_for(store, *ticket));

    if (!view.thread && !alone && !view.sent_by_us && !view.delivered_before && journaled && journaled->sent &&
        journaled->state != store::EntryState::Baseline)
        if (const auto ticket = written_to_reporter(store, examination.reading, outer, organisation, now))
            belongs_to(*ticket);

    if (view.delivered_before) {
        view.joins = load_ticket(store, *view.delivered_before, rule_set);
        view.answered_before = was_answered(store, *view.delivered_before, view.joins->ticket);
    } else if (author && !view.thread && !view.again && !view.granted && !alone && now != Instant{} &&
               level_of_proof(examination, organisation) <= 0) {
        if (const auto ticket = flood_of(store, *author, now)) {
            view.joins = load_ticket(store, *ticket, rule_set);
            view.flood = true;
            view.flood_count = store.conversations.count_reports(*ticket) + 1;
        }
    }
    if (view.again) {
        view.thread = load_ticket(store, *journaled->ticket, rule_set);
        if (author) view.part = store.conversations.part_of(view.thread->id, author->identity());
    }
    if (view.thread) {
        find_notices(view, store, organisation);
        if (author && !view.part && now != Instant{})
            for (const store::HeldLine& line : store.held.waiting(view.thread->id))
                if (equal_ignoring_case(line.sender, author->text()) && line.held > now - std::chrono::hours{1})
                    ++view.held_of_sender;
    } else {
        view.claims = cvd::find_number(outer.subject, organisation.numbers.prefix);
        view.claims_own_answer = view.claims && author && is_own_answer_again(store, *view.claims, outer, *author, now);
        // Of what came encrypted nothing that was decrypted is kept, not even a number. A member names tickets in
        // commands.
        const bool is_a_members = author && organisation.member(author->text()) != nullptr;
        if (!view.claims && !examination.crypto.encrypted && !is_a_members)
            for (const std::string& number : examination.team.written_numbers)
                if (!view.claims) view.claims = cvd::find_number(number, organisation.numbers.prefix);
    }
    if (!view.thread && !view.delivered_before) find_similar(view, store, examination, ids);
    if (const Member* member = author ? organisation.member(author->text()) : nullptr)
        look_up_for_team(view, {store, examination, organisation, ids, rule_set, *member, entry, now, keyring});
    return view;
}

}  // namespace tocsin::intake
