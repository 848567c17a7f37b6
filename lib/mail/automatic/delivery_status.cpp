#include "mail/automatic/delivery_status.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/automatic/bounce_reason.hpp"
#include "mail/automatic/bounce_text.hpp"
#include "mail/automatic/report_subjects.hpp"
#include "mail/automatic/returned_mail.hpp"
#include "mail/automatic/status_fields.hpp"
#include "mail/header/message_ids.hpp"
#include "mail/text/charset.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t most_report_bytes = 256u
                                          << 10;  // of a machine-readable part, and of words that are looked through
constexpr std::size_t most_recipients = 100;
constexpr std::size_t longest_words = 8u << 10;  // of the report, where no line of it is about one address alone
constexpr std::size_t longest_diagnostic = 1'000;

DeliveryReport report_of_action(std::string_view action, std::string_view status) {
    if (starts_ignoring_case(action, "delayed")) return DeliveryReport::Delayed;
    for (const auto* done : {"delivered", "relayed", "expanded", "deliverable"})
        if (starts_ignoring_case(action, done)) return DeliveryReport::Delivered;
    if (action.empty() && status.starts_with("2.")) return DeliveryReport::Delivered;
    return DeliveryReport::Failed;
}

// Status says "5.0.0" where the server's own words know better.
std::string best_status(std::string_view field, std::string_view diagnostic) {
    const auto given = enhanced_status_in(field);
    const auto said = enhanced_status_in(diagnostic);
    const bool vague = given.empty() || given.ends_with(".0.0");
    if (vague && !said.empty()) return said;
    return given;
}

class StatusReader {
public:
    StatusReader(const Message& message, const Reading& reading, const ParseLimits& limits)
        : message_{message}, reading_{reading}, limits_{limits} {}

    std::optional<DeliveryStatus> read() {
        const bool complaint = starts_ignoring_case(reading_.subject, "complaint about message");
        const bool bounce = has_machine_parts() || looks_like_a_bounce();
        if (bounce || complaint) {
            returned_ = find_returned_mail(message_, reading_.text, limits_);
            if (read_machine_parts()) return finished();
            if (complaint) {
                read_abuse({});
                return finished();
            }
            if (looks_like_a_bounce() && read_words()) return finished();
        }
        if (asks_to_be_left_alone()) return left_alone();
        if (looks_away()) return away();
        return std::nullopt;
    }

private:
    // As Postfix and Courier have it; a transcript of others that shows ">>> DATA" may be that of a server that answers
    // late (RFC 2920).
    bool refused_after_data() const {
        const auto said = [&](std::string_view words) {
            return returned_.report.find(words) != std::string_view::npos;
        };
        return said("end of DATA") || (said("Courier mail server") && said(">>> DATA"));
    }

    // RFC 6533: fields in UTF-8. Programs of before write the words of their own language in its own set.
    std::string words_of(const Entity& entity) {
        auto bytes = decode_body(message_, entity, most_report_bytes).bytes;
        const bool japanese = bytes.find("\x1B$") != std::string::npos;
        return japanese || !is_ascii(bytes) ? to_utf8(bytes, japanese ? "iso-2022-jp" : "", defects_) : bytes;
    }

    // ---- what a program may read

    enum class MachinePart { None, Delivery, Disposition, Abuse };

    MachinePart machine_part(const Entity& entity) const {
        if (is_inside_a_message(message_, entity))
            return MachinePart::None;  // what was returned is not about this mail
        const auto& type = entity.media_type;
        if (type.is("message/delivery-status") || type.is("message/global-delivery-status"))
            return MachinePart::Delivery;
        if (type.is("message/disposition-notification") || type.is("message/global-disposition-notification"))
            return MachinePart::Disposition;
        return type.is("message/feedback-report") ? MachinePart::Abuse : MachinePart::None;
    }
    bool has_machine_parts() const {
        return std::ranges::any_of(message_.entities,
                                   [&](const auto& e) { return machine_part(e) != MachinePart::None; });
    }

