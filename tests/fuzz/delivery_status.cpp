// Reports on delivery: the machine-readable fields, and the words of those that have none.
#include "mail/automatic/delivery_status.hpp"

#include "base/utf8.hpp"
#include "mail/automatic/bounce_text.hpp"
#include "mail/automatic/status_fields.hpp"
#include "require.hpp"

namespace tocsin::mail {

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto text = text_of(data, size);
    for (const auto& group : read_status_fields(text)) REQUIRE(!group.empty());
    REQUIRE(returned_mail_in(text) <= text.size());
    for (const auto& failure : failures_in(text, {}, {})) REQUIRE(!failure.address.empty());
    const std::string report =
        "From: mailer-daemon@x.example\nSubject: Undelivered\nContent-Type: multipart/report; boundary=b\n\n"
        "--b\n\n" +
        std::string{text} + "\n--b\nContent-Type: message/delivery-status\n\n" + std::string{text} + "\n--b--\n";
    const auto message = parse(report);
    if (const auto status = read_delivery_status(message, read(message)))
        for (const auto& recipient : status->recipients)
            REQUIRE(for_one_line(recipient.diagnostic) == recipient.diagnostic);
    return 0;
}

}  // namespace tocsin::mail
