#include "intake/decide/alarming.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "intake/outgoing/outgoing.hpp"

namespace tocsin::intake {

std::vector<Recipe> alarm_of_a_loop(const TicketView& view, const Organisation& organisation) {
    rules::TemplateFields fields;
    const bool of_a_ticket = view.own_subject != "tocsin";
    fields.set("what", std::string{"A mail that we sent came back to us"} +
                           (of_a_ticket ? " (about " + view.own_subject + ")" : "") +
                           ": a list, a forward or an answering program sends our mail to our own address. It is kept"
                           " and was not answered.");
    return alarms("alarm", fields, "loop " + view.own_subject, organisation);
}

// Whoever had the mail, or a filter of hers, called it abuse. A provider that counts such may stop all of our mail.
std::vector<Recipe> alarm_of_a_complaint(const Examination& examination, const TicketView& view,
                                         const Organisation& organisation) {
    const auto is_a_complaint = [](const mail::AffectedRecipient& one) {
        return one.report == mail::DeliveryReport::Abuse;
    };
    if (!view.returned || !examination.delivery) return {};
    if (examination.delivery->report != mail::DeliveryReport::Abuse &&
        std::ranges::none_of(examination.delivery->recipients, is_a_complaint))
        return {};
    rules::TemplateFields fields;
    fields.set("what",
               "A mail of ours was reported as abuse: our " + view.returned->template_name + " to " +
                   view.returned->recipient +
                   ". Whoever had it, or a filter there, called it unwanted (a report by RFC 5965). Where many of"
                   " these come, our mail is refused: see whom we write to, and whether somebody sends in our"
                   " name. /block in an answer to a notice of its ticket ends automatic mail to that address.");
    return alarms("alarm", fields, "complaint about " + view.returned->message_id, organisation);
}

std::vector<Recipe> alarm_of_bared_words(const std::string& number, const Member& member,
                                         const Organisation& organisation) {
    rules::TemplateFields fields;
    fields.set("what", "A mail of " + for_one_line(member.name, 60) + " about " + number +
                           " came in the clear and holds text that had come encrypted, most likely in a quotation. "
                           "Whoever carried that mail could read it, and it stands so in mailboxes, in our database "
                           "and in its backups. Nothing of the quotation was sent on. Please answer encrypted, or "
                           "without the quotation.");
    return alarms("alarm", fields, "bared " + number + " " + member.address.identity(), organisation);
}

std::vector<Recipe> alarm_of_many_held(const TicketView& view, const std::string& sender,
                                       const Organisation& organisation) {
    const std::size_t count = view.held_of_sender + 1;
    std::size_t power = 10;
    while (power < count) power *= 10;
    if (count != power) return {};
    const std::string& number = view.thread->ticket.number;
    rules::TemplateFields fields;
    fields.set("what", for_one_line(sender, 254) + " sends mail after mail that answers " + number +
                           ", in which he has no part. They are held like any other, without a notice each: " +
                           std::to_string(count) + " within an hour by now.");
    return alarms("alarm", fields, "held flood " + number + " " + sender + " " + std::to_string(count), organisation);
}

std::vector<Recipe> alarm_of_a_flood(const TicketView& view, const Organisation& organisation) {
    // When the first one joins, and at every power of ten.
    const std::size_t count = view.flood_count;
    std::size_t power = 10;
    while (power < count) power *= 10;
    if (count != 2 && count != power) return {};
    rules::TemplateFields fields;
    fields.set("what", "Very many mails come from " + view.joins->ticket.reporter +
                           ", none of them proven. New ones join this ticket, unanswered and without a notice each;"
                           " it holds " +
                           std::to_string(count) + " by now.");
    return alarms("alarm", fields, "flood " + view.joins->ticket.number + " " + std::to_string(count), organisation);
}

}  // namespace tocsin::intake
