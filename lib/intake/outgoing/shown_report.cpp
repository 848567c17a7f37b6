#include "intake/outgoing/shown_report.hpp"

#include <algorithm>
#include <map>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/structure/body_parts.hpp"
#include "mail/structure/entity.hpp"

namespace tocsin::intake {

namespace {

constexpr std::string_view quotation_mark = "> ";

void append_quoted(std::string& quoted, std::string_view line) {
    while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
    quoted.append(quotation_mark);
    if (trim(line).starts_with("-----")) quoted.append("- ");
    quoted.append(line).append("\n");
}

std::string size_in_words(std::uint64_t bytes) {
    if (bytes < 1024) return std::to_string(bytes) + " bytes";
    if (bytes < 1024 * 1024) return std::to_string((bytes + 512) / 1024) + " KiB";
    return std::to_string((bytes + 512 * 1024) / (1024 * 1024)) + " MiB";
}

// The files that travel with the notice, by the digest of their bytes. What lies inside an archive of a mail
// program's own travels as that archive.
class Enclosing {
public:
    Enclosing(const mail::Message& message, std::string_view number, std::vector<mail::Enclosure> apart)
        : number_{number.empty() ? "attachment" : number} {
        // What was opened comes first: nobody misses the ciphertext that it lay in.
        for (mail::Enclosure& file : apart)
            if (file.bytes.size() <= room()) add(std::move(file.bytes));
        for (const std::size_t index : mail::body_parts(message).files) {
            mail::Decoded decoded = mail::decode_body(message, message.entities[index], room());
            if (!decoded.cut) add(std::move(decoded.bytes));
        }
    }

    std::string name_of(const Digest& digest) const {
        const auto found = names_.find(digest);
        return found == names_.end() ? std::string{} : found->second;
    }
    std::vector<mail::Enclosure> take() { return std::move(enclosures_); }

private:
    std::size_t room() const { return most_enclosed_bytes - enclosed_bytes_; }

    void add(std::string bytes) {
        if (enclosures_.size() >= most_enclosures) return;
        enclosed_bytes_ += bytes.size();
        const std::string name = number_ + "-" + std::to_string(enclosures_.size() + 1) + ".bin";
        names_.emplace(sha256(bytes), name);
        enclosures_.push_back({.name = name, .media_type = "application/octet-stream", .bytes = std::move(bytes)});
    }

    std::string number_;
    std::size_t enclosed_bytes_ = 0;
    std::map<Digest, std::string> names_;
    std::vector<mail::Enclosure> enclosures_;
};

}  // namespace

std::string quoted_report(std::string_view text) {
    std::string quoted;
    quoted.reserve(text.size() + text.size() / 16);
    for (const std::string_view line : split(text, '\n')) append_quoted(quoted, line);
    return quoted;
}

std::vector<mail::Enclosure> show_report(rules::TemplateFields& fields, const mail::Message& message,
                                         const mail::Reading& reading, std::string_view number,
                                         std::vector<mail::Enclosure> apart) {
    const std::string_view whole = trim(reading.text);
    const std::string_view text = cut_utf8(whole, most_report_bytes);
    fields.set("report", text.empty() ? "(There are no words in it to show.)\n" : quoted_report(text));
    fields.set("cut", text.size() < whole.size());

    Enclosing enclosing{message, number, std::move(apart)};
    rules::TemplateFields::List list;
    for (const mail::Attachment& attachment : reading.attachments) {
        rules::TemplateFields item;
        item.set("name", attachment.name.empty() ? "(without a name)" : for_one_line(attachment.name, 80));
        item.set("type", for_one_line(attachment.type, 60));
        item.set("size", size_in_words(attachment.size));
        item.set("file", enclosing.name_of(attachment.sha256));
        list.push_back(std::move(item));
    }
    fields.set("attachments", std::move(list));
    return enclosing.take();
}

}  // namespace tocsin::intake
