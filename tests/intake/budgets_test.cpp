// How often somebody is answered: by address, by domain and in all, and what is told together.
#include <gtest/gtest.h>

#include <algorithm>

#include "intake/decide/budget.hpp"
#include "people.hpp"

namespace tocsin::intake {
namespace {

class Budgets : public PeopleTest {};

TEST_F(Budgets, BeyondHerDailyNumberASendersReportsAreAcknowledgedTogether) {
    for (int number = 1; number <= 9; ++number) take_in(report(number), friday + std::chrono::minutes{number});
    EXPECT_EQ(5u, queued("acknowledgement"));
    EXPECT_EQ(4u, store_.collected.waiting());
    const auto together = [&](Instant now) {
        return in_transaction([&] { return acknowledge_together(store_, organisation_, acme_ids(), now); });
    };
    EXPECT_EQ(0u, together(friday + 30min));
    ASSERT_EQ(friday + 66min, next_acknowledged_together(store_));
    EXPECT_EQ(1u, together(friday + 66min));
    EXPECT_EQ(0u, together(friday + 3h));
    const auto row = mail_of("acknowledgement-several", "rae@lab.test").value();
    EXPECT_EQ((std::vector<std::string>{"SEC-2026-0006", "SEC-2026-0007", "SEC-2026-0008", "SEC-2026-0009"}),
              texts_in(recipe_from_json(row.recipe).value(), "numbers", "number"));
    answered(row.id, {store::OutboxState::Sent, 250, "ok"}, friday + 67min);
    for (const char* number : {"SEC-2026-0006", "SEC-2026-0009"})
        EXPECT_EQ(cvd::TicketState::Acknowledged, ticket(store_.tickets.by_number(number).value()).state);
    // What answers that mail belongs to the newest ticket that it lists.
    Letter answer = report(20);
    answer.fields = {"In-Reply-To: <" + row.message_id + ">"};
    const Taken threaded = take_in(answer, friday + 2h);
    EXPECT_EQ("reporter-reply", threaded.decision.kind);
    EXPECT_EQ("SEC-2026-0009", threaded.admitted.number);
    answer = report(21, "Eve <eve@evil.test>");
    answer.fields = {"In-Reply-To: <" + row.message_id + ">"};
    EXPECT_EQ("foreign", take_in(answer, friday + 2h).decision.kind);
    // The next ones wait for the next day.
    take_in(report(10), friday + 4h);
    EXPECT_EQ(friday + 66min + 24h, next_acknowledged_together(store_));
    // A day later she has her number again.
    take_in(report(11), friday + 25h);
    EXPECT_EQ(6u, queued("acknowledgement"));
}

TEST_F(Budgets, WhatIsAcknowledgedTogetherIsAsProtectedAsTheReports) {
    organisation_.own_key = std::string(40, 'A');
    organisation_.automatic_mail.per_sender_per_day = 1;
    const auto encrypted = [](int number) {
        Letter letter = encrypted_letter("hQEMA1");
        letter.message_id = "e" + std::to_string(number) + "@lab.test";
        return letter;
    };
    const auto told = [&](int number, Instant at) {
        take_in(encrypted(number), at);
        in_transaction([&] { return acknowledge_together(store_, organisation_, acme_ids(), at + 2h); });
        std::optional<Recipe> last;
        for (const store::OutboxRow& row : outbox())
            if (row.template_name == "acknowledgement-several") last = recipe_from_json(row.recipe).value();
        return last.value();
    };
    take_in(encrypted(1), friday);
    const Recipe without = told(2, friday + 1min);
    EXPECT_TRUE(yes_in(without, "no_key"));
    EXPECT_TRUE(without.encrypt_to.empty());
    in_transaction([&] {
        store_.keys.add(
            {.fingerprint = std::string(40, 'B'), .address = "rae@lab.test", .origin = "autocrypt", .certificate = "c"},
            friday);
        return 0;
    });
    take_in(encrypted(3), friday + 49h);
    const Recipe with = told(4, friday + 49h + 1min);
    EXPECT_FALSE(yes_in(with, "no_key"));
    EXPECT_EQ(std::vector<std::string>{std::string(40, 'B')}, with.encrypt_to);
}

TEST_F(Budgets, ADomainGetsItsShareOfAnHourAndTheRestLater) {
    for (int number = 1; number <= 70; ++number)
        take_in(report(number, "Rae <rae" + std::to_string(number) + "@lab.test>"), friday);
    take_in(report(500, "Max <max@other.test>"), friday);
    std::map<Instant, int> at;
    for (const store::OutboxRow& row : outbox())
        if (row.template_name == "acknowledgement" && row.recipient.ends_with("@lab.test"))
            ++at[row.next_attempt.value()];
    EXPECT_EQ((std::map<Instant, int>{{friday, 30}, {friday + 1h, 20}, {friday + 2h, 20}}), at);
    EXPECT_EQ(friday, mail_of("acknowledgement", "max@other.test")->next_attempt) << "another domain waits for nobody";
    EXPECT_EQ(40u, store_.outbox.held_back(friday));
    for (const store::OutboxRow& row : outbox())
        if (row.to_team) {
            EXPECT_EQ(friday, row.next_attempt);
        }
}

TEST_F(Budgets, AFloodOfUnprovenMailLeavesRoomForTheProven) {
    organisation_.authserv_id = "mail.acme.test";
    for (int number = 1; number <= 200; ++number)
        take_in(report(number, "Rae <rae" + std::to_string(number) + "@lab.test>"), friday);
    Letter proven = report(1'000, "Kim <kim@lab.test>");
    proven.fields = {"Authentication-Results: mail.acme.test; dmarc=pass header.from=lab.test"};
    take_in(proven, friday + 1min);
    EXPECT_LE(mail_of("acknowledgement", "kim@lab.test")->next_attempt, friday + 1h + 1min);
}

TEST_F(Budgets, WhoAsksForTheStateAgainAndAgainIsToldOnceAnHour) {
    const auto row = acknowledged(report(1));
    const auto asks = [&](int number, Instant at) {
        Letter letter = report(number);
        letter.text = "status";
        letter.fields = {"In-Reply-To: <" + row.message_id + ">"};
        take_in(letter, at);
    };
    for (int number = 10; number < 30; ++number) asks(number, friday + std::chrono::minutes{number});
    EXPECT_EQ(1u, queued("progress"));
    for (int number = 30; number < 40; ++number) asks(number, friday + std::chrono::hours{number - 28});
    EXPECT_EQ(5u, queued("progress")) << "her number of a day";
}

TEST_F(Budgets, ABlockedAddressGetsNothingThatStillWaited) {
    for (int number = 1; number <= 7; ++number) take_in(report(number), friday + std::chrono::minutes{number});
    ASSERT_EQ(5u, queued("acknowledgement"));
    ASSERT_EQ(2u, store_.collected.waiting());
    Decision blocks;
    blocks.kind = "team-reply";
    blocks.steps = {{StoreStep::What::Block, "rae@lab.test", 0}};
    const auto entry = in_transaction([&] {
        return store_.journal.append({.place = {"security", "INBOX", 1, next_uid_++}, .internal_date = friday},
                                     "From: a", friday);
    });
    in_transaction(
        [&] { return admit(store_, blocks, *entry, store::EntryState::Done, organisation_, acme_ids(), friday + 1h); });
    EXPECT_EQ(0u, queued("acknowledgement"));
    EXPECT_EQ(0u, store_.collected.waiting());
    EXPECT_EQ(14u, queued("notice"));
}

TEST_F(Budgets, ThatAMailCameBackIsToldWithTheNextOneUntilItsAuthorIsProven) {
    organisation_.authserv_id = "mail.acme.test";
    const auto row = acknowledged(report(1));
    take_in(delivery_report(row.message_id), friday + 5min);
    const auto tells = [](const Decision& decision) {
        return std::ranges::any_of(decision.reasons, [](const std::string& reason) {
            return reason.find("came back before: 5.1.1") != std::string::npos;
        });
    };
    EXPECT_TRUE(tells(take_in(report(2), friday + 1h).decision));
    Letter proven = report(3);
    proven.fields = {"Authentication-Results: mail.acme.test; dmarc=pass header.from=lab.test"};
    EXPECT_TRUE(tells(take_in(proven, friday + 2h).decision));
    EXPECT_FALSE(tells(take_in(report(4), friday + 3h).decision));
}

TEST_F(Budgets, ADomainThatHasUsedUpItsShareLeavesRoomForOthers) {
    organisation_.automatic_mail = {.per_sender_per_day = 100, .per_domain_per_hour = 3, .per_hour = 6};
    for (int number = 0; number < 9; ++number)
        take_in(report(number, "Rae <rae" + std::to_string(number) + "@lab.test>"), friday + number * 1s);
    const Taken other = take_in(report(20, "Kim <kim@evil.test>"), friday + 10min);
    const auto row = mail_of("acknowledgement", "kim@evil.test");
    ASSERT_TRUE(row);
    EXPECT_EQ(friday + 10min, row->next_attempt) << "one domain's mail of the next hours takes no place of hers";
}

TEST_F(Budgets, AllTogetherHaveABudgetToo) {
    organisation_.automatic_mail.per_hour = 10;
    for (int number = 1; number <= 25; ++number)
        take_in(report(number, "Rae <rae@lab" + std::to_string(number) + ".test>"), friday);
    EXPECT_EQ(15u, store_.outbox.held_back(friday));
}

TEST_F(Budgets, AFloodSharesATicketAndSwallowsNoProvenMail) {
    organisation_.authserv_id = "mail.acme.test";
    std::set<std::string> numbers;
    for (int number = 1; number <= 60; ++number) {
        const Taken taken = take_in(report(number), friday + std::chrono::seconds{number});
        EXPECT_EQ("report", taken.decision.kind);
        EXPECT_TRUE(taken.admitted.ticket);
        numbers.insert(taken.admitted.number);
    }
    EXPECT_EQ(15u, numbers.size());
    const auto last = store_.tickets.by_number("SEC-2026-0015").value();
    EXPECT_EQ(45, events_of(last, cvd::EventKind::Joined));
    EXPECT_EQ(4u, queued("alarm")) << "each member hears of the first that joined, and of the tenth";
    Letter proven = report(1'000);
    proven.fields = {"Authentication-Results: mail.acme.test; dmarc=pass header.from=lab.test"};
    const Taken taken = take_in(proven, friday + 2min);
    EXPECT_EQ(Action::Open, taken.decision.action);
    EXPECT_EQ("SEC-2026-0016", taken.admitted.number);
    // However long it lasts, it is one flood; when it has been quiet for six hours, it is over.
    for (int round = 1; round <= 4; ++round)
        EXPECT_EQ("SEC-2026-0015", take_in(report(100 + round), friday + 40min * round).admitted.number) << round;
    EXPECT_EQ("SEC-2026-0017", take_in(report(200), friday + 160min + 361min).admitted.number);
    const Taken other = take_in(report(2'000, "Max <max@lab.test>"), friday + 3min);
    EXPECT_EQ(Action::Open, other.decision.action) << "another address of the same domain";
}

}  // namespace
}  // namespace tocsin::intake
