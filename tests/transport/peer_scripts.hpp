// The beginnings that most scripts share, and the client's side of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scripted_peer.hpp"
#include "transport/imap_source.hpp"
#include "transport/interrupt.hpp"
#include "transport/smtp_sink.hpp"
#include "transport/trust.hpp"

namespace tocsin::transport::testing {

inline constexpr auto usual_imap = "IMAP4rev1 SASL-IR IDLE MOVE UIDPLUS AUTH=PLAIN";

// Over TLS from the start: greeted, logged in.
Script imap_login(const std::string& capabilities = usual_imap);
// The same, and a mailbox of `count` mails with the UIDs 1 to `count` selected.
Script imap_selected(std::uint32_t count, const std::string& capabilities = usual_imap);

// Over TLS from the start: greeted, logged in.
Script smtp_login(const std::string& extensions = "250-SIZE 1000000\r\n250-8BITMIME\r\n250 AUTH PLAIN");

const Trust& test_trust();

// A client that gives up after ten seconds wherever nothing happens, so that a busy machine fails no test.
struct Client {
    Interrupt interrupt;
    ImapLimits limits;
    SmtpDeadlines deadlines;

    explicit Client(std::chrono::seconds patience = std::chrono::seconds{10});
    Result<ImapSource> connect(const Endpoint& endpoint, const Login& login = {"rae", Secret{"pw"}});
    // Connected and selected; throws what went wrong.
    ImapSource selected(const Endpoint& endpoint);
    Result<SmtpSink> submit_to(const Endpoint& endpoint, const Login& login = {"rae", Secret{"pw"}});
    SmtpSink sink(const Endpoint& endpoint);
};

// Each in a thread of its own, a few at a time, since most of them wait.
void all_at_once(const std::vector<std::function<void()>>& cases);

Listing listing_of(std::uint32_t uid, std::uint64_t size);

}  // namespace tocsin::transport::testing
