// Where ciphertext stands in a mail, what of it is shown, and what goes out because of it. What gpg does is made up
// here: a safe opens exactly what it has sealed.
#include "intake/examine/opening.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "desk.hpp"
#include "intake/examine/shared_words.hpp"
#include "intake/examine/signed_entity.hpp"
#include "intake/team/team_answers.hpp"
#include "openpgp/armor.hpp"

namespace tocsin::intake {
namespace {

using namespace std::string_literals;

std::string packet_of(int tag, const std::string& body) {
    std::string bytes(1, static_cast<char>(0xC0 | tag));
    bytes += '\xFF';
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(body.size() >> shift);
    return bytes + body;
}

constexpr std::string_view key_of_us = "BBBBBBBBBBBBBBBBBBBBBBBB1122334455667788";
constexpr std::string_view key_of_alice = "AAAAAAAAAAAAAAAAAAAAAAAA1122334455667788";

openpgp::Keyring house_keyring() {
    openpgp::Key own;
    own.fingerprint = key_of_us;
    own.subkeys = {{.fingerprint = own.fingerprint, .ours = true, .encrypts = true, .signs = true}};
    openpgp::Key alice;
    alice.fingerprint = key_of_alice;
    alice.addresses = {"alice@acme.test", "rae@lab.test"};
    alice.subkeys = {{.fingerprint = alice.fingerprint, .encrypts = true}};
    return openpgp::Keyring{{own, alice}};
}

class Safe final : public openpgp::Engine {
public:
    // Bytes as gpg would write them for our key.
    static std::string sealed(const std::string& content) {
        return packet_of(1, "\x03\x11\x22\x33\x44\x55\x66\x77\x88\x12 key"s) + packet_of(18, "\x01" + content);
    }
    static std::string armored(const std::string& content) { return openpgp::to_armor(sealed(content), "MESSAGE"); }

    const openpgp::Keyring& keyring() const override { return keyring_; }
    Result<openpgp::Opening> open(std::string_view message, std::size_t) override {
        if (const auto refused = openpgp::refused_by_packets(message, keyring_))
            return openpgp::Opening{tl::unexpected{*refused}};
        const std::size_t at = message.find("\x12 key"s + packet_of(18, "").substr(0, 2));
        if (at == std::string_view::npos) return openpgp::Opening{tl::unexpected{openpgp::OpenError::Damaged}};
        return openpgp::Opening{openpgp::Opened{std::string{message.substr(at + 12)}, {}, sha256(message)}};
    }
    Result<std::vector<openpgp::Signature>> verify(std::string_view, std::string_view) override {
        return std::vector<openpgp::Signature>{
            {.state = signature_state, .fingerprint = std::string{key_of_alice}, .addresses = {"rae@lab.test"}}};
    }
    Result<openpgp::SignedContent> open_signed(std::string_view message, std::size_t) override {
        auto text = openpgp::clear_signed_text(message);
        if (!text) return permanent(Code::BadInput, "none");
        return openpgp::SignedContent{
            std::move(*text), {{openpgp::SignatureState::Valid, std::string{key_of_alice}, {"rae@lab.test"}, {}}}};
    }
    Result<std::vector<openpgp::Signature>> verify_smime(std::string_view, std::string_view) override {
        return std::vector<openpgp::Signature>{{.state = smime_state, .fingerprint = "CC", .addresses = {}}};
    }
    // What S/MIME wraps in an opaque signature.
    static std::string wrapped_in_signature(const std::string& content) {
        return "\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02 wraps:" + content;
    }
    Result<openpgp::SignedContent> open_smime_signed(std::string_view message, std::size_t) override {
        const std::size_t at = message.find("wraps:");
        if (at == std::string_view::npos) return permanent(Code::BadInput, "none");
        return openpgp::SignedContent{std::string{message.substr(at + 6)}, {{smime_state, "CC", {}, {}}}};
    }
    bool signs() const override { return true; }
    Result<MadeSignature> sign(std::string_view) override { return MadeSignature{"signature", "pgp-sha256"}; }
    Result<std::string> seal(std::string_view content, const std::vector<std::string>&) override {
        if (refuses) return permanent(Code::Refused, "a key cannot be encrypted to");
        return armored(std::string{content});
    }
    Result<std::string> own_certificate() override { return "certificate"s; }
    // A key's fingerprint stands in it behind "named ", before its user id.
    Result<std::vector<openpgp::Key>> look_at(std::string_view certificate) override {
        openpgp::Key key;
        const std::size_t at = certificate.find("named ");
        key.fingerprint = at == std::string_view::npos
                              ? "CC"
                              : certificate.substr(at + 6, certificate.find(packet_of(13, "").substr(0, 2)) - at - 6);
        return std::vector{key};
    }

