// How well mail is read that nobody here wrote. Needs TOCSIN_CORPORA; prints its scores.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/automatic/delivery_status.hpp"
#include "mail/reading.hpp"
#include "mail/reply/reply_text.hpp"
#include "mail/structure/file_name.hpp"
#include "mail/structure/transfer_encoding.hpp"
#include "mail/structure/uuencoded.hpp"
#include "mail/text/body_text.hpp"
#include "mail/text/charset.hpp"

namespace tocsin::mail {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::optional<fs::path> corpus(const char* folder) {
    const char* root = std::getenv("TOCSIN_CORPORA");
    if (root == nullptr || !fs::is_directory(fs::path{root} / folder)) return std::nullopt;
    return fs::path{root} / folder;
}

std::vector<fs::path> files_below(const fs::path& folder, std::string_view extension) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator{folder})
        if (entry.path().extension() == extension) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

std::string squeezed(std::string_view text) {
    std::string out;
    const std::string clean = for_people(text);
    for (const auto word : words(clean)) out.append(word).push_back(' ');
    return out;
}

// The other parser writes U+FFFD for bytes that it has no character set for; there any character is as good.
bool same_words(std::string_view truth, std::string_view ours) {
    const std::string a = squeezed(truth), b = squeezed(ours);
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        const auto there = next_code_point(a, i);
        const auto here = next_code_point(b, j);
        if (there != here && there != 0xFFFD) return false;
    }
    return i == a.size() && j == b.size();
}

bool same_mailboxes(const std::vector<Mailbox>& truth, const std::vector<Mailbox>& ours) {
    return std::ranges::equal(truth, ours, [](const Mailbox& a, const Mailbox& b) {
        return a.address == b.address && same_words(a.name, b.name);
    });
}

// tests/mail/differential/disagreements.txt, the lines that begin with "truth".
bool is_explained(const std::string& file, const std::string& difference) {
    static const std::string list =
        read_file(fs::path{TOCSIN_SOURCE_DIR} / "tests/mail/differential/disagreements.txt").value_or("");
    const std::string row = "truth " + file + " " + difference + " ";
    return list.find("\n" + row) != std::string::npos;
}

struct Score {
    std::string name;
    int right = 0;
    int all = 0;
    int explained = 0;
    std::vector<std::string> wrong;

    // A committed reason why we read it otherwise; the score is without these.
    void explain(const std::string& file, const std::vector<std::string>& differences) {
        bool all_explained = !differences.empty();
        for (const auto& difference : differences) all_explained = all_explained && is_explained(file, difference);
        if (all_explained) ++explained;
    }
    void count(const std::string& file, const std::vector<std::string>& differences) {
        ++all;
        if (differences.empty()) {
            ++right;
            return;
        }
        std::string line = file + ":";
        for (const auto& difference : differences) line += " " + difference;
        wrong.push_back(line);
    }
    double percent() const { return all == 0 ? 0 : 100.0 * right / all; }
    void print() const {
        std::cout << "score " << name << ": " << right << " of " << all << " (" << percent() << " %)";
        if (explained > 0) std::cout << ", and " << explained << " that differ for a committed reason";
        std::cout << '\n';
        for (const auto& line : wrong) std::cout << "  differs: " << line << '\n';
    }
};

// ---- mime/: the truth is what another parser read

const json* truth_field(const json& part, std::string_view name) {
    for (const auto& field : part.at("headers"))
        if (field.at("name").is_string() && field.at("name") == name) return &field.at("value");
    return nullptr;
}

std::string text_or_empty(const json& value) { return value.is_string() ? value.get<std::string>() : std::string{}; }

void collect_addresses(const json& value, std::vector<Mailbox>& out) {
    if (value.is_object() && value.contains("Address")) return collect_addresses(value.at("Address"), out);
    for (const auto* list : {"List", "Group"}) {
        if (!value.is_object() || !value.contains(list)) continue;
        for (const auto& entry : value.at(list)) {
            if (entry.contains("addresses"))
                for (const auto& one : entry.at("addresses"))
                    out.push_back({squeezed(text_or_empty(one.at("name"))), text_or_empty(one.at("address"))});
            else
                out.push_back({squeezed(text_or_empty(entry.at("name"))), text_or_empty(entry.at("address"))});
        }
    }
}

std::vector<Mailbox> truth_addresses(const json& root, std::string_view name) {
    std::vector<Mailbox> out;
    if (const auto* value = truth_field(root, name)) collect_addresses(*value, out);
    std::erase_if(out, [](const Mailbox& m) { return m.name.empty() && m.address.empty(); });
    return out;
}