    bool read_machine_parts() {
        std::vector<StatusFields> deliveries;
        for (const auto& entity : message_.entities) {
            const auto part = machine_part(entity);
            if (part == MachinePart::None) continue;
            auto groups = read_status_fields(words_of(entity), most_recipients);
            switch (part) {
                case MachinePart::Delivery:
                    if (deliveries.size() < most_recipients) std::ranges::move(groups, std::back_inserter(deliveries));
                    break;
                case MachinePart::Disposition:
                    read_disposition(groups);
                    break;
                case MachinePart::Abuse:
                    read_abuse(groups);
                    break;
                case MachinePart::None:
                    break;
            }
        }
        read_delivery_groups(deliveries);
        if (!status_.recipients.empty()) return true;
        return looks_like_a_bounce() && read_groups_in_text();
    }

    // The fields of RFC 3464 as text, or in a file, where no program was meant to find them.
    bool read_groups_in_text() {
        for (const auto& entity : message_.entities) {
            const bool text =
                entity.media_type.type == "text" || (entity.media_type.type == "multipart" && entity.children.empty());
            if (!text || is_inside_a_message(message_, entity)) continue;
            const auto decoded = decode_body(message_, entity, most_report_bytes);
            if (!contains_ignoring_case(decoded.bytes, "final-recipient:") &&
                !contains_ignoring_case(decoded.bytes, "original-recipient:"))
                continue;
            read_delivery_groups(read_status_fields(decoded.bytes, most_recipients));
            if (!status_.recipients.empty()) return true;
        }
        return false;
    }

    static std::string affected_by(const StatusFields& group) {
        auto address = status_address(group.first("original-recipient"));
        if (address.find('@') == std::string::npos) address = status_address(group.first("final-recipient"));
        return address.empty() ? status_address(group.first("x-actual-recipient")) : address;
    }

    void read_delivery_groups(const std::vector<StatusFields>& groups) {
        std::vector<std::string> affected;
        for (const auto& group : groups) affected.push_back(affected_by(group));
        // Looked for once: a report on many, with many words, would be work for hours.
        std::optional<std::vector<NamedFailure>> named;
        const auto words_about = [&](const std::string& one) {
            if (!named) named = failures_in(returned_.report, affected, {});
            for (const auto& failure : *named)
                if (equal_ignoring_case(failure.address, one))
                    return for_one_line(failure.diagnostic, longest_diagnostic);
            return for_one_line(cut_utf8(returned_.report, longest_words), longest_diagnostic);
        };
        for (std::size_t i = 0; i < groups.size(); ++i) {
            const auto& group = groups[i];
            const auto& address = affected[i];
            if (address.empty()) continue;
            std::string_view diagnostic = group.first("diagnostic-code");
            if (diagnostic.empty()) diagnostic = group.first("x-diagnostic");
            AffectedRecipient recipient;
            recipient.address = address;
            recipient.status = best_status(group.first("status"), diagnostic);
            recipient.diagnostic = for_one_line(diagnostic, longest_diagnostic);
            recipient.report = report_of_action(group.first("action"), recipient.status);
            if (recipient.diagnostic.empty()) recipient.diagnostic = words_about(address);
            if (recipient.status.empty() || recipient.status.ends_with(".0.0"))
                recipient.status = best_status(recipient.status, recipient.diagnostic);
            recipient.hard = recipient.report == DeliveryReport::Failed &&
                             is_hard_failure(recipient.diagnostic, recipient.status, refused_after_data());
            add(std::move(recipient));
        }
    }

    void read_disposition(const std::vector<StatusFields>& groups) {
        for (const auto& group : groups) {
            const auto address = status_address(group.first("final-recipient"));
            const auto disposition = group.first("disposition");
            if (address.empty() && disposition.empty()) continue;
            status_.disposition = for_one_line(disposition, 200);
            const auto ids = read_message_ids(group.first("original-message-id"), 2, defects_);
            if (!ids.empty()) status_.original_message_id = ids.front();
            AffectedRecipient recipient;
            recipient.address = address;
            recipient.report = DeliveryReport::Displayed;
            add(std::move(recipient));
        }
    }

