// Content transfer encodings (RFC 2045 section 6, and uuencode as mail programs used it), undone piece by piece.
//
// Damage never stops the decoding: what can be read is read. Memory stays at one piece, whatever the body's size.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tocsin::mail {

enum class TransferEncoding { Identity, QuotedPrintable, Base64, Uuencode };

// The name as it stands in the field, in any case; unknown names are Identity and set `known` to false.
TransferEncoding transfer_encoding_named(std::string_view name, bool& known);

class BodyDecoder {
public:
    BodyDecoder(std::string_view body, TransferEncoding encoding);

    // The next decoded piece, at most a few dozen KiB; empty at the end.
    std::string_view next();
    bool damaged() const noexcept { return damaged_; }

private:
    void next_base64();
    void next_quoted_printable();
    void next_uuencode();
    void quoted_printable_line(std::string_view line, bool ended, std::string_view line_end);

    std::string_view rest_;
    TransferEncoding encoding_;
    std::string piece_;
    unsigned bits_ = 0;
    unsigned sextets_ = 0;
    bool padded_ = false;
    bool begun_ = false;
    bool damaged_ = false;
};

// The "Q" encoding of RFC 2047 section 4.2: quoted-printable without lines, where "_" is a blank.
std::string decode_q(std::string_view text);
std::string decode_base64(std::string_view text);

}  // namespace tocsin::mail
