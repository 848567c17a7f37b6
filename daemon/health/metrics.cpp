#include "daemon/health/metrics.hpp"

#include <fmt/core.h>

#include "base/utf8.hpp"
#include "intake/promises/troubles.hpp"

namespace tocsin::daemon {

namespace {

// One family: its HELP and TYPE once, then its samples.
class Exposition {
public:
    void family(std::string_view name, std::string_view type, std::string_view help) {
        name_ = name;
        text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
    }
    void sample(double value, std::string_view labels = {}) {
        text_ +=
            labels.empty() ? fmt::format("{} {}\n", name_, value) : fmt::format("{}{{{}}} {}\n", name_, labels, value);
    }
    std::string take() { return std::move(text_); }

private:
    std::string_view name_;
    std::string text_;
};

// A label's value: backslash, quotation mark and line end are escaped.
std::string label(std::string_view name, std::string_view value) {
    std::string text{name};
    text += "=\"";
    for (const char c : for_one_line(value, 200)) {
        if (c == '\\' || c == '"') text += '\\';
        text += c;
    }
    return text + "\"";
}

double seconds_of(Instant at) { return static_cast<double>(to_micros(at)) / 1e6; }

void mailbox_metrics(const House& house, Exposition& out) {
    const auto cursors = house.store.cursors.all();
    const auto labels = [](const store::ImapCursor& cursor) {
        return label("mailbox", cursor.mailbox) + "," + label("folder", cursor.folder);
    };
    out.family("tocsin_mailbox_last_contact_timestamp_seconds", "gauge",
               "When a folder was last read without trouble.");
    for (const auto& cursor : cursors)
        if (cursor.last_contact) out.sample(seconds_of(*cursor.last_contact), labels(cursor));
    out.family("tocsin_mailbox_missing_mails", "gauge", "Mails that the server names and the journal lacks.");
    for (const auto& cursor : cursors) out.sample(static_cast<double>(cursor.missing), labels(cursor));
    out.family("tocsin_mailbox_in_trouble", "gauge", "1 where the last contact with a folder failed.");
    for (const auto& cursor : cursors) out.sample(cursor.trouble.empty() ? 0 : 1, labels(cursor));
    out.family("tocsin_server_actions_waiting", "gauge", "Mails to be marked, moved or filed on the server.");
    for (const auto& name : house.configuration.mailbox_names())
        out.sample(static_cast<double>(house.store.server_actions.counts(name).waiting), label("mailbox", name));
}

void server_metrics(const House& house, Exposition& out) {
    const auto peers = house.store.peers.all();
    out.family("tocsin_server_up", "gauge", "1 where the last contact with a server went well.");
    for (const auto& peer : peers) out.sample(peer.trouble.empty() ? 1 : 0, label("server", peer.name));
    out.family("tocsin_server_certificate_expiry_timestamp_seconds", "gauge",
               "When the certificate ends that the server showed.");
    for (const auto& peer : peers)
        if (peer.certificate_ends) out.sample(seconds_of(*peer.certificate_ends), label("server", peer.name));
    out.family("tocsin_troubles", "gauge", "Troubles that the team was told of and that last.");
    out.sample(static_cast<double>(house.store.troubles.open().size()));
}

void mail_metrics(const House& house, Exposition& out) {
    const auto journal = house.store.journal.counts();
    out.family("tocsin_journal_mails_total", "counter", "Mails that were ever journaled.");
    out.sample(static_cast<double>(journal.total));
    out.family("tocsin_journal_pending_mails", "gauge", "Mails that wait to be examined.");
    out.sample(static_cast<double>(journal.pending));
    out.family("tocsin_journal_quarantined_mails", "gauge", "Mails that could not be examined.");
    out.sample(static_cast<double>(journal.quarantined));
    const auto outbox = house.store.outbox.counts();
    out.family("tocsin_outbox_mails", "gauge", "Mails of ours by state.");
    out.sample(static_cast<double>(outbox.queued), label("state", "queued"));
    out.sample(static_cast<double>(outbox.deferred), label("state", "deferred"));
    out.sample(static_cast<double>(outbox.held), label("state", "held"));
    out.sample(static_cast<double>(outbox.failed), label("state", "failed"));
    out.family("tocsin_outbox_oldest_age_seconds", "gauge", "How long the oldest mail waits to go out.");
    out.sample(outbox.oldest ? seconds_of(house.now()) - seconds_of(*outbox.oldest) : 0);
}

void ticket_metrics(const House& house, Exposition& out) {
    out.family("tocsin_tickets", "gauge", "Tickets by state.");
    for (const auto& [state, count] : house.store.tickets.counts_by_state())
        out.sample(static_cast<double>(count), label("state", state));
    out.family("tocsin_next_deadline_timestamp_seconds", "gauge", "The next promise that has to be kept.");
    if (const auto deadline = house.store.tickets.next_deadline()) out.sample(seconds_of(deadline->second.due));
    out.family("tocsin_examiner_up", "gauge", "1 while the process that reads mail runs.");
    out.sample(house.examiner && house.examiner->alive() ? 1 : 0);
}

}  // namespace

std::string metrics_text(const House& house) {
    Exposition out;
    mailbox_metrics(house, out);
    server_metrics(house, out);
    mail_metrics(house, out);
    ticket_metrics(house, out);
    return out.take();
}

std::string health_complaints(const House& house) {
    std::string complaints;
    for (const auto& trouble :
         intake::troubles_now(house.store, house.configuration.alarms, house.configuration.mailbox_names(),
                              {house.now(), SystemClock{}.now()}))
        complaints += for_one_line(trouble.name, 200) + "\n";
    if (!house.examiner || !house.examiner->alive()) complaints += "examiner\n";
    return complaints;
}

}  // namespace tocsin::daemon
