#include "killers.hpp"

namespace tocsin::mail {
namespace {

std::string repeated(std::string_view piece, std::size_t bytes) {
    std::string out;
    out.reserve(bytes + piece.size());
    while (out.size() < bytes) out.append(piece);
    return out;
}

std::function<std::string(std::size_t)> header(std::string name, std::string piece, std::string before = "",
                                               std::string after = "") {
    return
        [=](std::size_t bytes) { return name + ": " + before + repeated(piece, bytes) + after + "\r\n\r\nbody\r\n"; };
}

std::function<std::string(std::size_t)> body(std::string fields, std::string piece, std::string before = "",
                                             std::string after = "") {
    return [=](std::size_t bytes) { return fields + "\r\n\r\n" + before + repeated(piece, bytes) + after; };
}

std::function<std::string(std::size_t)> html(std::string piece, std::string before = "",
                                             std::string after = "<p>the end") {
    return body("Content-Type: text/html; charset=utf-8", std::move(piece), std::move(before), std::move(after));
}

std::string nested_multiparts(std::size_t bytes, bool one_boundary) {
    std::string out = "Content-Type: multipart/mixed; boundary=b0\r\n\r\n";
    std::string outer = "b0";
    for (std::size_t i = 1; out.size() < bytes; ++i) {
        std::string inner{"b"};
        inner += one_boundary ? std::string{"0"} : std::to_string(i);
        out.append("--")
            .append(outer)
            .append("\r\nContent-Type: multipart/mixed; boundary=")
            .append(inner)
            .append("\r\n\r\n");
        outer = inner;
    }
    return out;
}

// Thirty open multiparts whose boundaries differ in their last byte alone, and lines that nearly match them all.
std::string near_misses(std::size_t bytes) {
    const std::string common(200, 'x');
    std::string out, outer;
    for (char c = 'A'; c < 'A' + 28; ++c) {
        const std::string boundary = common + c;
        if (!outer.empty()) out += "--" + outer + "\r\n";
        out += "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n";
        outer = boundary;
    }
    return out + repeated("--" + common + "\r\n", bytes);
}

std::string many_parameters(std::size_t bytes) {
    std::string out = "Content-Type: text/plain";
    for (std::size_t i = 0; out.size() < bytes; ++i) out += "; name*" + std::to_string(i) + "*=%41";
    return out + "\r\n\r\nx\r\n";
}

std::string many_fields(std::size_t bytes) {
    std::string out;
    for (std::size_t i = 0; out.size() < bytes; ++i) out += "X-" + std::to_string(i) + ": value\r\n";
    return out + "\r\nx\r\n";
}

std::string numbered(std::string_view before, std::string_view after, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out.append(before).append(std::to_string(i)).append(after);
    return out;
}

// A report that names many, in fields alone, above many words.
std::string failed_recipients(std::size_t bytes) {
    return "Subject: Undeliverable\r\n" + numbered("X-Failed-Recipients: a", "@b.test\r\n", 900) + "\r\n" +
           repeated("We are sorry to tell you. ", bytes);
}

// Many recipients, of none of whom it is said what befell them.
std::string status_without_reasons(std::size_t bytes) {
    return "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\n" +
           repeated("x@y.test z@y.test\r\n", bytes / 2) + "\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" +
           numbered("Final-Recipient: rfc822; a", "@b.test\r\n\r\n", bytes / 80) + "\r\n--b--\r\n";
}

std::string status_with_long_reasons(std::size_t bytes) {
    return "Content-Type: message/delivery-status\r\n\r\n" +
           numbered("Final-Recipient: rfc822; a",
                    "@b.test\r\nDiagnostic-Code: smtp; " + repeated("un use no ", 1'000) + "\r\n\r\n", bytes / 1'000);
}

std::vector<Killer> all_killers() {
    constexpr std::size_t kb = 1'000, mb = 1'000'000;
    const std::string plain = "Content-Type: text/plain; charset=utf-8";
    return {
        {"quoted-quote-boundary", 106,
         [](std::size_t) {
             return std::string{"Content-Type: multipart/mixed; boundary=\"\\\"\"\r\n\r\n--\"\r\n\r\nx\r\n--\"--\r\n"};
         }},
        {"comments-in-to", 300 * kb, header("To", "(")},
        {"comments-in-from", 3 * mb, header("From", "(")},
        {"closed-comments-in-from", 60 * kb, header("From", "(x)", "", "a@b")},
        {"comments-in-content-type", 3 * mb, header("Content-Type", "(", "text/plain; ")},
        {"comments-in-date", 3 * mb, header("Date", "(")},
        {"groups", 3 * mb, header("To", "a:")},
        {"groups-within-limit", 60 * kb, header("To", "a:")},
        {"angles", 60 * kb, header("To", "<")},
        {"quotes", 60 * kb, header("To", "\"")},
        {"escaped-quotes", 60 * kb, header("To", "\"\\\"")},
        {"ats", 60 * kb, header("To", "@")},
        {"addresses", 3 * mb, header("To", "a@b, ")},
        {"addresses-in-many-fields", 3 * mb, [](std::size_t n) { return repeated("To: a@b\r\n", n) + "\r\nx"; }},
        {"addresses-without-commas", 60 * kb, header("To", "a@b ")},
        {"encoded-words", 10 * mb, header("Subject", "=?utf-8?q?a?= ")},
        {"encoded-words-within-limit", 60 * kb, header("Subject", "=?utf-8?q?a?= ")},
        {"encoded-word-beginnings", 60 * kb, header("Subject", "=? ", "", "?=")},
        {"encoded-words-never-closed", 60 * kb, header("Subject", "=?utf-8?q?")},
        {"encoded-words-of-many-sets", 60 * kb, header("Subject", "=?koi8-r?q?=E1?= =?big5?q?=E1?= ")},
        {"fields", 3 * mb, many_fields},
        {"one-folded-field", 3 * mb, header("Subject", "x\r\n ")},
        {"empty-folds", 3 * mb, header("Subject", "\r\n ")},
        {"eight-bit-between-words", 250 * kb,
         [](std::size_t n) { return repeated("X: " + repeated("\xE4 =?utf-8?q?a?= ", 240) + "\r\n", n) + "\r\nx"; }},
        {"escapes-between-words", 250 * kb,
         [](std::size_t n) { return repeated("X: " + repeated("\x1B$ =?utf-8?q?a?= ", 240) + "\r\n", n) + "\r\nx"; }},
        {"unknown-sets", 250 * kb,
         [](std::size_t n) {
             return repeated("X: " + repeated("=?x?q?=E4?= =?y?q?=E4?= ", 240) + "\r\n", n) + "\r\nx";
         }},
        {"eight-bit-fields", 250 * kb,
         [](std::size_t n) { return repeated("X: " + std::string(240, '\xE4') + "\r\n", n) + "\r\nx"; }},
        {"base64-cut-in-words", 60 * kb, header("Subject", "=?utf-8?b?Y?= ")},
        {"subject-of-a-bounce", 60 * kb, header("Subject", "un")},
        {"failed-recipients", 300 * kb, failed_recipients},
        {"status-without-reasons", 300 * kb, status_without_reasons},
        {"status-with-long-reasons", 250 * kb, status_with_long_reasons},
        {"junk-in-header", 3 * mb, [](std::size_t n) { return "Subject: x\r\n" + repeated("junk\r\nTo: x\r\n", n); }},
        {"parameters", 60 * kb, many_parameters},
        {"plain-parameters", 3 * mb, header("Content-Type", "; a=b", "text/plain")},
        {"semicolons", 60 * kb, header("Content-Type", ";", "text/plain")},
        {"references", 60 * kb, header("References", "<a@b> ")},
        {"open-references", 60 * kb, header("References", "<")},
        {"nested-multiparts", 1'400 * kb, [](std::size_t n) { return nested_multiparts(n, false); }},
        {"nested-multiparts-of-one-boundary", 1'400 * kb, [](std::size_t n) { return nested_multiparts(n, true); }},
        {"nested-messages", 2'100 * kb,
         [](std::size_t n) { return repeated("Content-Type: message/rfc822\r\n\r\n", n); }},
        {"digest-of-digests", 1 * mb,
         body("Content-Type: multipart/digest; boundary=b",
              "--b\r\n\r\nContent-Type: multipart/digest; boundary=b\r\n\r\n")},
        {"parts", 3 * mb, body("Content-Type: multipart/mixed; boundary=b", "--b\r\n\r\nx\r\n")},
        {"parts-without-header", 3 * mb, body("Content-Type: multipart/mixed; boundary=b", "--b\r\n")},
        {"near-miss-delimiters", 1 * mb, near_misses},
        {"guessed-boundaries", 1 * mb, body("Content-Type: multipart/mixed", "--x\r\ny\r\n")},
        {"empty-lines", 3 * mb, body(plain, "\n")},
        {"carriage-returns", 3 * mb, body(plain, "\r")},
        {"blanks", 1 * mb, body(plain, " ")},
        {"quotation-marks", 1 * mb, body(plain, ">")},
        {"quoted-lines", 1 * mb, body(plain, ">\n")},
        {"attributions", 1 * mb, body(plain, "On 2020 a@b wrote\n")},
        {"attributions-that-end", 1 * mb, body(plain, "On 2020 a@b said:\n")},
        {"pasted-headers", 1 * mb, body(plain, "From: x\nTo: y\n")},
        {"signatures", 1 * mb, body(plain, "-- \n")},
        {"device-signatures", 1 * mb, body(plain, "Sent from my x\n")},
        {"uuencode-beginnings", 1 * mb, body(plain, "begin 644 x\n")},
        {"uuencode-blocks", 1 * mb, body(plain, "begin 644 x\n`\nend\n")},
        {"flowed-lines", 1 * mb, body("Content-Type: text/plain; format=flowed", "> x \n")},
        {"quoted-printable-escapes", 1 * mb, body(plain + "\r\nContent-Transfer-Encoding: quoted-printable", "=")},
        {"quoted-printable-blanks", 1 * mb,
         body(plain + "\r\nContent-Transfer-Encoding: quoted-printable", " ", "", "x")},
        {"base64-padding", 1 * mb, body(plain + "\r\nContent-Transfer-Encoding: base64", "=\n")},
        {"base64-junk", 1 * mb, body(plain + "\r\nContent-Transfer-Encoding: base64", "*")},
        {"bad-utf-8", 1 * mb, body(plain, "\xC3\xC3\xFF")},
        {"eight-bit-without-a-set", 1 * mb, body("Content-Type: text/plain", "\xE4\xF6 ")},
        {"bad-shift-jis", 1 * mb, body("Content-Type: text/plain; charset=shift_jis", "\xFF\x80")},
        {"escapes-of-iso-2022", 1 * mb, body("Content-Type: text/plain; charset=iso-2022-jp", "\x1B$B\x1B(B")},
        {"utf-7", 1 * mb, body("Content-Type: text/plain; charset=utf-7", "+AGE-")},
        {"html-divs", 500 * kb, html("<div>")},
        {"html-bold", 300 * kb, html("<b>")},
        {"html-unmatched-ends", 1 * mb, html("</x>", repeated("<b>", 100 * kb))},
        {"html-tables", 1 * mb, html("<table><tr><td>")},
        {"html-attributes", 1 * mb, html(" a", "<p", ">")},
        {"html-distinct-attributes", 1 * mb,
         [](std::size_t n) {
             std::string out = "Content-Type: text/html\r\n\r\n<p";
             for (std::size_t i = 0; out.size() < n; ++i) out += " a" + std::to_string(i);
             return out + ">the end";
         }},
        {"html-open-tag", 1 * mb, html("<")},
        {"html-open-quote", 1 * mb, html("x", "<a href=\"")},
        {"html-many-open-quotes", 1 * mb, html("<a b='")},
        {"html-comments", 1 * mb, html("<!--")},
        {"html-entities", 1 * mb, html("&")},
        {"html-numbers", 1 * mb, html("&#9999999999;")},
        {"html-quotations", 300 * kb, html("<blockquote>x")},
        {"html-links", 1 * mb, html("<a href=x>y")},
        {"html-nested-links", 500 * kb, html("<a href=x><div>y")},
        {"html-list-items", 1 * mb, html("<li>x")},
        {"html-paragraphs", 1 * mb, html("<p>")},
        {"html-forms-in-tables", 1 * mb, html("<table><form>")},
        {"html-scripts", 1 * mb, html("<script>")},
        {"html-hidden", 500 * kb, html("<p style='display:none'>x")},
        {"html-metas", 1 * mb, body("Content-Type: text/html", "<meta charset=")},
        {"html-numbered-lists", 500 * kb, html("<ol><li>x")},
        {"hard-blanks", 1 * mb, body(plain, "\xC2\xA0")},
        {"rules-of-dashes", 1 * mb, body(plain, "\xE2\x80\x90\xE2\x80\x90 x\n")},
        {"blank-alternatives", 1 * mb,
         body("Content-Type: multipart/alternative; boundary=b", "--b\r\n\r\n" + std::string(2'000, ' ') + "\r\n")},
        {"html-declarations", 1 * mb, html("<!x")},
        {"html-instructions", 1 * mb, html("<?x")},
    };
}

}  // namespace

const std::vector<Killer>& killers() {
    static const std::vector<Killer> all = all_killers();
    return all;
}

}  // namespace tocsin::mail
