#include "intake/examine/opening.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "intake/examine/encrypted_shape.hpp"
#include "intake/examine/offered_keys.hpp"
#include "intake/examine/signed_entity.hpp"
#include "mail/structure/body_parts.hpp"
#include "mail/text/charset.hpp"
#include "openpgp/packets.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t most_stray_ciphertexts = 5;
constexpr std::size_t most_strays_told = 25;  // of those beyond, which are not opened
constexpr std::size_t most_signed_stretches = 4;
constexpr std::size_t most_stray_text = 256u << 10;
constexpr std::size_t most_stray_file_bytes = 20u << 20;  // what a notice may bring, in all

bool is_mime_field(std::string_view name) {
    return starts_ignoring_case(name, "content-") || equal_ignoring_case(name, "mime-version");
}

// RFC 9788 section 4.1 ("hp"), and the draft that came before it ("protected-headers").
bool protects_header(const mail::Entity& entity) {
    return entity.media_type.parameter("hp").has_value() ||
           entity.media_type.parameter("protected-headers").has_value();
}

// The subject as it stands in the payload, still folded and encoded.
std::optional<std::string_view> protected_subject_of(const mail::Message& message) {
    std::size_t at = 0;
    for (int level = 0; level < 2; ++level) {
        const mail::Entity& entity = message.entities[at];
        if (protects_header(entity))
            if (const auto subject = entity.fields.first("subject")) return subject;
        if (!entity.media_type.is("multipart/signed") || entity.children.empty()) break;
        at = entity.children.front();
    }
    return std::nullopt;
}

std::string decoded_subject(std::string_view raw, const mail::ParseLimits& limits) {
    const std::string bytes = "Subject:" + std::string{raw} + "\r\n\r\n";
    return mail::read(mail::parse(bytes, limits), limits).subject;
}

// The mail as it would have come in the clear: its own header, with the fields that say what the body is, and the
// protected subject, taken from inside.
std::string mail_made_of(const mail::Message& outer, const mail::Message& inner,
                         std::optional<std::string_view> subject) {
    std::string bytes;
    const auto write = [&](std::string_view name, std::string_view value) {
        bytes.append(name).append(":").append(value).append("\r\n");
    };
    for (const mail::Field& field : outer.root().fields.fields()) {
        if (is_mime_field(field.name) || (subject && equal_ignoring_case(field.name, "subject"))) continue;
        write(field.name, field.value);
    }
    if (subject) write("Subject", *subject);
    for (const mail::Field& field : inner.root().fields.fields())
        if (is_mime_field(field.name)) write(field.name, field.value);
    bytes += "\r\n";
    bytes += inner.body_of(inner.root());
    return bytes;
}

// What stands in inline armor is text, in UTF-8 if it can be, else as the mail says.
std::string mail_of_inline_text(const mail::Message& message, std::string_view text) {
    std::string charset = "utf-8";
    if (!is_utf8(text)) charset = message.root().media_type.parameter("charset").value_or("windows-1252");
    std::string part = "Content-Type: text/plain; charset=\"";
    for (const char c : charset)
        if (is_letter(c) || is_digit(c) || c == '-' || c == '_') part += c;
    return part.append("\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n").append(text);
}

// The header of a MIME entity, as what is encrypted by PGP/MIME begins with.
bool begins_like_a_mail(std::string_view text) {
    for (const std::string_view name : {"content-type:", "content-transfer-encoding:", "mime-version:"})
        if (starts_ignoring_case(text, name)) return true;
    return false;
}

bool is_text(std::string_view bytes) {
    return std::ranges::none_of(bytes, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\x1B';
    });
}

// "report.pdf.gpg" holds "report.pdf".
std::string name_inside(const std::string& name) {
    const std::string low = lower(name);
    for (const std::string_view ending : {".asc", ".pgp", ".gpg"})
        if (name.size() > ending.size() && low.ends_with(ending)) return name.substr(0, name.size() - ending.size());
    return name;
}

