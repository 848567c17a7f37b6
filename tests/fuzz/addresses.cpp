// Address lists, and the one way to an address that is written to.
#include "base/utf8.hpp"
#include "mail/header/address.hpp"
#include "require.hpp"

namespace tocsin::mail {

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto text = text_of(data, size);
    std::vector<std::string> defects;
    const AddressLimits limits;
    const auto mailboxes = read_address_list(text, limits, defects);
    REQUIRE(mailboxes.size() <= limits.max_mailboxes);
    for (const auto& mailbox : mailboxes) {
        REQUIRE(!mailbox.name.empty() || !mailbox.address.empty());
        REQUIRE(for_one_line(mailbox.name) == mailbox.name);
        REQUIRE(for_one_line(mailbox.address) == mailbox.address);
    }
    if (const auto address = Address::from(text)) {
        REQUIRE(address->text() == text);
        REQUIRE(text.find_first_of(std::string_view{" \t\r\n<>\"(),:;\\[]\0", 17}) == std::string_view::npos);
        // What may be written to reads back as itself.
        const auto again = read_address_list(text, limits, defects);
        REQUIRE(again.size() == 1 && again.front().address == text);
    }
    return 0;
}

}  // namespace tocsin::mail
