#include "base/utf8.hpp"
#include "mail/html_guard.hpp"
#include "mail/html_text.hpp"
#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto html = tocsin::to_valid_utf8(text_of(data, size));
    std::vector<std::string> defects;
    REQUIRE(tocsin::is_utf8(tocsin::mail::html_to_text(html, defects)));
    REQUIRE(tocsin::mail::guard_html(html).size() <= html.size());
    REQUIRE(tocsin::mail::strip_tags(html).size() <= html.size());
    return 0;
}
