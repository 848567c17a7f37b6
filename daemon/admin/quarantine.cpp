#include <fmt/core.h>
#include <sysexits.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/utf8.hpp"
#include "daemon/admin/admin.hpp"
#include "daemon/admin/requests.hpp"

namespace tocsin::daemon {

namespace {

using QuarantineJson = nlohmann::ordered_json;

constexpr std::size_t most_entries = 10'000;
constexpr std::size_t shown_bytes = std::size_t{16} << 10;

std::string ticket_of(const store::Store& store, const store::JournalEntry& entry) {
    const auto ticket = entry.ticket ? store.tickets.find(*entry.ticket) : std::nullopt;
    return ticket ? ticket->number : std::string{};
}

QuarantineJson entry_json(const store::Store& store, const store::JournalEntry& entry) {
    const std::string number = ticket_of(store, entry);
    return {{"id", entry.id.value()},
            {"ticket", number.empty() ? QuarantineJson{} : QuarantineJson(number)},
            {"mailbox", entry.place.mailbox},
            {"folder", entry.place.folder},
            {"uid_validity", entry.place.uid_validity},
            {"uid", entry.place.uid},
            {"size", entry.size},
            {"sha256", to_hex(view(entry.sha256))},
            {"received", to_rfc3339(entry.internal_date)},
            {"state", store::to_text(entry.state)},
            {"tries", entry.tries},
            {"failures", entry.failures},
            {"given_up", entry.finished ? QuarantineJson(to_rfc3339(*entry.finished)) : QuarantineJson{}}};
}

std::string list_in_words(const store::Store& store, const std::vector<store::JournalEntry>& entries, Instant now,
                          const Palette& palette) {
    if (entries.empty()) return "Nothing is quarantined.\n";
    std::vector<std::vector<Cell>> rows;
    for (const store::JournalEntry& entry : entries)
        rows.push_back({{std::to_string(entry.id.value()), Colour::Bold, true},
                        {ticket_of(store, entry)},
                        {entry.place.mailbox + "/" + entry.place.folder},
                        {std::to_string(entry.place.uid), Colour::None, true},
                        {std::to_string(entry.size), Colour::None, true},
                        {distance_in_words((entry.internal_date - now).count())},
                        {std::to_string(entry.tries), Colour::None, true}});
    return table({"ID", "TICKET", "FOLDER", "UID", "BYTES", "RECEIVED", "TRIES"}, rows, palette);
}

}  // namespace

int list_quarantine(const AdminContext& context) {
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    int code = EX_OK;
    const auto store = open_store(*configuration, code);
    if (!store) return code;
    const auto entries = store->journal.quarantined(most_entries);
    if (context.json) {
        QuarantineJson list = QuarantineJson::array();
        for (const store::JournalEntry& entry : entries) list.push_back(entry_json(*store, entry));
        std::fputs((QuarantineJson{{"quarantine", std::move(list)}}.dump(2) + "\n").c_str(), stdout);
    } else {
        std::fputs(list_in_words(*store, entries, context.clock.now(), context.palette).c_str(), stdout);
    }
    return EX_OK;
}

int show_quarantined(const AdminContext& context, std::int64_t id, bool raw) {
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    int code = EX_OK;
    const auto store = open_store(*configuration, code);
    if (!store) return code;
    const auto entry = store->journal.find(JournalId{id});
    if (!entry) return complain("there is no mail " + std::to_string(id) + " in the journal", EX_DATAERR);
    const std::string bytes = store->journal.bytes(entry->id);
    if (raw) {
        std::fwrite(bytes.data(), 1, bytes.size(), stdout);
        return EX_OK;
    }
    QuarantineJson json = entry_json(*store, *entry);
    if (context.json) {
        std::fputs((json.dump(2) + "\n").c_str(), stdout);
        return EX_OK;
    }
    std::string text;
    for (const auto& [name, value] : json.items())
        text += fmt::format("{:14}{}\n", name, value.is_string() ? value.get<std::string>() : value.dump());
    text += "\n" + for_people(std::string_view{bytes}.substr(0, shown_bytes));
    if (bytes.size() > shown_bytes)
        text += fmt::format("\n… {} bytes more; --raw gives all of them\n", bytes.size() - shown_bytes);
    std::fputs((text + "\n").c_str(), stdout);
    return EX_OK;
}

int release_quarantined(const AdminContext& context, std::int64_t id) {
    return ask_daemon(context, "quarantine-release", {{"id", id}});
}

}  // namespace tocsin::daemon