class MailOpener {
public:
    MailOpener(const mail::Message& message, const ExaminationLimits& limits, openpgp::Engine& engine)
        : message_{message}, limits_{limits}, engine_{engine} {}

    Result<OpenedMail> open() {
        mail_.outer = mail::read(message_, limits_.parse);
        mail_.reading = mail_.outer;
        auto outer_signatures = check_signatures(message_, mail_.outer, engine_);
        if (!outer_signatures) return tl::unexpected{outer_signatures.error()};
        take(*outer_signatures);
        if (auto looked = collect_offers(message_, true); !looked) return tl::unexpected{looked.error()};

        auto opened = open_whole();
        if (!opened) return tl::unexpected{opened.error()};
        if (!mail_.whole) {
            const std::string unwrapped = mail_.made;  // what lay in an opaque signature
            const mail::Message inner = mail::parse(unwrapped, limits_.parse);
            const mail::Message& shown = unwrapped.empty() ? message_ : inner;
            if (auto read = open_signed(shown); !read) return tl::unexpected{read.error()};
            if (auto strays = open_strays(shown); !strays) return tl::unexpected{strays.error()};
            if (auto checked = check_stretches(shown); !checked) return tl::unexpected{checked.error()};
        } else if (mail_.crypto.decrypted) {
            if (auto told = look_further_in(); !told) return tl::unexpected{told.error()};
        }
        if (!mail_.crypto.encrypted) {
            mail_.crypto.covers = most_covered();
            if (mail_.crypto.covers == "all") show_signed_subject();
        }
        for (const OfferedKey& offer : mail_.offers) mail_.crypto.keys_offered.push_back(offer.fingerprint);
        return std::move(mail_);
    }

private:
    void take(SignedEntities& found) {
        if (mail_.crypto.protocol.empty()) mail_.crypto.protocol = found.protocol;
        for (SignatureVerdict& one : found.signatures) mail_.crypto.signatures.push_back(std::move(one));
        for (std::string& one : found.certificates) certificates_.push_back(std::move(one));
    }

    // Made over the whole of what lay inside. The text counts once, whatever header it is sent under again.
    void take(const std::vector<openpgp::Signature>& signatures, std::string_view content) {
        const std::string digest = to_hex(view(sha256(content)));
        for (const openpgp::Signature& one : signatures) {
            mail_.crypto.signatures.push_back(verdict_on(one, mail_.outer, "all"));
            mail_.crypto.signatures.back().signed_text = digest;
        }
    }

    // RFC 9788 section 4.2: what is signed is what is shown; the one on the outside anybody may have written.
    void show_signed_subject() {
        const auto subject = protected_subject_of(message_);
        if (!subject) return;
        mail_.crypto.protected_subject = decoded_subject(*subject, limits_.parse);
        mail_.reading.subject = mail_.crypto.protected_subject;
    }

    std::string most_covered() const {
        std::string most = "none";
        for (const SignatureVerdict& one : mail_.crypto.signatures) {
            if (one.covers == "all") return "all";
            if (one.covers == "part") most = "part";
        }
        return most;
    }

    Result<void> collect_offers(const mail::Message& message, bool outside) {
        auto offers = offered_keys(message, mail_.outer, std::move(certificates_), outside, engine_);
        certificates_.clear();
        if (!offers) return tl::unexpected{offers.error()};
        for (OfferedKey& offer : *offers)
            if (std::ranges::find(mail_.offers, offer.fingerprint, &OfferedKey::fingerprint) == mail_.offers.end())
                mail_.offers.push_back(std::move(offer));
        return {};
    }

    // The mail itself, or what a signature around it covers (encrypted, then signed).
    std::optional<EncryptedShape> whole_shape(const mail::Message& message) const {
        std::size_t at = 0;
        const mail::Entity& root = message.root();
        if (root.media_type.is("multipart/signed") && root.children.size() == 2) at = root.children.front();
        return shape_of(message, at, limits_.max_plaintext_bytes);
    }

