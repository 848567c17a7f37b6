#include "intake/team/team_answers.hpp"

#include "base/utf8.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/promises/named_dates.hpp"
#include "sla/deadline.hpp"

namespace tocsin::intake {

namespace {

sla::Zone zone_of(const TeamAnswer& about) {
    return about.ticket == nullptr ? sla::Zone::utc() : zone_for(about.ticket->policy, nullptr);
}

Recipe answer_to_member(const char* template_name, const TeamAnswer& about) {
    Recipe recipe =
        recipe_for(template_name, about.organisation, "journal " + std::to_string(about.arrival.journal.value()));
    recipe.to_team = true;
    recipe.answers_mail = true;
    recipe.to_name = about.member.name;
    recipe.to_address = about.member.address.text();
    recipe.in_reply_to = about.examination.outer.message_id;
    // The notice that she answered stands there, so that a mail program shows all three in one thread.
    if (!recipe.in_reply_to.empty()) {
        recipe.references = about.examination.outer.references;
        recipe.references.push_back(recipe.in_reply_to);
    }
    recipe.fields = common_fields(about.organisation);
    if (about.ticket != nullptr) recipe.fields.set("title", about.ticket->ticket.title);
    return recipe;
}

// No line of a mail of ours begins with a command, so that no quotation of it, however a client makes it, holds one.
std::string inert(const std::string& line) { return "- " + line; }

void set_state(Recipe& recipe, const TeamAnswer& about) {
    const cvd::Ticket& ticket = about.ticket->ticket;
    recipe.fields.set("state", std::string{to_text(ticket.state)});
    recipe.fields.set("severity", std::string{to_text(ticket.severity)});
    const Member* owner = about.organisation.member(ticket.owner);
    recipe.fields.set("owner", owner != nullptr ? owner->name : ticket.owner);
    rules::TemplateFields::List clocks;
    for (const cvd::TicketClock& clock : ticket.clocks) {
        if (!clock.open()) continue;
        rules::TemplateFields item;
        item.set("name", clock.name);
        item.set("due", sla::in_words(clock.due, zone_for(about.ticket->policy, about.ticket->policy.clock(clock.name)),
                                      recipe.language));
        item.set("paused", clock.paused.has_value());
        item.set("overdue", clock.due <= about.now);
        clocks.push_back(std::move(item));
    }
    recipe.fields.set("clocks", std::move(clocks));
}

}  // namespace

Recipe transcript(const TeamAnswer& about, const CarriedOut& done, const std::vector<std::string>& sent,
                  std::optional<Instant> held_until, const std::string& why_not) {
    Recipe recipe = answer_to_member("transcript", about);
    const bool refused = done.refused || !why_not.empty();
    recipe.fields.set("done", !refused);
    rules::TemplateFields::List lines;
    for (const CommandOutcome& outcome : done.outcomes) {
        rules::TemplateFields item;
        item.set("line", outcome.line);
        item.set("result", refused && !outcome.refused ? std::string{"understood, and not done"} : outcome.result);
        item.set("refused", outcome.refused);
        lines.push_back(std::move(item));
    }
    if (!why_not.empty()) {
        rules::TemplateFields item;
        item.set("line", std::string{"your words to the reporter"});
        item.set("result", why_not);
        item.set("refused", true);
        lines.push_back(std::move(item));
    }
    recipe.fields.set("lines", std::move(lines));
    std::string told;
    for (const std::string& name : sent) told.append(told.empty() ? "" : ", ").append(name);
    recipe.fields.set("sent", refused ? std::string{} : told);
    recipe.fields.set(
        "held", held_until && !refused ? sla::in_words(*held_until, zone_of(about), recipe.language) : std::string{});
    recipe.fields.set("help", done.help ? cvd::command_help() : std::string{});
    if (about.ticket != nullptr) set_state(recipe, about);
    return recipe;
}

Recipe question(const TeamAnswer& about, const CarriedOut& asked, bool relays, const std::string& why,
                std::optional<JournalId> shown) {
    Recipe recipe = answer_to_member("question", about);
    rules::TemplateFields::List commands;
    for (const CommandOutcome& outcome : asked.outcomes) {
        rules::TemplateFields item;
        item.set("line", inert(outcome.line));
        commands.push_back(std::move(item));
    }
    recipe.fields.set("commands", std::move(commands));
    recipe.fields.set("relays", relays);
    recipe.fields.set("why", why);
    recipe.fields.set("until", sla::in_words(about.now + longest_question, zone_of(about), recipe.language));
    if (shown) {
        recipe.shows_report = true;
        recipe.shown = *shown;
        recipe.brings = "colleague";
    }
    return recipe;
}

std::optional<Recipe> question_about_report(const Examination& examination, const TicketView& view,
                                            const Authority& authority, const cvd::Ticket& ticket,
                                            const Organisation& organisation, const Arrival& arrival, Instant now) {
    if (!authority.is_team() || authority.proven() || view.questions_today >= most_questions_a_day) return std::nullopt;
    TeamAnswer about{examination, organisation, *authority.member, nullptr, arrival, now};
    Recipe recipe =
        question(about, {}, false,
                 "It was taken for a report from outside and has a ticket of its own now. Nothing proves that "
                 "you wrote it.");
    recipe.fields.set("title", ticket.title);
    recipe.occasion += unproven_occasion;
    return recipe;
}

std::vector<Recipe> copies(const TeamAnswer& about, const TicketView& view, Words words) {
    Recipe recipe =
        recipe_for("notice", about.organisation, "journal " + std::to_string(about.arrival.journal.value()));
    recipe.to_team = true;
    recipe.shows_report = true;
    recipe.brings = words == Words::Noted ? "note" : "copy";
    // As in every notice, what the reply window shows is where an answer goes.
    const bool unproven = words == Words::Unproven;
    recipe.from_name = about.member.name +
                       (words == Words::Noted ? " (inside) via "
                        : unproven            ? " (unproven) via "
                                              : " (to outside) via ") +
                       about.organisation.name + " Security";
    recipe.member_names = {about.member.name, about.member.address.text()};
    rules::TemplateFields& fields = recipe.fields;
    fields = common_fields(about.organisation);
    const cvd::Ticket& ticket = about.ticket->ticket;
    fields.set("severity", std::string{to_text(ticket.severity)});
    fields.set("score", std::to_string(ticket.score));
    fields.set("title", ticket.title);
    fields.set("subject_severity",
               view.subject_severity.empty() ? std::string{to_text(ticket.severity)} : view.subject_severity);
    fields.set("state", std::string{to_text(ticket.state)});
    fields.set("owner", ticket.owner);
    fields.set("reporter_of_ticket", ticket.reporter);
    fields.set("from_name", recipe.from_name);
    fields.set("reporter", about.member.address.text());
    fields.set("reporter_name", about.member.name);
    fields.set("received", sla::in_words(about.arrival.received, zone_of(about), recipe.language));
    fields.set("kind", "team-reply");
    fields.set("relayed_by", words == Words::Noted || unproven ? std::string{} : about.member.name);
    fields.set("proof_none", unproven);
    fields.set("noted_by", words == Words::Noted ? about.member.name : std::string{});
    std::vector<Recipe> all;
    for (const Member& member : about.organisation.team) {
        if (member.address == about.member.address && !unproven) continue;
        recipe.to_name = member.name;
        recipe.to_address = member.address.text();
        recipe.in_reply_to.clear();
        recipe.references.clear();
        if (const auto last = view.last_notice_to.find(recipe.to_address); last != view.last_notice_to.end()) {
            recipe.in_reply_to = last->second;
            recipe.references = {last->second};
        }
        all.push_back(recipe);
    }
    return all;
}

}  // namespace tocsin::intake
