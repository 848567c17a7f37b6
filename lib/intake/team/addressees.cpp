#include "intake/team/addressees.hpp"

#include <algorithm>

namespace tocsin::intake {

namespace {

bool names_mailbox_of(const std::vector<mail::Mailbox>& mailboxes, const mail::Address& address) {
    return std::ranges::any_of(mailboxes, [&](const mail::Mailbox& mailbox) {
        const auto one = mail::Address::from(mailbox.address);
        return one && *one == address;
    });
}

}  // namespace

bool has_reporter_among_recipients(const Examination& examination, const OpenTicket& open) {
    const auto reporter = mail::Address::from(open.ticket.reporter);
    return reporter &&
           (names_mailbox_of(examination.reading.to, *reporter) || names_mailbox_of(examination.reading.cc, *reporter));
}

bool has_outsider_among_recipients(const Examination& examination, const Organisation& organisation) {
    const auto outside = [&](const mail::Mailbox& mailbox) {
        return !organisation.owns(mailbox.address) && organisation.member(mailbox.address) == nullptr;
    };
    return std::ranges::any_of(examination.reading.to, outside) || std::ranges::any_of(examination.reading.cc, outside);
}

bool answers_the_conversation(const TicketView& view) {
    // Of a held mail the reporter knows nothing.
    return view.thread && !view.held_sender && !(view.answered && view.answered->inside) &&
           (!view.answered || !view.answered->to_team || view.answered->template_name == "notice");
}

bool is_written_to_others(const Examination& examination, const Organisation& organisation) {
    const auto ours = [&](const mail::Mailbox& mailbox) { return organisation.owns(mailbox.address); };
    return !examination.reading.to.empty() && std::ranges::none_of(examination.reading.to, ours);
}

bool is_written_to_a_colleague_too(const Examination& examination, const Organisation& organisation) {
    const auto author = author_of(examination.reading);
    return std::ranges::any_of(examination.reading.to, [&](const mail::Mailbox& mailbox) {
        const Member* member = organisation.member(mailbox.address);
        return member != nullptr && !(author && member->address == *author);
    });
}

}  // namespace tocsin::intake
