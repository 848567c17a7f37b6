#include "intake/decide/known_keys.hpp"

#include <algorithm>
#include <utility>

namespace tocsin::intake {

namespace {

bool is_known(const std::vector<openpgp::Key>& keys, std::string_view fingerprint) {
    return std::ranges::find(keys, fingerprint, &openpgp::Key::fingerprint) != keys.end();
}

std::string in_fours(std::string_view fingerprint) {
    std::string text;
    for (std::size_t at = 0; at < fingerprint.size(); at += 4)
        text.append(at == 0 ? "" : " ").append(fingerprint.substr(at, 4));
    return text;
}

// The very key that was known, made to last longer by its owner: no other one, and no alarm.
void take_renewed(KeyFindings& findings, const OfferedKey& offer, const TicketView& view, const std::string& address,
                  Instant now) {
    const auto known = std::ranges::find(view.author_keys, offer.fingerprint, &openpgp::Key::fingerprint);
    if (!offer.renews && (known->encrypts_at(now) || !offer.encrypts)) return;
    if (offer.renews && !offer.encrypts && known->encrypts_at(now)) {
        findings.alarms.push_back(
            "The key " + in_fours(offer.fingerprint) + " of " + address +
            " is used no more: its owner has revoked it, or it has ended. " +
            (offer.outside ? "Nothing is encrypted to it from now on."
                           : "To encrypt nothing to it from now on: tocsinctl key retire " + offer.fingerprint));
        if (!offer.outside) return;  // what lay inside makes no difference to an answer
        std::erase(findings.answer_with, offer.fingerprint);
    }
    findings.keys.push_back({.fingerprint = offer.fingerprint,
                             .address = address,
                             .origin = offer.origin,
                             .state = store::KeyState::Bound,
                             .certificate = offer.certificate});
    if (offer.outside && offer.encrypts &&
        std::ranges::find(findings.answer_with, offer.fingerprint) == findings.answer_with.end())
        findings.answer_with.push_back(offer.fingerprint);
}

std::string alarm_of_another_key(const std::string& address, const TicketView& view, const OfferedKey& offer) {
    const bool retired = view.author_keys.empty();
    return "Another key is offered for " + address + ". " +
           (retired ? "Retired: " + in_fours(view.retired_keys.back())
                    : "Known: " + in_fours(view.author_keys.front().fingerprint)) +
           ". Offered: " + in_fours(offer.fingerprint) + ". Nothing was replaced: " +
           (retired ? "no mail is encrypted to her" : "mail still goes out to the known one") +
           ". If it is really hers: /accept-key " + offer.fingerprint + " (or: tocsinctl key accept " +
           offer.fingerprint + ")";
}

bool bears(const OfferedKey& offer, const mail::Address& author) {
    return std::ranges::any_of(offer.addresses, [&](const std::string& one) {
        const auto address = mail::Address::from(one);
        return address && *address == author;
    });
}

// What everybody could see comes first, so that what lay inside makes no difference to it; then what can be used.
std::vector<OfferedKey> in_order_of_use(std::vector<OfferedKey> offers) {
    std::ranges::stable_sort(offers, [](const OfferedKey& one, const OfferedKey& other) {
        return std::pair{!one.outside, !one.encrypts} < std::pair{!other.outside, !other.encrypts};
    });
    return offers;
}

// A file brings two that could be used for her: nobody says which one she means.
bool is_one_of_several(const OfferedKey& offer, const std::vector<OfferedKey>& offers, const mail::Address& author) {
    return offer.among_others && std::ranges::any_of(offers, [&](const OfferedKey& one) {
               return one.among_others && one.encrypts && one.outside == offer.outside &&
                      one.fingerprint != offer.fingerprint && bears(one, author);
           });
}

struct KeysLeft {
    std::vector<std::string> hers;       // that bear her address
    std::vector<std::string> of_others;  // in one file with others
    std::size_t unseen = 0;
};

std::string listed(const std::vector<std::string>& fingerprints) {
    std::string text;
    for (const std::string& one : fingerprints) text.append(text.empty() ? "" : "; ").append(in_fours(one));
    return text;
}

std::string alarm_of_keys_left(const std::string& address, const KeysLeft& left, bool bound) {
    std::string text;
    if (!left.hers.empty())
        text += "Several keys are offered for " + address + (bound ? ". One was taken" : ". None was taken") +
                ". Not taken: " + listed(left.hers) + ". To take one of these: /accept-key " + left.hers.front() +
                " (or: tocsinctl key accept " + left.hers.front() + "). ";
    if (!left.of_others.empty())
        text += "Not taken, since they do not bear " + address + ": " + listed(left.of_others) + ". ";
    if (left.unseen > 0)
        text += std::to_string(left.unseen) + " more in the same file " + (left.unseen == 1 ? "was" : "were") +
                " not looked at. ";
    if (!text.empty()) text = "Not every key that came with this mail was taken. " + text;
    while (text.ends_with(' ')) text.pop_back();
    return text;
}

}  // namespace

KeyFindings find_keys(const Examination& examination, const TicketView& view, bool refuted, Instant now) {
    KeyFindings findings;
    const auto author = author_of(examination.reading);
    if (!author) return findings;
    for (const openpgp::Key& key : view.author_keys)
        if (key.encrypts_at(now)) findings.answer_with.push_back(key.fingerprint);
    // Where a human has retired hers, the next one that bears her address is not taken unseen.
    const bool known_before = !view.author_keys.empty() || !view.retired_keys.empty();
    bool bound = known_before;
    KeysLeft left;
    for (const OfferedKey& offer : in_order_of_use(examination.offers)) {
        left.unseen += offer.left_out;
        if (!bears(offer, *author)) {
            if (offer.among_others) left.of_others.push_back(offer.fingerprint);
            continue;
        }
        // A human has said of a retired key that it is not hers any more; that it is offered again changes nothing.
        if (std::ranges::find(view.retired_keys, offer.fingerprint) != view.retired_keys.end()) continue;
        if (is_known(view.author_keys, offer.fingerprint)) {
            take_renewed(findings, offer, view, author->identity(), now);
            continue;
        }
        if (refuted) continue;  // our own server says that somebody else wrote it
        const bool takes = !bound && !is_one_of_several(offer, examination.offers, *author);
        store::KnownKey key{.fingerprint = offer.fingerprint,
                            .address = author->identity(),
                            .origin = offer.origin,
                            .state = takes ? store::KeyState::Bound : store::KeyState::Proposed,
                            .certificate = offer.certificate};
        if (takes && offer.outside && offer.encrypts) findings.answer_with.push_back(offer.fingerprint);
        if (known_before)
            findings.alarms.push_back(alarm_of_another_key(author->text(), view, offer));
        else if (!takes)
            left.hers.push_back(offer.fingerprint);
        findings.keys.push_back(std::move(key));
        bound = bound || takes;
    }
    if (auto alarm = alarm_of_keys_left(author->text(), left, bound); !alarm.empty())
        findings.alarms.push_back(std::move(alarm));
    return findings;
}

std::vector<openpgp::Key> keys_of(const store::Store& store, const mail::Address& address,
                                  const openpgp::Keyring& keyring) {
    std::vector<openpgp::Key> keys;
    bool any = false;
    for (const store::KnownKey& known : store.keys.of(address.identity())) {
        if (known.state == store::KeyState::Proposed) continue;
        any = true;
        if (known.state == store::KeyState::Retired) continue;
        const openpgp::Key* key = keyring.find(known.fingerprint);
        openpgp::Key found;
        found.fingerprint = known.fingerprint;
        keys.push_back(key != nullptr ? *key : found);
    }
    if (any) return keys;
    for (const openpgp::Key* key : keyring.with_address(address.text()))
        if (!key->ours()) keys.push_back(*key);
    return keys;
}

openpgp::Keyring bound_keyring(const openpgp::Keyring& all, const openpgp::Keyring& house,
                               const std::vector<store::KnownKey>& known) {
    std::vector<openpgp::Key> keys = all.keys();
    for (openpgp::Key& key : keys) {
        const openpgp::Key* kept = house.find(key.fingerprint);
        std::erase_if(key.addresses, [&](const std::string& one) {
            const auto address = mail::Address::from(one);
            if (!address) return true;
            for (const store::KnownKey& binding : known)
                if (binding.fingerprint == key.fingerprint && binding.address == address->identity() &&
                    binding.state != store::KeyState::Proposed)
                    return binding.state == store::KeyState::Retired;
            return kept == nullptr || !kept->bears(one);
        });
    }
    return openpgp::Keyring{std::move(keys)};
}

bool relays_blocked(const store::Store& store, TicketId ticket) { return times_blocked(store, ticket) > 0; }

std::size_t times_blocked(const store::Store& store, TicketId ticket) {
    std::size_t times = 0;
    for (const store::HistoryLine& line : store.tickets.history(ticket)) {
        if (line.event.kind == cvd::EventKind::RelaysBlocked) ++times;
        if (line.event.kind == cvd::EventKind::RelaysCleared) times = 0;
    }
    return times;
}

cvd::Event relays_cleared(const std::string& actor, Instant now) {
    return {cvd::EventKind::RelaysCleared, now, actor, {}};
}

}  // namespace tocsin::intake
