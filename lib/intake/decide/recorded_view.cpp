#include "intake/decide/recorded_view.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tocsin::intake {

namespace {

using ViewJson = nlohmann::json;

std::optional<store::Part> part_named(std::string_view name) {
    if (name == "reporter") return store::Part::Reporter;
    if (name == "team") return store::Part::Team;
    return std::nullopt;
}

}  // namespace

std::string to_json(const TicketView& view) {
    ViewJson json{{"reports", view.reporter_reports}, {"valid", view.reporter_valid}};
    if (view.sent_by_us) json["ours"] = true;
    if (view.delivered_before) json["before"] = view.delivered_before->value();
    if (view.claims) json["claims"] = *view.claims;
    if (view.part) json["part"] = *view.part == store::Part::Reporter ? "reporter" : "team";
    if (view.thread)
        json["thread"] = {{"id", view.thread->id.value()},
                          {"number", view.thread->ticket.number},
                          {"state", cvd::to_text(view.thread->ticket.state)},
                          {"encrypted", view.thread->ticket.encrypted}};
    return json.dump(-1, ' ', false, ViewJson::error_handler_t::replace);
}

Result<TicketView> view_from_json(std::string_view text, const rules::RuleSet& rule_set, std::string_view policy) {
    try {
        const ViewJson json = ViewJson::parse(text);
        TicketView view;
        json.at("reports").get_to(view.reporter_reports);
        json.at("valid").get_to(view.reporter_valid);
        view.sent_by_us = json.value("ours", false);
        if (json.contains("before")) view.delivered_before = TicketId{json.at("before").get<std::int64_t>()};
        if (json.contains("claims")) view.claims = json.at("claims").get<std::string>();
        if (json.contains("part")) view.part = part_named(json.at("part").get<std::string>());
        if (!json.contains("thread")) return view;
        const ViewJson& thread = json.at("thread");
        OpenTicket open;
        open.id = TicketId{thread.at("id").get<std::int64_t>()};
        thread.at("number").get_to(open.ticket.number);
        open.ticket.state =
            cvd::ticket_state_from(thread.at("state").get<std::string>()).value_or(cvd::TicketState::New);
        open.ticket.encrypted = thread.value("encrypted", false);
        if (const rules::Policy* known = rule_set.policy(policy)) open.policy = *known;
        view.thread = std::move(open);
        return view;
    } catch (const ViewJson::exception&) {
        return permanent(Code::BadInput, "what was known of a mail cannot be read");
    }
}

bool acknowledges(const Decision& decision) {
    return std::ranges::any_of(decision.mail, [](const Recipe& recipe) { return !recipe.to_team; });
}

store::Rating rating_of(const Decision& decision, const TicketView& view, const std::string& policy,
                        const std::string& rules_hash, Instant received) {
    store::Rating rating{.received = received,
                         .view = to_json(view),
                         .kind = decision.kind,
                         .acknowledged = acknowledges(decision),
                         .policy = policy,
                         .rules = rules_hash};
    if (decision.evaluation) {
        rating.severity = decision.evaluation->severity;
        rating.score = decision.evaluation->score;
    }
    return rating;
}

}  // namespace tocsin::intake
