#include "intake/decide/outside_mail.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "intake/decide/alarming.hpp"
#include "intake/decide/automatic_mail.hpp"
#include "intake/decide/encrypted_report.hpp"
#include "intake/decide/evaluate.hpp"
#include "intake/decide/joining.hpp"
#include "intake/decide/kind.hpp"
#include "intake/decide/known_keys.hpp"
#include "intake/decide/new_ticket.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/outgoing/reporter_mail.hpp"
#include "intake/promises/troubles.hpp"
#include "intake/promises/waiting.hpp"
#include "intake/team/team_answers.hpp"
#include "intake/team/team_view.hpp"

namespace tocsin::intake {

namespace {

// Nobody bombs the team by way of one ticket: what is held beyond this waits without a notice of its own.
constexpr std::size_t most_notices_of_held = 5;

// What a report on the delivery of a mail of ours says; nothing where it says that it arrived, or may still.
std::optional<ReturnedMail> returned_by(const Examination& examination, const TicketView& view) {
    if (!view.returned || !examination.delivery) return std::nullopt;
    const auto& recipients = examination.delivery->recipients;
    const auto is_failed = [](const mail::AffectedRecipient& one) {
        return one.report == mail::DeliveryReport::Failed;
    };
    auto failed = std::ranges::find_if(recipients, [&](const mail::AffectedRecipient& one) {
        return is_failed(one) && equal_ignoring_case(one.address, view.returned->recipient);
    });
    // Each mail of ours has one recipient; what stands there may be where he has it forwarded to.
    if (failed == recipients.end()) failed = std::ranges::find_if(recipients, is_failed);
    if (failed == recipients.end()) return std::nullopt;
    std::string status = failed->status;
    if (!failed->diagnostic.empty()) status += (status.empty() ? "" : " ") + failed->diagnostic;
    return ReturnedMail{view.returned->id, for_one_line(status, 300), failed->hard};
}

class OutsideMailDecision {
public:
    OutsideMailDecision(const Examination& examination, const TicketView& view, const Authority& authority,
                        const rules::RuleSet& rule_set, const Organisation& organisation, const MailboxRules& mailbox,
                        const Arrival& arrival, Instant now)
        : examination_{examination},
          view_{view},
          authority_{authority},
          rule_set_{rule_set},
          organisation_{organisation},
          mailbox_{mailbox},
          arrival_{arrival},
          now_{now},
          policy_{policy_of(rule_set, mailbox)},
          evaluation_{evaluate(examination, examination.answers, view, rule_set, policy_)},
          outside_{examination.crypto.encrypted
                       ? evaluate(examination, examination.outer_answers, view, rule_set, policy_)
                       : evaluation_},
          kind_{kind_of(examination, view, outside_, organisation, arrival)},
          author_{author_of(examination.reading)} {
        if (!arrival.baseline) keys_ = find_keys(examination, view, level_of_proof(examination, organisation) < 0, now);
    }

    Decision decide() {
        describe();
        note_exposed();
        switch (kind_.action) {
            case Action::None:
                return about_nothing();
            case Action::Open:
                open();
                break;
            case Action::Append:
            case Action::Hold:
                join_ticket(decision_, view_.thread ? *view_.thread : *view_.joins, author_, examination_, arrival_,
                            now_);
                break;
        }
        record_message();
        note_crypto(decision_, keys_, view_, examination_, organisation_, arrival_, now_);
        if (decision_.kind == "bounce" && !arrival_.baseline) {
            decision_.returned = returned_by(examination_, view_);
            decision_.mail = alarm_of_a_complaint(examination_, view_, organisation_);
        }
        if (decision_.action == Action::Hold && !arrival_.baseline)
            decision_.ask_again = asked_again_at(view_.thread->policy, now_);
        if (decision_.kind == "duplicate" && kind_.answered)
            answer_copy();
        else
            tell();
        return std::move(decision_);
    }

private:
    // What it is, from whom, and why it is taken for that.
    void describe() {
        if (view_.blocked && kind_.answered) {
            kind_.answered = false;
            kind_.reasons.emplace_back("its author gets no answers any more: a member said /block");
        }
        if (!view_.bounced.empty() && kind_.action != Action::None)
            kind_.reasons.push_back("a mail of ours to this address came back before: " +
                                    for_one_line(view_.bounced, 120));
        decision_.kind = kind_.name;
        decision_.reasons = kind_.reasons;
        decision_.action = kind_.action;
        decision_.claims = view_.claims;
        decision_.evaluation = evaluation_;
        decision_.proof = level_of_proof(examination_, organisation_);
        note_opening(decision_, examination_);
        decision_.away = away_note(examination_, view_, organisation_, promised(), decision_.kind, arrival_);
    }

    const rules::Policy& promised() const { return view_.thread ? view_.thread->policy : policy_; }

    // What answers it proves nothing any more. A server that could not deliver it is nobody who writes in her name.
    void note_exposed() {
        if (authority_.is_team() || decision_.kind == "own" || decision_.kind == "bounce" || view_.exposes.empty())
            return;
        for (const std::string& id : view_.exposes)
            decision_.steps.push_back({StoreStep::What::Spend, exposed_key(id), 0});
        decision_.reasons.emplace_back(
            "it knows a mail of ours that went to one of you alone: answers to that mail need your yes now");
    }

    Decision about_nothing() {
        decision_.ticket = view_.delivered_before;
        if (decision_.kind == "bounce") decision_.returned = returned_by(examination_, view_);
        if (decision_.kind == "bounce" && !arrival_.baseline)
            decision_.mail = alarm_of_a_complaint(examination_, view_, organisation_);
        // What lies in a folder that is only looked at, such as Sent, went there and did not come back.
        if (decision_.kind == "own" && arrival_.acknowledge && !arrival_.baseline && !arrival_.sent &&
            !is_canary(view_.own_subject))
            decision_.mail = alarm_of_a_loop(view_, organisation_);
        return std::move(decision_);
    }

