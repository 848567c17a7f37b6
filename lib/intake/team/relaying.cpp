#include "intake/team/relaying.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "intake/outgoing/reporter_mail.hpp"
#include "intake/team/addressees.hpp"

namespace tocsin::intake {

namespace {

// The conversation's, unless it is encrypted: then it says nothing.
std::string subject_of_relay(const cvd::Ticket& ticket, const Organisation& organisation) {
    const std::string tag = "[" + ticket.number + "]";
    if (ticket.encrypted) return tag + " Your report to " + organisation.name;
    const std::string title = for_one_line(ticket.title, 150);
    return "Re: " + (title.find(tag) == std::string::npos ? tag + " " : "") + title;
}

Tidings tidings_of(const TeamAnswer& about, const CarriedOut& done, bool relays) {
    constexpr const char* filled_in_when_composed = "…";
    // What is taken back or forgotten was never told again.
    const bool quiet = std::ranges::any_of(done.commands, [](const cvd::Command& command) {
        return command.verb == cvd::Verb::Undo || command.verb == cvd::Verb::Forget;
    });
    Tidings tidings;
    if (!quiet) tidings.events = done.events;
    tidings.eta_before = done.eta_before;
    tidings.occasion = "journal " + std::to_string(about.arrival.journal.value());
    tidings.subject = subject_of_relay(about.ticket->ticket, about.organisation);
    if (relays) tidings.words = filled_in_when_composed;
    if (relays && about.organisation.team_mail.sign_with_name) tidings.signature = about.member.name;
    return tidings;
}

}  // namespace

bool says_something(const Examination& examination) {
    const auto& commands = examination.team.commands;
    return commands.words || (commands.lines.empty() && examination.team.files) ||
           std::ranges::any_of(commands.lines, [](const std::string& line) { return !cvd::note_in(line).empty(); });
}

bool is_meant_for_reporter(const Examination& examination, const TicketView& view, const Organisation& organisation) {
    return says_something(examination) && !examination.team.commands.note &&
           !is_written_to_others(examination, organisation) && answers_the_conversation(view) &&
           !has_reporter_among_recipients(examination, *view.thread);
}

bool would_relay(const Examination& examination, const TicketView& view, const Authority& authority,
                 const Organisation& organisation) {
    return authority.proven() && !view.automatic && !only_looks_automatic(examination, view, authority) &&
           is_meant_for_reporter(examination, view, organisation);
}

std::string why_not_relayed(const Examination& examination, const TicketView& view, const CarriedOut& done) {
    if (!done.after || done.after->ticket.reporter.empty())
        return "there is nobody to write to: the reporter's address is not known";
    if (examination.unreadable) return "the mail could not be read";
    // It may be the notice itself, whose Message-ID proves a member, with all that only the team has seen.
    if (examination.team.attaches_mail)
        return "a mail is attached to it, and that could be one which only the team has seen; send your words again"
               " without it";
    const bool cleared =
        std::ranges::find(done.events, cvd::EventKind::RelaysCleared, &cvd::Event::kind) != done.events.end();
    if (view.relays_blocked && !cleared)
        return "what was sent to this ticket encrypted was sent by somebody else too; once you have looked at it, "
               "/confirm lets words out again";
    // An answer is never less protected than the mail that it answers.
    if (done.after->ticket.encrypted && !view.reporter_has_key)
        return "the report came encrypted, and no key of " + done.after->ticket.reporter +
               " is known to encrypt your words to; they go out once the reporter has sent one, or tocsinctl key "
               "import took one in";
    const bool forgets = std::ranges::any_of(
        done.commands, [](const cvd::Command& command) { return command.verb == cvd::Verb::Forget; });
    if (forgets) return "nobody writes to whom she forgets; /forget stands alone";
    return view.leak;
}

std::vector<Recipe> mail_of_what_was_done(const TeamAnswer& about, const TicketView& view, const CarriedOut& done,
                                          bool relays) {
    auto recipe = mail_to_reporter(*about.ticket, tidings_of(about, done, relays), view.reporter_thread,
                                   about.organisation, about.now);
    if (!recipe) return {};
    if (relays) {
        recipe->fields.set("words", "");
        recipe->shows_report = true;
        recipe->brings = "words";
        recipe->member_names = {about.member.name, about.member.address.text()};
    }
    if (about.organisation.team_mail.relay_delay > Micros{0})
        recipe->not_before = about.now + about.organisation.team_mail.relay_delay;
    std::vector<Recipe> all{*recipe};
    recipe->accepted_means.clear();
    for (const std::string& address : about.ticket->ticket.cc) {
        recipe->to_address = address;
        all.push_back(*recipe);
    }
    return all;
}

}  // namespace tocsin::intake
