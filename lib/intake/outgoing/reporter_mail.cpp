#include "intake/outgoing/reporter_mail.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/promises/named_dates.hpp"
#include "sla/deadline.hpp"

namespace tocsin::intake {

namespace {

using cvd::EventKind;

constexpr std::size_t most_references_to_reporter = 20;

struct ToldBy {
    EventKind kind;
    std::string_view template_name;
};

// The last of these that happened names the mail: the further a ticket came, the more it says.
constexpr std::array told_by{ToldBy{EventKind::EmbargoProposed, "progress"},
                             ToldBy{EventKind::Waiting, "waiting"},
                             ToldBy{EventKind::EtaSet, "eta"},
                             ToldBy{EventKind::Triaged, "triaged"},
                             ToldBy{EventKind::Evaluated, "triaged"},
                             ToldBy{EventKind::Delayed, "delayed"},
                             ToldBy{EventKind::Fixed, "fixed"},
                             ToldBy{EventKind::DisclosurePlanned, "disclosed"},
                             ToldBy{EventKind::Disclosed, "disclosed"},
                             ToldBy{EventKind::Closed, "closed"}};

const cvd::Event* last_of(const std::vector<cvd::Event>& events, EventKind kind) {
    const auto found =
        std::find_if(events.rbegin(), events.rend(), [&](const cvd::Event& one) { return one.kind == kind; });
    return found == events.rend() ? nullptr : &*found;
}

std::string said_by(const cvd::Event* event, const char* name) {
    return event == nullptr ? std::string{} : cvd::said(*event, name);
}

std::string_view template_for(const std::vector<cvd::Event>& events) {
    std::string_view chosen;
    for (const ToldBy& told : told_by)
        if (last_of(events, told.kind) != nullptr) chosen = told.template_name;
    return chosen;
}

std::string severity_in(cvd::Severity severity, std::string_view language) {
    const bool german = language == "de";
    switch (severity) {
        case cvd::Severity::Low:
            return german ? "niedrig" : "low";
        case cvd::Severity::Medium:
            return german ? "mittel" : "medium";
        case cvd::Severity::High:
            return german ? "hoch" : "high";
        case cvd::Severity::Critical:
            return german ? "kritisch" : "critical";
    }
    return {};
}

std::string credit_in(const std::string& credit, std::string_view language) {
    const bool german = language == "de";
    if (credit == "anonymous") return german ? "ungenannt" : "without a name";
    if (credit == "none") return german ? "kein Dank" : "no thanks";
    return credit;
}

// An event that the words of the policy may promise as an element's underscore: "not-a-vulnerability".
std::string section_name(std::string_view prefix, std::string_view word) {
    std::string name = std::string{prefix} + std::string{word};
    std::ranges::replace(name, '-', '_');
    return name;
}

class ReporterMail {
public:
    ReporterMail(const OpenTicket& open, const Organisation& organisation, const ReporterThread& thread,
                 std::string_view template_name, const std::string& occasion)
        : open_{open}, recipe_{recipe_for(std::string{template_name}, organisation, occasion)} {
        recipe_.language = organisation.language_for(open.ticket.language);
        if (const auto own = open.policy.templates.find(recipe_.template_name); own != open.policy.templates.end())
            recipe_.template_name = own->second;
        recipe_.to_address = open.ticket.reporter;
        recipe_.accepted_means = cvd::to_text(EventKind::ReporterUpdated);
        recipe_.in_reply_to = thread.in_reply_to;
        recipe_.references = thread.references;
        recipe_.fields = common_fields(organisation);
    }

    // What a program says by itself keeps no promise to keep her informed.
    void answers_by_itself() {
        recipe_.answers_mail = true;
        recipe_.accepted_means.clear();
    }

    void state_and_dates(bool rating_may_show, Instant now) {
        const cvd::Ticket& ticket = open_.ticket;
        set("received", in_words(ticket.opened));
        recipe_.fields.set(section_name("state_", cvd::to_text(ticket.state)), true);
        set_promises(recipe_, ticket, open_.policy, rating_may_show, now);
        const cvd::Embargo& embargo = ticket.embargo_dates;
        const bool holds = embargo.until() && !embargo.ended && *embargo.until() > now;
        set("embargo", holds && embargo.agreed() ? in_words(*embargo.until()) : "");
        const bool proposed = holds && !embargo.agreed();
        set("embargo_proposed", proposed && embargo.by_us ? in_words(*embargo.until()) : "");
        set("embargo_of_yours", proposed && embargo.by_reporter ? in_words(*embargo.until()) : "");
        if (const auto at = publication_of(ticket); at && *at > now) set("publish_from", in_words(*at));
        set("credit", ticket.credit.empty() ? "" : credit_in(ticket.credit, recipe_.language));
        // A date that has passed is no plan.
        if (ticket.eta && *ticket.eta > now && ticket.state < cvd::TicketState::Fixed)
            set("eta", in_words(*ticket.eta));
    }

