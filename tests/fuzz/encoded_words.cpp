#include "mail/header/encoded_words.hpp"

#include "base/utf8.hpp"
#include "mail/composing.hpp"
#include "mail/header/header_writing.hpp"
#include "mail/header/unfold.hpp"
#include "require.hpp"

namespace tocsin::mail {

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto text = text_of(data, size);
    std::vector<std::string> defects;
    REQUIRE(is_utf8(decode_encoded_words(text, 200, defects)));
    // What we write, we read back the same.
    const auto clean = Unstructured::cleaned(text.substr(0, 4000), 2'000);
    std::string field;
    write_unstructured(field, "Subject", clean.view());
    REQUIRE(field.starts_with("Subject:") && field.ends_with("\r\n"));
    const auto value = unfold(std::string_view{field}.substr(8));
    if (clean.view().find("?=") == std::string_view::npos)
        REQUIRE(decode_encoded_words(value, 10'000, defects) == clean.view());
    return 0;
}

}  // namespace tocsin::mail
