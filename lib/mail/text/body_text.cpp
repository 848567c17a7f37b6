#include "mail/text/body_text.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/defects.hpp"
#include "mail/html/html_guard.hpp"
#include "mail/html/html_text.hpp"
#include "mail/structure/file_name.hpp"
#include "mail/structure/opaque_files.hpp"
#include "mail/structure/uuencoded.hpp"
#include "mail/text/charset.hpp"
#include "mail/text/clean_text.hpp"
#include "mail/text/flowed.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t most_uuencoded_bytes = 64u << 20;

// A file that stands between the words of a plain text.
struct FileInText {
    Span lines;
    std::string_view raw_name;
    std::string_view type;
    TransferEncoding encoding;
};

FileInText in_text(const UuencodedFile& file) {
    return {file.lines, file.name, "application/octet-stream", TransferEncoding::Uuencode};
}
FileInText in_text(const OpaqueFile& file) { return {file.lines, file.name, file.type, TransferEncoding::Identity}; }

// Takes the files that were found out of the text; what is left is words.
template <class Found>
void take_out(Decoded& decoded, const std::vector<Found>& found, const ParseLimits& limits,
              std::vector<std::string>& defects, std::vector<Attachment>& files) {
    std::string words;
    std::size_t from = 0;
    for (const Found& one : found) {
        const FileInText file = in_text(one);
        words.append(decoded.bytes, from, file.lines.begin - from);
        from = file.lines.end;
        BodyDecoder content{file.lines.of(decoded.bytes), file.encoding};
        const auto name = to_utf8(file.raw_name, {}, defects);
        files.push_back(describe_file(name, file.type, content, limits.max_file_name_bytes));
        if (content.damaged()) note_defect(defects, "transfer-encoding-damaged");
    }
    words.append(decoded.bytes, from);
    decoded.bytes = std::move(words);
}

void take_uuencoded_files(Decoded& decoded, const Message& message, const Entity& entity, const ParseLimits& limits,
                          std::vector<std::string>& defects, std::vector<Attachment>& files) {
    if (decoded.bytes.find("begin ") == std::string::npos) return;
    auto found = find_uuencoded(decoded.bytes, limits.max_attachments);
    if (found.empty()) return;
    if (decoded.cut && !found.back().ended) {
        // The file goes on beyond the limit on words, which is not meant for it.
        decoded = decode_body(message, entity, most_uuencoded_bytes);
        found = find_uuencoded(decoded.bytes, limits.max_attachments);
    }
    take_out(decoded, found, limits, defects, files);
    note_defect(defects, "uuencoded-file");
}

void take_opaque_files(Decoded& decoded, const ParseLimits& limits, std::vector<std::string>& defects,
                       std::vector<Attachment>& files) {
    const auto found = find_opaque_files(decoded.bytes, limits.max_attachments);
    if (found.empty()) return;
    take_out(decoded, found, limits, defects, files);
    note_defect(defects, "file-in-text");
}

// What is signed or was encrypted.
bool is_payload(const Message& message, const Entity& entity) {
    if (!entity.parent) return message.is_payload;
    const Entity& above = message.entities[*entity.parent];
    return above.media_type.is("multipart/signed") && &message.entities[above.children.front()] == &entity;
}

// RFC 9788 section 2.1.2. The parameter means something below a payload whose header is protected, and nowhere else.
bool repeats_its_header(const Message& message, const Entity& entity) {
    if (entity.media_type.parameter("hp-legacy-display") != "1") return false;
    for (const Entity* at = &entity;; at = &message.entities[*at->parent]) {
        if (at->media_type.parameter("hp") && is_payload(message, *at)) return true;
        if (!at->parent) return false;
    }
}

// RFC 9788 section 4.10.2.1: all lines to the first empty one, and that with them.
void take_off_header_lines(std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = trim(std::string_view{text}.substr(at, end - at));
        if (line.empty()) {
            text.erase(0, std::min(end + 1, text.size()));
            return;
        }
        if (at == 0 && line.find(':') == std::string_view::npos) return;
        at = end + 1;
    }
}

// RFC 9788 section 4.10.2.2.
void take_off_header_box(std::string& html) {
    const std::size_t mark = html.find("\"header-protection-legacy-display\"");
    if (mark == std::string::npos) return;
    const std::size_t begin = html.rfind("<div", mark);
    const std::size_t end = html.find("</div>", mark);
    if (begin != std::string::npos && end != std::string::npos) html.erase(begin, end + 6 - begin);
}

}  // namespace

Attachment describe_file(std::string_view name, std::string_view type, BodyDecoder& content,
                         std::size_t most_name_bytes) {
    Attachment file;
    file.name = clean_file_name(name, most_name_bytes);
    file.type = for_one_line(type, 200);
    Sha256 hash;
    for (auto piece = content.next(); !piece.empty(); piece = content.next()) {
        hash.update(piece);
        file.size += piece.size();
    }
    file.sha256 = hash.finish();
    return file;
}

BodyText body_text(const Message& message, const Entity& entity, const ParseLimits& limits,
                   std::vector<std::string>& defects) {
    const bool html = entity.media_type.is("text/html");
    const auto most = html ? limits.max_html_bytes : limits.max_part_text_bytes;
    auto decoded = decode_body(message, entity, most);
    BodyText body;
    if (!html) take_uuencoded_files(decoded, message, entity, limits, defects, body.files);
    if (!html) take_opaque_files(decoded, limits, defects, body.files);
    if (decoded.damaged) note_defect(defects, "transfer-encoding-damaged");
    if (decoded.cut) note_defect(defects, html ? "limit-html-bytes" : "limit-part-text-bytes");
    auto charset = entity.media_type.parameter("charset").value_or("");
    if (html && charset.empty()) charset = charset_in_html(decoded.bytes);
    std::string text = to_utf8(decoded.bytes, charset, defects);
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if (repeats_its_header(message, entity)) html ? take_off_header_box(text) : take_off_header_lines(text);
    if (html) text = html_to_text(text, defects);
    text = clean_text(text);
    // RFC 3676 section 4: of text/plain alone; some programs say it of their HTML too.
    if (const auto format = entity.media_type.parameter("format");
        !html && format && equal_ignoring_case(*format, "flowed")) {
        const auto delsp = entity.media_type.parameter("delsp");
        text = from_flowed(text, delsp && equal_ignoring_case(*delsp, "yes"));
    }
    if (text.size() > limits.max_part_text_bytes) {
        note_defect(defects, "limit-part-text-bytes");
        text.resize(cut_utf8(text, limits.max_part_text_bytes).size());
    }
    body.text = std::move(text);
    return body;
}

}  // namespace tocsin::mail
