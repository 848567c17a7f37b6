#include "intake/decide/encrypted_report.hpp"

#include "intake/admit/admit.hpp"
#include "intake/admit/blocked_relays.hpp"
#include "intake/outgoing/outgoing.hpp"

namespace tocsin::intake {

namespace {

// One ciphertext under a hundred addresses is no reason for thousands of mails: a ticket that has heard of so many is
// blocked and stays it, and the notice of the newest names some of the others.
constexpr std::size_t most_alarms = 5;

// How a human says that it has been looked at.
std::string how_to_clear(const std::string& number) {
    return " until somebody has looked at it: /confirm, in an answer to a mail about the ticket, lets words out again"
           " (or: tocsinctl key clear " +
           number + ").";
}

cvd::Event key_event(const store::KnownKey& key, const TicketView& view, Instant now) {
    const bool bound = key.state == store::KeyState::Bound;
    cvd::Event event{bound ? cvd::EventKind::KeyBound : cvd::EventKind::KeyProposed,
                     now,
                     "tocsin",
                     {{"fingerprint", key.fingerprint}, {"origin", key.origin}}};
    if (!bound && !view.author_keys.empty())
        event.detail["known"] = view.author_keys.front().fingerprint;
    else if (!bound && !view.retired_keys.empty())
        event.detail["retired"] = view.retired_keys.back();
    return event;
}

}  // namespace

std::vector<std::string> crypto_alarms(const KeyFindings& keys, const TicketView& view) {
    std::vector<std::string> alarms;
    for (const TicketView::Elsewhere& other : view.same_ciphertext) {
        if (alarms.size() == most_alarms) {
            const std::size_t more = view.same_ciphertext.size() - most_alarms;
            alarms.push_back("The same was sent to " + std::to_string(more) +
                             (more == 1 ? " more ticket." : " more tickets."));
            break;
        }
        alarms.push_back("Somebody else has sent this very ciphertext before, to " + other.number +
                         ". One of the two is not its author. Nothing is relayed in either ticket" +
                         how_to_clear(other.number));
    }
    alarms.insert(alarms.end(), keys.alarms.begin(), keys.alarms.end());
    return alarms;
}

void note_opening(Decision& decision, const Examination& examination) {
    const auto author = author_of(examination.reading);
    decision.sender = author ? author->identity() : std::string{};
    decision.sessions = examination.sessions;
    if (examination.crypto.encrypted && !examination.crypto.decrypted)
        decision.unopened = examination.crypto.error.value_or("unknown");
}

void note_crypto(Decision& decision, const KeyFindings& keys, const TicketView& view, const Examination& examination,
                 const Organisation& organisation, const Arrival& arrival, Instant now) {
    if (decision.kind == "report" || decision.kind == "reporter-reply") {
        decision.keys = keys.keys;
        for (const store::KnownKey& key : keys.keys) decision.events.push_back(key_event(key, view, now));
    }
    // Whatever it is taken for: it stands in a ticket now, where a member may write words out of it.
    if (examination.sessions.empty() || arrival.baseline || decision.action == Action::None) return;
    const std::string journal = std::to_string(arrival.journal.value());
    for (const TicketView::Elsewhere& other : view.same_ciphertext) {
        if (decision.ticket == other.ticket) continue;
        decision.events.push_back({cvd::EventKind::RelaysBlocked, now, "tocsin", {{"other", other.number}}});
        decision.elsewhere.push_back(
            {.ticket = other.ticket,
             .number = other.number,
             .events = {{cvd::EventKind::RelaysBlocked, now, "tocsin", {}}},
             .mail = other.times_blocked >= most_alarms
                         ? std::vector<Recipe>{}
                         : alarms("alarm", {}, "ciphertext " + journal + " " + other.number, organisation)});
    }
}

Recipe answer_to_report(const Examination& examination, const rules::Evaluation& evaluation, const KeyFindings& keys,
                        const mail::Address& author, const cvd::Ticket& ticket, const rules::Policy& policy,
                        const Organisation& organisation, const Arrival& arrival, Instant now) {
    const bool own_key = !organisation.own_key.empty();
    Recipe answer = own_key && !examination.foreign_keys.empty()
                        ? cannot_decrypt(examination.outer, examination.foreign_keys, author, ticket, policy,
                                         organisation, arrival, now)
                        : acknowledgement(examination.outer, known_of(examination, evaluation, ticket.language), author,
                                          ticket, policy, organisation, arrival, now);
    if (!came_encrypted(examination.crypto)) return answer;
    answer.encrypt_to = keys.answer_with;
    answer.fields.set("no_key", answer.encrypt_to.empty() && own_key);
    return answer;
}

void keep_crypto(store::Store& store, const Decision& decision, JournalId entry, std::optional<TicketId> ticket,
                 const std::string& number, const Organisation& organisation, const MessageIds& ids, Instant now) {
    if (!decision.unopened.empty() || !decision.sessions.empty())
        store.journal.note_unopened(entry, decision.unopened, organisation.secrets);
    if (!ticket) return;
    for (const cvd::Event& event : decision.events) {
        if (event.kind == cvd::EventKind::RelaysBlocked) hold_relays(store, *ticket, now);
        if (event.kind == cvd::EventKind::RelaysCleared) let_relays_out(store, *ticket, now);
    }
    for (store::KnownKey key : decision.keys) {
        key.ticket = ticket;
        store.keys.add(key, now);
    }
    for (const Digest& session : decision.sessions)
        store.ciphertexts.note(ids.keyed(session), {entry, ticket, decision.sender}, now);
    for (const AlarmElsewhere& other : decision.elsewhere) {
        std::vector<cvd::Event> events = other.events;
        for (cvd::Event& event : events) event.detail["other"] = number;
        std::vector<Recipe> mail = other.mail;
        for (Recipe& recipe : mail)
            recipe.fields.set("what", "What was sent to " + other.number +
                                          " encrypted has been sent again by somebody else, as " + number +
                                          ". Nothing is relayed in either ticket" + how_to_clear(other.number));
        store.tickets.record(other.ticket, events);
        hold_relays(store, other.ticket, now);
        queue_mail(store, mail, other.ticket, other.number, entry, organisation, ids, now);
    }
}

}  // namespace tocsin::intake
