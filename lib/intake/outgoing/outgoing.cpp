#include "intake/outgoing/outgoing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "intake/promises/named_dates.hpp"
#include "sla/deadline.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t most_references = 20;

std::string occasion_of(const Arrival& arrival) {
    // A mail that was taken out of its ticket is told of a second time.
    return "journal " + std::to_string(arrival.journal.value()) + (arrival.alone ? " alone" : "");
}

rules::TemplateFields::List asks(const rules::Policy& policy, const std::vector<std::string>* only,
                                 const Recipe& recipe) {
    rules::TemplateFields::List list;
    for (const rules::Element& element : policy.elements) {
        if (element.optional) continue;
        if (only != nullptr && std::ranges::find(*only, element.id) == only->end()) continue;
        rules::TemplateFields item;
        item.set("ask", rules::in_language(element.ask, recipe.language, recipe.fallback_language));
        list.push_back(std::move(item));
    }
    return list;
}

void answer(Recipe& recipe, const OuterMail& outer) {
    recipe.answers_mail = true;
    recipe.in_reply_to = outer.message_id;
    recipe.references = outer.references;
    if (recipe.references.size() > most_references)
        recipe.references.erase(recipe.references.begin() + 1,
                                recipe.references.end() - static_cast<std::ptrdiff_t>(most_references - 1));
    if (!outer.message_id.empty()) recipe.references.push_back(outer.message_id);  // RFC 5322 section 3.6.4
}

rules::TemplateFields::List named(const char* name, const std::vector<std::string>& values) {
    rules::TemplateFields::List list;
    for (const std::string& value : values) {
        rules::TemplateFields item;
        item.set(name, value);
        list.push_back(std::move(item));
    }
    return list;
}

rules::TemplateFields::List hits_of(const rules::Evaluation& evaluation, const rules::RuleSet& rule_set,
                                    bool with_words) {
    rules::TemplateFields::List list;
    for (const rules::Hit& hit : evaluation.hits) {
        if (hit.score == 0) continue;  // `explain` has those too
        rules::TemplateFields item;
        item.set("rule", hit.rule);
        item.set("score", (hit.score > 0 ? "+" : "") + std::to_string(hit.score));
        item.set("why", std::string{rule_set.why(hit.rule)});
        item.set("words", with_words ? for_one_line(hit.words) : "");
        list.push_back(std::move(item));
    }
    return list;
}

rules::TemplateFields::List deadlines_of(const cvd::Ticket& ticket, const rules::Policy& policy, const Recipe& recipe) {
    rules::TemplateFields::List list;
    for (const cvd::TicketClock& clock : ticket.clocks) {
        if (!clock.open()) continue;
        const rules::ClockRule* rule = policy.clock(clock.name);
        rules::TemplateFields item;
        item.set("name", clock.name);
        item.set("promise", rule == nullptr
                                ? std::string{}
                                : rules::in_language(rule->promise, recipe.language, recipe.fallback_language));
        item.set("goal", clock.goal);
        item.set("due", sla::in_words(clock.due, zone_for(policy, rule), recipe.language));
        list.push_back(std::move(item));
    }
    return list;
}

std::string shown_name(const Examination* examination) {
    if (examination == nullptr || examination->outer.from.empty()) return "Somebody";
    const mail::Mailbox& author = examination->outer.from.front();
    return for_one_line(author.name.empty() ? author.address : author.name, 60);
}

// What is the matter, for who does not know the words of `explain`.
std::string_view in_plain_words(std::string_view error) {
    constexpr std::pair<std::string_view, std::string_view> words[] = {
        {"no-secret-key", "none of the keys that it names is here"},
        {"no-integrity-protection", "nothing protects it from being changed on its way"},
        {"bad-passphrase", "it asks for a passphrase that we do not have"},
        {"damaged", "it is cut off, changed, or not what it says"},
        {"limit", "it is larger than the limits, or for too many keys"},
        {"unsupported", "encrypted in a way that nothing here opens"}};
    for (const auto& [name, meaning] : words)
        if (error == name) return meaning;
    return "nobody can tell why";
}

