#include "daemon/event_log.hpp"
#include "daemon/house.hpp"
#include "intake/admit/admit.hpp"
#include "intake/outgoing/outgoing.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds between_tries{10};
constexpr std::string_view out_of_order_since = "openpgp out of order";

void back_in_order(House& house) {
    if (!house.keys_state.in_order) log_event(Level::Information, event::openpgp_in_order);
    house.keys_state.in_order = true;
    house.keys_state.out_since.reset();
    if (house.store.notes.find(out_of_order_since)) {
        store::Transaction transaction{house.store.database};
        house.store.notes.forget(out_of_order_since);
        transaction.commit();
    }
    house.outbox_changed.ring();
}

// What could not be opened before is tried again with every secret key that came since.
void open_again_with_new_keys(House& house) {
    const std::string secrets = house.keys->secrets();
    if (house.keys_state.secrets == secrets) return;
    house.keys_state.secrets = secrets;
    store::Transaction transaction{house.store.database};
    const std::size_t count = house.store.journal.open_again_without(secrets);
    transaction.commit();
    if (count > 0) house.journal_changed.ring();
}

// Days before the end of a key at which the team hears of it.
constexpr int days_before_the_end[] = {7, 30, 60};

void warn_of_end(House& house, const openpgp::Key& key, const std::string& whose, const std::string& what_to_do) {
    const auto ends = key.ends();
    if (!ends) return;
    const auto left = *ends - house.now();
    for (const int days : {0, days_before_the_end[0], days_before_the_end[1], days_before_the_end[2]}) {
        if (left > std::chrono::hours{24} * days) continue;
        rules::TemplateFields fields;
        const std::string day = to_rfc3339(*ends).substr(0, 10);
        fields.set("what", "The key " + key.fingerprint + " (" + whose + ") " +
                               (*ends <= house.now() ? "has expired on " : "expires on ") + day + ". " + what_to_do);
        const auto mail = intake::alarms("alarm", fields,
                                         "key " + key.fingerprint + " ends " + day + " within " + std::to_string(days),
                                         house.organisation());
        store::Transaction transaction{house.store.database};
        intake::queue_mail(house.store, mail, std::nullopt, "", std::nullopt, house.organisation(), house.ids,
                           house.now());
        transaction.commit();
        return;
    }
}

// For `tocsinctl status`, a line each: whose, the fingerprint, the day. What has long to go is not told.
void note_ends(House& house) {
    std::string lines;
    const auto add = [&](const openpgp::Key* key, const std::string& whose) {
        const auto ends = key == nullptr ? std::nullopt : key->ends();
        if (ends && *ends - house.now() <= std::chrono::hours{24} * days_before_the_end[2])
            lines += key->fingerprint + " " + to_rfc3339(*ends) + " " + whose + "\n";
    };
    const openpgp::Keyring& keyring = house.keys->keyring();
    add(keyring.find(house.organisation().own_key), "ours");
    for (const intake::Member& member : house.organisation().team)
        if (!member.key.empty()) add(keyring.find(member.key), member.name);
    store::Transaction transaction{house.store.database};
    if (lines.empty())
        house.store.notes.forget(keys_that_end);
    else
        house.store.notes.keep(keys_that_end, house.now(), lines);
    transaction.commit();
}

// Nothing where it lasts.
std::optional<Instant> own_key_has_ended(const House& house) {
    const auto* key = house.keys->keyring().find(house.organisation().own_key);
    const auto ends = key == nullptr ? std::nullopt : key->ends();
    return ends && *ends <= house.now() ? ends : std::nullopt;
}

std::string how_to_prolong(const House& house) {
    return "gpg --homedir " + house.configuration.openpgp->home.string() + " --quick-set-expire " +
           house.organisation().own_key + " 2y";
}

// What is the matter, as far as it can be told, and what to do.
std::string out_of_order_in_words(const House& house) {
    if (const auto ended = own_key_has_ended(house))
        return "Our key " + house.organisation().own_key + " has expired on " + to_rfc3339(*ended).substr(0, 10) +
               ". Nothing can be signed with it, so no mail goes out to anybody: it waits. Encrypted mail to the key "
               "is "
               "still opened, if it comes. Make the key last longer, and put it on the page again: " +
               how_to_prolong(house);
    return "OpenPGP is out of order: encrypted mail cannot be opened, and no mail can be signed. What comes in is kept "
           "and waits; it is opened when the keys and their agent are back. On the server the log and tocsinctl doctor "
           "say more.";
}

