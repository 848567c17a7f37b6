#include "transport/submission.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.hpp"
#include "transport/smtp_data.hpp"

namespace tocsin::transport {
namespace {

constexpr std::size_t chunk_bytes = 64u << 10;

Outcome outcome_of(const SmtpReply& reply) {
    switch (reply.severity()) {
        case 2:
            return Outcome::Accepted;
        case 5:
            return Outcome::Rejected;
        default:
            return Outcome::Deferred;
    }
}

// One mail on its way: what is known of each recipient so far.
class Submission {
public:
    Submission(SmtpDialogue& dialogue, const SmtpDeadlines& deadlines, const Envelope& envelope)
        : dialogue_{dialogue}, deadlines_{deadlines}, envelope_{envelope} {
        for (const auto& recipient : envelope.forward_paths)
            submitted_.recipients.push_back({recipient, Outcome::Deferred, 0, "not tried"});
        pending_.assign(envelope.forward_paths.size(), true);
    }

    Submitted run(std::string_view bytes, const std::function<bool()>& before_final_dot) {
        if (submitted_.recipients.empty()) return std::move(submitted_);
        if (const auto why = objection_to(bytes)) {
            settle(Outcome::Rejected, 0, fmt::format("not sent: {}", *why));
        } else if (needs_are_met(bytes) && name_sender(bytes) && name_recipients() && begin_data() &&
                   send_body(bytes)) {
            finish(before_final_dot);
        }
        submitted_.connection_lost = dialogue_.connection().dead();
        return std::move(submitted_);
    }

private:
    void arm(std::chrono::milliseconds span) { dialogue_.connection().arm(Deadline::after(span)); }

    // The same for everyone who has no result yet.
    void settle(Outcome outcome, int code, const std::string& text) {
        for (std::size_t at = 0; at < pending_.size(); ++at)
            if (pending_[at]) settle_one(at, outcome, code, text);
    }
    void settle_one(std::size_t at, Outcome outcome, int code, const std::string& text) {
        auto& result = submitted_.recipients[at];
        result.outcome = outcome;
        result.code = code;
        result.text = text;
        pending_[at] = false;
    }
    void lost(Outcome outcome) { settle(outcome, 0, for_one_line(dialogue_.connection().error().what)); }

    void hang_up(std::string_view why) {
        [[maybe_unused]] auto dead = dialogue_.connection().fail(Code::Unavailable, Permanence::Temporary, why);
    }

    // A no to MAIL or DATA; the transaction is given up, the connection goes on (RFC 5321 section 4.1.1.5).
    void refused(const SmtpReply& reply) {
        settle(outcome_of(reply) == Outcome::Accepted ? Outcome::Deferred : outcome_of(reply), reply.code,
               reply.text());
        reset(reply);
    }
    void reset(const SmtpReply& reply) {
        if (reply.code == 421) return hang_up("the server closes the connection");  // RFC 5321 section 3.8
        const auto answer = dialogue_.command("RSET");
        if (answer && answer->code != 250) hang_up("RSET refused");
    }

    bool needs_are_met(std::string_view bytes) {
        const bool utf8_header = has_eight_bit(header_section(bytes));
        const bool utf8_sender = envelope_.reverse_path && envelope_.reverse_path->needs_smtputf8();
        if (dialogue_.offers("SMTPUTF8")) {
            utf8_ = utf8_header || utf8_sender ||
                    std::ranges::any_of(envelope_.forward_paths, &mail::Address::needs_smtputf8);
        } else {
            const std::string why = "not sent: the server takes no addresses or headers beyond ASCII (SMTPUTF8)";
            if (utf8_header || utf8_sender) settle(Outcome::Rejected, 0, why);
            for (std::size_t at = 0; at < pending_.size(); ++at)
                if (pending_[at] && envelope_.forward_paths[at].needs_smtputf8())
                    settle_one(at, Outcome::Rejected, 0, why);
        }
        eight_bit_ = has_eight_bit(bytes);
        if (eight_bit_ && !dialogue_.offers("8BITMIME"))  // RFC 6152 section 3
            settle(Outcome::Rejected, 0, "not sent: the server takes no 8-bit mail (8BITMIME)");
        return anyone_pending();
    }
    bool anyone_pending() const { return std::ranges::find(pending_, true) != pending_.end(); }