    void read_abuse(const std::vector<StatusFields>& groups) {
        std::string address;
        for (const auto& group : groups) {
            if (const auto type = group.first("feedback-type"); !type.empty())
                status_.disposition = for_one_line(type, 100);
            for (const auto* name : {"original-rcpt-to", "removal-recipient"})
                if (address.empty()) address = status_address(group.first(name));
        }
        if (address.empty() && !returned_.recipients.empty()) address = returned_.recipients.front();
        AffectedRecipient recipient;
        recipient.address = address;
        recipient.report = DeliveryReport::Abuse;
        add(std::move(recipient));
    }

    // ---- what is said in words

    bool looks_like_a_bounce() const {
        const auto& root = message_.root();
        if (root.media_type.is("multipart/report") || root.fields.count("x-failed-recipients") > 0) return true;
        if (is_bounce_subject(reading_.subject)) return true;
        // The null sender (RFC 5321 section 4.5.5) and a mail inside.
        if (null_return_path() &&
            std::ranges::any_of(message_.entities, [&](const auto& e) { return is_inside_a_message(message_, e); }))
            return true;
        for (const auto& from : reading_.from)
            for (const auto* name : {"post_master", "mailer-daemon", "mail-daemon", "mailerdaemon", "postmaster",
                                     "mdaemon", "mailer@", "mmdf@", "maildaemon", "mail-delivery", "no-reply@sns."})
                if (starts_ignoring_case(from.address.empty() ? from.name : from.address, name)) return true;
        return false;
    }

    bool read_words() {
        std::vector<std::string> failed;
        for (const auto value : message_.root().fields.all("x-failed-recipients"))
            for (const auto& mailbox : read_address_list(value, {}, defects_))
                if (!mailbox.address.empty() && failed.size() < most_recipients) failed.push_back(mailbox.address);
        const auto& expected = failed.empty() ? returned_.recipients : failed;
        std::vector<std::string> never;
        if (std::ranges::find(expected, our_address()) == expected.end()) never.push_back(our_address());
        auto found = failures_in(returned_.report, expected, never);
        if (!failed.empty())
            std::erase_if(found, [&](const auto& f) { return std::ranges::find(failed, f.address) == failed.end(); });
        for (const auto& address : failed)
            if (std::ranges::none_of(found, [&](const auto& f) { return equal_ignoring_case(f.address, address); }))
                found.push_back({address, std::string{cut_utf8(returned_.report, longest_words)}});
        if (found.empty() && expected.size() == 1 && !returned_.report.empty())
            found.push_back({expected.front(), std::string{cut_utf8(returned_.report, longest_words)}});
        // One alone, of whom the lines around the address say nothing: the reason may stand elsewhere in the report.
        if (found.size() == 1 && reply_code_in(found.front().diagnostic) == 0 &&
            enhanced_status_in(found.front().diagnostic).empty() &&
            !is_hard_failure(found.front().diagnostic, {}, false)) {
            const auto all = cut_utf8(returned_.report, longest_words);
            if (is_hard_failure(all, enhanced_status_in(all), refused_after_data())) found.front().diagnostic = all;
        }
        const auto complaint = returned_.report.find("\"notificationType\":\"Complaint\"") != std::string_view::npos;
        const bool gave_up = says_that_it_gave_up(returned_.report);
        for (const auto& failure : found) {
            AffectedRecipient recipient;
            recipient.address = failure.address;
            recipient.diagnostic = for_one_line(failure.diagnostic, longest_diagnostic);
            recipient.status = best_status({}, recipient.diagnostic);
            const auto code = reply_code_in(recipient.diagnostic);
            if (recipient.status.empty() && code != 0) recipient.status = code < 500 ? "4.0.0" : "5.0.0";
            // "#4.4.2" of a server that was tried for a week: what it names may pass, and yet it gave up.
            if (recipient.status.starts_with('4') && !gave_up) recipient.report = DeliveryReport::Delayed;
            if (!recipient.status.starts_with('5') && says_that_it_goes_on(returned_.report))
                recipient.report = DeliveryReport::Delayed;
            if (complaint) recipient.report = DeliveryReport::Abuse;
            if (returned_.report.find("\"notificationType\":\"Delivery\"") != std::string_view::npos)
                recipient.report = DeliveryReport::Delivered;
            recipient.hard = recipient.report == DeliveryReport::Failed &&
                             is_hard_failure(recipient.diagnostic, recipient.status, refused_after_data());
            add(std::move(recipient));
        }
        return !status_.recipients.empty();
    }

