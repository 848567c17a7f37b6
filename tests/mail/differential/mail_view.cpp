// What lib/mail reads in each file named on the command line, as one JSON object a line: the view that compare.py
// holds against those of other parsers.
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "mail/reading.hpp"
#include "mail/structure/file_name.hpp"
#include "mail/text/body_text.hpp"
#include "mail/text/charset.hpp"

namespace tocsin::mail {
namespace {

using nlohmann::json;

json view_of(const std::vector<Mailbox>& mailboxes) {
    json list = json::array();
    for (const auto& mailbox : mailboxes) list.push_back({mailbox.name, mailbox.address});
    return list;
}

json view_of(const Message& message, const Entity& entity) {
    const auto decoded = decode_body(message, entity, 64u << 20);
    json leaf = {{"type", entity.media_type.full()},
                 {"name", clean_file_name(entity.file_name, 150)},
                 {"sha256", to_hex(view(sha256(decoded.bytes)))}};
    std::vector<std::string> defects;
    if (entity.media_type.is("text/plain"))
        leaf["text"] = to_utf8(decoded.bytes, entity.media_type.parameter("charset").value_or(""), defects);
    return leaf;
}

json view_of(std::string_view bytes) {
    const auto message = parse(bytes);
    const auto reading = read(message);
    json leaves = json::array();
    for (const auto& entity : message.entities)
        if (entity.children.empty() && entity.media_type.type != "multipart")
            leaves.push_back(view_of(message, entity));
    return {{"from", view_of(reading.from)},
            {"to", view_of(reading.to)},
            {"cc", view_of(reading.cc)},
            {"subject", reading.subject},
            {"date", reading.date ? to_rfc3339(*reading.date) : ""},
            {"message-id", reading.message_id},
            {"leaves", leaves}};
}

int print_views(int count, char** files) {
    for (int i = 1; i < count; ++i) {
        std::ifstream in{files[i], std::ios::binary};
        const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
        json view = view_of(bytes);
        view["file"] = files[i];
        std::cout << view.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
    }
    return 0;
}

}  // namespace
}  // namespace tocsin::mail

int main(int count, char** files) { return tocsin::mail::print_views(count, files); }
