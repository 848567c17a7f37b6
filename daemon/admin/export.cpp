#include <sysexits.h>

#include <cstdio>

#include "daemon/admin/admin.hpp"
#include "report/hall_of_fame.hpp"

namespace tocsin::daemon {

namespace {

constexpr std::size_t every_ticket = 1'000'000;

}  // namespace

int export_hall_of_fame(const AdminContext& context, const std::string& format) {
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    int code = EX_OK;
    const auto store = open_store(*configuration, code);
    if (!store) return code;
    const Instant now = context.clock.now();
    std::vector<cvd::Ticket> tickets;
    store::TicketFilter all;
    all.most = every_ticket;
    for (auto& [id, ticket] : store->tickets.list(all, now)) tickets.push_back(std::move(ticket));
    const auto hall = report::hall_of_fame(configuration->organisation.name, tickets, now);
    const std::string text = context.json || format == "json" ? report::to_json(hall)
                             : format == "html"               ? report::to_html(hall)
                                                              : report::to_markdown(hall);
    std::fputs(text.c_str(), stdout);
    return EX_OK;
}

}  // namespace tocsin::daemon