std::string crypto_in_words(const CryptoVerdict& crypto) {
    if (!crypto.encrypted) return "";
    const std::string what =
        (came_encrypted(crypto) ? "encrypted (" : "a part of it is encrypted (") + crypto.protocol + ")";
    if (crypto.decrypted) return came_encrypted(crypto) ? what : what + ", and opened apart";
    const std::string error = crypto.error.value_or("unknown");
    return what + " and not opened: " + error + ", " + std::string{in_plain_words(error)};
}

// Whom the author put beside us into To and Cc: offered to the team, not let in.
std::vector<std::string> colleagues_in(const Examination* examination, const std::string& reporter,
                                       const Organisation& organisation) {
    constexpr std::size_t most = 10;
    std::vector<std::string> colleagues;
    if (examination == nullptr) return colleagues;
    const auto author = author_of(examination->reading);
    for (const auto* list : {&examination->reading.to, &examination->reading.cc}) {
        for (const mail::Mailbox& mailbox : *list) {
            const auto address = mail::Address::from(mailbox.address);
            if (!address || (author && *address == *author) || organisation.owns(address->text()) ||
                organisation.member(address->text()) != nullptr || equal_ignoring_case(address->text(), reporter) ||
                colleagues.size() == most)
                continue;
            if (std::ranges::find(colleagues, address->text()) == colleagues.end())
                colleagues.push_back(address->text());
        }
    }
    return colleagues;
}

// Somebody who wants answers elsewhere is shown to the team, and believed only by its command.
std::string other_reply_to(const Examination& examination) {
    const auto author = author_of(examination.reading);
    for (const mail::Mailbox& mailbox : examination.outer.reply_to) {
        const auto address = mail::Address::from(mailbox.address);
        if (address && (!author || !(*address == *author))) return address->text();
    }
    return "";
}

// How sure we are who it is: the signature, else what our own server says of the domain. A name in a From field proves
// nothing.
void set_proof(rules::TemplateFields& fields, const Examination& examination, const Organisation& organisation) {
    std::string bad;
    bool good = false;
    for (const SignatureVerdict& signature : examination.crypto.signatures) {
        if (signature.status == "good" && signature.covers == "all") good = true;
        if (signature.status != "good" && signature.status != "unknown-key") bad = signature.status;
    }
    if (!bad.empty()) bad = "its signature is " + bad;
    const bool is_signed = good && bad.empty();
    const int level = level_of_proof(examination, organisation);
    if (!is_signed && bad.empty() && level < 0)
        bad = "our mail server says that it does not come from that domain; the address is likely forged";
    const bool domain = !is_signed && bad.empty() && level > 0;
    fields.set("proof_signed", is_signed);
    fields.set("proof_domain",
               domain ? "our mail server confirms the domain; whoever writes from there may have written it" : "");
    fields.set("proof_bad", bad);
    fields.set("proof_none", !is_signed && !domain && bad.empty());
}

rules::TemplateFields::List similar_ones(const TicketView& view, const rules::Policy& policy, const Recipe& recipe) {
    rules::TemplateFields::List list;
    for (const SimilarTicket& ticket : view.similar) {
        rules::TemplateFields item;
        item.set("number", ticket.number);
        item.set("state", ticket.state);
        item.set("percent", std::to_string(ticket.percent));
        item.set("opened_on", sla::in_words(ticket.opened, zone_for(policy, nullptr), recipe.language));
        list.push_back(std::move(item));
    }
    return list;
}

// RFC 5322 section 3.6.4: the first notice holds a member's thread together, the last one is answered.
void stand_in_thread(Recipe& recipe, const TicketView& view) {
    const auto last = view.last_notice_to.find(recipe.to_address);
    if (last == view.last_notice_to.end()) return;
    const auto earlier = view.notices_to.find(recipe.to_address);
    recipe.references = earlier == view.notices_to.end() ? std::vector<std::string>{last->second} : earlier->second;
    if (recipe.references.size() > most_references)
        recipe.references.erase(recipe.references.begin() + 1,
                                recipe.references.end() - static_cast<std::ptrdiff_t>(most_references - 1));
    recipe.in_reply_to = recipe.references.back();
}

