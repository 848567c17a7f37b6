#include "intake/outgoing/recipe.hpp"

#include <nlohmann/json.hpp>

namespace tocsin::intake {

namespace {

using Json = nlohmann::ordered_json;

Json fields_to_json(const rules::TemplateFields& fields) {
    Json json = Json::object();
    for (const auto& [name, value] : fields.values()) {
        if (const auto* text = std::get_if<std::string>(&value)) {
            json[name] = *text;
        } else if (const auto* yes = std::get_if<bool>(&value)) {
            json[name] = *yes;
        } else {
            Json list = Json::array();
            for (const auto& item : std::get<rules::TemplateFields::List>(value)) list.push_back(fields_to_json(item));
            json[name] = std::move(list);
        }
    }
    return json;
}

// One level of lists within the fields is all that templates know.
rules::TemplateFields fields_from_json(const Json& json, int levels = 2) {
    rules::TemplateFields fields;
    for (const auto& [name, value] : json.items()) {
        if (value.is_boolean()) {
            fields.set(name, value.get<bool>());
        } else if (value.is_array()) {
            rules::TemplateFields::List list;
            if (levels > 0)
                for (const Json& item : value) list.push_back(fields_from_json(item, levels - 1));
            fields.set(name, std::move(list));
        } else {
            fields.set(name, value.get<std::string>());
        }
    }
    return fields;
}

}  // namespace

std::string to_json(const Recipe& recipe) {
    const Json json{{"template", recipe.template_name},
                    {"language", recipe.language},
                    {"fallback_language", recipe.fallback_language},
                    {"occasion", recipe.occasion},
                    {"to_team", recipe.to_team},
                    {"shows_report", recipe.shows_report},
                    {"answers_mail", recipe.answers_mail},
                    {"by_human", recipe.by_human},
                    {"brings", recipe.brings},
                    {"shown", recipe.shown ? Json(recipe.shown->value()) : Json{}},
                    {"member_names", recipe.member_names},
                    {"encrypt_to", recipe.encrypt_to},
                    {"confidential", recipe.confidential},
                    {"plain_allowed", recipe.plain_allowed},
                    {"attaches_key", recipe.attaches_key},
                    {"bare", recipe.bare},
                    {"accepted_means", recipe.accepted_means},
                    {"from_name", recipe.from_name},
                    {"from_address", recipe.from_address},
                    {"to_name", recipe.to_name},
                    {"to_address", recipe.to_address},
                    {"reply_to", recipe.reply_to},
                    {"tickets", recipe.tickets},
                    {"in_reply_to", recipe.in_reply_to},
                    {"references", recipe.references},
                    {"fields", fields_to_json(recipe.fields)},
                    {"ticket", recipe.ticket_number},
                    {"message_id", recipe.message_id},
                    {"date", to_micros(recipe.date)}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Recipe> recipe_from_json(std::string_view text) {
    try {
        const Json json = Json::parse(text);
        Recipe recipe;
        json.at("template").get_to(recipe.template_name);
        json.at("language").get_to(recipe.language);
        json.at("fallback_language").get_to(recipe.fallback_language);
        json.at("occasion").get_to(recipe.occasion);
        json.at("to_team").get_to(recipe.to_team);
        json.at("shows_report").get_to(recipe.shows_report);
        json.at("answers_mail").get_to(recipe.answers_mail);
        json.at("by_human").get_to(recipe.by_human);
        json.at("brings").get_to(recipe.brings);
        if (const Json& shown = json.at("shown"); !shown.is_null()) recipe.shown = JournalId{shown.get<std::int64_t>()};
        json.at("member_names").get_to(recipe.member_names);
        json.at("encrypt_to").get_to(recipe.encrypt_to);
        json.at("confidential").get_to(recipe.confidential);
        json.at("plain_allowed").get_to(recipe.plain_allowed);
        json.at("attaches_key").get_to(recipe.attaches_key);
        json.at("bare").get_to(recipe.bare);
        json.at("accepted_means").get_to(recipe.accepted_means);
        json.at("from_name").get_to(recipe.from_name);
        json.at("from_address").get_to(recipe.from_address);
        json.at("to_name").get_to(recipe.to_name);
        json.at("to_address").get_to(recipe.to_address);
        json.at("reply_to").get_to(recipe.reply_to);
        json.at("tickets").get_to(recipe.tickets);
        json.at("in_reply_to").get_to(recipe.in_reply_to);
        json.at("references").get_to(recipe.references);
        recipe.fields = fields_from_json(json.at("fields"));
        json.at("ticket").get_to(recipe.ticket_number);
        json.at("message_id").get_to(recipe.message_id);
        recipe.date = from_micros(json.at("date").get<std::int64_t>());
        return recipe;
    } catch (const Json::exception& error) {
        return permanent(Code::BadInput, std::string{"recipe: "} + error.what());
    }
}

}  // namespace tocsin::intake
