// A journaled mail as the examiner has read it, or why it has not been read.
//
// On the main thread. `house` and the mail outlive the coroutine; what fails stands in the mail, but for a journal that
// does not hold what was received: that throws store::Failure.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "daemon/house.hpp"
#include "intake/decide/decide.hpp"

namespace tocsin::daemon {

struct ExaminedMail {
    store::JournalEntry entry;
    std::optional<Result<intake::Examination>> examination;  // nothing: it needs none, or is not tried any more
    // Why a member's words may not leave the house; empty when they may. None leaves that was not compared.
    std::string leak = "it was not compared with what only the team has seen; send it again";
    bool buried = false;  // words of hers stand where nothing tells them from a quotation
    bool bares = false;   // it quotes in the clear what came encrypted
};

// Whether its bytes are looked at: not those of a mail above the limit, nor of one that was tried often enough.
bool is_examined(const store::JournalEntry& entry);

boost::asio::awaitable<void> examine(House& house, ExaminedMail& mail);

// It says that OpenPGP is out of order; with OpenPGP in order for all other mail, that is its own failing in the end.
bool waits_for_keys(const ExaminedMail& mail);
inline constexpr int most_put_offs = 3;
// Through no fault of its own.
bool was_not_begun(const ExaminedMail& mail);

// A mailbox that is not configured any more leaves its mail to the first one: nothing waits for ever.
const intake::MailboxRules& mailbox_of(const House& house, const store::JournalEntry& entry);
intake::Arrival arrival_of(const House& house, const store::JournalEntry& entry);
// What the store knows that concerns it. For a mail that was read.
intake::TicketView look_up(const House& house, const ExaminedMail& mail, Instant now);

}  // namespace tocsin::daemon