    void what_happened(const Tidings& tidings, Instant now) {
        const cvd::Ticket& ticket = open_.ticket;
        const cvd::Event* closed = last_of(tidings.events, EventKind::Closed);
        if (last_of(tidings.events, EventKind::Triaged) != nullptr ||
            last_of(tidings.events, EventKind::Evaluated) != nullptr)
            set("severity", severity_in(ticket.severity, recipe_.language));
        if (tidings.eta_before && tidings.eta_before != ticket.eta) set("moved", in_words(*tidings.eta_before));
        if (const cvd::Event* delayed = last_of(tidings.events, EventKind::Delayed)) {
            const auto until = from_rfc3339(said_by(delayed, "until"));
            if (until) set("until", in_words(*until));
            // Without a new date there is no plan to tell: the old one is just what does not hold.
            if (!until && last_of(tidings.events, EventKind::EtaSet) == nullptr) set("eta", "");
        }
        set("version", ticket.version);
        recipe_.fields.set("waiting", last_of(tidings.events, EventKind::Waiting) != nullptr);
        if (closed != nullptr) recipe_.fields.set(section_name("reason_", said_by(closed, "reason")), true);
        publish_from(tidings, now);
        ask(tidings,
            closed == nullptr || said_by(closed, "reason") == "fixed" || said_by(closed, "reason") == "duplicate");
    }

    void words(const Tidings& tidings) {
        set("words", tidings.words);
        set("signature", tidings.signature);
        recipe_.by_human = !tidings.words.empty();
    }

    void set(const char* name, std::string text) { recipe_.fields.set(name, std::move(text)); }
    Recipe take() { return std::move(recipe_); }

private:
    std::string in_words(Instant at) const {
        return sla::in_words(at, zone_for(open_.policy, nullptr), recipe_.language);
    }

    // What both agreed on holds; a disclosure that is still to come is no earlier.
    void publish_from(const Tidings& tidings, Instant now) {
        std::optional<Instant> from;
        const cvd::Embargo& embargo = open_.ticket.embargo_dates;
        // What she alone named she need not be asked for.
        if (!embargo.ended && embargo.by_us) from = open_.ticket.embargo;
        for (const EventKind kind : {EventKind::Disclosed, EventKind::DisclosurePlanned})
            if (const auto at = from_rfc3339(said_by(last_of(tidings.events, kind), "at"))) from = at;
        if (from && *from > now) set("publish_from", in_words(*from));
    }

    void ask(const Tidings& tidings, bool worth_thanks) {
        const bool published = last_of(tidings.events, EventKind::Disclosed) != nullptr ||
                               last_of(tidings.events, EventKind::DisclosurePlanned) != nullptr;
        const bool credit = worth_thanks && open_.ticket.credit.empty();
        const bool embargo = worth_thanks && !published && !open_.ticket.embargo;
        recipe_.fields.set("asks_credit", credit);
        recipe_.fields.set("asks_embargo", embargo);
        recipe_.fields.set("asks", credit || embargo);
    }

    const OpenTicket& open_;
    Recipe recipe_;
};

}  // namespace

ReporterThread thread_with_reporter(const store::Store& store, TicketId ticket) {
    ReporterThread thread;
    const auto found = store.tickets.find(ticket);
    const std::string reporter = found ? found->reporter : std::string{};
    for (const store::TicketMessage& message : store.conversations.messages(ticket)) {
        const bool hers =
            message.direction == store::Direction::In && (message.kind == "report" || message.kind == "reporter-reply");
        const bool to_her = message.direction == store::Direction::Out && message.recipient == reporter;
        if (message.message_id.empty() || (!hers && !to_her)) continue;
        if (std::ranges::find(thread.references, message.message_id) != thread.references.end()) continue;
        thread.references.push_back(message.message_id);
        if (hers || thread.in_reply_to.empty()) thread.in_reply_to = message.message_id;
    }
    // The first one holds the thread together, the latest ones find it again.
    if (thread.references.size() > most_references_to_reporter)
        thread.references.erase(thread.references.begin() + 1,
                                thread.references.end() - static_cast<std::ptrdiff_t>(most_references_to_reporter - 1));
    return thread;
}

std::optional<Recipe> mail_to_reporter(const OpenTicket& after, const Tidings& tidings, const ReporterThread& thread,
                                       const Organisation& organisation, Instant now) {
    if (after.ticket.reporter.empty()) return std::nullopt;  // unknown, or forgotten
    const std::string_view name = template_for(tidings.events);
    const bool spam = said_by(last_of(tidings.events, EventKind::Closed), "reason") == "spam";
    if (spam || (name.empty() && tidings.words.empty())) return std::nullopt;
    ReporterMail mail{after, organisation, thread, name.empty() ? "relay" : name, tidings.occasion};
    if (name.empty()) {
        mail.set("subject", tidings.subject);
    } else {
        mail.state_and_dates(true, now);
        mail.what_happened(tidings, now);
    }
    mail.words(tidings);
    return mail.take();
}

std::optional<Recipe> status_to_reporter(const OpenTicket& ticket, const std::string& occasion,
                                         const ReporterThread& thread, const Organisation& organisation, Instant now) {
    if (ticket.ticket.reporter.empty()) return std::nullopt;
    ReporterMail mail{ticket, organisation, thread, "progress", occasion};
    // How an unread or unproven mail was rated by a program may not show through the clocks that it started.
    mail.answers_by_itself();
    mail.state_and_dates(ticket.happened.contains(EventKind::Triaged), now);
    return mail.take();
}

bool asks_for_status(std::string_view reply_text) {
    std::string_view text = trim(reply_text);
    while (!text.empty() && std::string_view{"?!.,"}.find(text.back()) != std::string_view::npos)
        text = trim(text.substr(0, text.size() - 1));
    return equal_ignoring_case(text, "status") || equal_ignoring_case(text, "/status");
}

}  // namespace tocsin::intake