    Result<void> open_whole() {
        const auto shape = whole_shape(message_);
        if (!shape) return {};
        if (shape->kind != ShapeKind::SmimeSigned) return open_encrypted(*shape);
        if (auto shown = open_smime_signed(shape->ciphertext); !shown || mail_.made.empty()) return shown;
        // Encrypted, then signed, as RFC 8551 section 3.7 has it: the signature may be opaque.
        const std::string unwrapped = mail_.made;
        const auto within = whole_shape(mail::parse(unwrapped, limits_.parse));
        if (!within || within->kind == ShapeKind::SmimeSigned) return {};
        return open_encrypted(*within);
    }

    Result<void> open_encrypted(const EncryptedShape& shape) {
        switch (shape.kind) {
            case ShapeKind::SmimeSigned:
                return {};
            case ShapeKind::SmimeEnveloped:
                fail("smime", openpgp::OpenError::Unsupported);
                return {};
            case ShapeKind::PgpMime:
            case ShapeKind::Inline:
                return open_pgp(shape);
        }
        return {};
    }

    void note_session(const Digest& session) {
        if (session != Digest{}) mail_.sessions.push_back(session);
    }

    void fail(std::string_view protocol, openpgp::OpenError error) {
        mail_.whole = mail_.nothing_was_read = true;
        mail_.crypto.encrypted = true;
        mail_.crypto.protocol = protocol;
        mail_.crypto.error = std::string{openpgp::to_text(error)};
    }

    Result<void> open_pgp(const EncryptedShape& shape) {
        auto opening = engine_.open(shape.ciphertext, limits_.max_plaintext_bytes);
        if (!opening) return tl::unexpected{opening.error()};
        if (!*opening) {
            fail("openpgp", opening->error());
            const auto counts = openpgp::count_packets(shape.ciphertext);
            if (opening->error() == openpgp::OpenError::NoSecretKey &&
                counts.anonymous + counts.nameless + counts.passphrases == 0)
                mail_.foreign_keys = counts.recipients;
            return {};
        }
        mail_.whole = true;
        mail_.crypto.encrypted = mail_.crypto.decrypted = true;
        mail_.crypto.protocol = "openpgp";
        mail_.crypto.covers = "all";
        note_session((*opening)->session);
        take((*opening)->signatures, (*opening)->plaintext);
        const std::string& plaintext = (*opening)->plaintext;
        if (auto shown =
                show_instead(shape.kind == ShapeKind::Inline ? mail_of_inline_text(message_, plaintext) : plaintext);
            !shown)
            return shown;
        return open_signed(mail::parse(mail_.made, limits_.parse));
    }

    // What a person is shown of it is what is signed, as gpg gives it out. What gpg finds no signature in stays as it
    // came.
    Result<void> open_signed(const mail::Message& message) {
        const auto text = signed_text_of(message, limits_.max_plaintext_bytes);
        if (!text) return {};
        const auto opened = engine_.open_signed(*text, limits_.max_plaintext_bytes);
        if (!opened && opened.error().permanence == Permanence::Permanent) return {};
        if (!opened) return tl::unexpected{opened.error()};
        mail_.crypto.protocol = "openpgp";
        take(opened->signatures, opened->content);
        return show_instead(mail_of_inline_text(message, opened->content));
    }

    // Words beside what is signed: they stay where they stand, and the signature stands for its stretch alone. Such a
    // text proves nothing, so it does not count as used up either. Where the mail itself is signed, that is what
    // counts.
    Result<void> check_stretches(const mail::Message& message) {
        if (!mail_.crypto.signatures.empty() || mail_.reading.text.find("BEGIN PGP SIGNED") == std::string::npos)
            return {};
        for (const std::string& text :
             signed_stretches_of(message, most_signed_stretches, limits_.max_plaintext_bytes)) {
            const auto opened = engine_.open_signed(text, limits_.max_plaintext_bytes);
            if (!opened && opened.error().permanence == Permanence::Permanent) continue;
            if (!opened) return tl::unexpected{opened.error()};
            if (mail_.crypto.protocol.empty()) mail_.crypto.protocol = "openpgp";
            for (const openpgp::Signature& one : opened->signatures)
                mail_.crypto.signatures.push_back(verdict_on(one, mail_.outer, "part"));
        }
        return {};
    }

