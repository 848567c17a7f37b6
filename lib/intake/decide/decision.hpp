// What is to happen because of a mail, a delivery or the time: a value that `admit` makes durable.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "cvd/event.hpp"
#include "cvd/ticket.hpp"
#include "intake/outgoing/recipe.hpp"
#include "intake/team/away.hpp"
#include "rules/rule_set.hpp"
#include "store/keys.hpp"
#include "store/ratings.hpp"
#include "store/tickets.hpp"

namespace tocsin::intake {

enum class Action { Open, Append, Hold, None };
std::string_view to_text(Action action);

// What admitting does beside events and mail, within the same transaction.
struct StoreStep {
    enum class What {
        Spend,          // `words` counts no second time
        Reopen,         // the journal entry `id` is looked at again
        DropMail,       // the outbox row `id` does not go out
        Participant,    // the address `words` takes part
        NoParticipant,  // it does not, if it was let in at the moment `id` or later
        HoldAgain,      // the journal entry `id` was held, and is
        Merge,          // this ticket goes into the ticket `id`, by the member `words`, as those below
        UndoMerge,      // the ticket `id` comes back out of this one
        Split,          // the journal entry `id` becomes a ticket of its own
        UndoSplit,      // the journal entry `id` comes back into this ticket with what came after it
        Forget,         // the reporter
        Block,          // no automatic answers to the address `words`
        Unblock,        // again
        AcceptKey,      // the fingerprint `words` is the reporter's key
    };
    What what = What::Spend;
    std::string words;
    std::int64_t id = 0;
    friend bool operator==(const StoreStep&, const StoreStep&) = default;
};

// A mail of ours that did not arrive.
struct ReturnedMail {
    OutboxId outbox{0};
    std::string status;  // RFC 3463 and the server's words, one line
    bool hard = false;
};

struct AlarmElsewhere {
    TicketId ticket{0};
    std::string number;
    std::vector<cvd::Event> events;
    std::vector<Recipe> mail;
};

struct Decision {
    std::string kind;                  // INTERFACES section 2
    std::vector<std::string> reasons;  // for people, why it is that
    Action action = Action::None;
    std::optional<TicketId> ticket;  // nothing where a ticket is to be opened
    std::optional<std::string> claims;
    std::optional<rules::Evaluation> evaluation;

    std::vector<cvd::Event> events;       // in order; a new ticket's first one is Opened, without its number
    cvd::Ticket after;                    // the ticket as it then is, without its number
    std::optional<rules::Policy> policy;  // of a new ticket
    std::optional<store::TicketMessage> message;
    std::map<std::string, store::Part> joining;  // address identity → part
    int proof = 0;                               // how well its sender is proven, see ProofOfSender
    std::string sender;                          // its address, where there is one
    std::optional<Instant> ask_again;            // of a mail that is held
    std::optional<ReturnedMail> returned;        // the mail of ours that did not arrive
    std::vector<Recipe> mail;
    std::vector<std::int64_t> shingles;  // of the report that opens a ticket, keyed; and how many its text has
    std::int64_t all_shingles = 0;
    std::vector<StoreStep> steps;
    std::optional<store::Rating> rating;    // what `rules backtest` holds another rule set against
    std::optional<AwayNote> away;           // a member said by machine that she is away, or wrote herself
    std::vector<store::KnownKey> keys;      // that its author offers
    std::vector<Digest> sessions;           // of what lay in it; noted under our key
    std::string unopened;                   // why it could not be opened
    std::vector<AlarmElsewhere> elsewhere;  // what other tickets have to hear of it
    std::map<std::string, std::optional<Instant>> reminders;  // clock → when it next speaks
};

}  // namespace tocsin::intake
