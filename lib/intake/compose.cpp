#include "intake/compose.hpp"

#include "base/text.hpp"
#include "intake/relayed_words.hpp"
#include "intake/shown_report.hpp"
#include "mail/composing.hpp"
#include "mail/reading.hpp"

namespace tocsin::intake {

namespace {

std::optional<mail::FieldName> name(std::string_view text) { return mail::FieldName::from(text); }

}  // namespace

Result<std::string> compose(const Recipe& recipe, std::optional<std::string_view> mail, const rules::RuleSet& rule_set,
                            const ExaminationLimits& limits) {
    rules::TemplateFields fields = recipe.fields;
    std::vector<mail::Enclosure> enclosures;
    if (!recipe.brings.empty()) {
        // Without the mail there is nothing to say: better no mail than one that leaves out what a person wrote.
        if (!mail) return permanent(Code::BadInput, "a member's words cannot be had");
        const mail::Message message = mail::parse(*mail, limits.parse);
        auto files = show_words(recipe, fields, message, mail::read(message, limits.parse));
        if (!files) return tl::unexpected{files.error()};
        enclosures = std::move(*files);
    } else if (recipe.shows_report && mail) {
        const mail::Message message = mail::parse(*mail, limits.parse);
        enclosures = show_report(fields, message, mail::read(message, limits.parse), recipe.ticket_number);
    }
    const auto rendered =
        rule_set.templates().render(recipe.template_name, recipe.language, recipe.fallback_language, fields);
    if (!rendered) return tl::unexpected{rendered.error()};

    const auto from = mail::Address::from(recipe.from_address);
    const auto to = mail::Address::from(recipe.to_address);
    const auto message_id = mail::MessageId::from(recipe.message_id);
    if (!from || !to || !message_id) return permanent(Code::BadInput, "recipe: an address or Message-ID is not one");

    std::optional<mail::Unstructured> subject;
    std::vector<std::pair<mail::FieldName, mail::Unstructured>> added;
    const auto add = [&](std::string_view field, std::string_view value) {
        auto field_name = name(field);
        auto field_value = mail::Unstructured::from(value);
        if (field_name && field_value) added.emplace_back(std::move(*field_name), std::move(*field_value));
    };
    for (const auto& [field, value] : rendered->header) {
        if (equal_ignoring_case(field, "Subject"))
            subject = mail::Unstructured::from(value);
        else
            add(field, value);
    }
    if (!subject) return permanent(Code::Configuration, "template " + recipe.template_name + ": no usable Subject");
    if (!recipe.by_human) {
        if (!recipe.reply_to.empty()) add("Reply-To", recipe.reply_to);
    add("Auto-Submitted", recipe.answers_mail ? "auto-replied" : "auto-generated");
        add("X-Auto-Response-Suppress", "All");
    }
    if (!recipe.ticket_number.empty()) add("X-Tocsin-Ticket", recipe.ticket_number);
    add("X-Tocsin-Mail", recipe.template_name);
    add("Content-Language", recipe.language);

    mail::Composition composition{.from = {recipe.from_name, *from},
                                  .to = {{recipe.to_name, *to}},
                                  .reply_to = {},
                                  .subject = *subject,
                                  .date = recipe.date,
                                  .message_id = *message_id,
                                  .in_reply_to = mail::MessageId::from(recipe.in_reply_to),
                                  .references = {},
                                  .fields = std::move(added),
                                  .text = rendered->body,
                                  .enclosures = std::move(enclosures)};
    for (const std::string& reference : recipe.references)
        if (auto id = mail::MessageId::from(reference)) composition.references.push_back(std::move(*id));
    return mail::compose(composition);
}

}  // namespace tocsin::intake
