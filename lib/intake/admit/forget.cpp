#include "intake/admit/forget.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "intake/outgoing/recipe.hpp"
#include "intake/team/team_view.hpp"

namespace tocsin::intake {

namespace {

// What the ticket calls her: her addresses, the names in what we wrote about her mails, the name that she is
// credited by. Her mails themselves are not read again: all of their bytes go.
std::vector<std::string> names_of(const store::Store& store, TicketId id, const cvd::Ticket& ticket) {
    std::set<std::string> names{ticket.reporter};
    if (!ticket.credit.empty() && ticket.credit != "anonymous" && ticket.credit != "none") names.insert(ticket.credit);
    for (const store::OutboxRow& row : store.outbox.of_ticket(id)) {
        const auto recipe = recipe_from_json(row.recipe);
        if (!recipe) continue;
        if (!equal_ignoring_case(recipe->fields.text("reporter"), ticket.reporter)) continue;
        names.insert(recipe->fields.text("reporter_name"));
    }
    names.erase("");
    names.erase("Somebody");  // who has no name in a notice
    return {names.begin(), names.end()};
}

// Whoever else was written to here, or wrote: she under another address, or those who read along.
std::set<std::string> addresses_in(const store::Store& store, TicketId id) {
    std::set<std::string> addresses;
    for (const store::HistoryLine& line : store.tickets.history(id)) {
        const cvd::EventKind kind = line.event.kind;
        if (kind == cvd::EventKind::Opened || kind == cvd::EventKind::ReporterChanged)
            addresses.insert(cvd::said(line.event, "reporter"));
        if (kind == cvd::EventKind::CcAdded || kind == cvd::EventKind::Confirmed)
            addresses.insert(cvd::said(line.event, "address"));
    }
    addresses.erase("");
    return addresses;
}

std::string without(std::string text, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        const std::string searched = lower(name);
        constexpr std::string_view gone = "…";
        for (std::size_t at = lower(text).find(searched); at != std::string::npos;
             at = lower(text).find(searched, at + gone.size()))
            text.replace(at, name.size(), gone);
    }
    return text;
}

cvd::Event restatement(const cvd::Ticket& ticket, const std::vector<std::string>& names, const std::string& by,
                       Instant now) {
    const bool named = !ticket.credit.empty() && ticket.credit != "none";
    cvd::Detail left = cvd::description_of(ticket);
    left.erase("reporter");
    left.erase("cc");
    left["title"] = without(ticket.title, names);
    left.insert({{"number", ticket.number},
                 {"state", std::string{cvd::to_text(ticket.state)}},
                 {"owner", ticket.owner},
                 {"version", ticket.version},
                 {"credit", named ? "anonymous" : ticket.credit},
                 {"closed_for", ticket.closed_for}});
    return {cvd::EventKind::Forgotten, now, by, std::move(left)};
}

std::vector<std::string> copies_elsewhere(const store::Store& store, TicketId id, const std::string& identity) {
    std::vector<std::string> places;
    std::set<std::string> folders;
    for (const store::JournalEntry& entry : store.journal.of_ticket(id))
        folders.insert("the mailbox '" + entry.place.mailbox + "', folder " + entry.place.folder +
                       ", and where its mail was moved to");
    places.assign(folders.begin(), folders.end());
    places.emplace_back("the folder in which sent mail is filed, on the mail server");
    places.emplace_back("the mailboxes of the members who were told of it, and what they wrote elsewhere");
    places.emplace_back("her own mailbox");
    places.emplace_back("backups of the database, and logs of the mail servers");
    places.emplace_back("what was published or exported before, such as a hall of fame");
    for (const std::string& number : store.erasure.other_tickets(id, identity))
        places.push_back("her other report " + number + ", which is not touched");
    return places;
}

}  // namespace

Result<Forgetting> forget_reporter(store::Store& store, TicketId id, const std::string& by, Instant now) {
    const auto ticket = store.tickets.find(id);
    if (!ticket) return permanent(Code::BadInput, "there is no such ticket");
    if (ticket->state != cvd::TicketState::Closed)
        return permanent(Code::BadInput, "a reporter is forgotten when the ticket is closed; it is " +
                                             std::string{cvd::to_text(ticket->state)});
    if (ticket->reporter.empty()) return permanent(Code::BadInput, "nobody is left to forget");
    const auto address = mail::Address::from(ticket->reporter);
    const std::string identity = address ? address->identity() : lower(ticket->reporter);
    if (store.erasure.still_waiting(id, identity) > 0)
        return permanent(Code::BadInput, "mail of this ticket still waits to go out; try again when it is sent");

    std::vector<std::string> names = names_of(store, id, *ticket);
    std::vector<std::string> identities;  // but for the one that is hers now
    for (const std::string& other : addresses_in(store, id)) {
        const auto read = mail::Address::from(other);
        const std::string one = read ? read->identity() : lower(other);
        if (one != identity) identities.push_back(one);
        if (std::ranges::find(names, other) == names.end()) names.push_back(other);
        if (one != identity && store.erasure.still_waiting(id, one) > 0)
            return permanent(Code::BadInput, "mail of this ticket still waits to go out; try again when it is sent");
    }
    Forgetting forgetting;
    forgetting.out_of_reach = copies_elsewhere(store, id, identity);
    // Whoever still writes here stays blocked: her other tickets say who she is.
    if (store.erasure.other_tickets(id, identity).empty()) store.spent.forget(blocked_key(identity));
    forgetting.erased = store.erasure.forget(id, identity, names, now);
    for (const std::string& one : identities) {
        for (const std::string& number : store.erasure.other_tickets(id, one))
            forgetting.out_of_reach.push_back("another report of somebody who took part here, " + number +
                                              ", which is not touched");
        store.erasure.forget(id, one, names, now);
    }
    store.tickets.record(id, {restatement(*ticket, names, by, now)});
    return forgetting;
}

}  // namespace tocsin::intake