    Result<void> open_smime_signed(const std::string& bytes) {
        mail_.crypto.protocol = "smime";
        const auto opened = engine_.open_smime_signed(bytes, limits_.max_plaintext_bytes);
        if (!opened) {
            mail_.crypto.signatures.push_back(verdict_on({}, mail_.outer, "none"));
            return {};
        }
        const std::size_t before = mail_.crypto.signatures.size();
        take(opened->signatures, opened->content);
        for (std::size_t at = before; at < mail_.crypto.signatures.size(); ++at)
            mail_.crypto.signatures[at].covers = "none";  // before somebody names its certificate
        return show_instead(opened->content);
    }

    // What a person is shown from now on is the entity that lay inside, under the mail's own header.
    Result<void> show_instead(const std::string& entity) {
        const mail::Message inner = mail::parse(entity, limits_.parse);
        if (const auto subject = protected_subject_of(inner); subject && mail_.crypto.encrypted)
            subject_inside_ = std::string{*subject};
        const auto& subject = subject_inside_;
        mail_.made = mail_made_of(message_, inner, subject);
        mail::Message made = mail::parse(mail_.made, limits_.parse);
        made.is_payload = mail_.crypto.encrypted;
        mail_.reading = mail::read(made, limits_.parse);
        if (subject) mail_.crypto.protected_subject = mail_.reading.subject;
        auto signatures = check_signatures(made, mail_.outer, engine_);
        if (!signatures) return tl::unexpected{signatures.error()};
        take(*signatures);
        return collect_offers(made, false);
    }

    Result<void> open_strays(const mail::Message& message) {
        std::size_t tried = 0;
        for (const StrayCiphertext& stray : stray_ciphertexts(message, most_strays_told, limits_.max_plaintext_bytes)) {
            if (stray.kind == ShapeKind::SmimeSigned) {
                if (auto shown = open_signed_apart(stray); !shown) return shown;
                continue;
            }
            const bool smime = stray.kind == ShapeKind::SmimeEnveloped;
            Result<openpgp::Opening> opening = openpgp::Opening{tl::unexpected{openpgp::OpenError::Unsupported}};
            if (++tried > most_stray_ciphertexts)
                opening = openpgp::Opening{tl::unexpected{openpgp::OpenError::Limit}};
            else if (!smime)
                opening = engine_.open(stray.ciphertext, limits_.max_plaintext_bytes);
            if (!opening) return tl::unexpected{opening.error()};
            mail_.crypto.encrypted = true;
            if (!smime || mail_.crypto.protocol.empty()) mail_.crypto.protocol = smime ? "smime" : "openpgp";
            mail_.crypto.covers = "part";
            const std::string label = label_of(stray);
            if (!*opening) {
                if (!mail_.crypto.error) mail_.crypto.error = std::string{openpgp::to_text(opening->error())};
                say_unopened(label, openpgp::to_text(opening->error()));
                continue;
            }
            mail_.crypto.decrypted = true;
            note_session((*opening)->session);
            show_apart(stray, "Encrypted part " + label, (*opening)->plaintext);
        }
        return {};
    }

    // Inside what was opened: a second layer is told of and not opened, an opaque signature hides nothing.
    Result<void> look_further_in() {
        const std::string made = mail_.made;
        const mail::Message inner = mail::parse(made, limits_.parse);
        std::vector<StrayCiphertext> further = stray_ciphertexts(inner, most_strays_told, limits_.max_plaintext_bytes);
        const auto whole = whole_shape(inner);
        mail_.nothing_was_read = whole && whole->kind != ShapeKind::SmimeSigned;
        if (whole && whole->kind == ShapeKind::PgpMime && further.empty())
            further.push_back({"multipart/encrypted", {}, {}, ShapeKind::PgpMime});
        for (const StrayCiphertext& stray : further) {
            if (stray.kind != ShapeKind::SmimeSigned)
                say_unopened(label_of(stray), "encrypted a second time");
            else if (auto shown = open_signed_apart(stray); !shown)
                return shown;
        }
        return {};
    }

