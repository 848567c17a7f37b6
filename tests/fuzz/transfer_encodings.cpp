// Transfer encodings, character sets, format=flowed and uuencoded files.
#include "mail/structure/transfer_encoding.hpp"

#include "base/encoding.hpp"
#include "base/utf8.hpp"
#include "mail/structure/tnef.hpp"
#include "mail/structure/uuencoded.hpp"
#include "mail/text/charset.hpp"
#include "mail/text/charset_names.hpp"
#include "mail/text/flowed.hpp"
#include "require.hpp"

namespace tocsin::mail {

namespace {

std::string decoded(std::string_view text, TransferEncoding encoding) {
    BodyDecoder decoder{text, encoding};
    std::string out;
    for (auto piece = decoder.next(); !piece.empty(); piece = decoder.next()) out.append(piece);
    REQUIRE(out.size() <= text.size());
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size < 2) return 0;
    const auto text = text_of(data + 1, size - 1);
    for (const auto encoding : {TransferEncoding::Identity, TransferEncoding::QuotedPrintable, TransferEncoding::Base64,
                                TransferEncoding::Uuencode})
        decoded(text, encoding);
    REQUIRE(decoded(to_base64(text), TransferEncoding::Base64) == text);
    std::vector<std::string> defects;
    const auto count = static_cast<std::size_t>(charset_names_end() - charset_names_begin());
    REQUIRE(is_utf8(to_utf8(text, charset_names_begin()[data[0] % count].label, defects)));
    REQUIRE(is_utf8(to_utf8(text, {}, defects)));
    from_flowed(text, (data[0] & 1) != 0);
    for (const auto& file : find_uuencoded(text))
        REQUIRE(file.lines.begin < file.lines.end && file.lines.end <= text.size());
    read_tnef(text, {}, defects);
    return 0;
}

}  // namespace tocsin::mail
