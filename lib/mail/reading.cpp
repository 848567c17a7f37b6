#include "mail/reading.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/defects.hpp"
#include "mail/header/date_time.hpp"
#include "mail/header/encoded_words.hpp"
#include "mail/header/message_ids.hpp"
#include "mail/header/unfold.hpp"
#include "mail/reply/reply_text.hpp"
#include "mail/structure/body_parts.hpp"
#include "mail/structure/tnef.hpp"
#include "mail/structure/transfer_encoding.hpp"
#include "mail/text/body_text.hpp"
#include "mail/text/charset.hpp"
#include "mail/text/language.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t most_answered_addresses = 20;
constexpr std::size_t most_guessed_fields = 100;
constexpr std::size_t most_tnef_bytes_read = 16u << 20;

class MailReader {
public:
    MailReader(const Message& message, const ParseLimits& limits) : message_{message}, limits_{limits} {
        reading_.defects = message.defects;
    }

    Reading read() {
        read_header();
        read_addresses();
        read_identifiers();
        const auto parts = body_parts(message_);
        read_text(parts);
        read_attachments(parts);
        return std::move(reading_);
    }

private:
    const Header& fields() const { return message_.root().fields; }
    void defect(std::string_view name) { note_defect(reading_.defects, name); }

    void read_header() {
        std::size_t guessed = 0;
        for (const auto& field : fields().fields()) {
            auto value = unfold(field.value);
            // To guess the character set of each of a thousand fields is more work than to read the rest of the mail.
            if (!is_ascii(value) && !is_utf8(value) && ++guessed > most_guessed_fields)
                value = to_utf8(value, "windows-1252", reading_.defects);
            reading_.header.emplace_back(lower(field.name), for_one_line(decode_encoded_words(
                                                                value, limits_.max_encoded_words, reading_.defects)));
        }
        const auto subjects = reading_.header_values("subject");
        if (subjects.size() > 1) defect("duplicate-subject");
        if (!subjects.empty()) reading_.subject = subjects.front();
        for (const auto value : fields().all("date"))
            if (!reading_.date) reading_.date = read_date_time(value);
        if (fields().count("date") > 0 && !reading_.date) defect("date-malformed");
    }

    std::vector<Mailbox> mailboxes(std::string_view field) {
        std::vector<Mailbox> all;
        for (const auto value : fields().all(field)) {
            const AddressLimits limits{
                .max_mailboxes = std::min<std::size_t>(AddressLimits{}.max_mailboxes, addresses_left_),
                .max_comment_depth = limits_.max_comment_depth};
            for (auto& mailbox : read_address_list(value, limits, reading_.defects)) {
                all.push_back(std::move(mailbox));
                --addresses_left_;
            }
        }
        return all;
    }

    // "Doe, John <john@example.org>": one person, whose comma wanted quotes. Of recipients a name without a domain may
    // be a mailbox of its own on their host.
    std::vector<Mailbox> authors(std::vector<Mailbox> all) {
        for (std::size_t i = all.size(); i-- > 1;) {
            const bool halves = all[i - 1].address.empty() && !all[i].address.empty() && !all[i].name.empty();
            if (!halves) continue;
            defect("comma-not-quoted");
            all[i - 1] = {all[i - 1].name + ", " + all[i].name, std::move(all[i].address)};
            all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
        }
        return all;
    }

    void read_addresses() {
        addresses_left_ = limits_.max_addresses;
        if (fields().count("from") == 0) defect("from-missing");
        // RFC 5322 section 3.6 allows one; whoever decides what to believe must see them all.
        if (fields().count("from") > 1) defect("duplicate-from");
        reading_.from = authors(mailboxes("from"));
        const auto sender = authors(mailboxes("sender"));
        if (!sender.empty()) reading_.sender = sender.front();
        reading_.reply_to = authors(mailboxes("reply-to"));
        reading_.to = mailboxes("to");
        reading_.cc = mailboxes("cc");
    }

    std::vector<std::string> identifiers(std::string_view field) {
        std::vector<std::string> all;
        for (const auto value : fields().all(field))
            for (auto& id : read_message_ids(value, limits_.max_references, reading_.defects))
                if (all.size() < limits_.max_references) all.push_back(std::move(id));
        return all;
    }

