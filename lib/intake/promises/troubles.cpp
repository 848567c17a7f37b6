#include "intake/promises/troubles.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "intake/admit/admit.hpp"
#include "intake/outgoing/outgoing.hpp"

namespace tocsin::intake {

namespace {

constexpr std::string_view canary_subject = "canary";
constexpr std::string_view canary_place = "";  // of all mailboxes: where a mail to our own address comes in
constexpr Micros refusal_settled = std::chrono::minutes{2};
constexpr Micros canaries_kept = std::chrono::hours{24 * 30};

std::string to_the_second(Instant at) { return to_rfc3339(std::chrono::floor<std::chrono::seconds>(at)); }

std::string in_words(const std::string& peer) {
    constexpr std::string_view mailbox = "mailbox:";
    if (peer.starts_with(mailbox)) return "The mailbox '" + peer.substr(mailbox.size()) + "'";
    return "The submission server";
}

// Of servers that the configuration has no longer, nobody wants to hear.
bool is_used(const std::string& peer, const std::vector<std::string>& mailboxes) {
    return peer == "submission" ||
           std::ranges::any_of(mailboxes, [&](const std::string& name) { return peer == "mailbox:" + name; });
}

void look_at_peer(const store::Peer& peer, const AlarmRules& rules, const Times& times,
                  std::vector<TroubleNow>& troubles) {
    if (peer.trouble_since) {
        const Micros lasts = times.now - *peer.trouble_since;
        const std::string since =
            " since " + to_the_second(*peer.trouble_since) + ": " + for_one_line(peer.trouble, 300);
        if (peer.refused && lasts >= refusal_settled)
            troubles.push_back(
                {"refused " + peer.name, in_words(peer.name) + " refuses our password or token" + since});
        else if (lasts >= rules.unreachable)
            troubles.push_back({"unreachable " + peer.name, in_words(peer.name) + " cannot be reached" + since});
    }
    if (peer.certificate_ends && *peer.certificate_ends - times.machine <= rules.certificate)
        troubles.push_back({"certificate " + peer.name, in_words(peer.name) + " shows a certificate that ends on " +
                                                            to_the_second(*peer.certificate_ends) +
                                                            ". After that no mail is read or sent over it."});
}

void look_for_silence(const store::Store& store, const AlarmRules& rules, Instant now,
                      std::vector<TroubleNow>& troubles) {
    if (!rules.silence) return;
    std::optional<Instant> last = store.journal.last_from_outside();
    if (!last)
        for (const store::ImapCursor& cursor : store.cursors.all())
            if (cursor.start && (!last || *cursor.start < *last)) last = cursor.start;
    if (last && now - *last >= *rules.silence)
        troubles.push_back({"silence", "No mail from outside has come since " + to_the_second(*last) +
                                           ". Is the address still delivered to the mailbox that we read?"});
}

void look_for_canary(const store::Store& store, const AlarmRules& rules, Instant now,
                     std::vector<TroubleNow>& troubles) {
    if (!rules.canary) return;
    const auto missing = store.canaries.missing_since(canary_place);
    if (missing && now - *missing >= std::max<Micros>(*rules.canary, std::chrono::minutes{10}))
        troubles.push_back({"canary", "A mail that we sent to ourselves at " + to_the_second(*missing) +
                                          " has not come back. Mail to our address may be lost or held up."});
}

void look_at_outbox(const store::Store& store, const AlarmRules& rules, Instant now,
                    std::vector<TroubleNow>& troubles) {
    // What a budget or `relay_delay` holds back waits for nobody.
    const auto since = store.outbox.stuck_since(now);
    if (!since || now - *since < rules.outbox) return;
    const auto counts = store.outbox.counts();
    troubles.push_back({"outbox", "Mail waits to go out since " + to_the_second(*since) + ": " +
                                      std::to_string(counts.queued) + " queued, " + std::to_string(counts.deferred) +
                                      " put off by the server. `tocsinctl outbox list` shows it."});
}

// Nobody hears of a report then; each ticket has its events, and `outbox list --failed` the mails.
void look_for_refusals(const store::Store& store, std::vector<TroubleNow>& troubles) {
    const auto answer = store.outbox.refusal_of_team_mail();
    if (!answer) return;
    troubles.push_back(
        {"refused-mail", "No mail reaches the team: each of the last ones was refused for good, the newest with: " +
                             for_one_line(answer->empty() ? "no reply" : *answer, 300) +
                             ". Such mail is not sent again: `tocsinctl list` shows the tickets, "
                             "`tocsinctl outbox list --failed` the mails."});
}

void look_for_gaps(const store::Store& store, const AlarmRules& rules, const std::vector<std::string>& mailboxes,
                   Instant now, std::vector<TroubleNow>& troubles) {
    for (const store::ImapCursor& cursor : store.cursors.all()) {
        const bool watched = std::ranges::find(mailboxes, cursor.mailbox) != mailboxes.end();
        if (!watched || !cursor.missing_since || now - *cursor.missing_since < rules.unreachable) continue;
        troubles.push_back({"missing mailbox:" + cursor.mailbox + " " + for_one_line(cursor.folder, 200),
                            "In the folder '" + for_one_line(cursor.folder, 200) + "' of the mailbox '" +
                                cursor.mailbox + "' there is mail that the server names and does not give us, since " +
                                to_the_second(*cursor.missing_since) + ": " + std::to_string(cursor.missing) +
                                (cursor.missing == 1 ? " mail" : " mails") +
                                ". It is asked for again and again. Look for it with a mail program, and forward it to "
                                "our address if it can be read there."});
    }
}

std::size_t tell_team(store::Store& store, const std::string& what, const std::string& occasion,
                      const Organisation& organisation, const MessageIds& ids, Instant now) {
    rules::TemplateFields fields;
    fields.set("what", what);
    return queue_mail(store, alarms("alarm", fields, occasion, organisation), std::nullopt, {}, std::nullopt,
                      organisation, ids, now);
}

}  // namespace

std::vector<TroubleNow> troubles_now(const store::Store& store, const AlarmRules& rules,
                                     const std::vector<std::string>& mailboxes, const Times& times) {
    const Instant now = times.now;
    std::vector<TroubleNow> troubles;
    for (const store::Peer& peer : store.peers.all())
        if (is_used(peer.name, mailboxes)) look_at_peer(peer, rules, times, troubles);
    look_at_outbox(store, rules, now, troubles);
    look_for_refusals(store, troubles);
    look_for_gaps(store, rules, mailboxes, now, troubles);
    look_for_silence(store, rules, now, troubles);
    look_for_canary(store, rules, now, troubles);
    return troubles;
}

std::size_t tell_troubles(store::Store& store, const AlarmRules& rules, const std::vector<std::string>& mailboxes,
                          const Organisation& organisation, const MessageIds& ids, const Times& times) {
    store::require_transaction(store.database);
    const Instant now = times.now;
    const auto troubles = troubles_now(store, rules, mailboxes, times);
    const auto open = store.troubles.open();
    std::size_t told = 0;
    for (const store::Trouble& old : open) {
        if (std::ranges::any_of(troubles, [&](const TroubleNow& each) { return each.name == old.name; })) continue;
        store.troubles.end(old.id, now);
        tell_team(store, "This is over since " + to_the_second(now) + ":\n\n" + old.words,
                  "trouble " + std::to_string(old.id) + " is over", organisation, ids, now);
        ++told;
    }
    for (const TroubleNow& each : troubles) {
        if (std::ranges::any_of(open, [&](const store::Trouble& old) { return old.name == each.name; })) continue;
        const auto id = store.troubles.begin(each.name, each.words, now);
        tell_team(store, each.words, "trouble " + std::to_string(id), organisation, ids, now);
        ++told;
    }
    return told;
}

bool is_canary(std::string_view own_subject) { return own_subject == canary_subject; }

bool send_canary(store::Store& store, const AlarmRules& rules, const Organisation& organisation, const MessageIds& ids,
                 Instant now) {
    store::require_transaction(store.database);
    // A mode that sends nothing would miss its own canary.
    if (organisation.mode == Mode::Shadow || !rules.canary) return false;
    const auto last = store.canaries.last_sent(canary_place);
    if (last && now - *last < *rules.canary) return false;
    Organisation ourselves = organisation;
    ourselves.team = {{.name = organisation.name, .address = organisation.address, .roles = {}}};
    rules::TemplateFields fields;
    const std::string occasion = "canary " + std::to_string(to_micros(now));
    for (Recipe recipe : alarms("canary", fields, occasion, ourselves)) {
        recipe.message_id = ids.mint(canary_subject).view();
        recipe.date = now;
        store.outbox.add({.ticket = {},
                          .cause = {},
                          .occasion = recipe.occasion,
                          .template_name = recipe.template_name,
                          .recipient = recipe.to_address,
                          .message_id = recipe.message_id,
                          .recipe = to_json(recipe),
                          .to_team = true,
                          .not_before = {}},
                         now);
        store.canaries.sent(recipe.message_id, canary_place, now);
    }
    store.canaries.forget_before(now - canaries_kept);
    return true;
}

bool take_canary(store::Store& store, const MessageIds& ids, std::string_view message_id, Instant now) {
    return ids.subject_of(message_id) == canary_subject && store.canaries.came(message_id, now);
}

}  // namespace tocsin::intake