// For a signature's and an encryption's sake: what a member's client can open.
void address_to(Recipe& recipe, const Member& member, const Organisation& organisation) {
    recipe.to_name = member.name;
    recipe.to_address = member.address.text();
    recipe.encrypt_to.clear();
    if (!member.key.empty()) recipe.encrypt_to.push_back(member.key);
    recipe.plain_allowed = organisation.plain_to_team;
}

// The day until which she says that she keeps quiet, and the command that agrees to it.
void offer_embargo(rules::TemplateFields& fields, const Decision& decision, const rules::Policy& policy,
                   std::string_view language) {
    for (const cvd::Event& event : decision.events) {
        if (event.kind != cvd::EventKind::EmbargoProposed || cvd::said(event, "by") != "reporter") continue;
        const auto until = from_rfc3339(cvd::said(event, "until"));
        if (!until) continue;
        const sla::Zone zone = zone_for(policy, nullptr);
        const auto date = zone.civil(*until).date;
        fields.set("keeps_quiet_until", sla::in_words(*until, zone, language));
        fields.set("embargo_line", fmt::format("/embargo {:04}-{:02}-{:02}", static_cast<int>(date.year()),
                                               static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())));
    }
}

std::string fingerprint_in_words(std::string_view fingerprint) {
    std::string text;
    for (std::size_t at = 0; at < fingerprint.size(); at += 4)
        text.append(at == 0 ? "" : " ").append(fingerprint.substr(at, 4));
    return text;
}

}  // namespace

rules::TemplateFields common_fields(const Organisation& organisation) {
    rules::TemplateFields fields;
    fields.set("organisation", organisation.name);
    fields.set("address", organisation.address.text());
    fields.set("policy_url", organisation.policy_url);
    return fields;
}

Recipe recipe_for(const std::string& template_name, const Organisation& organisation, const std::string& occasion) {
    Recipe recipe;
    recipe.template_name = template_name;
    recipe.language = recipe.fallback_language = organisation.languages.front();
    recipe.occasion = occasion;
    recipe.from_name = organisation.name + " Security";
    recipe.from_address = organisation.address.text();
    return recipe;
}

void set_promises(Recipe& recipe, const cvd::Ticket& ticket, const rules::Policy& policy, bool rating_may_show,
                  Instant now) {
    rules::TemplateFields::List promises;
    rules::TemplateFields::List goals;
    bool late = false;
    for (const cvd::TicketClock& clock : ticket.clocks) {
        const rules::ClockRule* rule = policy.clock(clock.name);
        if (rule == nullptr || !clock.open() || (!rating_may_show && !rule->severity.empty())) continue;
        // The mail itself keeps this one.
        if (std::ranges::find(rule->stop.events, cvd::EventKind::Acknowledged) != rule->stop.events.end()) continue;
        const std::string& words = rules::in_language(rule->promise, recipe.language, recipe.fallback_language);
        if (words.empty()) continue;  // a clock of the team's own
        rules::TemplateFields item;
        item.set("promise", words);
        if (clock.goal) {
            goals.push_back(std::move(item));
            continue;
        }
        // Our own word keeps a promise to write, and makes it anew.
        const bool keeps =
            recipe.accepted_means == cvd::to_text(cvd::EventKind::ReporterUpdated) &&
            std::ranges::find(rule->stop.events, cvd::EventKind::ReporterUpdated) != rule->stop.events.end();
        if (keeps && rule->start != cvd::EventKind::ReporterUpdated) continue;
        const Instant due = keeps ? sla::due_after(now, rule->within, policy.calendar_of(*rule)) : clock.due;
        // What is over is no promise for the days to come.
        if (!clock.paused && due <= now) {
            late = true;
            continue;
        }
        // As long as somebody waits the date moves: it is told when it stands.
        if (!clock.paused) item.set("due", sla::in_words(due, zone_for(policy, rule), recipe.language));
        promises.push_back(std::move(item));
    }
    recipe.fields.set("is_late", late);
    recipe.fields.set("has_promises", !promises.empty());
    recipe.fields.set("has_goals", !goals.empty());
    recipe.fields.set("promises", std::move(promises));
    recipe.fields.set("goals", std::move(goals));
}