void warn_of_ends(House& house) {
    note_ends(house);
    const openpgp::Keyring& keyring = house.keys->keyring();
    // Once it has ended nothing can be signed: that is told as what it is, OpenPGP out of order.
    if (const auto* key = keyring.find(house.organisation().own_key); key != nullptr && !own_key_has_ended(house))
        warn_of_end(house, *key, "ours",
                    "Until it is made to last longer and put on the page again, reports may come in the clear: " +
                        how_to_prolong(house));
    for (const intake::Member& member : house.organisation().team)
        if (const auto* key = member.key.empty() ? nullptr : keyring.find(member.key))
            warn_of_end(house, *key, member.name,
                        "After that encrypted reports are shown to " + member.name +
                            " no more: ask for the newer key and take it in with tocsinctl key import.");
}

}  // namespace

void keys_out_of_order(House& house, std::string_view why) {
    const auto now = std::chrono::steady_clock::now();
    if (!house.keys_state.in_order && now < house.keys_state.next_try) return;
    house.keys_state.next_try = now + between_tries;
    house.keys_state.in_order = false;
    house.keys_state.stale = true;
    if (house.keys_state.out_since) return;
    // Since when outlives a restart, and with it that the team has heard of it.
    const auto before = house.store.notes.find(out_of_order_since);
    house.keys_state.out_since = before ? before->at : house.now();
    log_event(Level::Error, event::openpgp_out_of_order, {{"why", why}});
    rules::TemplateFields fields;
    fields.set("what", out_of_order_in_words(house));
    auto mail = intake::alarms("alarm", fields, "openpgp out of order " + to_rfc3339(*house.keys_state.out_since),
                               house.organisation());
    for (intake::Recipe& recipe : mail) recipe.bare = true;
    store::Transaction transaction{house.store.database};
    house.store.notes.keep(out_of_order_since, *house.keys_state.out_since);
    intake::queue_mail(house.store, mail, std::nullopt, "", std::nullopt, house.organisation(), house.ids, house.now());
    transaction.commit();
    house.outbox_changed.ring();
}

asio::awaitable<bool> keys_hold(House& house) {
    if (!house.keys) co_return true;
    if (!house.keys_state.in_order) co_return false;  // keep_keys finds out when it is; asking would put that off
    house.keys->mend_agent();
    if (!house.examiner || !house.examiner->alive()) co_return false;  // nobody can tell; another is started soon
    Examiner& examiner = *house.examiner;
    const auto proof = co_await house.keys->prove(examiner);
    if (!proof && !Examiner::is_not_begun(proof.error())) keys_out_of_order(house, proof.error().what);
    co_return proof.has_value();
}

asio::awaitable<Result<void>> keep_keys(House& house) {
    KeysInOrder& state = house.keys_state;
    if (!house.keys || state.renewing || !house.examiner) co_return Result<void>{};
    if (!house.examiner->alive()) co_return temporary(Code::Unavailable, "the examiner is not there");
    if (!state.in_order && std::chrono::steady_clock::now() < state.next_try)
        co_return temporary(Code::System, "OpenPGP is out of order");
    house.keys->mend_agent();
    if (state.in_order && state.next_warning <= house.now()) {
        warn_of_ends(house);
        state.next_warning = house.now() + std::chrono::hours{6};
    }
    const std::string stamp = house.store.keys.stamp();
    if (!state.stale && state.stamp == stamp && !house.keys->changed_on_disk()) co_return Result<void>{};
    state.renewing = true;
    Examiner& examiner = *house.examiner;
    const std::vector<store::KnownKey> known = house.store.keys.all();
    auto renewed = co_await house.keys->renew(examiner, known);
    if (renewed) {
        state.stamp = stamp;
        house.organisation_.own_key = house.keys->own_key();
        house.organisation_.secrets = house.keys->secrets();
        for (intake::Member& member : house.organisation_.team)
            if (const openpgp::Key* key = house.keys->keyring().find(member.key)) member.key = key->fingerprint;
        note_ends(house);  // while nothing can be signed, status has it all the same
        // That the files are there says nothing of the passphrase, the agent or the end of a key. What can be opened
        // is opened even where nothing can be signed.
        renewed = co_await house.keys->prove(examiner);
    }
    state.renewing = false;
    if (!renewed) {
        state.stale = true;
        if (!Examiner::is_not_begun(renewed.error())) keys_out_of_order(house, renewed.error().what);
        co_return tl::unexpected{renewed.error()};
    }
    state.stale = false;
    back_in_order(house);
    warn_of_ends(house);
    open_again_with_new_keys(house);
    log_event(Level::Information, event::keys_read, {{"keys", house.keys->keyring().keys().size()}});
    co_return Result<void>{};
}

}  // namespace tocsin::daemon
