// The whole of a mail: structure, words, files and what it reports.
#include "base/utf8.hpp"
#include "mail/automatic/delivery_status.hpp"
#include "mail/reading.hpp"
#include "mail/text/clean_text.hpp"
#include "require.hpp"

namespace tocsin::mail {

namespace {

void check_structure(const Message& message) {
    const auto size = message.bytes.size();
    REQUIRE(!message.entities.empty());
    for (std::size_t i = 0; i < message.entities.size(); ++i) {
        const auto& entity = message.entities[i];
        REQUIRE(entity.header.begin <= entity.header.end && entity.header.end <= entity.body.begin);
        REQUIRE(entity.body.begin <= entity.body.end && entity.body.end <= size);
        REQUIRE(entity.parent.has_value() == (i != 0));
        if (entity.parent) {
            const auto& parent = message.entities[*entity.parent];
            REQUIRE(*entity.parent < i && entity.depth == parent.depth + 1);
            REQUIRE(parent.body.begin <= entity.header.begin && entity.body.end <= parent.body.end);
        }
        for (const auto child : entity.children) REQUIRE(child > i && message.entities.at(child).parent == i);
        for (const auto& field : entity.fields.fields()) {
            REQUIRE(!field.name.empty() && field.name.data() >= message.bytes.data());
            REQUIRE(field.value.data() + field.value.size() <= message.bytes.data() + size);
        }
    }
}

void check_reading(const Reading& reading) {
    for (const auto* text : {&reading.text, &reading.reply_text, &reading.quoted, &reading.subject})
        REQUIRE(for_people(*text) == *text);
    REQUIRE(reading.subject.find('\n') == std::string::npos);
    for (const auto& file : reading.attachments) {
        REQUIRE(file.name.size() <= ParseLimits{}.max_file_name_bytes && file.name.find('/') == std::string::npos);
        REQUIRE(!file.name.starts_with('.') && for_one_line(file.name) == file.name);
    }
    for (const auto& mailbox : reading.from) REQUIRE(for_one_line(mailbox.address) == mailbox.address);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto message = parse(text_of(data, size));
    check_structure(message);
    REQUIRE(clean_text(message.bytes) == for_people(message.bytes));
    const auto reading = read(message);
    check_reading(reading);
    if (const auto status = read_delivery_status(message, reading)) REQUIRE(!status->recipients.empty());
    return 0;
}

}  // namespace tocsin::mail
