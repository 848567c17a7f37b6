#include "daemon/journal/examined_mail.hpp"

#include <algorithm>

#include "daemon/journal/journaled_mail.hpp"
#include "intake/decide/known_keys.hpp"
#include "intake/examine/frame.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

constexpr int most_failures = 2;              // then it is quarantined, and a human is told
constexpr int most_tries = 50;                // cut off by crashes of ours, which may not be the mail's fault
constexpr std::chrono::seconds deadline{30};  // for one mail

// What is bound to an address is what gpg keeps of a certificate, and it has to be a key that can be used. Of one that
// is known already, what is new is put beside what was there, and replaces nothing.
asio::awaitable<void> inspect_offers(House& house, intake::Examination& examination) {
    constexpr std::size_t most_remembered = 4'096;
    Examiner& examiner = *house.examiner;
    std::vector<intake::OfferedKey> inspected;
    for (intake::OfferedKey& offer : examination.offers) {
        std::string kept;
        for (const store::KnownKey& known : house.store.keys.with_fingerprint(offer.fingerprint))
            if (kept.empty() || known.state == store::KeyState::Bound) kept = known.certificate;
        offer.certificate.insert(0, kept);
        const Digest looked_at = sha256(offer.certificate);
        const auto before = house.keys_state.nothing_new.find(looked_at);
        if (!kept.empty() && before != house.keys_state.nothing_new.end()) {
            offer.certificate = kept;
            offer.addresses = before->second;
            inspected.push_back(std::move(offer));
            continue;
        }
        auto read = co_await house.keys->inspect(examiner, std::move(offer), !kept.empty());
        if (!read) continue;
        read->renews = !kept.empty() && read->certificate != kept;
        if (!kept.empty() && !read->renews) {
            if (house.keys_state.nothing_new.size() >= most_remembered) house.keys_state.nothing_new.clear();
            house.keys_state.nothing_new[looked_at] = read->addresses;
        }
        inspected.push_back(std::move(*read));
    }
    examination.offers = std::move(inspected);
}

}  // namespace

bool is_examined(const store::JournalEntry& entry) {
    return entry.state != store::EntryState::Oversized && entry.failures < most_failures && entry.tries < most_tries;
}

asio::awaitable<void> examine(House& house, ExaminedMail& mail) {
    const intake::ExamineOptions options{.recipient = house.organisation().address.text(),
                                         .via_list = mailbox_of(house, mail.entry).via_list,
                                         .authserv_id = house.organisation().authserv_id,
                                         .addresses = intake::all_addresses_of(house.organisation()),
                                         .certificates = intake::certificates_of(house.organisation()),
                                         .with_text = false};
    const intake::Frame request = intake::ask_to_examine(options, {});
    const JournaledMail journaled{house.store.journal, mail.entry};
    Examiner& examiner = *house.examiner;
    const auto answer = co_await examiner.ask(request, deadline, journaled.body());
    if (!answer && !Examiner::is_not_begun(answer.error()) && house.keys && house.keys->mend_agent()) {
        // It was the agent that hung or died, and gpg with it.
        mail.examination.emplace(temporary(Code::System, "OpenPGP was out of order"));
        co_return;
    }
    mail.examination.emplace(answer ? intake::examination_in(*answer, house.rule_set)
                                    : Result<intake::Examination>{tl::unexpected{answer.error()}});
    if (*mail.examination && house.keys) co_await inspect_offers(house, **mail.examination);
}

bool waits_for_keys(const ExaminedMail& mail) {
    return mail.examination && !*mail.examination && intake::is_out_of_order(mail.examination->error());
}

bool was_not_begun(const ExaminedMail& mail) {
    return mail.examination && !*mail.examination && Examiner::is_not_begun(mail.examination->error());
}

const intake::MailboxRules& mailbox_of(const House& house, const store::JournalEntry& entry) {
    const MailboxConfiguration* mailbox = house.configuration.mailbox(entry.place.mailbox);
    return mailbox == nullptr ? house.configuration.mailboxes.front().rules : mailbox->rules;
}

intake::Arrival arrival_of(const House& house, const store::JournalEntry& entry) {
    return {.journal = entry.id,
            .received = std::min(entry.internal_date, house.now()),
            .baseline = entry.state == store::EntryState::Baseline,
            .acknowledge = entry.acknowledge,
            .sent = entry.sent,
            .alone = entry.alone};
}

intake::TicketView look_up(const House& house, const ExaminedMail& mail, Instant now) {
    return intake::look_up(house.store, **mail.examination, house.organisation(), house.ids, house.rule_set,
                           mail.entry.id, now, house.keys ? house.keys->keyring() : openpgp::Keyring{});
}

}  // namespace tocsin::daemon
