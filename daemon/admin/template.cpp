#include <sysexits.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/utf8.hpp"
#include "daemon/admin/admin.hpp"
#include "daemon/admin/examiner.hpp"
#include "intake/decide/decide.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/promises/tick.hpp"
#include "mail/reading.hpp"

namespace tocsin::daemon {

namespace {

// The mail that a preview without a ticket answers.
constexpr std::string_view made_up_mail =
    "From: Rae <rae@lab.example>\r\nTo: security@example.org\r\nSubject: Command injection in the export\r\n"
    "Message-ID: <preview@lab.example>\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\n\r\n"
    "The export runs shell commands: name a file $(id).\r\n";

// The recipe of that name out of what a mail would draw, or what a clock would.
std::optional<intake::Recipe> recipe_named(const std::string& name, const Loaded& loaded, const std::string& mail,
                                           Instant now) {
    const intake::Organisation& organisation = loaded.configuration.organisation;
    const auto examination = examine_now(loaded, mail);
    if (!examination) return std::nullopt;
    intake::Arrival arrival;
    arrival.received = now;
    const intake::Decision decision = intake::decide(*examination, {}, loaded.rule_set, organisation,
                                                     loaded.configuration.mailboxes.front().rules, arrival, now);
    for (const intake::Recipe& recipe : decision.mail)
        if (recipe.template_name == name) return recipe;
    if (name == "reminder" || name == "overdue" || name == "escalation") {
        if (decision.after.clocks.empty() || !decision.policy) return std::nullopt;
        intake::Tick tick;
        tick.after.ticket = decision.after;
        tick.after.policy = *decision.policy;
        const cvd::TicketClock& clock = decision.after.clocks.front();
        const Instant at = name == "reminder" ? now : clock.due;
        tick.tellings.push_back({clock.name, name == "escalation", {"team"}, "due 1", 1, at});
        const auto mails = intake::reminder_mails({tick}, organisation, {}, at);
        if (!mails.empty()) return mails.front().recipe;
    }
    rules::TemplateFields fields;
    for (const std::string_view field : rules::fields_of_template(name))
        if (field.find('.') == std::string_view::npos) fields.set(std::string{field}, "(" + std::string{field} + ")");
    const auto alarms = intake::alarms(name, fields, "preview", organisation);
    if (alarms.empty()) return std::nullopt;
    return alarms.front();
}

// A mail as a person reads it: the header decoded, a blank line, the text.
std::string readable(const std::string& bytes) {
    const mail::Reading reading = mail::read(mail::parse(bytes));
    std::string text;
    for (const auto& [name, value] : reading.header) text += name + ": " + for_one_line(value) + "\n";
    return text + "\n" + reading.text + "\n";
}

}  // namespace

int preview_template(const AdminContext& context, const PreviewOptions& options) {
    const auto loaded = load_or_complain(context);
    if (!loaded) return EX_CONFIG;
    const intake::Organisation& organisation = loaded->configuration.organisation;
    const std::string language = options.language.empty() ? organisation.languages.front() : options.language;
    if (!loaded->rule_set.templates().has(options.name, language)) {
        std::string known;
        for (const std::string& name : loaded->rule_set.templates().names())
            known += (known.empty() ? "" : ", ") + name;
        return complain("there is no template '" + for_one_line(options.name, 60) + "' in the language '" +
                            for_one_line(language, 20) + "'; there are " + known,
                        EX_DATAERR);
    }
    std::string mail{made_up_mail};
    std::string number = cvd::make_number({organisation.numbers.prefix, false}, 2026, 1);
    if (!options.ticket.empty()) {
        int code = EX_OK;
        const auto store = open_store(loaded->configuration, code);
        if (!store) return code;
        const auto id = store->tickets.by_number(options.ticket);
        const auto opening = id ? intake::opening_mail(*store, *id) : std::nullopt;
        if (!opening)
            return complain("there is no ticket '" + for_one_line(options.ticket, 40) + "' with a mail that opened it",
                            EX_DATAERR);
        mail = store->journal.bytes(*opening);
        number = options.ticket;
    }
    const Instant now = context.clock.now();
    auto recipe = recipe_named(options.name, *loaded, mail, now);
    if (!recipe) return complain("nothing of that ticket would draw a mail '" + options.name + "'", EX_DATAERR);
    recipe->language = language;
    recipe->ticket_number = number;
    recipe->fields.set("ticket", number);
    recipe->message_id = "preview@" + std::string{organisation.address.domain()};
    recipe->date = now;
    const auto composed = compose_now(*loaded, intake::to_json(*recipe), mail);
    if (!composed) return complain(composed.error().what, EX_SOFTWARE);
    if (!context.json) {
        std::fputs(readable(*composed).c_str(), stdout);
        return EX_OK;
    }
    const mail::Reading reading = mail::read(mail::parse(*composed));
    nlohmann::ordered_json header = nlohmann::ordered_json::array();
    for (const auto& [name, value] : reading.header) header.push_back({{"name", name}, {"value", value}});
    std::puts(nlohmann::ordered_json{{"template", options.name},
                                     {"language", language},
                                     {"ticket", number},
                                     {"subject", reading.subject},
                                     {"header", std::move(header)},
                                     {"text", reading.text}}
                  .dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
                  .c_str());
    return EX_OK;
}

}  // namespace tocsin::daemon