    // A signature around a part proves nothing of the mail; what it covers is to be read all the same.
    Result<void> open_signed_apart(const StrayCiphertext& stray) {
        const auto opened = engine_.open_smime_signed(stray.ciphertext, limits_.max_plaintext_bytes);
        if (!opened && opened.error().permanence == Permanence::Permanent) return {};
        if (!opened) return tl::unexpected{opened.error()};
        show_apart(stray, "Signed part " + label_of(stray), opened->content);
        return {};
    }

    static std::string label_of(const StrayCiphertext& stray) { return for_one_line(stray.label, 100); }

    void say_unopened(const std::string& label, std::string_view why) {
        add_text("[Encrypted part " + label + ": not opened, " + std::string{why}, "]\n");
    }

    void add_text(const std::string& head, const std::string& rest) {
        if (!mail_.reading.text.empty() && !mail_.reading.text.ends_with('\n')) mail_.reading.text += '\n';
        mail_.reading.text += "\n" + head + rest;
    }

    void show_apart(const StrayCiphertext& stray, const std::string& what, const std::string& plaintext) {
        const std::string head = "[" + what + ", opened apart; it vouches for nothing around it]\n";
        const std::string end =
            stray.kind == ShapeKind::SmimeSigned ? "[End of the signed part]\n" : "[End of the encrypted part]\n";
        if (stray.kind == ShapeKind::PgpMime || stray.kind == ShapeKind::SmimeSigned || begins_like_a_mail(plaintext)) {
            const mail::Message inner = mail::parse(plaintext, limits_.parse);
            mail::Reading reading = mail::read(inner, limits_.parse);
            add_text(head, reading.text + "\n" + end);
            for (mail::Attachment& file : reading.attachments) mail_.reading.attachments.push_back(std::move(file));
            for (const std::size_t at : mail::body_parts(inner).files) {
                const mail::Entity& entity = inner.entities[at];
                keep_file(entity.file_name, mail::decode_body(inner, entity, most_stray_file_bytes + 1).bytes);
            }
            return;
        }
        const bool text = is_text(plaintext);
        if (text) {
            std::vector<std::string> defects;
            const std::string words = mail::to_utf8(plaintext, is_utf8(plaintext) ? "utf-8" : "", defects);
            add_text(head, for_people(cut_utf8(words, most_stray_text)) + "\n" + end);
        } else {
            add_text(head, "[" + std::to_string(plaintext.size()) + " bytes that are no text]\n");
        }
        // A stretch between other text is read where it stands; what was a file stays one.
        if (text && stray.file_name.empty()) return;
        mail_.reading.attachments.push_back({.name = name_inside(label_of(stray)) + " (opened)",
                                             .type = "application/octet-stream",
                                             .size = plaintext.size(),
                                             .sha256 = sha256(plaintext)});
        keep_file(name_inside(label_of(stray)), plaintext);
    }

    void keep_file(const std::string& name, const std::string& bytes) {
        if (bytes.size() > most_stray_file_bytes - kept_bytes_) return;
        kept_bytes_ += bytes.size();
        mail_.apart.push_back({.name = name, .media_type = "application/octet-stream", .bytes = bytes});
    }

    const mail::Message& message_;
    const ExaminationLimits& limits_;
    openpgp::Engine& engine_;
    OpenedMail mail_;
    std::vector<std::string> certificates_;
    std::size_t kept_bytes_ = 0;                 // in mail_.apart
    std::optional<std::string> subject_inside_;  // of what was encrypted, as it stands there
};

}  // namespace

Result<OpenedMail> open_mail(const mail::Message& message, const ExaminationLimits& limits, openpgp::Engine& engine) {
    return MailOpener{message, limits, engine}.open();
}

}  // namespace tocsin::intake
