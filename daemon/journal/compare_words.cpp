#include "daemon/journal/compare_words.hpp"

#include <exception>

#include "daemon/event_log.hpp"
#include "intake/examine/frame.hpp"
#include "intake/team/authority.hpp"
#include "intake/team/relaying.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds deadline{30};
constexpr std::size_t largest_report_of_others = 1u << 20;

// What a mail of hers is compared for.
struct Reasons {
    bool relays = false;    // its words would go to the reporter
    bool embeds = false;    // a mail stands in it without marks, and it answers one of ours: what of it is hers?
    bool may_bare = false;  // it came in the clear, about a report that came encrypted
    bool any() const { return relays || embeds || may_bare; }
};

Reasons reasons_to_compare(const House& house, const intake::Examination& examination, const intake::TicketView& view,
                           const intake::Authority& authority) {
    return {.relays = authority.is_team() && intake::would_relay(examination, view, authority, house.organisation()),
            .embeds = authority.proven() && examination.team.embeds_mail && view.answered && view.answered->to_team,
            .may_bare =
                authority.is_team() && !examination.crypto.encrypted && view.thread && view.thread->ticket.encrypted};
}

// The mail of ours that she answers, and what it shows.
void add_answered(const House& house, const intake::Answered& answered, intake::Comparison& comparison,
                  intake::ComparedMails& mails) {
    const auto row = house.store.outbox.find(answered.id);
    const auto recipe =
        row ? intake::recipe_from_json(row->recipe) : Result<intake::Recipe>{permanent(Code::BadInput, "it is gone")};
    if (!recipe) return;
    comparison.answered_recipe = row->recipe;
    const auto shown = recipe->shown ? recipe->shown : row->cause;
    if (recipe->shows_report && shown) mails.answered = house.store.journal.bytes(*shown);
}

// The mails to compare with, as far as one request has room. False: not all that is secret of the ticket found some.
bool add_compared(const store::Journal& journal, const intake::Comparison& comparison, intake::ComparedMails& mails) {
    std::size_t room = intake::largest_request.bytes - mails.mail.size() - mails.answered.size();
    const auto add = [&](std::vector<std::string>& list, const std::vector<JournalId>& entries, std::size_t largest) {
        bool all = true;
        for (const JournalId entry : entries) {
            std::string bytes = journal.bytes(entry);
            if (bytes.size() > room || bytes.size() > largest) {
                all = false;
                continue;
            }
            room -= bytes.size();
            list.push_back(std::move(bytes));
        }
        return all;
    };
    const bool all_secret = add(mails.secret, comparison.secret, room);
    add(mails.known, comparison.known, room);
    add(mails.relayed, comparison.relayed, room);
    add(mails.secret, comparison.others, largest_report_of_others);
    return all_secret && !comparison.incomplete;
}

// To her who wrote the words; empty where they may leave the house.
std::string why_kept(const Result<intake::RelayVerdict>& verdict) {
    if (!verdict) return "it could not be compared with what only the team has seen; try again";
    if (verdict->nothing) return "there are no words of your own in it, only a quotation or what you sign with";
    if (verdict->too_large)
        return "a file in it is larger than 20 MiB, and would not go out whole; send it in pieces, or a link";
    if (verdict->names_member)
        return "your name or your address stands in it, and it goes out without; leave it out, or set sign = "
               "\"name\" under [team_mail]";
    if (verdict->shares)
        return "there are 40 characters in a row in it that only the team has seen; say it in your own words";
    return {};
}

asio::awaitable<void> compare_with_secrets(House& house, ExaminedMail& mail) {
    if (!mail.examination || !*mail.examination) co_return;
    const intake::Examination& examination = **mail.examination;
    if (intake::author_in_roster(examination, house.organisation()) == nullptr) co_return;
    const auto view = look_up(house, mail, house.now());
    // By the time of its arrival, as when it is decided on: a downtime makes no signature older.
    const auto authority =
        intake::authority_of(examination, view, house.organisation(), arrival_of(house, mail.entry).received);
    const Reasons reasons = reasons_to_compare(house, examination, view, authority);
    if (!reasons.any()) co_return;
    intake::Comparison comparison;
    if (reasons.relays || reasons.may_bare)
        comparison = intake::comparison_for(house.store, view.thread->id,
                                            intake::tickets_spoken_of(house.store, examination, house.ids),
                                            authority.member->address.text(), house.now(), view.reporter_has_key);
    intake::ComparedMails mails;
    if (reasons.embeds) add_answered(house, *view.answered, comparison, mails);
    if (!house.organisation().team_mail.sign_with_name)
        mails.member_names = {authority.member->name, authority.member->address.text()};
    mails.mail = house.store.journal.bytes(mail.entry.id);
    const bool complete = add_compared(house.store.journal, comparison, mails);
    if (!complete && reasons.relays) {
        mail.leak =
            "more is known of this ticket inside than it could be compared with; tocsinctl show has it all, and a"
            " mail that you write to the reporter yourself, with us in Cc, is recorded";
        co_return;
    }
    const intake::Frame request = intake::ask_to_compare(mails, comparison);
    Examiner& examiner = *house.examiner;
    const auto answer = co_await examiner.ask(request, deadline);
    const auto verdict =
        answer ? intake::relay_verdict_in(*answer) : Result<intake::RelayVerdict>{tl::unexpected{answer.error()}};
    mail.buried = verdict && verdict->buried;
    mail.bares = verdict && verdict->bares;
    mail.leak = why_kept(verdict);
}

}  // namespace

asio::awaitable<void> compare_words(House& house, ExaminedMail& mail) {
    try {
        co_await compare_with_secrets(house, mail);
    } catch (const store::Failure&) {
        throw;
    } catch (const std::exception& bug) {
        mail.leak = "it could not be compared with what only the team has seen; try again";
        log_event(Level::Warning, event::mail_not_examined,
                  {{"journal", mail.entry.id.value()}, {"why", std::string_view{bug.what()}}});
    }
}

}  // namespace tocsin::daemon
