// A small organisation with rules of its own, the mails that come to it, and a desk at which they are worked through.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "intake/admit/admit.hpp"
#include "intake/decide/decide.hpp"
#include "intake/decide/delivered.hpp"
#include "intake/examine/examine.hpp"
#include "intake/outgoing/compose.hpp"
#include "intake/promises/tick.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

using namespace std::chrono_literals;

// Friday, 6 March 2026, 15:30 in Berlin; the office is open on weekdays from 9 to 17.
inline constexpr Instant friday = std::chrono::sys_days{std::chrono::year{2026} / 3 / 6} + 14h + 30min;

Instant instant(std::string_view rfc3339);

const rules::RuleSet& small_rules();    // written by this test, two languages
const rules::RuleSet& shipped_rules();  // those of the project

// English and German; Alice leads, Bob does not.
Organisation acme(Mode mode = Mode::Live);
const MailboxRules& security_mailbox();
const MessageIds& acme_ids();

struct Letter {
    std::string from = "Rae <rae@lab.test>";
    std::string subject = "XSS in login";
    std::string text = "There is an XSS in your login.";
    std::string message_id = "a1@lab.test";
    std::vector<std::string> fields = {};  // "In-Reply-To: <x@y>"
    std::string type = "text/plain; charset=utf-8";
    std::string to = "security@acme.test";
    std::string bytes() const;
};

// The same but for its ciphertext (RFC 3156 section 4).
Letter encrypted_letter(const std::string& ciphertext);

Examination examined(const Letter& letter, const rules::RuleSet& rule_set = small_rules());
Arrival arrived(std::int64_t journal = 1, Instant at = friday);
Decision decided(const Letter& letter, const TicketView& view = {}, const rules::RuleSet& rule_set = small_rules());

// What somebody gets, by template.
std::vector<Recipe> to_team(const Decision& decision);
std::vector<Recipe> to_outside(const Decision& decision);
std::vector<std::string> texts_in(const Recipe& recipe, const std::string& list, const std::string& field);
std::vector<bool> yeses_in(const Recipe& recipe, const std::string& list, const std::string& field);
std::string text_in(const Recipe& recipe, const std::string& field);
bool yes_in(const Recipe& recipe, const std::string& field);

std::vector<cvd::EventKind> kinds(const std::vector<cvd::Event>& events);
std::vector<cvd::Event> of_kind(const std::vector<cvd::Event>& events, cvd::EventKind kind);
cvd::Event by_alice(cvd::EventKind kind, Instant at);

// A ticket as `open_ticket` of the given report leaves it, with an id and a number.
OpenTicket opened_by(const Letter& letter, Instant at = friday, const rules::RuleSet& rule_set = small_rules());

// The same under one of the shipped policies.
OpenTicket opened_under(const std::string& policy);

const rules::ClockRule& rule_of(const OpenTicket& open, std::string_view name);
bool is_open(const OpenTicket& open, std::string_view name);

class DeskTest : public testing::Test {
protected:
    struct Taken {
        Decision decision;
        Admitted admitted;
        JournalId entry{0};
    };
    // Journals, examines, decides and admits, as the daemon does.
    Taken take_in(const Letter& letter, Instant at = friday);
    Taken take_entry(JournalId entry, const Letter& letter, Instant at, bool acknowledge);  // of what is journaled
    template <class Work>
    auto in_transaction(Work work) {
        store::Transaction transaction{store_.database};
        auto result = work();
        transaction.commit();
        return result;
    }
    // The server answers this to the mail.
    store::OutboxState answered(OutboxId id, const store::AttemptResult& result, Instant now);
    std::vector<store::OutboxRow> outbox() const { return store_.outbox.waiting(1'000); }
    std::optional<store::OutboxRow> mail_of(const std::string& template_name, const std::string& recipient) const;
    cvd::Ticket ticket(TicketId id) const { return store_.tickets.find(id).value(); }
    std::vector<cvd::EventKind> history(TicketId id) const;
    std::int64_t events_of(TicketId id, cvd::EventKind kind) const;

    store::Store store_{store::Database::open(":memory:", store::Database::Use::Daemon).value()};
    Organisation organisation_ = acme();
    std::uint32_t next_uid_ = 1;
};

}  // namespace tocsin::intake
