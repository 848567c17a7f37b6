#include <sysexits.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/utf8.hpp"
#include "daemon/admin/admin.hpp"
#include "daemon/admin/requests.hpp"

namespace tocsin::daemon {

namespace {

using OutboxJson = nlohmann::ordered_json;

constexpr std::size_t most_mails = 10'000;

std::string number_in(const store::Store& store, std::optional<TicketId> id) {
    const auto ticket = id ? store.tickets.find(*id) : std::nullopt;
    return ticket ? ticket->number : std::string{};
}

OutboxJson outbox_json(const store::Store& store, const std::vector<store::OutboxRow>& rows) {
    OutboxJson list = OutboxJson::array();
    for (const store::OutboxRow& row : rows) {
        const std::string number = number_in(store, row.ticket);
        list.push_back({{"id", row.id.value()},
                        {"ticket", number.empty() ? OutboxJson{} : OutboxJson(number)},
                        {"template", row.template_name},
                        {"recipient", row.recipient},
                        {"state", store::to_text(row.state)},
                        {"tries", row.tries},
                        {"queued", to_rfc3339(row.queued)},
                        {"next_attempt", row.next_attempt ? OutboxJson(to_rfc3339(*row.next_attempt)) : OutboxJson{}},
                        {"last_status", row.last_status.empty() ? OutboxJson{} : OutboxJson(row.last_status)}});
    }
    return {{"outbox", std::move(list)}};
}

Colour colour_of_state(store::OutboxState state) {
    switch (state) {
        case store::OutboxState::Failed:
            return Colour::Red;
        case store::OutboxState::Deferred:
        case store::OutboxState::Unknown:
        case store::OutboxState::Held:
            return Colour::Yellow;
        default:
            return Colour::None;
    }
}

std::string outbox_text(const store::Store& store, const std::vector<store::OutboxRow>& rows, Instant now,
                        const Palette& palette) {
    if (rows.empty()) return "Nothing waits to go out.\n";
    std::vector<std::vector<Cell>> cells;
    for (const store::OutboxRow& row : rows)
        cells.push_back({{std::to_string(row.id.value()), Colour::Bold, true},
                         {number_in(store, row.ticket)},
                         {row.template_name},
                         {for_one_line(row.recipient, 40)},
                         {std::string{store::to_text(row.state)}, colour_of_state(row.state)},
                         {distance_in_words((row.queued - now).count())},
                         {row.next_attempt && row.state != store::OutboxState::Held
                              ? distance_in_words((*row.next_attempt - now).count())
                              : ""},
                         {for_one_line(row.last_status, 120)}});
    return table({"ID", "TICKET", "TEMPLATE", "RECIPIENT", "STATE", "QUEUED", "NEXT TRY", "LAST REPLY"}, cells,
                 palette);
}

}  // namespace

int list_outbox(const AdminContext& context, bool failed) {
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    int code = EX_OK;
    const auto store = open_store(*configuration, code);
    if (!store) return code;
    const auto rows = failed ? store->outbox.failed(most_mails) : store->outbox.waiting(most_mails);
    std::fputs(context.json ? (outbox_json(*store, rows).dump(2) + "\n").c_str()
                            : outbox_text(*store, rows, context.clock.now(), context.palette).c_str(),
               stdout);
    return EX_OK;
}

int change_outbox(const AdminContext& context, const std::string& verb, std::int64_t id, bool yes) {
    if (verb == "drop" && !confirmed("Drop mail " + std::to_string(id) + "? It will never go out.", yes))
        return EX_USAGE;
    return ask_daemon(context, "outbox-" + verb, {{"id", id}});
}

}  // namespace tocsin::daemon
