#include "store/outbox_rows.hpp"

#include <algorithm>
#include <array>

#include "store/statement.hpp"

namespace tocsin::store {

namespace {

constexpr std::array all_outbox_states{OutboxState::Queued,    OutboxState::Attempting, OutboxState::AtFinalDot,
                                       OutboxState::Unknown,   OutboxState::Deferred,   OutboxState::Sent,
                                       OutboxState::Failed,    OutboxState::Held,       OutboxState::Dropped,
                                       OutboxState::Suppressed};

OutboxState outbox_state_from(std::string_view text) {
    const auto* found =
        std::ranges::find_if(all_outbox_states, [text](OutboxState each) { return to_text(each) == text; });
    if (found == all_outbox_states.end()) throw Failure{"the outbox has an unknown state"};
    return *found;
}

}  // namespace

std::string_view to_text(OutboxState state) {
    switch (state) {
        case OutboxState::Queued:
            return "queued";
        case OutboxState::Attempting:
            return "attempting";
        case OutboxState::AtFinalDot:
            return "at-final-dot";
        case OutboxState::Unknown:
            return "unknown";
        case OutboxState::Deferred:
            return "deferred";
        case OutboxState::Sent:
            return "sent";
        case OutboxState::Failed:
            return "failed";
        case OutboxState::Held:
            return "held";
        case OutboxState::Dropped:
            return "dropped";
        case OutboxState::Suppressed:
            return "suppressed";
    }
    return {};
}

std::string select_outbox(std::string_view rest) {
    return std::string{
        "SELECT id, ticket, cause, template, recipient, message_id, recipe, to_team, is_sealed, state, tries, queued,"
        " next_attempt, last_status FROM outbox "}
        .append(rest);
}

OutboxRow outbox_row_in(Statement& row) {
    OutboxRow mail;
    mail.id = row.next<OutboxId>();
    mail.ticket = row.next<std::optional<TicketId>>();
    mail.cause = row.next<std::optional<JournalId>>();
    mail.template_name = row.next<std::string>();
    mail.recipient = row.next<std::string>();
    mail.message_id = row.next<std::string>();
    mail.recipe = row.next<std::string>();
    mail.to_team = row.next<bool>();
    mail.sealed = row.next<bool>();
    mail.state = outbox_state_from(row.next<std::string>());
    mail.tries = row.next<int>();
    mail.queued = row.next<Instant>();
    mail.next_attempt = row.next<std::optional<Instant>>();
    mail.last_status = row.next<std::string>();
    return mail;
}

std::vector<OutboxRow> outbox_rows_in(Statement rows) {
    std::vector<OutboxRow> mails;
    while (rows.step()) mails.push_back(outbox_row_in(rows));
    return mails;
}

}  // namespace tocsin::store
