#include "mail/reply/reply_text.hpp"

#include "base/utf8.hpp"
#include "mail/text/language.hpp"
#include "require.hpp"

namespace tocsin::mail {

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto text = for_people(text_of(data, size));
    const auto reply = split_reply(text);
    REQUIRE(reply.written.size() <= text.size() && reply.quoted.size() <= text.size());
    const auto in_context = split_reply(text, Answered::KeptAmongTheWritten);
    REQUIRE(in_context.written.size() >= reply.written.size() && in_context.quoted == reply.quoted);
    REQUIRE(is_utf8(reply.written) && is_utf8(reply.quoted));
    const auto language = language_of(reply.written);
    REQUIRE(language.empty() || language.size() == 2);
    return 0;
}

}  // namespace tocsin::mail
