#include <fmt/core.h>
#include <sysexits.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "daemon/admin/admin.hpp"
#include "daemon/admin/clocks.hpp"
#include "daemon/admin/examiner.hpp"
#include "intake/decide/decide.hpp"
#include "intake/decide/explain.hpp"
#include "intake/decide/known_keys.hpp"
#include "intake/decide/ticket_view.hpp"

namespace tocsin::daemon {

namespace {

using TicketJson = nlohmann::ordered_json;

TicketJson nullable_json(const std::string& text) { return text.empty() ? TicketJson{} : TicketJson(text); }
TicketJson nullable_json(const std::optional<Instant>& at) { return at ? TicketJson(to_rfc3339(*at)) : TicketJson{}; }

TicketJson summary_json(const cvd::Ticket& ticket, Instant now) {
    const auto due = ticket.next_due();
    return {{"number", ticket.number},
            {"state", cvd::to_text(ticket.state)},
            {"severity", cvd::to_text(ticket.severity)},
            {"score", ticket.score},
            {"title", ticket.title},
            {"reporter", nullable_json(ticket.reporter)},
            {"owner", nullable_json(ticket.owner)},
            {"opened", to_rfc3339(ticket.opened)},
            {"due", due ? TicketJson{{"clock", due->name}, {"at", to_rfc3339(due->due)}} : TicketJson{}},
            {"overdue", ticket.overdue(now)}};
}

// To the second: enough for people.
std::string when(Instant at) { return to_rfc3339(std::chrono::floor<std::chrono::seconds>(at)); }

std::optional<store::TicketFilter> filter_from(const ListOptions& options) {
    store::TicketFilter filter;
    filter.overdue = options.overdue;
    filter.owner = options.owner;
    filter.most = options.limit;
    if (!options.state.empty()) {
        filter.state = cvd::ticket_state_from(options.state);
        if (!filter.state) {
            complain("there is no state '" + options.state +
                         "'; new acknowledged triaged waiting fixing fixed disclosed closed",
                     EX_USAGE);
            return std::nullopt;
        }
    }
    if (!options.severity.empty()) {
        filter.severity = cvd::severity_from(options.severity);
        if (!filter.severity) {
            complain("there is no severity '" + options.severity + "'; critical high medium low", EX_USAGE);
            return std::nullopt;
        }
    }
    return filter;
}

std::string due_in_words(const cvd::Ticket& ticket, Instant now) {
    const auto due = ticket.next_due();
    return due ? due->name + " " + distance_in_words((due->due - now).count()) : "";
}

std::string list_text(const std::vector<std::pair<TicketId, cvd::Ticket>>& tickets, Instant now,
                      const Palette& palette) {
    if (tickets.empty()) return "No tickets.\n";
    std::vector<std::vector<Cell>> rows;
    for (const auto& [id, ticket] : tickets)
        rows.push_back({{ticket.number, Colour::Bold},
                        {std::string{cvd::to_text(ticket.severity)}, colour_of(ticket.severity)},
                        {std::to_string(ticket.score), Colour::None, true},
                        {std::string{cvd::to_text(ticket.state)}},
                        {due_in_words(ticket, now), ticket.overdue(now) ? Colour::Red : Colour::None},
                        {for_one_line(ticket.reporter, 40)},
                        {for_one_line(ticket.title, 120)}});
    return table({"NUMBER", "SEVERITY", "SCORE", "STATE", "NEXT DUE", "REPORTER", "TITLE"}, rows, palette);
}

// What counted for each clock, by the policy that the ticket was promised; nothing where that cannot be read any more.
std::vector<std::vector<intake::AccountedTime>> accounts_of(const store::Store& store, const cvd::Ticket& ticket,
                                                            const std::vector<store::HistoryLine>& history,
                                                            Instant now) {
    const auto policy = rules::policy_from_source(store.conversations.policy_source(ticket.policy_hash).value_or(""));
    std::vector<std::pair<cvd::EventKind, Instant>> course;
    const auto undone = intake::undone_lines(history);
    for (const store::HistoryLine& line : history)
        if (cvd::moves_clocks(line.event.kind) && !undone.contains(line.seq))
            course.emplace_back(line.event.kind, line.event.at);
    std::vector<std::vector<intake::AccountedTime>> accounts;
    for (const cvd::TicketClock& clock : ticket.clocks)
        accounts.push_back(policy ? intake::account_of(*policy, clock, course, now)
                                  : std::vector<intake::AccountedTime>{});
    return accounts;
}

TicketJson embargo_json(const cvd::Ticket& ticket) {
    const cvd::Embargo& dates = ticket.embargo_dates;
    if (!dates.until()) return nullptr;
    return {{"until", to_rfc3339(*dates.until())},
            {"state", dates.state()},
            {"by_us", nullable_json(dates.by_us)},
            {"by_reporter", nullable_json(dates.by_reporter)},
            {"ended", nullable_json(dates.ended)}};
}

TicketJson clocks_json(const store::Store& store, TicketId id, const cvd::Ticket& ticket,
                       const std::vector<std::vector<intake::AccountedTime>>& accounts, Instant now) {
    TicketJson list = TicketJson::array();
    for (std::size_t i = 0; i < ticket.clocks.size(); ++i) {
        const cvd::TicketClock& clock = ticket.clocks[i];
        list.push_back({{"name", clock.name},
                        {"started", to_rfc3339(clock.started)},
                        {"due", to_rfc3339(clock.due)},
                        {"paused", nullable_json(clock.paused)},
                        {"stopped", nullable_json(clock.stopped)},
                        {"state", cvd::to_text(clock.state(now))},
                        {"next_reminder",
                         clock.open() ? nullable_json(store.tickets.next_reminder(id, clock.name)) : TicketJson{}},
                        {"how", clock.how},
                        {"intervals", account_json(accounts.at(i))}});
    }
    return list;
}

TicketJson history_json(const std::vector<store::HistoryLine>& history) {
    TicketJson list = TicketJson::array();
    for (const store::HistoryLine& line : history)
        list.push_back({{"seq", line.seq},
                        {"at", to_rfc3339(line.event.at)},
                        {"actor", line.event.actor},
                        {"event", cvd::to_text(line.event.kind)},
                        {"detail", line.event.detail},
                        {"hash", to_hex(view(line.hash))}});
    return list;
}

TicketJson messages_json(const std::vector<store::TicketMessage>& messages) {
    TicketJson list = TicketJson::array();
    for (const store::TicketMessage& message : messages)
        list.push_back({{"direction", message.direction == store::Direction::In ? "in" : "out"},
                        {"message_id", nullable_json(message.message_id)},
                        {"kind", message.kind},
                        {"at", to_rfc3339(message.at)}});
    return list;
}

// The mail that opened the ticket, examined and decided again: what it says is kept nowhere but in the journal.
TicketJson examination_json(const AdminContext& context, const store::Store& store, TicketId id,
                            const cvd::Ticket& ticket, bool decrypt) {
    const auto with_rules = load_or_complain(context);
    if (!with_rules) return {};
    const Loaded& loaded = *with_rules;
    const auto journal = intake::opening_mail(store, id);
    std::string bytes = journal ? store.journal.bytes(*journal) : std::string{};
    if (bytes.empty()) return {};
    KeysNow keys;
    const auto examination = examine_now(loaded, std::move(bytes), store.keys.all(), &keys);
    if (!examination) return {};
    intake::Organisation organisation = loaded.configuration.organisation;
    organisation.own_key = keys.own_key;
    const MailboxConfiguration* mailbox = loaded.configuration.mailbox(ticket.mailbox);
    intake::Arrival arrival;
    arrival.received = ticket.opened;
    // As when it came, but for the keys of its author: those that are bound by now are those that it is answered with.
    intake::TicketView view;
    if (const auto author = intake::author_of(examination->reading))
        view.author_keys = intake::keys_of(store, *author, keys.keyring);
    auto decision = intake::decide(*examination, view, loaded.rule_set, organisation,
                                   mailbox == nullptr ? loaded.configuration.mailboxes.front().rules : mailbox->rules,
                                   arrival, ticket.opened);
    decision.after.number = ticket.number;
    const bool signs = !organisation.own_key.empty();
    if (decrypt) return intake::explain_in_public(*examination, decision, organisation, signs);
    return intake::examination_in_public(*examination, decision, organisation, signs);
}

struct OpenedMailOfTicket {
    Instant at;
    intake::Examination examination;
};

// Every mail of the ticket that came in, opened.
std::vector<OpenedMailOfTicket> opened_mails(const AdminContext& context, const store::Store& store,
                                             const std::vector<store::HistoryLine>& history) {
    const auto loaded = load_or_complain(context);
    if (!loaded) return {};
    std::vector<OpenedMailOfTicket> mails;
    for (const store::HistoryLine& line : history) {
        const auto journal = line.event.detail.find("journal");
        if (journal == line.event.detail.end() ||
            (line.event.kind != cvd::EventKind::Received && line.event.kind != cvd::EventKind::Joined &&
             line.event.kind != cvd::EventKind::Held))
            continue;
        const auto number = to_whole_number(journal->second);
        std::string bytes = number ? store.journal.bytes(JournalId{*number}) : std::string{};
        if (bytes.empty()) continue;
        auto examination = examine_now(*loaded, std::move(bytes), store.keys.all());
        if (examination) mails.push_back({line.event.at, std::move(*examination)});
    }
    return mails;
}

std::string opened_mails_text(const std::vector<OpenedMailOfTicket>& mails) {
    std::string text;
    for (const auto& [at, examination] : mails) {
        text += "\n---- " + when(at) + "  " + for_one_line(examination.reading.subject, 120) + "\n";
        if (examination.crypto.error) text += "(not opened: " + *examination.crypto.error + ")\n";
        text += for_people(examination.reading.text) + "\n";
        for (const mail::Attachment& file : examination.reading.attachments)
            text += fmt::format("Attached: {} ({} bytes)\n", for_one_line(file.name, 80), file.size);
    }
    return text;
}

TicketJson opened_mails_json(const std::vector<OpenedMailOfTicket>& mails) {
    TicketJson list = TicketJson::array();
    for (const auto& [at, examination] : mails) {
        TicketJson files = TicketJson::array();
        for (const mail::Attachment& file : examination.reading.attachments)
            files.push_back({{"name", file.name}, {"type", file.type}, {"size", file.size}});
        list.push_back({{"at", to_rfc3339(at)},
                        {"subject", examination.reading.subject},
                        {"error", examination.crypto.error ? TicketJson(*examination.crypto.error) : TicketJson{}},
                        {"text", examination.reading.text},
                        {"attachments", std::move(files)}});
    }
    return list;
}

std::string facts_text(const cvd::Ticket& ticket, Instant now, const Palette& palette) {
    std::string text = palette.paint(ticket.number, Colour::Bold) + "  " +
                       palette.paint(cvd::to_text(ticket.severity), colour_of(ticket.severity)) + "  " +
                       for_one_line(ticket.title) + "\n\n";
    const auto fact = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) text += fmt::format("{:<10}{}\n", name, value);
    };
    fact("State", std::string{cvd::to_text(ticket.state)});
    fact("Score", std::to_string(ticket.score));
    fact("Reporter", for_one_line(ticket.reporter));
    for (const std::string& address : ticket.cc) fact("Cc", for_one_line(address));
    fact("Owner", for_one_line(ticket.owner));
    fact("Opened", when(ticket.opened) + " (" + distance_in_words((ticket.opened - now).count()) + ")");
    fact("Mailbox", ticket.mailbox);
    fact("Policy", ticket.policy);
    fact("Encrypted", ticket.encrypted ? "yes" : "");
    fact("Fix by", ticket.eta ? when(*ticket.eta) : "");
    fact("Fixed in", for_one_line(ticket.version));
    fact("Embargo", ticket.embargo ? when(*ticket.embargo) + ", " + std::string{ticket.embargo_dates.state()} : "");
    fact("Snoozed", ticket.snoozed && *ticket.snoozed > now ? "until " + when(*ticket.snoozed) : "");
    fact("Credit", for_one_line(ticket.credit));
    fact("Closed as", ticket.closed_for);
    return text;
}