    void open() {
        cvd::Ticket ticket = new_ticket(examination_, evaluation_, policy_, organisation_, mailbox_, arrival_);
        if (!came_encrypted(examination_.crypto))
            ticket.language = organisation_.language_for(outside_.language.value_or(examination_.reading.language));
        ticket.title = title_of(examination_.outer.subject);
        ticket.reporter = author_ ? author_->text() : std::string{};
        if (arrival_.imported) {
            open_closed_ticket(decision_, ticket, policy_, arrival_);
        } else {
            OpenTicket open = open_ticket(decision_, ticket, policy_, arrival_, {});
            if (kind_.answered) propose_embargo(decision_, open, examination_, arrival_, now_);
        }
        decision_.shingles = view_.shingles;
        decision_.all_shingles = examination_.sketch.shingles;
        if (author_) decision_.joining[author_->identity()] = store::Part::Reporter;
        if (auto asked =
                question_about_report(examination_, view_, authority_, decision_.after, organisation_, arrival_, now_))
            decision_.mail.push_back(std::move(*asked));
        if (kind_.answered && author_) decision_.mail.push_back(answer_under(policy_));
    }

    Recipe answer_under(const rules::Policy& policy) const {
        return answer_to_report(examination_, outside_, keys_, *author_, decision_.after, policy, organisation_,
                                arrival_, now_);
    }

    void record_message() {
        // Imported mail of our own stands on our side of the conversation.
        const bool ours = decision_.kind == "own" && !examination_.reading.to.empty();
        decision_.message =
            store::TicketMessage{.direction = ours ? store::Direction::Out : store::Direction::In,
                                 .message_id = examination_.outer.message_id,
                                 // What opens a ticket is its report, whatever it is taken for.
                                 .kind = decision_.action == Action::Open ? "report" : decision_.kind,
                                 .at = arrival_.received,
                                 .recipient = ours ? examination_.reading.to.front().address : std::string{},
                                 .content = examination_.content,
                                 .journal = arrival_.journal};
    }

    // No key is taken from what is only a copy: whoever sent it once more may have put another one in.
    void answer_copy() {
        std::erase_if(keys_.answer_with, [&](const std::string& fingerprint) {
            return std::ranges::find(view_.author_keys, fingerprint, &openpgp::Key::fingerprint) ==
                   view_.author_keys.end();
        });
        decision_.mail.push_back(answer_under(view_.joins->policy));
    }

    // The team, and who asks how it stands. An alarm is heard whatever the mail is.
    void tell() {
        const std::vector<std::string> alarm_lines = crypto_alarms(keys_, view_);
        if (view_.flood && decision_.action == Action::Append) {
            decision_.mail = alarm_of_a_flood(view_, organisation_);
            if (alarm_lines.empty() || arrival_.baseline) return;
        }
        if (asks_how_it_stands()) {
            tell_how_it_stands();
            if (alarm_lines.empty()) return;
        }
        if (decision_.action == Action::Hold && view_.held_of_sender >= most_notices_of_held && alarm_lines.empty() &&
            !arrival_.baseline) {
            decision_.reasons.emplace_back(
                "one of very many that its sender sends to this ticket: no notice of its own");
            if (author_) decision_.mail = alarm_of_many_held(view_, author_->text(), organisation_);
            return;
        }
        const bool team_hears = decision_.kind == "report" || decision_.kind == "reporter-reply" ||
                                decision_.kind == "foreign" || kind_.told || (!alarm_lines.empty() && view_.flood);
        if (!team_hears || arrival_.baseline) return;
        const NoticeSubject about{&examination_, &view_, rule_set_, arrival_, kind_.answered, alarm_lines};
        for (Recipe& recipe : notices(about, decision_, promised(), organisation_))
            decision_.mail.push_back(std::move(recipe));
    }

    // Nobody of the team needs to read that.
    bool asks_how_it_stands() const {
        return decision_.kind == "reporter-reply" && examination_.asks_status && !view_.blocked && !arrival_.baseline &&
               arrival_.acknowledge && automatic_mail(examination_, evaluation_).answerable();
    }

    void tell_how_it_stands() {
        OpenTicket open = *view_.thread;
        open.ticket = decision_.after;
        ReporterThread hers{examination_.outer.message_id, examination_.outer.references};
        if (!hers.in_reply_to.empty()) hers.references.push_back(hers.in_reply_to);
        if (auto status = status_to_reporter(open, "journal " + std::to_string(arrival_.journal.value()), hers,
                                             organisation_, now_))
            decision_.mail.push_back(std::move(*status));
    }

    const Examination& examination_;
    const TicketView& view_;
    const Authority& authority_;
    const rules::RuleSet& rule_set_;
    const Organisation& organisation_;
    const MailboxRules& mailbox_;
    const Arrival& arrival_;
    const Instant now_;
    const rules::Policy& policy_;
    const rules::Evaluation evaluation_;
    // What an encrypted mail is taken for, and how it is answered, shows outside: it rests on what is in the clear
    // alone.
    const rules::Evaluation outside_;
    Kind kind_;
    const std::optional<mail::Address> author_;
    KeyFindings keys_;
    Decision decision_;
};

}  // namespace

Decision decide_outside_mail(const Examination& examination, const TicketView& view, const Authority& authority,
                             const rules::RuleSet& rule_set, const Organisation& organisation,
                             const MailboxRules& mailbox, const Arrival& arrival, Instant now) {
    return OutsideMailDecision{examination, view, authority, rule_set, organisation, mailbox, arrival, now}.decide();
}

}  // namespace tocsin::intake
