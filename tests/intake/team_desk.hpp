// The desk with a team at it: what its members' mails do to a ticket.
#pragma once

#include <algorithm>
#include <functional>
#include <map>

#include "desk.hpp"

namespace tocsin::intake {

using cvd::EventKind;
using cvd::TicketState;

inline constexpr const char* alices_key = "A11CEA11CEA11CEA11CEA11CEA11CEA11CEA11CE";

// A ticket of Rae's, and Alice of the team, whose key the roster has.
class TeamDesk : public DeskTest {
protected:
    void SetUp() override {
        organisation_.team[0].key = alices_key;
        report_ = take_in({});
        letters_.insert_or_assign(report_.entry.value(), Letter{});
        ticket_ = *report_.admitted.ticket;
    }

    std::string id_of(const std::string& template_name, const std::string& recipient) const {
        std::string found;
        for (const store::OutboxRow& row : store_.outbox.of_ticket(ticket_))
            if (row.template_name == template_name && row.recipient == recipient) found = row.message_id;
        EXPECT_NE("", found) << template_name << " to " << recipient;
        return found;
    }
    std::string notice_to(const std::string& member) const { return id_of("notice", member); }

    static Letter from_alice(std::string text, const std::string& answers = {}) {
        static int serial = 0;
        Letter letter{.from = "Alice <alice@acme.test>",
                      .subject = "Re: XSS in login",
                      .text = std::move(text),
                      .message_id = "m" + std::to_string(++serial) + "@acme.test"};
        if (!answers.empty()) letter.fields = {"In-Reply-To: <" + answers + ">"};
        return letter;
    }

    // As `take_in`, with a change to what the examiner says; then all that a yes has reopened.
    Decision take(const Letter& letter, Instant at = friday + 1h,
                  const std::function<void(Examination&)>& change = {}) {
        const auto entry = in_transaction([&] {
            return store_.journal.append({.place = {"security", "INBOX", 1, next_uid_++}, .internal_date = at},
                                         letter.bytes(), at);
        });
        if (!entry) throw std::logic_error{"not journaled"};
        letters_.insert_or_assign(entry->value(), letter);
        Decision first = work(*entry, at, change);
        for (const store::JournalEntry& waiting : store_.journal.pending(10)) last_ = work(waiting.id, at, {});
        return first;
    }

    Decision work(JournalId entry, Instant at, const std::function<void(Examination&)>& change) {
        Examination examination = examined(letters_.at(entry.value()));
        if (change) change(examination);
        const TicketView view = look_up(store_, examination, organisation_, acme_ids(), small_rules(), entry, at);
        Decision decision =
            decide(examination, view, small_rules(), organisation_, security_mailbox(), arrived(entry.value(), at), at);
        in_transaction([&] {
            return admit(store_, decision, entry, store::EntryState::Done, organisation_, acme_ids(), at,
                         &small_rules());
        });
        return decision;
    }

    static std::function<void(Examination&)> signed_by_alice(Instant made = friday + 30min, std::string text = "t1") {
        return [made, text](Examination& examination) {
            examination.crypto.protocol = "openpgp";
            examination.crypto.covers = "all";
            examination.crypto.signatures = {{.status = "good",
                                              .fingerprint = alices_key,
                                              .address = "alice@acme.test",
                                              .covers = "all",
                                              .made = made,
                                              .signed_text = text}};
        };
    }

    std::vector<std::string> templates_to(const std::string& address) const {
        std::vector<std::string> names;
        for (const store::OutboxRow& row : store_.outbox.of_ticket(ticket_))
            if (row.recipient == address && row.state != store::OutboxState::Dropped)
                names.push_back(row.template_name);
        return names;
    }
    std::size_t count(const std::string& template_name, const std::string& address) const {
        const auto names = templates_to(address);
        return static_cast<std::size_t>(std::ranges::count(names, template_name));
    }
    cvd::Ticket now() const { return ticket(ticket_); }

    void nothing_was_done() {
        EXPECT_EQ(TicketState::New, now().state);
        EXPECT_EQ("", now().owner);
        EXPECT_EQ("rae@lab.test", now().reporter);
        EXPECT_EQ(0, events_of(ticket_, EventKind::Commanded));
        EXPECT_EQ(0, events_of(ticket_, EventKind::Relayed));
        EXPECT_EQ(std::vector<std::string>{"acknowledgement"}, templates_to("rae@lab.test"));
    }

    Taken report_;
    TicketId ticket_{0};
    std::map<std::int64_t, Letter> letters_;
    Decision last_;
};

}  // namespace tocsin::intake