    void read_identifiers() {
        const auto ids = fields().all("message-id");
        if (ids.size() > 1) defect("duplicate-message-id");
        if (!ids.empty()) {
            const auto read = read_message_ids(ids.front(), limits_.max_references, reading_.defects);
            if (!read.empty()) reading_.message_id = read.front();
        }
        reading_.in_reply_to = identifiers("in-reply-to");
        reading_.references = identifiers("references");
    }

    void read_text(const BodyParts& parts) {
        for (const auto index : parts.text) {
            if (reading_.text.size() >= limits_.max_text_bytes) {
                defect("limit-text-bytes");
                break;
            }
            const auto room = limits_.max_text_bytes - reading_.text.size();
            auto body = body_text(message_, message_.entities[index], limits_, reading_.defects);
            const auto& text = body.text;
            for (auto& file : body.files) attach(std::move(file));
            if (text.size() > room) defect("limit-text-bytes");
            if (!reading_.text.empty() && !reading_.text.ends_with('\n')) reading_.text.push_back('\n');
            reading_.text.append(cut_utf8(text, room));
        }
        take_text(std::move(reading_.text));
    }

    void take_text(std::string text) {
        reading_.text = std::move(text);
        AnsweredMail answered{without_reply_prefix(reading_.subject), {}};
        answered.any = !reading_.in_reply_to.empty() || !reading_.references.empty() ||
                       answered.subject.size() != trim(reading_.subject).size();
        for (const auto* list : {&reading_.to, &reading_.cc})
            for (const Mailbox& mailbox : *list)
                if (answered.addresses.size() < most_answered_addresses) answered.addresses.push_back(mailbox.address);
        auto reply = split_reply(reading_.text, Answered::LeftOut, answered);
        reading_.reply_text = std::move(reply.written);
        reading_.quoted = std::move(reply.quoted);
        reading_.embedded = std::move(reply.embedded);
        reading_.language =
            language_of(reading_.reply_text.empty() ? forwarded_words() : std::string_view{reading_.reply_text});
    }

    // Of a report that is passed on without a word, what stands below the lines that say from whom it is.
    std::string_view forwarded_words() const {
        const std::string_view all = reading_.embedded.empty() ? reading_.text : reading_.embedded;
        return all.substr(std::min(all.find("\n\n"), all.size()));
    }

    void attach(Attachment file) {
        if (reading_.attachments.size() < limits_.max_attachments)
            reading_.attachments.push_back(std::move(file));
        else
            defect("limit-attachments");
    }

    static bool is_tnef(const Entity& entity) {
        return entity.media_type.is("application/ms-tnef") || entity.media_type.is("application/vnd.ms-tnef") ||
               equal_ignoring_case(entity.file_name, "winmail.dat");
    }

    // The files inside stand for it; one that holds none, or cannot be read, is a file itself.
    bool attach_tnef(const Entity& entity) {
        const auto decoded = decode_body(message_, entity, most_tnef_bytes_read + 1);
        auto contents = read_tnef(decoded.bytes, limits_, reading_.defects);
        if (!contents) return false;
        if (reading_.text.empty() && !contents->body.empty()) take_text(std::move(contents->body));
        for (auto& file : contents->files) attach(std::move(file));
        return !contents->files.empty();
    }

    void read_attachments(const BodyParts& parts) {
        for (const auto index : parts.files) {
            if (reading_.attachments.size() >= limits_.max_attachments) {
                defect("limit-attachments");
                return;
            }
            const auto& entity = message_.entities[index];
            if (is_tnef(entity) && attach_tnef(entity)) continue;
            bool known = true;
            BodyDecoder content{message_.body_of(entity), transfer_encoding_named(entity.transfer_encoding, known)};
            attach(describe_file(entity.file_name, entity.media_type.full(), content, limits_.max_file_name_bytes));
            if (content.damaged()) defect("transfer-encoding-damaged");
        }
    }

    const Message& message_;
    const ParseLimits& limits_;
    Reading reading_;
    std::size_t addresses_left_ = 0;
};

}  // namespace

std::vector<std::string_view> Reading::header_values(std::string_view lower_case_name) const {
    std::vector<std::string_view> values;
    for (const auto& [name, value] : header)
        if (name == lower_case_name) values.emplace_back(value);
    return values;
}

Reading read(const Message& message, const ParseLimits& limits) { return MailReader{message, limits}.read(); }

}  // namespace tocsin::mail
