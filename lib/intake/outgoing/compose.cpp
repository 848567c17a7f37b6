#include "intake/outgoing/compose.hpp"

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "intake/examine/attached_report.hpp"
#include "intake/examine/opening.hpp"
#include "intake/examine/relayed_words.hpp"
#include "intake/outgoing/sealing.hpp"
#include "intake/outgoing/shown_report.hpp"
#include "mail/composing.hpp"
#include "mail/reading.hpp"
#include "openpgp/armor.hpp"

namespace tocsin::intake {

namespace {

// The keys among those that can be encrypted to now. One that has expired since is as good as none.
std::vector<std::string> usable_keys(const Recipe& recipe, const openpgp::Keyring& keyring) {
    std::vector<std::string> usable;
    // Of a conversation that is encrypted: whatever key of hers is known now.
    if (recipe.confidential && recipe.encrypt_to.empty() && !recipe.to_team)
        for (const openpgp::Key* key : keyring.with_address(recipe.to_address))
            if (!key->ours() && key->encrypts_at(recipe.date) && usable.empty()) usable.push_back(key->fingerprint);
    for (const std::string& fingerprint : recipe.encrypt_to)
        if (const auto* key = keyring.find(fingerprint); key != nullptr && key->encrypts_at(recipe.date))
            usable.push_back(fingerprint);
    return usable;
}

// What lay inside an encryption is shown in a mail that is encrypted, or where an administrator allows it otherwise.
Result<std::vector<mail::Enclosure>> show_opened(rules::TemplateFields& fields, const Recipe& recipe,
                                                 std::string_view mail, bool encrypts, const ExaminationLimits& limits,
                                                 openpgp::Engine& engine) {
    const mail::Message came = mail::parse(mail, limits.parse);
    auto opened = open_mail(came, limits, engine);
    if (!opened) return tl::unexpected{opened.error()};
    const mail::Message made = mail::parse(opened->made, limits.parse);
    const mail::Message& message = opened->made.empty() ? came : made;
    const bool withheld = opened->crypto.decrypted && recipe.to_team && !encrypts && !recipe.plain_allowed;
    if (recipe.brings.empty() || withheld) fields.set("withheld", withheld);
    if (withheld) {  // what rules found inside is as telling as the words
        fields.set("hits", rules::TemplateFields::List{});
        fields.set("could_not_tell", rules::TemplateFields::List{});
        fields.set("could_not_tell_count", std::string{});
        return std::vector<mail::Enclosure>{};
    }
    if (!recipe.brings.empty()) return show_words(recipe, fields, message, std::move(opened->reading));
    read_attached_report(opened->reading, message, limits.parse);
    if (opened->whole && !opened->crypto.protected_subject.empty())
        fields.set("inner_subject", for_one_line(opened->crypto.protected_subject, 200));
    return show_report(fields, message, opened->reading, recipe.ticket_number, std::move(opened->apart));
}

std::optional<mail::FieldName> name(std::string_view text) { return mail::FieldName::from(text); }

Result<std::string> compose_to(const std::vector<std::string>& encrypt_to, const Recipe& recipe,
                               std::optional<std::string_view> mail, const rules::RuleSet& rule_set,
                               const ExaminationLimits& limits, openpgp::Engine& engine) {
    rules::TemplateFields fields = recipe.fields;
    // An answer is never less protected than the mail it answers.
    if (recipe.confidential && recipe.brings == "words" && encrypt_to.empty())
        return permanent(Code::Configuration,
                         "the conversation is encrypted, and there is no key to encrypt the answer to");
    // The key that she is told we have is of no use any more: she is told how to send another.
    if (!recipe.encrypt_to.empty() && encrypt_to.empty() && fields.values().contains("no_key"))
        fields.set("no_key", true);
    std::vector<mail::Enclosure> enclosures;
    if (mail && (recipe.shows_report || !recipe.brings.empty())) {
        auto shown = show_opened(fields, recipe, *mail, !encrypt_to.empty(), limits, engine);
        if (!shown) return tl::unexpected{shown.error()};
        enclosures = std::move(*shown);
    } else if (!recipe.brings.empty()) {
        // Without the mail there is nothing to say: better no mail than one that leaves out what a person wrote.
        return permanent(Code::BadInput, "a member's words cannot be had");
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
    if (recipe.bare) return mail::compose(composition);
    if (recipe.attaches_key && engine.signs()) {
        const auto key = engine.own_certificate();
        if (!key) return tl::unexpected{key.error()};
        composition.enclosures.push_back(
            {"openpgp-key.asc", "application/pgp-keys", openpgp::to_armor(*key, "PUBLIC KEY BLOCK")});
    }
    const auto autocrypt = autocrypt_header(recipe.from_address, engine);
    if (!autocrypt) return tl::unexpected{autocrypt.error()};
    const Sealing sealing{.encrypt_to = encrypt_to,
                          .outer_subject = recipe.ticket_number.empty() ? "[...]" : "[" + recipe.ticket_number + "]",
                          .seed = recipe.message_id};
    return seal_mail(*autocrypt + mail::compose(composition), sealing, engine);
}

}  // namespace

Result<std::string> compose(const Recipe& recipe, std::optional<std::string_view> mail, const rules::RuleSet& rule_set,
                            const ExaminationLimits& limits, openpgp::Engine& engine) {
    if (const auto ready = engine.ready(); !ready && !recipe.bare) return tl::unexpected{ready.error()};
    const std::vector<std::string> encrypt_to = usable_keys(recipe, engine.keyring());
    auto composed = compose_to(encrypt_to, recipe, mail, rule_set, limits, engine);
    // gpg has the last word on a key: one that it cannot encrypt to is as good as none. A person's words wait for one.
    if (composed || encrypt_to.empty() || composed.error().code != Code::Refused || recipe.brings == "words")
        return composed;
    Recipe without_key = recipe;
    without_key.plain_allowed = false;
    return compose_to({}, without_key, mail, rule_set, limits, engine);
}

Result<std::string> compose(const Recipe& recipe, std::optional<std::string_view> mail, const rules::RuleSet& rule_set,
                            const ExaminationLimits& limits) {
    openpgp::NoEngine none;
    return compose(recipe, mail, rule_set, limits, none);
}

Result<std::string> text_of_mail(const Recipe& recipe, std::optional<std::string_view> mail,
                                 const rules::RuleSet& rule_set, const ExaminationLimits& limits,
                                 openpgp::Engine& engine) {
    rules::TemplateFields fields = recipe.fields;
    if (mail)
        if (const auto shown = show_opened(fields, recipe, *mail, true, limits, engine); !shown)
            return tl::unexpected{shown.error()};
    const auto rendered =
        rule_set.templates().render(recipe.template_name, recipe.language, recipe.fallback_language, fields);
    if (!rendered) return tl::unexpected{rendered.error()};
    std::string text;
    for (const auto& [name, value] : rendered->header) text.append(value).append("\n");
    return text + rendered->body;
}

}  // namespace tocsin::intake
