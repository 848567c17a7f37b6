#include "transport/endpoint.hpp"

#include <gtest/gtest.h>

namespace tocsin::transport {
namespace {

TEST(EndpointTest, SchemesSayHowTlsBeginsAndWhichPort) {
    struct {
        const char* url;
        Protocol protocol;
        TlsStart tls;
        const char* host;
        int port;
        const char* text;
    } const cases[] = {
        {"imaps://imap.acme.test", Protocol::Imap, TlsStart::Implicit, "imap.acme.test", 993, "imaps://imap.acme.test"},
        {"imap://imap.acme.test/", Protocol::Imap, TlsStart::StartTls, "imap.acme.test", 143, "imap://imap.acme.test"},
        {"IMAPS://Imap.Acme.Test.:1993", Protocol::Imap, TlsStart::Implicit, "imap.acme.test", 1993,
         "imaps://imap.acme.test:1993"},
        {"smtp://mail.acme.test:587", Protocol::Submission, TlsStart::StartTls, "mail.acme.test", 587,
         "smtp://mail.acme.test"},
        {"smtps://127.0.0.1", Protocol::Submission, TlsStart::Implicit, "127.0.0.1", 465, "smtps://127.0.0.1"},
        {"imaps://[::1]:21993", Protocol::Imap, TlsStart::Implicit, "::1", 21993, "imaps://[::1]:21993"},
    };
    for (const auto& c : cases) {
        const auto endpoint = parse_endpoint(c.url, c.protocol);
        ASSERT_TRUE(endpoint) << c.url << ": " << endpoint.error().what;
        EXPECT_EQ(c.tls, endpoint->tls);
        EXPECT_EQ(c.host, endpoint->host);
        EXPECT_EQ(c.port, endpoint->port);
        EXPECT_EQ(c.text, to_text(*endpoint));
    }
}

TEST(EndpointTest, WhatIsWrongIsSaidWithWhatIsAccepted) {
    for (const auto* url : {"", "imap.acme.test", "pop3://x.test", "smtp://x.test", "imaps://", "imaps://:993",
                            "imaps://a b", "imaps://user@x.test", "imaps://x.test:0", "imaps://x.test:65536",
                            "imaps://x.test:99x", "imaps://x.test/INBOX", "imaps://-x.test", "imaps://a..b",
                            "imaps://[::1", "imaps://[host]", "imaps://m\xc3\xbcnchen.test", "imaps://x\r\n.test"}) {
        const auto endpoint = parse_endpoint(url, Protocol::Imap);
        ASSERT_FALSE(endpoint) << url;
        EXPECT_EQ(Code::Configuration, endpoint.error().code);
        EXPECT_NE(std::string::npos, endpoint.error().what.find("imaps://HOST")) << endpoint.error().what;
    }
    EXPECT_NE(std::string::npos,
              parse_endpoint("imaps://x.test", Protocol::Submission).error().what.find("smtps://HOST"));
}

}  // namespace
}  // namespace tocsin::transport
