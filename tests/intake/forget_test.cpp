// The reporter of a closed ticket is forgotten: nothing of her is left in the file, and the chain still holds.
#include "intake/admit/forget.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "desk.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/team/team_view.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;

class ForgetTest : public DeskTest {
protected:
    ForgetTest() {
        std::string name = (std::filesystem::temp_directory_path() / "tocsin-forget-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
        folder_ = name;
        store_.database = store::Database::open(folder_ / "t.db", store::Database::Use::Daemon).value();
    }
    ~ForgetTest() override { std::filesystem::remove_all(folder_); }

    TicketId reported(const std::string& from = "Rosalind Quux <Rosalind@lab.test>") {
        return take_in({.from = from,
                        .subject = "Command injection, by Rosalind Quux",
                        .text = "The nightingale of rosalind sings.",
                        .message_id = "rosalind.1@lab.test"})
            .admitted.ticket.value();
    }
    void all_mail_goes_out() {
        for (const store::OutboxRow& row : outbox()) {
            in_transaction([&] {
                if (!row.sealed) store_.outbox.seal(row.id, "To: " + row.recipient + "\r\n\r\nrosalind wrote\r\n");
                return 0;
            });
            answered(row.id, {store::OutboxState::Sent, 250, "ok <" + row.recipient + ">"}, friday + 1min);
        }
    }
    void happens(TicketId id, EventKind kind, cvd::Detail detail = {}) {
        in_transaction([&] {
            store_.tickets.record(id, {{kind, friday + 2min, "alice@acme.test", std::move(detail)}});
            return 0;
        });
    }
    Result<Forgetting> forgotten(TicketId id) {
        auto result = in_transaction([&] { return forget_reporter(store_, id, "alice@acme.test", friday + 1h); });
        store_.erasure.empty_log();
        return result;
    }
    // Every file of the database, as it lies on the disk, in lower case.
    std::string on_disk() const {
        std::string all;
        for (const auto& entry : std::filesystem::directory_iterator{folder_}) {
            std::ifstream file{entry.path(), std::ios::binary};
            all.append(std::istreambuf_iterator<char>{file}, {});
        }
        return lower(all);
    }

    std::filesystem::path folder_;
};

// She was mended with /reporter, and somebody read along.
TEST_F(ForgetTest, HerEarlierAddressAndWhoReadAlongAreForgottenToo) {
    const TicketId id = reported();
    all_mail_goes_out();
    happens(id, EventKind::ReporterChanged, {{"reporter", "quux.new@lab2.test"}});
    happens(id, EventKind::CcAdded, {{"address", "friend@lab3.test"}});
    happens(id, EventKind::Closed, {{"reason", "fixed"}});
    const auto result = forgotten(id);
    ASSERT_TRUE(result) << result.error().what;
    for (const char* gone : {"rosalind@lab.test", "quux.new@lab2.test", "friend@lab3.test"})
        EXPECT_EQ(std::string::npos, on_disk().find(gone)) << gone;
}

TEST_F(ForgetTest, NothingOfHerIsLeftInTheFile) {
    const TicketId id = reported();
    all_mail_goes_out();
    happens(id, EventKind::Credited, {{"credit", "R. Quux of Lab"}});
    happens(id, EventKind::Closed, {{"reason", "fixed"}});
    ASSERT_NE(std::string::npos, on_disk().find("rosalind"));
    const cvd::Ticket before = ticket(id);

    const auto result = forgotten(id);
    ASSERT_TRUE(result) << result.error().what;
    EXPECT_EQ(1, result->erased.mails);
    EXPECT_GE(result->erased.events, 2);
    EXPECT_EQ(std::string::npos, on_disk().find("rosalind"));
    EXPECT_EQ(std::string::npos, on_disk().find("quux"));
    EXPECT_EQ(std::string::npos, on_disk().find("nightingale"));

    const cvd::Ticket after = ticket(id);
    EXPECT_EQ("", after.reporter);
    EXPECT_EQ("anonymous", after.credit);
    EXPECT_EQ(before.number, after.number);
    EXPECT_EQ(before.severity, after.severity);
    EXPECT_EQ(before.clocks, after.clocks);
    EXPECT_EQ("fixed", after.closed_for);
    EXPECT_EQ(std::nullopt, store_.tickets.first_broken_line());
    EXPECT_EQ(store_.tickets.rebuild(id), after);
    EXPECT_FALSE(store_.conversations.part_of(id, "rosalind@lab.test"));
}

// Wherever else her address stood: marks, budgets, requests, mail about no ticket, mail that came into none.
TEST_F(ForgetTest, NorInWhatIsKeptBesideTheTicket) {
    const TicketId id = reported();
    all_mail_goes_out();
    const std::string her = "rosalind@lab.test";
    take_in({.from = "Rosalind Quux <rosalind@lab.test>",
             .subject = "Automatic reply",
             .text = "I am away.",
             .message_id = "away@lab.test",
             .fields = {"Auto-Submitted: auto-replied", "Return-Path: <>"}});
    take_in({.from = "Eve <eve@lab.test>",
             .subject = "Re: hers",
             .text = "What did Rosalind say?",
             .message_id = "eve@lab.test",
             .fields = {"In-Reply-To: <rosalind.1@lab.test>"}});
    in_transaction([&] {
        store_.unreachable.mark(her, "5.1.1", true, friday);
        store_.spent.keep(blocked_key(her), friday);
        store_.collected.add(id, her, "Rosalind@lab.test", "en", friday);
        store_.collected.told({id}, friday);
        const RequestId asked = store_.requests.ask("key accept", R"({"address":"Rosalind@lab.test"})", "root", friday);
        store_.requests.answer(asked, true, R"({"of":"rosalind quux"})", friday);
        Recipe together = acknowledgement_of_several({ticket(id).number}, *mail::Address::from("Rosalind@lab.test"),
                                                     "en", organisation_);
        queue_mail(store_, {together}, std::nullopt, "", std::nullopt, organisation_, acme_ids(), friday);
        return 0;
    });
    happens(id, EventKind::Closed, {{"reason", "fixed"}});
    EXPECT_FALSE(forgotten(id)) << "a mail to her about several reports waits";
    all_mail_goes_out();
    ASSERT_TRUE(forgotten(id));
    EXPECT_EQ(std::string::npos, on_disk().find("rosalind"));
    EXPECT_EQ(std::string::npos, on_disk().find("quux"));
    EXPECT_FALSE(store_.spent.has(blocked_key(her)));
}

TEST_F(ForgetTest, WhatAnotherTicketOfHersNeedsStays) {
    const TicketId id = reported();
    take_in({.from = "Rosalind Quux <rosalind@lab.test>", .subject = "XSS two", .message_id = "rosalind.2@lab.test"});
    all_mail_goes_out();
    in_transaction([&] {
        store_.spent.keep(blocked_key("rosalind@lab.test"), friday);
        return 0;
    });
    happens(id, EventKind::Closed, {{"reason", "fixed"}});
    const auto result = forgotten(id);
    ASSERT_TRUE(result);
    EXPECT_TRUE(std::ranges::any_of(
        result->out_of_reach, [](const std::string& line) { return line.find("SEC-2026-0002") != std::string::npos; }));
    EXPECT_TRUE(store_.spent.has(blocked_key("rosalind@lab.test")));
}

TEST_F(ForgetTest, ItSaysWhatItCannotReach) {
    const TicketId id = reported();
    all_mail_goes_out();
    happens(id, EventKind::Closed, {{"reason", "obsolete"}});
    const auto result = forgotten(id);
    ASSERT_TRUE(result);
    const auto told = [&](std::string_view words) {
        return std::ranges::any_of(result->out_of_reach,
                                   [&](const std::string& line) { return line.find(words) != std::string::npos; });
    };
    EXPECT_TRUE(told("INBOX"));
    EXPECT_TRUE(told("backups"));
    EXPECT_TRUE(told("members"));
    EXPECT_FALSE(told("osalind"));
}

TEST_F(ForgetTest, OnlyWhenClosedAndNothingWaits) {
    const TicketId id = reported();
    EXPECT_FALSE(forgotten(id));
    happens(id, EventKind::Closed, {{"reason", "fixed"}});
    EXPECT_FALSE(forgotten(id));  // the acknowledgement waits
    all_mail_goes_out();
    EXPECT_TRUE(forgotten(id));
    EXPECT_FALSE(forgotten(id));  // nobody is left
}

TEST_F(ForgetTest, TheSameMailDoesNotComeBackAsAnewOne) {
    const TicketId id = reported();
    all_mail_goes_out();
    happens(id, EventKind::Closed, {{"reason", "fixed"}});
    ASSERT_TRUE(forgotten(id));
    const auto entries = store_.journal.of_ticket(id);
    ASSERT_EQ(1u, entries.size());
    EXPECT_TRUE(entries.front().forgotten);
    EXPECT_EQ("", store_.journal.bytes(entries.front().id));
}

}  // namespace
}  // namespace tocsin::intake
