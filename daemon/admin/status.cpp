#include <fmt/core.h>
#include <sysexits.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "daemon/admin/admin.hpp"
#include "daemon/house.hpp"
#include "intake/promises/clock_jump.hpp"
#include "store/file.hpp"

namespace tocsin::daemon {

namespace {

using StatusJson = nlohmann::ordered_json;

StatusJson time_json(const std::optional<Instant>& at) { return at ? StatusJson(to_rfc3339(*at)) : StatusJson{}; }

// A configured folder and how far it has been read; one that was never reached has no cursor.
struct FolderStatus {
    std::string mailbox;
    std::string folder;
    std::optional<store::ImapCursor> cursor;
    std::string trouble;  // the folder's own, or that of its server
};

// The server is asked every 5 minutes.
constexpr Micros long_ago = std::chrono::minutes{15};

std::vector<FolderStatus> folders_of(const Configuration& configuration, const store::Store& store) {
    std::vector<FolderStatus> all;
    for (const MailboxConfiguration& mailbox : configuration.mailboxes) {
        std::vector<std::string> names{mailbox.inbox};
        names.insert(names.end(), mailbox.also.begin(), mailbox.also.end());
        if (!mailbox.sent.empty()) names.push_back(mailbox.sent);
        const auto server = store.peers.find("mailbox:" + mailbox.rules.name);
        for (const std::string& name : names) {
            auto cursor = store.cursors.find(mailbox.rules.name, name);
            std::string trouble = cursor ? cursor->trouble : std::string{};
            if (trouble.empty() && server) trouble = server->trouble;
            all.push_back({mailbox.rules.name, name, std::move(cursor), std::move(trouble)});
        }
    }
    return all;
}

StatusJson servers_json(const Configuration& configuration, const store::Store& store) {
    StatusJson servers = StatusJson::array();
    for (const store::Peer& peer : store.peers.all())
        servers.push_back({{"name", peer.name},
                           {"last_contact", time_json(peer.last_contact)},
                           {"trouble", peer.trouble.empty() ? StatusJson{} : StatusJson(peer.trouble)},
                           {"trouble_since", time_json(peer.trouble_since)},
                           {"certificate_ends", time_json(peer.certificate_ends)}});
    StatusJson waiting = StatusJson::array();
    for (const std::string& name : configuration.mailbox_names()) {
        const auto counts = store.server_actions.counts(name);
        waiting.push_back({{"mailbox", name}, {"waiting", counts.waiting}, {"given_up", counts.given_up}});
    }
    StatusJson troubles = StatusJson::array();
    for (const store::Trouble& trouble : store.troubles.open())
        troubles.push_back({{"name", trouble.name}, {"words", trouble.words}, {"since", to_rfc3339(trouble.since)}});
    return {{"servers", std::move(servers)}, {"server_actions", std::move(waiting)}, {"troubles", std::move(troubles)}};
}

struct EndingKey {
    std::string fingerprint;
    std::string ends;
    std::string whose;
};

std::vector<EndingKey> ending_keys(const store::Store& store) {
    std::vector<EndingKey> keys;
    const auto note = store.notes.find(keys_that_end);
    if (!note) return keys;
    for (const std::string_view line : split(note->words, '\n')) {
        const std::size_t first = line.find(' ');
        const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
        if (second == std::string_view::npos) continue;
        keys.push_back({std::string{line.substr(0, first)}, std::string{line.substr(first + 1, second - first - 1)},
                        std::string{line.substr(second + 1)}});
    }
    return keys;
}

StatusJson keys_json(const store::Store& store) {
    StatusJson keys = StatusJson::array();
    for (const EndingKey& key : ending_keys(store))
        keys.push_back({{"fingerprint", key.fingerprint}, {"whose", key.whose}, {"ends", key.ends}});
    return keys;
}

constexpr Micros a_week = std::chrono::hours{24 * 7};

StatusJson status_json(const Configuration& configuration, const store::Store& store, Instant now) {
    StatusJson mailboxes = StatusJson::array();
    for (const FolderStatus& folder : folders_of(configuration, store)) {
        StatusJson one{{"name", folder.mailbox}, {"folder", folder.folder}};
        const auto contact = folder.cursor ? folder.cursor->last_contact : std::nullopt;
        one["last_contact"] = time_json(contact);
        one["lag"] = contact ? StatusJson(std::chrono::duration_cast<std::chrono::seconds>(now - *contact).count())
                             : StatusJson{};
        one["missing"] = folder.cursor ? folder.cursor->missing : 0;
        one["trouble"] = folder.trouble.empty() ? StatusJson{} : StatusJson(folder.trouble);
        mailboxes.push_back(std::move(one));
    }
    const auto outbox = store.outbox.counts();
    const auto journal = store.journal.counts();
    StatusJson tickets = StatusJson::object();
    for (const auto& [state, count] : store.tickets.counts_by_state()) tickets[state] = count;
    StatusJson next;
    if (const auto deadline = store.tickets.next_deadline())
        next = {
            {"ticket", deadline->first}, {"clock", deadline->second.name}, {"at", to_rfc3339(deadline->second.due)}};
    StatusJson json{{"daemon", {{"running", store::is_locked(configuration.store)}}},
                    {"mailboxes", std::move(mailboxes)},
                    {"outbox",
                     {{"queued", outbox.queued},
                      {"deferred", outbox.deferred},
                      {"failed", outbox.failed},
                      {"held", outbox.held},
                      {"oldest", time_json(outbox.oldest)}}},
                    {"journal",
                     {{"pending", journal.pending},
                      {"quarantined", journal.quarantined},
                      {"total", journal.total},
                      {"automatic", store.journal.count_unfiled(now - a_week)}}},
                    {"tickets", std::move(tickets)},
                    {"next_deadline", std::move(next)},
                    {"keys", keys_json(store)},
                    {"reminders_held", intake::held_by_clock(store.notes).has_value()}};
    const StatusJson more = servers_json(configuration, store);
    for (const auto& [name, value] : more.items()) json[name] = value;
    return json;
}

std::string status_text(const Configuration& configuration, const store::Store& store, Instant now,
                        const Palette& palette) {
    std::vector<std::vector<Cell>> rows;
    for (const FolderStatus& folder : folders_of(configuration, store)) {
        const bool seen = folder.cursor && folder.cursor->last_contact;
        const std::string& trouble = folder.trouble;
        const bool fresh = seen && now - *folder.cursor->last_contact <= long_ago;
        const std::int64_t missing = folder.cursor ? folder.cursor->missing : 0;
        rows.push_back(
            {{folder.mailbox},
             {folder.folder},
             {seen ? distance_in_words((*folder.cursor->last_contact - now).count()) : "never"},
             {missing == 0 ? "none" : std::to_string(missing) + " mails", missing == 0 ? Colour::None : Colour::Red},
             {trouble.empty() ? (fresh  ? "well"
                                 : seen ? "not read since then"
                                        : "not reached yet")
                              : for_one_line(trouble, 200),
              trouble.empty() ? (fresh ? Colour::Green : Colour::Yellow) : Colour::Red}});
    }
    std::string text = table({"MAILBOX", "FOLDER", "LAST CONTACT", "MISSING", "STATE"}, rows, palette);

    const auto journal = store.journal.counts();
    const auto outbox = store.outbox.counts();
    if (!store::is_locked(configuration.store))
        text += "\nDaemon    " + palette.paint("not running: nothing is read or sent", Colour::Red) + "\n";
    text += fmt::format("\nJournal   {} mails, {} waiting, {}\n", journal.total, journal.pending,
                        palette.paint(fmt::format("{} quarantined", journal.quarantined),
                                      journal.quarantined == 0 ? Colour::None : Colour::Red));
    if (const auto unfiled = store.journal.count_unfiled(now - a_week); unfiled > 0)
        text += fmt::format(
            "Automatic {} {} of the last 7 days taken for automatic, without a ticket: tocsinctl list --automatic\n",
            unfiled, unfiled == 1 ? "mail" : "mails");
    text += fmt::format(
        "Outbox    {} queued, {} deferred, {}{}\n", outbox.queued, outbox.deferred,
        palette.paint(fmt::format("{} failed", outbox.failed), outbox.failed == 0 ? Colour::None : Colour::Red),
        outbox.oldest ? ", the oldest " + distance_in_words((*outbox.oldest - now).count()) : "");
    for (const std::string& name : configuration.mailbox_names())
        if (const auto counts = store.server_actions.counts(name); counts.waiting + counts.given_up > 0)
            text += fmt::format("Server    {}: {} mails to mark, move or file, {} given up\n", name, counts.waiting,
                                counts.given_up);
    for (const store::Peer& peer : store.peers.all())
        if (!peer.trouble.empty())
            text += fmt::format("Trouble   {} {}\n", peer.name,
                                palette.paint(for_one_line(peer.trouble, 200), Colour::Red));
    for (const store::Trouble& trouble : store.troubles.open())
        text += fmt::format("Alarm     {} ({})\n", palette.paint(for_one_line(trouble.words, 300), Colour::Red),
                            distance_in_words((trouble.since - now).count()));
    std::string tickets;
    for (const auto& [state, count] : store.tickets.counts_by_state())
        if (count > 0) tickets += fmt::format("{}{} {}", tickets.empty() ? "" : ", ", count, state);
    text += "Tickets   " + (tickets.empty() ? "none yet" : tickets) + "\n";
    if (const auto deadline = store.tickets.next_deadline()) {
        const std::int64_t left = (deadline->second.due - now).count();
        text += fmt::format("Next due  {} {} {} ({})\n", deadline->first, deadline->second.name,
                            to_rfc3339(deadline->second.due),
                            palette.paint(distance_in_words(left), left < 0 ? Colour::Red : Colour::None));
    }
    for (const EndingKey& key : ending_keys(store))
        text += fmt::format("Key       {} ({}) {}\n", key.fingerprint, for_one_line(key.whose, 60),
                            palette.paint("ends " + key.ends.substr(0, 10), Colour::Yellow));
    if (intake::held_by_clock(store.notes))
        text += palette.paint("Reminders are held: the clock of this machine jumped. tocsinctl clock believe",
                              Colour::Red) +
                "\n";
    return text;
}

}  // namespace

int show_status(const AdminContext& context) {
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    int code = EX_OK;
    const auto store = open_store(*configuration, code);
    if (!store) return code;
    const Instant now = context.clock.now();
    const std::string text = context.json ? status_json(*configuration, *store, now).dump(2) + "\n"
                                          : status_text(*configuration, *store, now, context.palette);
    std::fputs(text.c_str(), stdout);
    return EX_OK;
}

}  // namespace tocsin::daemon