Colour colour_of_clock(cvd::ClockState state) {
    switch (state) {
        case cvd::ClockState::Running:
            return Colour::None;
        case cvd::ClockState::Paused:
            return Colour::Dim;
        case cvd::ClockState::Met:
            return Colour::Green;
        case cvd::ClockState::Missed:
            return Colour::Red;
    }
    return Colour::None;
}

// Every interval of the clocks, below them.
std::string accounts_text(const cvd::Ticket& ticket, const std::vector<std::vector<intake::AccountedTime>>& accounts,
                          const Palette& palette) {
    std::vector<std::vector<Cell>> rows;
    for (std::size_t i = 0; i < ticket.clocks.size(); ++i)
        for (const intake::AccountedTime& one : accounts.at(i))
            rows.push_back({{&one == accounts[i].data() ? ticket.clocks[i].name : ""},
                            {std::string{intake::to_text(one.kind)},
                             one.kind == intake::AccountedTime::Kind::Counted ? Colour::None : Colour::Dim},
                            {when(one.from)},
                            {when(one.to)}});
    return rows.empty() ? "" : "\n" + table({"COUNTING", "", "FROM", "TO"}, rows, palette);
}

std::string clocks_text(const cvd::Ticket& ticket, Instant now, const Palette& palette) {
    std::vector<std::vector<Cell>> rows;
    for (const cvd::TicketClock& clock : ticket.clocks) {
        const cvd::ClockState state = clock.state(now);
        rows.push_back(
            {{clock.name},
             {std::string{cvd::to_text(state)}, colour_of_clock(state)},
             {when(clock.due)},
             {clock.stopped ? "stopped " + when(*clock.stopped) : distance_in_words((clock.due - now).count())},
             {clock.how}});
    }
    return rows.empty() ? "No clocks.\n" : table({"CLOCK", "STATE", "DUE", "", "HOW"}, rows, palette);
}