    // ---- people who press "unsubscribe" in Apple Mail: RFC 5965's "opt-out" in words

    bool asks_to_be_left_alone() const {
        return std::ranges::any_of(reading_.header_values("x-apple-unsubscribe"),
                                   [](auto value) { return equal_ignoring_case(trim(value), "true"); });
    }

    std::optional<DeliveryStatus> left_alone() {
        AffectedRecipient recipient;
        recipient.report = DeliveryReport::Abuse;
        if (!reading_.from.empty()) recipient.address = reading_.from.front().address;
        status_.disposition = "opt-out";
        status_.recipients.push_back(std::move(recipient));
        return finished();
    }

    // ---- people who are away

    bool looks_away() const {
        for (const auto value : reading_.header_values("auto-submitted"))
            if (starts_ignoring_case(value, "auto-replied") || starts_ignoring_case(value, "auto-generated"))
                return starts_ignoring_case(value, "auto-replied") || subject_is_away();
        for (const auto* name :
             {"x-autoreply", "x-autorespond", "x-autoresponse", "x-auto-reply", "x-vacation", "x-mail-autoreply"})
            if (!reading_.header_values(name).empty()) return true;
        for (const auto value : reading_.header_values("precedence"))
            if (starts_ignoring_case(value, "auto_reply") || starts_ignoring_case(value, "auto-reply")) return true;
        for (const auto value : reading_.header_values("x-auto-response-suppress"))
            if (contains_ignoring_case(value, "all") && subject_is_away()) return true;
        return subject_is_away() && (!reading_.in_reply_to.empty() || !reading_.references.empty() ||
                                     !reading_.header_values("x-auto-response-suppress").empty() || null_return_path());
    }
    bool null_return_path() const {
        for (const auto value : reading_.header_values("return-path"))
            if (value == "<>") return true;
        return false;
    }
    bool subject_is_away() const { return is_away_subject(reading_.subject); }

    std::optional<DeliveryStatus> away() {
        AffectedRecipient recipient;
        recipient.report = DeliveryReport::Away;
        if (!reading_.from.empty()) recipient.address = reading_.from.front().address;
        if (recipient.address.empty() && !reading_.reply_to.empty())
            recipient.address = reading_.reply_to.front().address;
        status_.recipients.push_back(std::move(recipient));
        return finished();
    }

    // ---- together

    std::string our_address() const { return reading_.to.empty() ? std::string{} : reading_.to.front().address; }

    void add(AffectedRecipient recipient) {
        for (auto& known : status_.recipients)
            if (equal_ignoring_case(known.address, recipient.address)) {
                known.hard = known.hard || recipient.hard;
                return;
            }
        if (status_.recipients.size() < most_recipients) status_.recipients.push_back(std::move(recipient));
    }

    std::optional<DeliveryStatus> finished() {
        if (status_.original_message_id.empty()) status_.original_message_id = returned_.message_id;
        status_.original_subject = returned_.subject;
        status_.report = status_.recipients.front().report;
        for (const auto& recipient : status_.recipients) status_.report = std::min(status_.report, recipient.report);
        // Some systems answer the mail instead of returning it.
        if (status_.original_message_id.empty() && !reading_.in_reply_to.empty())
            status_.original_message_id = reading_.in_reply_to.front();
        if (status_.original_message_id.empty() && !reading_.references.empty())
            status_.original_message_id = reading_.references.back();
        return std::move(status_);
    }

    const Message& message_;
    const Reading& reading_;
    const ParseLimits& limits_;
    DeliveryStatus status_;
    std::vector<std::string> defects_;
    ReturnedMail returned_;
};

}  // namespace

std::optional<DeliveryStatus> read_delivery_status(const Message& message, const Reading& reading,
                                                   const ParseLimits& limits) {
    return StatusReader{message, reading, limits}.read();
}

}  // namespace tocsin::mail
