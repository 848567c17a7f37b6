// What the stories of who is answered, how often and in which ticket share: reports, their acknowledgements, bounces.
#pragma once

#include <algorithm>
#include <string>

#include "desk.hpp"

namespace tocsin::intake {

class PeopleTest : public DeskTest {
protected:
    Letter report(int number, const std::string& from = "Rae <rae@lab.test>") const {
        Letter letter;
        letter.from = from;
        letter.subject = "XSS number " + std::to_string(number);
        letter.message_id = "m" + std::to_string(number) + "@" + from.substr(from.find('@') + 1, 8);
        std::erase(letter.message_id, '>');
        return letter;
    }
    store::OutboxRow acknowledgement_to(const std::string& address) const {
        return mail_of("acknowledgement", address).value();
    }
    std::size_t queued(const std::string& template_name) const {
        const auto rows = outbox();
        return static_cast<std::size_t>(std::ranges::count(rows, template_name, &store::OutboxRow::template_name));
    }
    // Accepted by a server a minute after the report.
    store::OutboxRow acknowledged(const Letter& letter) {
        const Taken taken = take_in(letter);
        const auto row = acknowledgement_to("rae@lab.test");
        answered(row.id, {store::OutboxState::Sent, 250, "ok"}, friday + 1min);
        EXPECT_EQ(cvd::TicketState::Acknowledged, ticket(*taken.admitted.ticket).state);
        return row;
    }
    Letter delivery_report(const std::string& of, const std::string& action = "failed",
                           const std::string& recipient = "rae@lab.test", int number = 1) const {
        Letter letter;
        letter.from = "Mail Delivery System <MAILER-DAEMON@mx.lab.test>";
        letter.subject = "Undelivered Mail Returned to Sender";
        letter.message_id = "dsn" + std::to_string(number) + "@mx.lab.test";
        letter.fields = {"Return-Path: <>", "Auto-Submitted: auto-replied"};
        letter.type = "multipart/report; report-type=delivery-status; boundary=b";
        letter.text =
            "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.lab.test\r\n\r\n"
            "Final-Recipient: rfc822; " +
            recipient + "\r\nAction: " + action + "\r\nStatus: " + (action == "failed" ? "5.1.1" : "4.4.1") +
            "\r\n"
            "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: security@acme.test\r\nTo: " +
            recipient + "\r\n" + (of.empty() ? std::string{} : "Message-ID: <" + of + ">\r\n") +
            "Subject: Your report\r\n\r\n--b--";
        return letter;
    }
};

}  // namespace tocsin::intake
