// Handing mail to the submission server (RFC 6409, 5321, 3207, 4954), one connection for many mails.
//
// Blocking: an object belongs to one thread at a time. Every call has an absolute deadline and ends early when the
// Interrupt is raised. Results are told for each recipient from the reply code.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "mail/header/address.hpp"
#include "transport/endpoint.hpp"
#include "transport/interrupt.hpp"
#include "transport/trust.hpp"

namespace tocsin::transport {

struct SmtpDeadlines {
    std::chrono::seconds connect{20};
    std::chrono::seconds tls{15};
    std::chrono::seconds greeting{60};
    std::chrono::seconds login{60};
    std::chrono::seconds command{300};      // MAIL, RCPT, DATA (RFC 5321 section 4.5.3.2)
    std::chrono::seconds end_of_data{600};  // a shorter one makes doubles
    std::chrono::seconds quit{3};
};

// RFC 5321 section 2.3.1. No reverse-path is `<>`.
struct Envelope {
    std::optional<mail::Address> reverse_path;
    std::vector<mail::Address> forward_paths;
};

enum class Outcome {
    Accepted,  // 250 after the final dot
    Deferred,  // 4xx, or the connection went away before the final dot
    Rejected,  // 5xx
    Unknown,   // the final dot went out and no reply came: the server may have it
};

struct RecipientResult {
    mail::Address recipient;
    Outcome outcome = Outcome::Deferred;
    int code = 0;      // the reply code; 0 where there was none
    std::string text;  // the reply, one line, cleaned for people
};

struct Submitted {
    std::vector<RecipientResult> recipients;  // one for each forward-path, in order
    bool connection_lost = false;             // drop the object
};

class SmtpSink {
public:
    // `trust` and `interrupt` must outlive the object. `own_name` is what EHLO says.
    static Result<SmtpSink> connect(const Endpoint& endpoint, const Login& login, const Trust& trust,
                                    const Interrupt& interrupt, std::string_view own_name,
                                    const SmtpDeadlines& deadlines = {});
    SmtpSink(SmtpSink&&) noexcept;
    SmtpSink& operator=(SmtpSink&&) noexcept;
    ~SmtpSink();

    // Sends `bytes` (a mail with CRLF line ends) once. `before_final_dot` is called when all but the dot is
    // written; when it returns false the mail is not sent and all is Deferred.
    Submitted submit(const Envelope& envelope, std::string_view bytes, const std::function<bool()>& before_final_dot);

    std::optional<Instant> certificate_expiry() const;  // as ImapSource's
    bool usable() const;                                // whether another mail can go over it
    void quit();                                        // politely, within the deadline; the object is dead afterwards

private:
    struct Session;
    explicit SmtpSink(std::unique_ptr<Session> session);
    std::unique_ptr<Session> session_;
};

}  // namespace tocsin::transport
