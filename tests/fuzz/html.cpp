#include "base/utf8.hpp"
#include "mail/html/html_guard.hpp"
#include "mail/html/html_text.hpp"
#include "require.hpp"

namespace tocsin::mail {

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto html = to_valid_utf8(text_of(data, size));
    std::vector<std::string> defects;
    REQUIRE(is_utf8(html_to_text(html, defects)));
    REQUIRE(guard_html(html).size() <= html.size());
    REQUIRE(strip_tags(html).size() <= html.size());
    return 0;
}

}  // namespace tocsin::mail