std::string history_text(const std::vector<store::HistoryLine>& history, const Palette& palette) {
    std::vector<std::vector<Cell>> rows;
    for (const store::HistoryLine& line : history) {
        std::string detail;
        for (const auto& [name, value] : line.event.detail)
            if (!value.empty() && name != "policy_hash")
                detail += (detail.empty() ? "" : ", ") + name + " " + for_one_line(value, 80);
        rows.push_back({{when(line.event.at), Colour::Dim},
                        {std::string{cvd::to_text(line.event.kind)}},
                        {for_one_line(line.event.actor, 40)},
                        {detail}});
    }
    return table({"AT", "EVENT", "ACTOR", "DETAIL"}, rows, palette);
}

}  // namespace

int list_tickets(const AdminContext& context, const ListOptions& options) {
    const auto filter = filter_from(options);
    if (!filter) return EX_USAGE;
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    int code = EX_OK;
    const auto store = open_store(*configuration, code);
    if (!store) return code;
    const Instant now = context.clock.now();
    const auto tickets = store->tickets.list(*filter, now);
    if (context.json) {
        TicketJson list = TicketJson::array();
        for (const auto& [id, ticket] : tickets) list.push_back(summary_json(ticket, now));
        std::puts(TicketJson{{"tickets", std::move(list)}}.dump(2).c_str());
    } else {
        std::fputs(list_text(tickets, now, context.palette).c_str(), stdout);
    }
    return EX_OK;
}