std::string truth_date(const json& root) {
    const auto* value = truth_field(root, "date");
    if (value == nullptr || !value->is_object() || !value->contains("DateTime")) return "";
    const auto& d = value->at("DateTime");
    const auto n = [&](const char* key) { return d.at(key).get<int>(); };
    const auto day = std::chrono::year{n("year")} / n("month") / n("day");
    if (!day.ok()) return "";
    auto at = Instant{std::chrono::sys_days{day}} + std::chrono::hours{n("hour")} + std::chrono::minutes{n("minute")} +
              std::chrono::seconds{n("second")};
    const auto offset = std::chrono::hours{n("tz_hour")} + std::chrono::minutes{n("tz_minute")};
    at += d.at("tz_before_gmt").get<bool>() ? offset : -offset;
    return to_rfc3339(at);
}

struct Leaf {
    std::string name;
    std::string text;  // of text parts
    bool is_text = false;
};

// The other parser knows no uuencode. Where it is a part's transfer encoding, what its text decodes to is compared.
bool is_uuencoded(const json& part) {
    const auto* field = truth_field(part, "content_transfer_encoding");
    bool known = true;
    return field != nullptr && field->is_object() && field->contains("Text") &&
           transfer_encoding_named(text_or_empty(field->at("Text")), known) == TransferEncoding::Uuencode;
}
std::string uudecoded(const std::string& text, std::vector<std::string>& defects) {
    std::string out;
    BodyDecoder content{text, TransferEncoding::Uuencode};
    for (auto piece = content.next(); !piece.empty(); piece = content.next()) out.append(piece);
    return to_utf8(out, {}, defects);
}

// Uuencoded files within its text are attachments to us.
std::string without_uuencoded(const std::string& text) {
    std::string out;
    std::size_t from = 0;
    for (const auto& file : find_uuencoded(text)) {
        out.append(text, from, file.lines.begin - from);
        from = file.lines.end;
    }
    return out.append(text, from);
}

void truth_leaves(const json& message, std::vector<Leaf>& out) {
    for (const auto& part : message.at("parts")) {
        const auto& body = part.at("body");
        if (body.contains("Multipart")) continue;
        if (body.contains("Message")) {
            truth_leaves(body.at("Message"), out);
            continue;
        }
        Leaf leaf;
        for (const auto* where : {"content_type", "content_disposition"})
            if (const auto* field = truth_field(part, where))
                if (field->is_object() && field->contains("ContentType") &&
                    field->at("ContentType").at("attributes").is_array())
                    for (const auto& attribute : field->at("ContentType").at("attributes"))
                        if (attribute.at("name") == "name" || attribute.at("name") == "filename")
                            leaf.name = text_or_empty(attribute.at("value"));
        leaf.is_text = body.contains("Text") || body.contains("Html");
        std::vector<std::string> defects;
        if (body.contains("Text")) {
            const auto text = body.at("Text").get<std::string>();
            leaf.text = squeezed(is_uuencoded(part) ? uudecoded(text, defects) : without_uuencoded(text));
        }
        if (body.contains("Html")) leaf.is_text = false;
        leaf.name = clean_file_name(leaf.name, 150);
        out.push_back(leaf);
    }
}

std::vector<Leaf> our_leaves(const Message& message, int depth = 0) {
    std::vector<Leaf> out;
    std::vector<std::string> defects;
    for (const auto& entity : message.entities) {
        if (!entity.children.empty() || (entity.media_type.type == "multipart" && !entity.opaque)) continue;
        // An encoded message is no part of the received bytes' structure; whoever wants it parses what it decodes to.
        if (entity.opaque && entity.media_type.is("message/rfc822") && depth < 5) {
            const auto inner = decode_body(message, entity, 1u << 20);
            for (auto& leaf : our_leaves(parse(inner.bytes), depth + 1)) out.push_back(std::move(leaf));
            continue;
        }
        Leaf leaf;
        leaf.name = clean_file_name(entity.file_name, 150);
        leaf.is_text = entity.media_type.is("text/plain");
        if (leaf.is_text) leaf.text = squeezed(body_text(message, entity, {}, defects).text);
        out.push_back(leaf);
    }
    return out;
}