std::optional<KnownOfReport> known_of(const Examination& examination, const rules::Evaluation& evaluation,
                                      const std::string& language) {
    if (came_encrypted(examination.crypto) || examination.unreadable) return std::nullopt;
    return KnownOfReport{evaluation, language, !examination.crypto.encrypted};
}

Recipe acknowledgement(const OuterMail& outer, const std::optional<KnownOfReport>& known, const mail::Address& to,
                       const cvd::Ticket& ticket, const rules::Policy& policy, const Organisation& organisation,
                       const Arrival& arrival, Instant now) {
    Recipe recipe = recipe_for("acknowledgement", organisation, occasion_of(arrival));
    if (const auto own = policy.templates.find(recipe.template_name); own != policy.templates.end())
        recipe.template_name = own->second;
    if (known) {
        recipe.language = organisation.language_for(known->language);
        if (known->evaluation.acknowledgement) recipe.template_name = *known->evaluation.acknowledgement;
    }
    recipe.accepted_means = cvd::to_text(cvd::EventKind::Acknowledged);
    recipe.to_address = to.text();
    recipe.fields = common_fields(organisation);
    recipe.fields.set("received", sla::in_words(arrival.received, zone_for(policy, nullptr), recipe.language));
    set_promises(recipe, ticket, policy, known && known->rating_may_show, now);
    auto missing = asks(policy, known ? &known->evaluation.elements_missing : nullptr, recipe);
    recipe.fields.set("has_missing", !missing.empty());
    recipe.fields.set("missing", std::move(missing));
    recipe.fields.set("asks_all", !known);
    recipe.fields.set("our_key", fingerprint_in_words(organisation.own_key));
    // Who asks for our key gets it as a file; Autocrypt brings it in every case.
    recipe.attaches_key = known && known->evaluation.tags.contains("asks-for-key") && !organisation.own_key.empty();
    answer(recipe, outer);
    return recipe;
}

Recipe acknowledgement_of_several(const std::vector<std::string>& numbers, const mail::Address& to,
                                  const std::string& language, const Organisation& organisation,
                                  const std::optional<std::vector<std::string>>& keys) {
    Recipe recipe = recipe_for("acknowledgement-several", organisation,
                               "tickets " + (numbers.empty() ? std::string{} : numbers.front() + " " + numbers.back()));
    recipe.language = organisation.language_for(language);
    recipe.accepted_means = cvd::to_text(cvd::EventKind::Acknowledged);
    recipe.to_address = to.text();
    recipe.answers_mail = true;
    recipe.tickets = numbers;
    recipe.fields = common_fields(organisation);
    recipe.fields.set("numbers", named("number", numbers));
    if (!keys || organisation.own_key.empty()) return recipe;
    recipe.encrypt_to = *keys;
    recipe.fields.set("no_key", keys->empty());
    recipe.fields.set("our_key", fingerprint_in_words(organisation.own_key));
    return recipe;
}

Recipe cannot_decrypt(const OuterMail& outer, const std::vector<std::string>& keys, const mail::Address& to,
                      const cvd::Ticket& ticket, const rules::Policy& policy, const Organisation& organisation,
                      const Arrival& arrival, Instant now) {
    Recipe recipe = acknowledgement(outer, std::nullopt, to, ticket, policy, organisation, arrival, now);
    recipe.template_name = "cannot-decrypt";
    std::vector<std::string> names;
    for (const std::string& key : keys) names.push_back(fingerprint_in_words(key));
    recipe.fields.set("keys", named("key", names));
    recipe.attaches_key = true;
    return recipe;
}