int show_ticket(const AdminContext& context, const std::string& number, bool decrypt) {
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    int code = EX_OK;
    const auto store = open_store(*configuration, code);
    if (!store) return code;
    const auto named = cvd::find_number(number, configuration->organisation.numbers.prefix);
    const auto id = store->tickets.by_number(named.value_or(number));
    const auto ticket = id ? store->tickets.find(*id) : std::nullopt;
    if (!ticket)
        return complain("there is no ticket '" + for_one_line(number, 40) + "'; tocsinctl list shows them", EX_DATAERR);

    const Instant now = context.clock.now();
    const auto history = store->tickets.history(*id);
    const auto messages = store->conversations.messages(*id);
    if (context.json) {
        TicketJson json = summary_json(*ticket, now);
        json["mailbox"] = ticket->mailbox;
        json["policy"] = ticket->policy;
        json["encrypted"] = ticket->encrypted;
        json["clocks"] = clocks_json(*store, *id, *ticket, accounts_of(*store, *ticket, history, now), now);
        json["history"] = history_json(history);
        json["messages"] = messages_json(messages);
        json["reports"] = store->conversations.count_reports(*id);
        json["eta"] = nullable_json(ticket->eta);
        json["embargo"] = embargo_json(*ticket);
        json["snoozed"] = nullable_json(ticket->snoozed);
        json["muted"] = ticket->muted;
        json["credit"] = nullable_json(ticket->credit);
        json["version"] = nullable_json(ticket->version);
        json["closed_for"] = nullable_json(ticket->closed_for);
        json["cc"] = ticket->cc;
        json["examination"] = examination_json(context, *store, *id, *ticket, decrypt);
        if (decrypt) json["opened"] = opened_mails_json(opened_mails(context, *store, history));
        std::puts(json.dump(2, ' ', false, TicketJson::error_handler_t::replace).c_str());
        return EX_OK;
    }
    std::string text = facts_text(*ticket, now, context.palette);
    if (const std::size_t reports = store->conversations.count_reports(*id); reports > 1)
        text += fmt::format("{:<10}{} mails share this ticket\n", "Reports", reports);
    text += "\n" + clocks_text(*ticket, now, context.palette) +
            accounts_text(*ticket, accounts_of(*store, *ticket, history, now), context.palette) + "\n" +
            history_text(history, context.palette) + "\n";
    std::vector<std::vector<Cell>> rows;
    for (const store::TicketMessage& message : messages)
        rows.push_back({{when(message.at), Colour::Dim},
                        {message.direction == store::Direction::In ? "in" : "out"},
                        {message.kind},
                        {for_one_line(message.message_id, 120)}});
    if (!rows.empty()) text += table({"AT", "WAY", "KIND", "MESSAGE-ID"}, rows, context.palette);
    if (decrypt) text += opened_mails_text(opened_mails(context, *store, history));
    std::fputs(text.c_str(), stdout);
    return EX_OK;
}

}  // namespace tocsin::daemon
