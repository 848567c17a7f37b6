// Single header fields: dates, identifiers, subjects, and the header that holds them.
#include "mail/header/date_time.hpp"
#include "mail/header/message_ids.hpp"
#include "mail/header/unfold.hpp"
#include "mail/reading.hpp"
#include "mail/structure/entity.hpp"
#include "require.hpp"

namespace tocsin::mail {

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto text = text_of(data, size);
    REQUIRE(unfold(text).find_first_of("\r\n") == std::string::npos);
    std::vector<std::string> defects;
    for (const auto& id : read_message_ids(text, 50, defects))
        REQUIRE(!id.empty() && id.find(' ') == std::string::npos);
    if (const auto at = read_date_time(text)) REQUIRE(to_rfc3339(*at).size() >= 20);
    REQUIRE(text.ends_with(without_reply_prefix(text)));
    const auto message = parse(text);
    for (const auto& field : message.root().fields.fields())
        REQUIRE(message.root().fields.first(field.name).has_value());
    return 0;
}

}  // namespace tocsin::mail
