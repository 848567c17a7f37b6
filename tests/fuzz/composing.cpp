// What we write of what strangers say: one mail, with the fields that we meant and no other.
#include "mail/composing.hpp"

#include "mail/reading.hpp"
#include "require.hpp"

namespace tocsin::mail {

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto text = text_of(data, size);
    const auto half = text.substr(0, size / 2);
    Composition mail{.from = {std::string{half}, *Address::from("security@acme.test")},
                     .to = {{std::string{text}, *Address::from("rae@lab.test")}},
                     .reply_to = {},
                     .subject = Unstructured::cleaned(text),
                     .date = from_micros(0),
                     .message_id = *MessageId::from("a@acme.test"),
                     .in_reply_to = {},
                     .references = {},
                     .fields = {},
                     .text = std::string{half},
                     .enclosures = {{std::string{half}, std::string{text}, std::string{text}}}};
    const auto bytes = compose(mail);
    const auto message = parse(bytes);
    const auto& fields = message.root().fields;
    REQUIRE(fields.fields().size() == 7);
    for (const auto* name : {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"})
        REQUIRE(fields.count(name) == 1);
    REQUIRE(message.root().children.size() == 2);
    for (const char c : bytes) REQUIRE(static_cast<unsigned char>(c) < 0x80);
    const auto reading = read(message);
    REQUIRE(reading.to.size() == 1 && reading.to[0].address == "rae@lab.test");
    REQUIRE(reading.from.size() == 1 && reading.from[0].address == "security@acme.test");
    return 0;
}

}  // namespace tocsin::mail
