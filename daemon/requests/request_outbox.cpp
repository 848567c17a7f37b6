#include <nlohmann/json.hpp>

#include "daemon/requests/requests.hpp"

namespace tocsin::daemon {

namespace {

// The row that the request names, or why there is none.
std::optional<store::OutboxRow> row_named(RequestContext& context, const nlohmann::json& arguments) {
    const auto id = number_of(arguments, "id");
    return id ? context.store.outbox.find(OutboxId{*id}) : std::nullopt;
}

RequestAnswer no_such_mail() {
    return refused("there is no such mail in the outbox; `outbox list` shows their numbers");
}

RequestAnswer not_from(const store::OutboxRow& row, std::string_view what) {
    return refused("mail " + std::to_string(row.id.value()) + " is " + std::string{store::to_text(row.state)} +
                   " and cannot be " + std::string{what});
}

std::string named(const store::OutboxRow& row) {
    return "mail " + std::to_string(row.id.value()) + " (" + row.template_name + ")";
}

}  // namespace

RequestAnswer hold_mail(RequestContext& context, const nlohmann::json& arguments) {
    const auto row = row_named(context, arguments);
    if (!row) return no_such_mail();
    if (!context.store.outbox.hold(row->id)) return not_from(*row, "held");
    return done(named(*row) + " is held until it is released");
}

RequestAnswer release_mail(RequestContext& context, const nlohmann::json& arguments) {
    const auto row = row_named(context, arguments);
    if (!row) return no_such_mail();
    if (!context.store.outbox.release(row->id, context.now)) return not_from(*row, "released");
    return done(named(*row) + " is released and goes out now");
}

RequestAnswer drop_mail(RequestContext& context, const nlohmann::json& arguments) {
    const auto row = row_named(context, arguments);
    if (!row) return no_such_mail();
    if (!context.store.outbox.drop(row->id)) return not_from(*row, "dropped");
    if (row->ticket)
        context.store.tickets.record(*row->ticket, {{cvd::EventKind::Failed,
                                                     context.now,
                                                     context.asked_by,
                                                     {{"template", row->template_name},
                                                      {"outbox", std::to_string(row->id.value())},
                                                      {"status", "dropped by an administrator"}}}});
    return done(named(*row) + " is dropped and will never go out");
}

}  // namespace tocsin::daemon