    bool refuses = false;  // to encrypt to anything
    openpgp::SignatureState signature_state = openpgp::SignatureState::Bad;
    openpgp::SignatureState smime_state = openpgp::SignatureState::UnknownKey;

private:
    openpgp::Keyring keyring_ = house_keyring();
};

std::string with_crlf(std::string text) {
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.replace(at, 1, "\r\n");
    return text;
}

std::string with_breaks(std::string text, const std::string& line_end) {
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += line_end.size())
        text.replace(at, 1, line_end);
    return text;
}

OpenedMail opened(const std::string& bytes) {
    Safe safe;
    return open_mail(mail::parse(bytes), {}, safe).value();
}

OpenedMail opened(const std::string& type, const std::string& body) {
    Letter letter;
    letter.type = type;
    letter.text = body;
    return opened(letter.bytes());
}

const std::string quokka = "Content-Type: text/plain; charset=utf-8\r\n\r\nA quokka in the upload form.\r\n";
const std::string with_file =
    "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n" + quokka +
    "--i\r\nContent-Type: application/zip; name=poc.zip\r\nContent-Disposition: attachment; filename=poc.zip\r\n\r\n"
    "PK-bytes\r\n--i--\r\n";

std::string version_part(const std::string& type) { return "Content-Type: " + type + "\r\n\r\nVersion: 1\r\n"; }
std::string armor_part(const std::string& type, const std::string& content) {
    return "Content-Type: " + type + "\r\n\r\n" + with_crlf(Safe::armored(content)) + "\r\n";
}
std::string multipart(const std::string& kind, const std::vector<std::string>& parts,
                      const std::string& boundary = "b") {
    std::string text = "Content-Type: multipart/" + kind + "; boundary=" + boundary + "\r\n\r\n";
    for (const std::string& part : parts) text += "--" + boundary + "\r\n" + part + "\r\n";
    return text + "--" + boundary + "--\r\n";
}
std::string pgp_mime(const std::string& content, const std::vector<std::string>& more = {}) {
    std::vector<std::string> parts{version_part("application/pgp-encrypted"),
                                   armor_part("application/octet-stream", content)};
    parts.insert(parts.end(), more.begin(), more.end());
    return multipart("encrypted; protocol=\"application/pgp-encrypted\"", parts, "e");
}
OpenedMail opened_entity(const std::string& entity) {
    return opened("From: Rae <rae@lab.test>\r\nTo: security@acme.test\r\nSubject: it\r\nMessage-ID: <a@lab.test>\r\n" +
                  entity);
}

void expect_whole(const OpenedMail& mail, const std::string& what) {
    EXPECT_TRUE(mail.whole) << what;
    EXPECT_TRUE(mail.crypto.decrypted) << what << ": " << mail.crypto.error.value_or("-");
    EXPECT_EQ("all", mail.crypto.covers) << what;
    EXPECT_NE(std::string::npos, mail.reading.text.find("quokka")) << what << mail.reading.text;
}

TEST(AMailInArmor, IsOpenedThoughAServerMadeMarkupOfIt) {
    const std::string armor = Safe::armored("A quokka in the upload form.\n");
    const std::string html = "text/html; charset=utf-8";
    expect_whole(opened(html, "<html><body><div>" + with_breaks(armor, "<br>\r\n") + "</div></body></html>"), "br");
    expect_whole(opened(html, "<div>" + with_breaks(armor, "</div>\r\n<div>") + "</div>"), "div");
    expect_whole(opened(html, "<html><body><pre>" + with_crlf(armor) + "</pre></body></html>"), "pre");
    expect_whole(opened(html, "<p>" + with_crlf(armor) + "</p>"), "lines run together");
    expect_whole(opened(html, "<p>&nbsp;</p><p>" + with_breaks(armor, "<br>") + "</p><p>&nbsp;</p>"), "nbsp");
    const auto marked = [&](const std::string& between) {
        std::string text = with_breaks(armor, "<br>");
        return "<p>" + text.replace(text.find("PGP MESSAGE"), 11, "PGP" + between + "MESSAGE") + "</p>";
    };
    for (const std::string between : {"\r\n", "&nbsp;", "&#160;", "\xC2\xA0", "</b> <b>"})
        expect_whole(opened(html, marked(between)), between);
    std::string wide;
    for (const char c : with_crlf(armor)) wide += {c, '\0'};
    expect_whole(
        opened_entity("Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                      to_base64(wide)),
        "UTF-16");
    const std::string both = "multipart/alternative; boundary=b";
    const std::string plain = "--b\r\nContent-Type: text/plain\r\n\r\n" + with_crlf(armor);
    const std::string markup =
        "\r\n--b\r\nContent-Type: text/html\r\n\r\n<div>" + with_breaks(armor, "<br>\r\n") + "</div>\r\n--b--";
    expect_whole(opened(both, plain + markup), "alternative");
    // Beside other words it is a part, and one that is told once.
    const OpenedMail part = opened(both, "--b\r\nContent-Type: text/plain\r\n\r\nForged.\r\n" + markup);
    EXPECT_EQ("part", part.crypto.covers);
    EXPECT_FALSE(part.whole);
}

TEST(AMailInArmor, ThatIsSignedAloneIsNotEncrypted) {
    Letter letter;
    letter.text = with_crlf(openpgp::to_armor(packet_of(8, "\x01 compressed"), "MESSAGE"));
    EXPECT_FALSE(opened(letter.bytes()).crypto.encrypted);
}

TEST(AMangledMail, IsOpenedAsTheMailThatItWas) {
    const std::string data = armor_part("application/octet-stream; name=encrypted.asc", quokka);
    const std::string known = version_part("application/pgp-encrypted");
    const std::string unknown = version_part("application/octet-stream; name=\"PGPMIME version identification\"");
    for (const std::string& blank :
         {"Content-Type: text/plain\r\n\r\n\r\n"s, "Content-Type: text/plain; charset=utf-8\r\n\r\n\xC2\xA0\r\n"s,
          "Content-Type: text/html\r\n\r\n<html><head></head><body><p>&nbsp;</p></body></html>\r\n"s})
        for (const std::string& version : {known, unknown})
            expect_whole(opened_entity(multipart("mixed", {blank, version, data})), blank + version);
    expect_whole(opened_entity(multipart("mixed", {known, data})), "no text");
    expect_whole(opened_entity(multipart("mixed", {pgp_mime(quokka)})), "wrapped");
    expect_whole(opened_entity(pgp_mime(quokka, {"Content-Type: text/plain\r\n\r\na footer\r\n"})), "a third part");
    // With words beside it, it is a mail that holds a part.
    const OpenedMail beside =
        opened_entity(multipart("mixed", {"Content-Type: text/plain\r\n\r\nWords.\r\n", known, data}));
    EXPECT_EQ("part", beside.crypto.covers);
    EXPECT_NE(std::string::npos, beside.reading.text.find("quokka"));
    EXPECT_EQ(std::string::npos, beside.reading.text.find("charset=utf-8")) << "the header of the entity is none of it";
}

TEST(AFileThatIsCiphertext, IsOpenedWhateverTypeADesktopGivesIt) {
    const std::string name = "; name=report.txt.gpg\r\nContent-Disposition: attachment; filename=report.txt.gpg";
    const std::string words = "Content-Type: text/plain\r\n\r\nSee the file.\r\n";
    const std::string file = armor_part("application/pgp-encrypted" + name, quokka);
    for (const OpenedMail& mail : {opened_entity(multipart("mixed", {words, file})), opened_entity(file),
                                   opened_entity(multipart("mixed", {file, words}))}) {
        EXPECT_EQ("part", mail.crypto.covers);
        EXPECT_NE(std::string::npos, mail.reading.text.find("quokka")) << mail.reading.text;
    }
}

TEST(WordsThatAreSigned, WithOthersBesideThemAreAPart) {
    const auto clear = [](const std::string& words) {
        return "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n" + words +
               "\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n-----END PGP SIGNATURE-----\r\n";
    };
    const std::string plain = "text/plain; charset=utf-8";
    const OpenedMail footer = opened(plain, clear("A quokka.") + "_____\r\na list's footer\r\n");
    ASSERT_EQ(1u, footer.crypto.signatures.size());
    EXPECT_EQ("part", footer.crypto.signatures[0].covers);
    EXPECT_EQ("part", footer.crypto.covers);
    EXPECT_EQ("", footer.crypto.signatures[0].signed_text) << "it proves nothing, and uses nothing up";
    EXPECT_NE(std::string::npos, footer.reading.text.find("a list's footer"));
    EXPECT_EQ(2u, opened(plain, clear("One.") + clear("Two.")).crypto.signatures.size());
    EXPECT_EQ("all", opened(plain, clear("A quokka.")).crypto.covers);
}

TEST(WhatIsOpenedApart, BringsItsFilesToTheTeam) {
    const OpenedMail footer =
        opened_entity(multipart("mixed", {pgp_mime(with_file), "Content-Type: text/plain\r\n\r\n_____\r\nlist\r\n"}));
    ASSERT_EQ(1u, footer.apart.size());
    EXPECT_EQ("PK-bytes", footer.apart[0].bytes);

    const std::string pdf = "%PDF-1.4\n\x01\x02\xff";
    const std::string attached =
        "Content-Type: application/octet-stream; name=report.pdf.gpg\r\n"
        "Content-Disposition: attachment; filename=report.pdf.gpg\r\n\r\n" +
        with_crlf(Safe::armored(pdf));
    const std::string bytes =
        "From: Rae <rae@lab.test>\r\nTo: security@acme.test\r\nSubject: it\r\nMessage-ID: <a@lab.test>\r\n" +
        multipart("mixed", {"Content-Type: text/plain\r\n\r\nSee the file.\r\n", attached});
    const OpenedMail mail = opened(bytes);
    ASSERT_EQ(1u, mail.apart.size());
    EXPECT_EQ(pdf, mail.apart[0].bytes);
    EXPECT_EQ("report.pdf (opened)", mail.reading.attachments.back().name);

    // In the notice, encrypted to Alice, it stands first, under a name of ours.
    Safe safe;
    Recipe notice;
    notice.template_name = "notice";
    notice.language = notice.fallback_language = "en";
    notice.to_team = notice.shows_report = true;
    notice.from_address = "security@acme.test";
    notice.to_address = "alice@acme.test";
    notice.message_id = "n@acme.test";
    notice.ticket_number = "SEC-2026-0001";
    notice.date = friday;
    notice.encrypt_to = {std::string{key_of_alice}};
    const std::string sent = compose(notice, bytes, shipped_rules(), {}, safe).value();
    const OpenedMail seen = opened(sent);
    EXPECT_NE(std::string::npos, seen.made.find(to_base64(pdf))) << seen.made;
    EXPECT_NE(std::string::npos, seen.reading.text.find("SEC-2026-0001-1.bin, by the name of report.pdf (opened)"));
    EXPECT_EQ(std::string::npos, seen.reading.text.find("Subject inside"));
}

TEST(WhatIsOpenedApart, MayLieInAMailThatAServerEncoded) {
    const std::string forwarded = "Subject: inner\r\n" + pgp_mime(quokka);
    const std::string part =
        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + to_base64(forwarded) + "\r\n";
    const OpenedMail mail = opened_entity(multipart("mixed", {"Content-Type: text/plain\r\n\r\nSee below.\r\n", part}));
    EXPECT_EQ("part", mail.crypto.covers);
    EXPECT_NE(std::string::npos, mail.reading.text.find("quokka")) << mail.reading.text;
}

TEST(WhatIsOpenedApart, IsTextInWhateverCharsetItStands) {
    Letter letter;
    letter.text = "See:\r\n\r\n" + with_crlf(Safe::armored("Die Gr\xF6\xDF"
                                                           "e der L\xFC"
                                                           "cke im Portal ist erheblich.\n"));
    EXPECT_NE(std::string::npos, opened(letter.bytes()).reading.text.find("Größe der Lücke"));
}

TEST(WhatIsOpenedApart, IsToldEvenWhereItIsCutOff) {
    const std::string sealed = Safe::sealed("A quokka in the upload form.");
    const std::string cut = with_crlf(openpgp::to_armor(sealed.substr(0, sealed.size() - 9), "MESSAGE"));
    const OpenedMail among_words = opened("text/plain", "See below.\r\n\r\n" + cut);
    const OpenedMail in_a_file =
        opened_entity(multipart("mixed", {"Content-Type: text/plain\r\n\r\nSee.\r\n",
                                          "Content-Type: application/octet-stream; name=r.asc\r\n\r\n" + cut}));
    for (const OpenedMail* mail : {&among_words, &in_a_file}) {
        EXPECT_TRUE(mail->crypto.encrypted);
        EXPECT_FALSE(mail->crypto.decrypted);
        EXPECT_EQ("part", mail->crypto.covers);
        EXPECT_EQ("damaged", mail->crypto.error.value_or("-"));
        EXPECT_NE(std::string::npos, mail->reading.text.find("not opened, damaged]")) << mail->reading.text;
    }
    const OpenedMail with_more =
        opened("text/plain", "See below.\r\n\r\n" +
                                 with_crlf(openpgp::to_armor(sealed + packet_of(11, "b words beside it"), "MESSAGE")));
    EXPECT_EQ("damaged", with_more.crypto.error.value_or("-"));
    // Who only writes about it has sent none.
    EXPECT_FALSE(opened("text/plain", "It begins with\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nand so on.\r\n")
                     .crypto.encrypted);
}

TEST(WhatIsOpenedApart, IsToldEvenWhereThereIsTooMuchOfIt) {
    std::vector<std::string> parts{"Content-Type: text/plain\r\n\r\nSee.\r\n"};
    for (int i = 0; i < 7; ++i)
        parts.push_back("Content-Type: application/octet-stream; name=r" + std::to_string(i) + ".asc\r\n\r\n" +
                        with_crlf(Safe::armored("quokka " + std::to_string(i))));
    const OpenedMail mail = opened_entity(multipart("mixed", parts));
    EXPECT_NE(std::string::npos, mail.reading.text.find("quokka 4"));
    EXPECT_EQ(std::string::npos, mail.reading.text.find("quokka 5"));
    EXPECT_NE(std::string::npos, mail.reading.text.find("[Encrypted part r6.asc: not opened, limit]"));
}

TEST(WhatIsOpenedApart, MayStandInAQuotation) {
    const std::string armor = Safe::armored("A quokka in the upload form, which takes more than one line of it.\n");
    const std::string version = "-----BEGIN PGP MESSAGE-----\nVersion: GnuPG v2\n" + armor.substr(armor.find('\n') + 1);
    for (const std::string mark : {"> ", ">", ">> ", "> > "})
        for (const std::string& one : {armor, version}) {
            const OpenedMail mail = opened_entity("\r\nI wrote:\r\n" + mark + with_breaks(one, "\r\n" + mark) + "\r\n");
            EXPECT_TRUE(mail.crypto.decrypted) << mark;
            EXPECT_FALSE(mail.whole) << mark;
            EXPECT_EQ("part", mail.crypto.covers) << mark;
            EXPECT_NE(std::string::npos, mail.reading.text.find("vouches for nothing")) << mail.reading.text;
            EXPECT_NE(std::string::npos, mail.reading.text.find("A quokka in the upload form")) << mail.reading.text;
        }
    // Nothing but a quotation is no report of her own either.
    EXPECT_FALSE(opened_entity("\r\n> " + with_breaks(armor, "\r\n> ")).whole);
}

TEST(WhatIsOpenedApart, DrawsTheAnswerOfAMailInTheClear) {
    Letter letter;
    letter.subject = "Schwachstelle im Portal";
    const std::string words =
        "Guten Tag, ich habe eine Schwachstelle in Ihrem Portal gefunden, bitte lesen Sie die Beschreibung im Anhang "
        "dieser Nachricht. Die steps stehen dort.\r\n\r\n";
    Safe safe;
    const auto looked_at = [&](const std::string& text) {
        letter.text = text;
        return examine(letter.bytes(), small_rules(), {},
                       {.recipient = "security@acme.test", .via_list = "", .with_text = false}, safe)
            .value();
    };
    const auto answer = [&](const Examination& examination) {
        return to_outside(decide(examination, {}, small_rules(), acme(), security_mailbox(), arrived(), friday)).at(0);
    };
    const Examination with_part = looked_at(words + with_crlf(Safe::armored("code execution, xss, impact\n")));
    ASSERT_TRUE(with_part.crypto.decrypted);
    const Recipe first = answer(with_part);
    const Recipe other = answer(looked_at(words + with_crlf(Safe::armored("nothing at all\n"))));
    const Recipe without = answer(looked_at(words));
    EXPECT_EQ(to_json(first), to_json(other)) << "what lies inside shows nowhere";
    EXPECT_EQ("de", first.language);
    EXPECT_EQ(texts_in(without, "missing", "ask"), texts_in(first, "missing", "ask"));
    EXPECT_FALSE(yes_in(first, "asks_all"));
    EXPECT_FALSE(yes_in(first, "no_key"));
    const Decision decision = decide(with_part, {}, small_rules(), acme(), security_mailbox(), arrived(), friday);
    EXPECT_EQ("a part of it is encrypted (openpgp), and opened apart", text_in(to_team(decision).at(0), "crypto"));
}

TEST(AProtectedHeader, IsNotShownTwice) {
    const std::string legacy = "; hp=\"cipher\"; hp-legacy-display=\"1\"\r\nSubject: The real one\r\n\r\n";
    const OpenedMail plain = opened_entity(pgp_mime("Content-Type: text/plain; charset=utf-8" + legacy +
                                                    "Subject: The real one\r\nFrom: Rae\r\n\r\nA quokka.\r\n"));
    EXPECT_EQ("The real one", plain.crypto.protected_subject);
    EXPECT_EQ("A quokka.", trim(plain.reading.text));
    EXPECT_EQ("A quokka.", trim(plain.reading.reply_text));
    const OpenedMail html =
        opened_entity(pgp_mime("Content-Type: text/html; charset=utf-8" + legacy +
                               "<html><body><div class=\"header-protection-legacy-display\"><pre>Subject: The real "
                               "one</pre></div>A quokka.</body></html>"));
    EXPECT_EQ(std::string::npos, html.reading.text.find("Subject")) << html.reading.text;
    // Nothing is taken off a mail that only says so.
    const OpenedMail clear =
        opened("text/plain; charset=utf-8; hp-legacy-display=\"1\"", "Subject: x\r\n\r\nA quokka.");
    EXPECT_NE(std::string::npos, clear.reading.text.find("Subject: x"));
    const OpenedMail said =
        opened("text/plain; charset=utf-8; hp=\"cipher\"; hp-legacy-display=\"1\"", "Steps: x\r\n\r\nA quokka.");
    EXPECT_NE(std::string::npos, said.reading.text.find("Steps: x"));
    EXPECT_EQ("", said.crypto.protected_subject);
}

TEST(AProtectedHeader, IsBelievedWhereASignatureCoversIt) {
    const std::string payload =
        "Content-Type: text/plain; charset=utf-8; hp=\"clear\"\r\nSubject: The real one\r\n\r\nA quokka.\r\n";
    const std::string proof =
        "Content-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n-----END PGP "
        "SIGNATURE-----\r\n";
    const std::string bytes = "From: Rae <rae@lab.test>\r\nSubject: Forged\r\n" +
                              multipart("signed; protocol=\"application/pgp-signature\"", {payload, proof});
    for (const bool holds : {true, false}) {
        Safe safe;
        safe.signature_state = holds ? openpgp::SignatureState::Valid : openpgp::SignatureState::Bad;
        const OpenedMail mail = open_mail(mail::parse(bytes), {}, safe).value();
        EXPECT_EQ(holds ? "The real one" : "Forged", mail.reading.subject);
        EXPECT_EQ(holds ? "The real one" : "", mail.crypto.protected_subject);
    }
}

TEST(AProtectedHeader, InTheOldWayIsNoFileOfTheMail) {
    const std::string entity =
        "Content-Type: multipart/mixed; boundary=i; protected-headers=\"v1\"\r\nSubject: The real one\r\n\r\n--i\r\n"
        "Content-Type: text/rfc822-headers; protected-headers=\"v1\"\r\nContent-Disposition: inline\r\n\r\n"
        "Subject: The real one\r\n\r\n--i\r\n" +
        quokka + "--i--\r\n";
    Safe safe;
    const Examination examination =
        examine("From: Rae <rae@lab.test>\r\nSubject: ...\r\n" + pgp_mime(entity), small_rules(), {},
                {.recipient = "", .via_list = "", .with_text = true}, safe)
            .value();
    EXPECT_TRUE(examination.reading.attachments.empty());
    EXPECT_FALSE(examination.team.attaches_mail);
    EXPECT_EQ("The real one", examination.reading.subject);
}

TEST(ClearSigned, IsReadAsWhatIsSigned) {
    const std::string text =
        "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nA quokka in the upload form.\r\n"
        "-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n-----END PGP SIGNATURE-----\r\n";
    const OpenedMail mail = opened_entity("Content-Type: text/plain\r\n\r\n" + text);
    EXPECT_EQ("A quokka in the upload form.\n", mail.reading.text);
    EXPECT_FALSE(mail.crypto.encrypted);
    EXPECT_EQ("openpgp", mail.crypto.protocol);
    EXPECT_EQ("all", mail.crypto.covers);
    ASSERT_EQ(1u, mail.crypto.signatures.size());
    EXPECT_EQ("good", mail.crypto.signatures[0].status);
    EXPECT_FALSE(mail.crypto.signatures[0].signed_text.empty());
    // What stands beside it is not signed, and so all is shown as it came.
    const OpenedMail more = opened_entity("Content-Type: text/plain\r\n\r\nHello\r\n" + text);
    EXPECT_EQ("part", more.crypto.covers);
    EXPECT_NE(std::string::npos, more.reading.text.find("BEGIN PGP SIGNED"));
    // Signed first, then encrypted, each by hand.
    const OpenedMail both = opened("text/plain", with_crlf(Safe::armored(text)));
    expect_whole(both, "clear-signed in armor");
    EXPECT_EQ("A quokka in the upload form.\n", both.reading.text);
    EXPECT_EQ("good", both.crypto.signatures.at(0).status);
    const OpenedMail in_mime = opened_entity(pgp_mime("Content-Type: text/plain\r\n\r\n" + text));
    expect_whole(in_mime, "clear-signed in PGP/MIME");
    EXPECT_EQ("A quokka in the upload form.\n", in_mime.reading.text);
    EXPECT_EQ("good", in_mime.crypto.signatures.at(0).status);
}

TEST(AMangledMail, MayHaveItsPartsInAnotherPlace) {
    const std::string kind = "encrypted; protocol=\"application/pgp-encrypted\"";
    const std::string version = version_part("application/pgp-encrypted"),
                      data = armor_part("application/octet-stream", quokka);
    expect_whole(opened_entity(multipart(kind, {data, version})), "changed places");
    expect_whole(opened_entity(multipart(kind, {"Content-Type: text/plain\r\n\r\nScanned.\r\n", version, data})),
                 "words in front");
}

TEST(ACertificateOfTheRoster, MakesASignatureGoodForItsMemberAlone) {
    const std::string hers(64, 'A');
    const auto judged = [&](const std::string& status, const std::string& named, const std::string& protocol) {
        CryptoVerdict crypto;
        crypto.protocol = protocol;
        crypto.signatures = {
            {.status = status, .fingerprint = hers, .address = {}, .covers = "none", .reaches = "all"}};
        vouch_for_certificates(crypto, mail::read(mail::parse(Letter{.from = "Alice <alice@acme.test>"}.bytes())),
                               {{named, hers}});
        return crypto.signatures[0].status + " " + crypto.covers;
    };
    EXPECT_EQ("good all", judged("unknown-key", "alice@acme.test", "smime"));
    EXPECT_EQ("unknown-key none", judged("unknown-key", "bob@acme.test", "smime"));
    EXPECT_EQ("unknown-key none", judged("unknown-key", "alice@acme.test", "openpgp"));
    EXPECT_EQ("bad none", judged("bad", "alice@acme.test", "smime"));
    EXPECT_EQ("expired-key none", judged("expired-key", "alice@acme.test", "smime"));
}

const std::string enveloped = "\x30\x82\x01\x00\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03 rest"s;
std::string part(const std::string& type, const std::string& der) {
    return "Content-Type: " + type + "; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n" + to_base64(der) +
           "\r\n";
}
std::string opaque(const std::string& entity) {
    return part("application/pkcs7-mime; smime-type=signed-data", Safe::wrapped_in_signature(entity));
}
const std::string list_footer = "Content-Type: text/plain\r\n\r\na footer\r\n";

TEST(SMime, IsToldByItsContentType) {
    const std::string signed_data = "\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02 rest"s;
    for (const char* type : {"application/pkcs7-mime", "application/octet-stream"}) {
        EXPECT_FALSE(opened_entity(part(type, signed_data)).crypto.encrypted) << type;
        EXPECT_EQ("smime", opened_entity(part(type, signed_data)).crypto.protocol) << type;
        EXPECT_TRUE(opened_entity(part(type, enveloped)).whole) << type;
        EXPECT_EQ("unsupported", opened_entity(part(type, enveloped)).crypto.error) << type;
        const OpenedMail beside = opened_entity(multipart("mixed", {part(type, enveloped), list_footer}));
        EXPECT_EQ("part", beside.crypto.covers) << type;
        EXPECT_EQ("smime", beside.crypto.protocol) << type;
        EXPECT_EQ("unsupported", beside.crypto.error) << type;
    }
}

TEST(SMime, CertificatesAloneSignNothing) {
    const std::string certificates = "\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02 rest"s;
    const OpenedMail mail = opened_entity(
        multipart("mixed", {quokka, part("application/pkcs7-mime; smime-type=certs-only", certificates)}));
    EXPECT_TRUE(mail.crypto.signatures.empty());
    EXPECT_TRUE(
        opened_entity(part("application/pkcs7-mime; smime-type=certs-only", certificates)).crypto.protocol.empty());
}

TEST(AnAttachedKey, IsOfferedWhateverTypeADesktopGaveIt) {
    const std::string key = packet_of(6, "a public key");
    const auto offers = [&](const std::string& type, const std::string& bytes) {
        return opened_entity(multipart("mixed", {quokka, part(type, bytes)})).offers.size();
    };
    for (const char* type : {"application/pgp-keys", "application/x-pgp-key", "application/octet-stream", "text/plain"})
        EXPECT_EQ(1u, offers(type, openpgp::to_armor(key, "PUBLIC KEY BLOCK"))) << type;
    EXPECT_EQ(1u, offers("application/x-pgp-keys", key));
    EXPECT_EQ(0u, offers("application/octet-stream", key));
    EXPECT_EQ(0u, offers("image/png", openpgp::to_armor(key, "PUBLIC KEY BLOCK")));
}

TEST(AnAttachedKeyring, IsLookedAtKeyByKeyAndHersFirst) {
    const auto key = [](const std::string& name, const std::string& user) {
        return packet_of(6, "named " + name) + packet_of(13, user) + packet_of(2, "signed");
    };
    const std::string bobs = key("B1", "Bob <bob@lab.test>"), raes = key("E1", "Rae <Rae@lab.test>");
    const auto offered = [&](const std::string& file) {
        std::string seen;
        const OpenedMail mail = opened_entity(multipart("mixed", {quokka, part("application/pgp-keys", file)}));
        for (const OfferedKey& one : mail.offers)
            seen += one.fingerprint + (one.among_others ? "+" : "") + std::to_string(one.left_out) + " ";
        return seen;
    };
    const auto block = [](const std::string& keys) { return openpgp::to_armor(keys, "PUBLIC KEY BLOCK"); };
    EXPECT_EQ("E1+0 B1+0 ", offered(block(bobs + raes)));
    EXPECT_EQ("E1+0 B1+0 ", offered(bobs + raes));
    EXPECT_EQ("E1+0 B1+0 ", offered(block(bobs) + "\n" + block(raes)));
    EXPECT_EQ("E10 ", offered(block(raes)));
    EXPECT_EQ("E1+0 B1+0 B2+2 ", offered(bobs + key("B2", "Bo") + key("B3", "Bo") + key("B4", "Bo") + raes));
    EXPECT_EQ("B1+0 ", offered(bobs + key(std::string{key_of_us}, "security@acme.test")));
    // What is quoted is nobody's offer.
    const OpenedMail quoting = opened_entity("\r\n> " + with_breaks(block(raes), "\r\n> "));
    EXPECT_TRUE(quoting.offers.empty());
}

TEST(SMime, CoversNothingBeforeItsCertificateIsNamed) {
    using enum openpgp::SignatureState;
    const std::string proof = "Content-Type: application/pkcs7-signature\r\n\r\nproof\r\n";
    for (const auto state : {Weak, ExpiredKey, UnknownKey, Bad})
        for (const std::string& entity : {multipart("signed", {quokka, proof}), opaque(quokka)}) {
            Safe safe;
            safe.smime_state = state;
            const std::string bytes = "From: Rae <rae@lab.test>\r\nSubject: x\r\n" + entity;
            const OpenedMail mail = open_mail(mail::parse(bytes), {}, safe).value();
            ASSERT_EQ(1u, mail.crypto.signatures.size());
            EXPECT_EQ("none", mail.crypto.signatures[0].covers);
            EXPECT_EQ("all", mail.crypto.signatures[0].reaches);
            EXPECT_EQ("none", mail.crypto.covers);
        }
}

TEST(SMime, EncryptedWithinAnOpaqueSignatureIsEncrypted) {
    expect_whole(opened_entity(opaque(pgp_mime(quokka))), "PGP/MIME");
    expect_whole(opened_entity(opaque("\r\n" + with_crlf(Safe::armored("A quokka in the upload form.\n")))), "inline");
    const OpenedMail triple = opened_entity(opaque(part("application/pkcs7-mime", enveloped)));
    EXPECT_TRUE(triple.whole);
    EXPECT_EQ("unsupported", triple.crypto.error);
    const OpenedMail attached =
        opened_entity(opaque(multipart("mixed", {list_footer, part("application/pkcs7-mime", enveloped)})));
    EXPECT_EQ(std::pair(true, "part"s), std::pair(attached.crypto.encrypted, attached.crypto.covers));
    for (const OpenedMail* one : {&triple, &attached}) {
        ASSERT_EQ(1u, one->crypto.signatures.size());
        EXPECT_EQ("unknown-key", one->crypto.signatures[0].status);
    }
}

TEST(SMime, AnOpaqueSignatureAroundAPartHidesNothing) {
    const OpenedMail listed = opened_entity(multipart("mixed", {opaque(with_file), list_footer}));
    EXPECT_FALSE(listed.crypto.encrypted);
    EXPECT_TRUE(listed.crypto.signatures.empty());
    EXPECT_NE(std::string::npos, listed.reading.text.find("[Signed part smime.p7m, opened apart"))
        << listed.reading.text;
    EXPECT_NE(std::string::npos, listed.reading.text.find("quokka")) << listed.reading.text;
    ASSERT_EQ(1u, listed.apart.size());
    EXPECT_EQ("PK-bytes", listed.apart[0].bytes);
    expect_whole(opened_entity(pgp_mime(opaque(quokka))), "inside an encryption");
}

TEST(ASecondLayer, IsToldOfAndNotOpened) {
    for (const std::string& inside : {pgp_mime(quokka), part("application/pkcs7-mime", enveloped),
                                      multipart("mixed", {list_footer, pgp_mime(quokka)})}) {
        const OpenedMail mail = opened_entity(pgp_mime(inside));
        EXPECT_EQ("all", mail.crypto.covers);
        EXPECT_EQ(1u, mail.sessions.size());
        EXPECT_EQ(inside.find(list_footer) == std::string::npos, mail.nothing_was_read) << inside;
        EXPECT_EQ(std::string::npos, mail.reading.text.find("quokka"));
        const auto at = mail.reading.text.find("not opened, encrypted a second time]");
        ASSERT_NE(std::string::npos, at) << inside << "\n" << mail.reading.text;
        EXPECT_EQ(std::string::npos, mail.reading.text.find("not opened", at + 1)) << mail.reading.text;
    }
}

Recipe answer_to_rae() {
    Letter letter = encrypted_letter("hQEMA1");
    Recipe recipe = to_outside(decided(letter, {}, shipped_rules())).at(0);
    recipe.ticket_number = "SEC-2026-0001";
    recipe.message_id = "a@acme.test";
    recipe.date = friday;
    recipe.encrypt_to = {std::string{key_of_alice}};
    recipe.fields.set("no_key", false);
    return recipe;
}

TEST(AKeyThatCannotBeEncryptedTo, CostsNoAnswer) {
    Safe safe;
    const std::string encrypted = compose(answer_to_rae(), std::nullopt, shipped_rules(), {}, safe).value();
    EXPECT_NE(std::string::npos, encrypted.find("multipart/encrypted"));
    safe.refuses = true;
    const std::string in_the_clear = compose(answer_to_rae(), std::nullopt, shipped_rules(), {}, safe).value();
    EXPECT_NE(std::string::npos, in_the_clear.find("multipart/signed"));
    EXPECT_NE(std::string::npos, in_the_clear.find("key of yours"));
    // What a member wrote in an encrypted conversation goes out to a key or not at all.
    Recipe words = answer_to_rae();
    words.brings = "words";
    words.confidential = true;
    EXPECT_FALSE(compose(words, Letter{}.bytes(), shipped_rules(), {}, safe));
}

TEST(WordsThatCameEncrypted, AreBaredByWhoeverQuotesThemInTheClear) {
    const std::string words = "A quokka in the upload form reads whatever stands in the name of the file.";
    const std::string header = "From: Rae <rae@lab.test>\r\nMessage-ID: <a@lab.test>\r\n";
    const std::string plain = "Content-Type: text/plain\r\n\r\n";
    ComparedMails mails;
    const auto bares = [&](const std::string& entity) {
        mails.mail = "From: Alice <alice@acme.test>\r\nMessage-ID: <b@acme.test>\r\n" + entity;
        Safe safe;
        return judge_words(mails, {}, small_rules(), {}, safe).value().bares;
    };
    const std::string quoting = plain + "Thank you.\r\n\r\n> " + words + "\r\n";
    mails.known = {header + pgp_mime(plain + words + "\r\n")};
    EXPECT_TRUE(bares(quoting));
    EXPECT_FALSE(bares(plain + "Thank you.\r\n"));
    EXPECT_FALSE(bares(pgp_mime(quoting))) << "it was hidden on its way";
    mails.relayed = {header + plain + words + "\r\n"};
    EXPECT_FALSE(bares(quoting)) << "it stood in the clear before";
    mails.relayed.clear();
    mails.secret = std::exchange(mails.known, {});
    EXPECT_TRUE(bares(quoting));
    mails.secret = {header + plain + words + "\r\n"};
    EXPECT_FALSE(bares(quoting)) << "it never was encrypted";
}

TEST(AMemberWithoutAKey, HearsOfAColleaguesEncryptedWordsWithoutThem) {
    Safe safe;
    const std::string bytes =
        "From: Alice <alice@acme.test>\r\nTo: security@acme.test\r\nSubject: Re: it\r\n"
        "Message-ID: <b@acme.test>\r\n" +
        pgp_mime(quokka);
    Recipe copy;
    copy.template_name = "notice";
    copy.language = copy.fallback_language = "en";
    copy.to_team = copy.shows_report = true;
    copy.brings = "copy";
    copy.from_address = "security@acme.test";
    copy.to_address = "bob@acme.test";
    copy.message_id = "c@acme.test";
    copy.date = friday;
    rules::TemplateFields hit;
    hit.set("rule", std::string{"remote-code-execution"});
    copy.fields.set("opened", true);
    copy.fields.set("hits", rules::TemplateFields::List{hit});
    const OpenedMail seen = opened(compose(copy, bytes, shipped_rules(), {}, safe).value());
    EXPECT_EQ(std::string::npos, seen.reading.text.find("quokka"));
    EXPECT_NE(std::string::npos, seen.reading.text.find("no key of yours is known here"));
    EXPECT_EQ(std::string::npos, seen.reading.text.find("remote-code-execution"))
        << "what rules found inside is content too";
    copy.plain_allowed = true;
    EXPECT_NE(std::string::npos,
              opened(compose(copy, bytes, shipped_rules(), {}, safe).value()).reading.text.find("quokka"));
}

}  // namespace
}  // namespace tocsin::intake