    bool name_sender(std::string_view bytes) {
        auto line = fmt::format("MAIL FROM:<{}>", envelope_.reverse_path ? envelope_.reverse_path->text() : "");
        if (dialogue_.offers("SIZE")) line += fmt::format(" SIZE={}", bytes.size());  // RFC 1870
        if (eight_bit_) line += " BODY=8BITMIME";
        if (utf8_) line += " SMTPUTF8";  // RFC 6531 section 3.4
        arm(deadlines_.command);
        const auto reply = dialogue_.command(line);
        if (!reply) return lost(Outcome::Deferred), false;
        if (reply->severity() != 2) return refused(*reply), false;
        return true;
    }

    bool name_recipients() {
        std::optional<SmtpReply> last_refusal;
        for (std::size_t at = 0; at < pending_.size(); ++at) {
            if (!pending_[at]) continue;
            arm(deadlines_.command);
            const auto reply = dialogue_.command(fmt::format("RCPT TO:<{}>", envelope_.forward_paths[at].text()));
            if (!reply) return lost(Outcome::Deferred), false;
            if (reply->severity() == 2) continue;
            const auto outcome = reply->severity() == 5 ? Outcome::Rejected : Outcome::Deferred;
            settle_one(at, outcome, reply->code, reply->text());
            last_refusal = *reply;
            if (reply->code != 421) continue;
            settle(Outcome::Deferred, reply->code, reply->text());
            return reset(*reply), false;
        }
        if (!anyone_pending()) return reset(*last_refusal), false;
        return true;
    }

    bool begin_data() {
        arm(deadlines_.command);
        const auto reply = dialogue_.command("DATA");
        if (!reply) return lost(Outcome::Deferred), false;
        if (reply->code == 354) return true;
        if (reply->severity() == 4 || reply->severity() == 5) return refused(*reply), false;
        hang_up("DATA: a reply that is neither yes nor no");
        return lost(Outcome::Deferred), false;
    }

    // A server may refuse before it has heard it all; what it said then would be taken for the reply to the dot.
    bool still_listening() {
        const auto early = dialogue_.early_reply();
        if (!early) return lost(Outcome::Deferred), false;
        if (!*early) return true;
        const bool no = (*early)->severity() == 4 || (*early)->severity() == 5;
        settle(no ? outcome_of(**early) : Outcome::Deferred, no ? (*early)->code : 0, (*early)->text());
        return hang_up("a reply in the middle of the mail"), false;
    }

    bool send_body(std::string_view bytes) {
        arm(with_size(deadlines_.command, bytes.size()));
        std::string chunk;
        while (!bytes.empty()) {
            chunk.clear();
            stuff_lines(bytes, chunk, chunk_bytes);
            if (!dialogue_.connection().write(chunk)) return lost(Outcome::Deferred), false;
            if (!still_listening()) return false;
        }
        return true;
    }

    void finish(const std::function<bool()>& before_final_dot) {
        bool goes_on = false;
        try {
            goes_on = before_final_dot();
        } catch (...) {  // a failing disk: nothing may follow on a connection in the middle of a mail
            hang_up("a mail was given up half way");
            throw;
        }
        if (!goes_on) {
            // Only hanging up takes back a mail that was begun.
            settle(Outcome::Deferred, 0, "not sent: held back before the final dot");
            return hang_up("a mail was held back half way");
        }
        arm(deadlines_.end_of_data);
        // From here on the server may have it, whatever we hear.
        if (!dialogue_.connection().write(".\r\n")) return lost(Outcome::Unknown);
        const auto reply = dialogue_.read_reply();
        if (!reply) return lost(Outcome::Unknown);
        if (reply->severity() == 3) {
            hang_up("end of data: a reply that is neither yes nor no");
            return settle(Outcome::Unknown, reply->code, reply->text());
        }
        settle(outcome_of(*reply), reply->code, reply->text());
        if (reply->severity() != 2) reset(*reply);
    }

    SmtpDialogue& dialogue_;
    const SmtpDeadlines& deadlines_;
    const Envelope& envelope_;
    Submitted submitted_;
    std::vector<bool> pending_;
    bool utf8_ = false;
    bool eight_bit_ = false;
};

}  // namespace

Submitted submit_mail(SmtpDialogue& dialogue, const SmtpDeadlines& deadlines, const Envelope& envelope,
                      std::string_view bytes, const std::function<bool()>& before_final_dot) {
    return Submission{dialogue, deadlines, envelope}.run(bytes, before_final_dot);
}

}  // namespace tocsin::transport