std::vector<Recipe> notices(const NoticeSubject& about, const Decision& decision, const rules::Policy& policy,
                            const Organisation& organisation) {
    const Examination* examination = about.examination;
    const bool in_the_clear = examination != nullptr && !examination->crypto.encrypted;
    const bool held = decision.action == Action::Hold;
    Recipe recipe = recipe_for("notice", organisation, occasion_of(about.arrival));
    recipe.to_team = true;
    recipe.shows_report = examination != nullptr;
    // What the reply window shows: a plain answer goes outside, but for one to held mail.
    recipe.from_name = shown_name(examination) +
                       (held                 ? " (held) via "
                        : about.arrival.sent ? " (sent mail) via "
                                             : " (outside) via ") +
                       organisation.name + " Security";

    rules::TemplateFields& fields = recipe.fields;
    fields = common_fields(organisation);
    const std::string severity{cvd::to_text(decision.after.severity)};
    fields.set("severity", severity);
    fields.set("subject_severity",
               about.view == nullptr || about.view->subject_severity.empty() ? severity : about.view->subject_severity);
    fields.set("score", std::to_string(decision.after.score));
    fields.set("state", std::string{cvd::to_text(decision.after.state)});
    fields.set("owner", decision.after.owner);
    fields.set("title", decision.after.title);
    fields.set("reporter", examination == nullptr || examination->outer.from.empty()
                               ? std::string{}
                               : for_one_line(examination->outer.from.front().address, 254));
    fields.set("reporter_name",
               examination == nullptr || examination->outer.from.empty() ? std::string{} : shown_name(examination));
    fields.set("reporter_of_ticket", decision.after.reporter);
    fields.set("from_name", recipe.from_name);
    fields.set("received", sla::in_words(about.arrival.received, zone_for(policy, nullptr), recipe.language));
    fields.set("opened", decision.action == Action::Open);
    fields.set("kind", decision.kind);
    fields.set("held", held);
    fields.set("claims", decision.claims.value_or(""));
    fields.set("crypto", examination == nullptr ? std::string{} : crypto_in_words(examination->crypto));
    fields.set("reasons", named("reason", decision.reasons));
    fields.set("colleagues", named("address", colleagues_in(examination, decision.after.reporter, organisation)));
    fields.set("reply_to", examination == nullptr ? std::string{} : other_reply_to(*examination));
    fields.set("alarms", named("alarm", about.alarms));
    fields.set("unanswered", decision.action == Action::Open && !about.answered);
    if (examination != nullptr) set_proof(fields, *examination, organisation);
    if (about.arrival.sent) {  // nobody outside puts a mail there
        fields.set("proof_none", false);
        fields.set("proof_domain", "it lies in our own folder of sent mail");
    }
    if (about.view != nullptr && about.view->reporter_reports > 0 && decision.action == Action::Open)
        fields.set("earlier_reports", std::to_string(about.view->reporter_reports));
    if (decision.evaluation && decision.action == Action::Open) {
        fields.set("hits", hits_of(*decision.evaluation, about.rule_set, in_the_clear));
        const auto& untold = decision.evaluation->could_not_tell;
        fields.set("could_not_tell", named("rule", untold));
        fields.set("could_not_tell_count", untold.empty() ? std::string{} : std::to_string(untold.size()));
        fields.set("missing", in_the_clear ? asks(policy, &decision.evaluation->elements_missing, recipe)
                                           : rules::TemplateFields::List{});
    }
    fields.set("promises", deadlines_of(decision.after, policy, recipe));
    offer_embargo(fields, decision, policy, recipe.language);
    if (about.view != nullptr && decision.action == Action::Open)
        fields.set("similar", similar_ones(*about.view, policy, recipe));

    std::vector<Recipe> all;
    for (const Member& member : organisation.team) {
        address_to(recipe, member, organisation);
        recipe.in_reply_to.clear();
        recipe.references.clear();
        if (about.view != nullptr && !held) stand_in_thread(recipe, *about.view);
        all.push_back(recipe);
    }
    return all;
}

std::vector<Recipe> alarms(const std::string& template_name, const rules::TemplateFields& fields,
                           const std::string& occasion, const Organisation& organisation) {
    Recipe recipe = recipe_for(template_name, organisation, occasion);
    recipe.to_team = true;
    recipe.fields = common_fields(organisation);
    for (const auto& [name, value] : fields.values())
        std::visit([&, &key = name](const auto& held) { recipe.fields.set(key, held); }, value);
    std::vector<Recipe> all;
    for (const Member& member : organisation.team) {
        address_to(recipe, member, organisation);
        all.push_back(recipe);
    }
    return all;
}

}  // namespace tocsin::intake