std::vector<std::string> differences(const json& truth, const Message& message, const Reading& reading) {
    std::vector<std::string> found;
    const auto& root = truth.at("parts").at(0);
    const auto check = [&](bool same, const char* what) {
        if (!same) found.emplace_back(what);
    };
    check(same_mailboxes(truth_addresses(root, "from"), reading.from), "from");
    check(same_mailboxes(truth_addresses(root, "to"), reading.to), "to");
    check(same_mailboxes(truth_addresses(root, "cc"), reading.cc), "cc");
    const auto text_field = [&](const char* name) {
        const auto* value = truth_field(root, name);
        return value != nullptr && value->is_object() && value->contains("Text") ? text_or_empty(value->at("Text"))
                                                                                 : std::string{};
    };
    check(same_words(text_field("subject"), reading.subject), "subject");
    check(text_field("message_id") == reading.message_id, "message-id");
    check(truth_date(root) == (reading.date ? to_rfc3339(*reading.date) : ""), "date");
    std::vector<Leaf> theirs;
    truth_leaves(truth, theirs);
    const auto ours = our_leaves(message);
    check(theirs.size() == ours.size(), "parts");
    if (theirs.size() == ours.size()) {
        bool names = true, texts = true;
        for (std::size_t i = 0; i < ours.size(); ++i) {
            names = names && same_words(theirs[i].name, ours[i].name);
            texts = texts && (!theirs[i].is_text || !ours[i].is_text || same_words(theirs[i].text, ours[i].text));
        }
        check(names, "attachment-names");
        check(texts, "text");
    }
    return found;
}

TEST(Corpora, DifficultMailIsReadAsAnotherParserReadsIt) {
    const auto folder = corpus("mime");
    if (!folder) GTEST_SKIP() << "TOCSIN_CORPORA is not set";
    Score score{.name = "mime", .wrong = {}};
    for (const auto& file : files_below(*folder, ".eml")) {
        const auto bytes = read_file(file).value();
        const auto truth = json::parse(read_file(fs::path{file}.replace_extension(".json")).value());
        const auto message = parse(bytes);
        const auto found = differences(truth, message, read(message));
        const auto name = fs::relative(file, *folder).string();
        score.count(name, found);
        score.explain("mime/" + name, found);
    }
    score.print();
    EXPECT_GE(score.percent(), 95);
}

// ---- replies/: the truth is what a person newly wrote, with the quotations that are answered in between

TEST(Corpora, RepliesAreTrimmedToWhatWasNewlyWritten) {
    const auto folder = corpus("replies");
    if (!folder) GTEST_SKIP() << "TOCSIN_CORPORA is not set";
    Score score{.name = "replies", .wrong = {}};
    for (const auto& file : files_below(*folder / "emails", ".txt")) {
        const auto truth = read_file(*folder / "trimmed" / file.filename()).value();
        const auto reply = split_reply(for_people(read_file(file).value()), Answered::KeptAmongTheWritten);
        const bool same = squeezed(reply.written) == squeezed(truth);
        score.count(file.filename().string(), same ? std::vector<std::string>{} : std::vector<std::string>{"text"});
        if (!same && std::getenv("TOCSIN_SHOW") != nullptr)
            std::cout << "---- ours\n" << reply.written << "\n---- truth\n" << truth << '\n';
    }
    score.print();
    EXPECT_GE(score.percent(), 85);
}

// ---- bounces/: how many addresses a report is about, and which of them are of no use any more

TEST(Corpora, ReportsOnDeliverySayWhomTheyAreAboutAndHowHard) {
    const auto folder = corpus("bounces");
    if (!folder) GTEST_SKIP() << "TOCSIN_CORPORA is not set";
    Score score{.name = "bounces", .wrong = {}};
    const std::string labels = read_file(*folder / "labels.jsonl").value();
    for (const auto line : split(labels, '\n')) {
        if (trim(line).empty()) continue;
        const auto label = json::parse(line);
        const std::string file = label.at("file");
        const auto bytes = read_file(*folder / file).value();
        const auto message = parse(bytes);
        const auto status = read_delivery_status(message, read(message));
        std::vector<std::string> differences;
        if (!status) {
            differences.emplace_back("not-seen");
        } else {
            if (status->recipients.size() != label.at("recipients").get<std::size_t>())
                differences.push_back("recipients=" + std::to_string(status->recipients.size()));
            std::vector<int> ours, theirs;
            for (const bool hard : label.at("hard")) theirs.push_back(hard);
            for (const auto& recipient : status->recipients) ours.push_back(recipient.hard);
            std::ranges::sort(ours);
            std::ranges::sort(theirs);
            if (ours != theirs) differences.emplace_back("hard");
            const bool feedback = label.at("kind") == "feedback", away = label.at("kind") == "auto-reply";
            if (feedback != (status->report == DeliveryReport::Abuse) ||
                away != (status->report == DeliveryReport::Away))
                differences.emplace_back("kind");
            if (!differences.empty()) {
                differences.push_back(label.at("reason").dump() + label.at("status").dump());
                for (const auto& r : status->recipients)
                    differences.push_back("\n      <" + r.address + "> " + r.status + (r.hard ? " hard " : " soft ") +
                                          r.diagnostic.substr(0, 220));
            }
        }
        score.count(file, differences);
    }
    score.print();
    EXPECT_GE(score.percent(), 90);
}

}  // namespace
}  // namespace tocsin::mail
