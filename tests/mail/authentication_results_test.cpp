// RFC 8601, and which of the fields in a mail may be believed.
#include "mail/header/authentication_results.hpp"

#include <gtest/gtest.h>

namespace tocsin::mail {
namespace {

std::string in_short(std::string_view value) {
    const AuthenticationResults read = read_authentication_results(value);
    std::string text =
        read.authserv_id + (read.version.empty() ? "" : "/" + read.version) + (read.well_formed ? "" : "!");
    for (const AuthenticationMethod& method : read.methods) {
        text += "; " + method.method + "=" + method.result;
        if (!method.reason.empty()) text += " because " + method.reason;
        for (const auto& [type, name, property] : method.properties) text += " " + type + "." + name + "=" + property;
    }
    return text;
}

TEST(AuthenticationResultsField, AsTheStandardShowsIt) {
    EXPECT_EQ("example.org/1", in_short(" example.org 1; none"));
    EXPECT_EQ("example.com; spf=pass smtp.mailfrom=example.net",
              in_short(" example.com;\r\n          spf=pass smtp.mailfrom=example.net"));
    EXPECT_EQ("example.com; auth=pass smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net",
              in_short("example.com;\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n"
                       " spf=pass smtp.mailfrom=example.net"));
    EXPECT_EQ(
        "example.com; dkim=pass because good signature header.i=@mail-router.example.net header.b=oINEO8hg; "
        "dkim=fail because bad signature header.i=@newyork.example.com",
        in_short("example.com; dkim=pass reason=\"good signature\" header.i=@mail-router.example.net "
                 "header.b=oINEO8hg; dkim=fail reason=\"bad signature\" header.i=@newyork.example.com"));
    EXPECT_EQ(
        "foo.example.net/1; dkim=fail policy.expired=1362471462",
        in_short(" foo.example.net (foobar) 1 (baz);\r\n    dkim (Because I like it) / 1 (One yay) = (wait for it) fail"
                 "\r\n      policy (A dot can go here) . (like that) expired\r\n"
                 "      (this surprised me) = (as I wasn't expecting it) 1362471462"));
    EXPECT_EQ("mx.google.com; dmarc=pass header.from=lab.test",
              in_short("mx.google.com; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=lab.test"));
}

TEST(AuthenticationResultsField, HoweverItIsForged) {
    EXPECT_EQ("!; spf=pass smtp.mailfrom=x.test; dkim=none",
              in_short("spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=x.test; dkim=none"));
    EXPECT_EQ("!", in_short(""));
    EXPECT_EQ("!", in_short("(mail.acme.test; dmarc=pass"));
    EXPECT_EQ("mail.acme.test", in_short("mail.acme.test;"));
    EXPECT_EQ("mail.acme.test!", in_short("mail.acme.test; dmarc"));
    EXPECT_EQ("mail.acme.test!; dkim=pass", in_short("mail.acme.test; =pass; dkim=pass"));
    EXPECT_EQ("mail.acme.test; spf=fail because a; dmarc=pass",
              in_short("mail.acme.test; spf=fail reason=\"a; dmarc=pass\""));
    EXPECT_EQ("mail.acme.test; spf=fail", in_short("mail.acme.test; spf=fail (a; dmarc=pass header.from=x.test)"));
    EXPECT_EQ("mail.acme.test; spf=fail", in_short("mail.acme.test; spf=fail (a (b) \\) ; dmarc=pass)"));
    EXPECT_FALSE(read_authentication_results(std::string(20'000, '(')).well_formed);
    EXPECT_FALSE(read_authentication_results("mail.acme.test; " + std::string(20'000, 'a')).well_formed);
    std::string many = "mail.acme.test";
    for (int i = 0; i < 1'000; ++i) many += "; dkim=pass header.d=a";
    EXPECT_GE(32U, read_authentication_results(many).methods.size());
}

AuthenticationClaims claims_of(const std::string& header) {
    static std::string bytes;
    bytes = header + "From: rae@lab.test\r\n\r\nHello\r\n";
    return read_authentication_claims(parse(bytes).root().fields);
}
bool is_believed(const std::string& header) { return believed(claims_of(header), "mail.acme.test").has_value(); }

const std::string claim_of_ours = "Authentication-Results: Mail.ACME.test; dmarc=pass header.from=lab.test\r\n";
const std::string claim_of_theirs = "Authentication-Results: mx.evil.test; dmarc=pass header.from=lab.test\r\n";
const std::string our_hop =
    "Received: from evil.test (evil.test [192.0.2.1])\r\n by mail.acme.test (Postfix) with ESMTPS id 1\r\n"
    " for <security@acme.test>; Sun, 22 Nov 2026 06:00:00 +0000\r\n";
const std::string inner_hop =
    "Received: from mail.acme.test by store.acme.test with LMTP; Sun, 22 Nov 2026 06:00:01 +0000\r\n";
const std::string their_hop = "Received: from laptop by mx.evil.test with ESMTP; Sun, 22 Nov 2026 05:59:00 +0000\r\n";

TEST(AuthenticationResultsField, OnlyTheTopmostOfOurOwnServerIsBelieved) {
    EXPECT_TRUE(is_believed(claim_of_ours));
    EXPECT_TRUE(is_believed(claim_of_ours + our_hop + their_hop));
    EXPECT_TRUE(is_believed(inner_hop + claim_of_ours + our_hop + their_hop));
    EXPECT_TRUE(is_believed(claim_of_ours + our_hop + claim_of_theirs));
    EXPECT_FALSE(is_believed(our_hop + claim_of_ours)) << "it came with the mail";
    EXPECT_FALSE(is_believed(inner_hop + our_hop + their_hop + claim_of_ours));
    EXPECT_FALSE(is_believed(their_hop + claim_of_ours)) << "no hop names our server: only the very top is safe";
    EXPECT_FALSE(is_believed(claim_of_theirs + claim_of_ours));
    EXPECT_FALSE(is_believed(claim_of_ours + our_hop + claim_of_ours)) << "our server did not remove the forged one";
    EXPECT_FALSE(is_believed(claim_of_theirs));
    EXPECT_FALSE(is_believed("Authentication-Results: mail.acme.test 2; dmarc=pass header.from=lab.test\r\n"));
    EXPECT_FALSE(is_believed("Authentication-Results: mail.acme.test.evil.test; dmarc=pass header.from=lab.test\r\n"));
    EXPECT_FALSE(
        is_believed("Authentication-Results: evil.test (mail.acme.test); dmarc=pass header.from=lab.test\r\n"));
    EXPECT_FALSE(is_believed(""));
    EXPECT_FALSE(believed(claims_of(claim_of_ours), ""));
    EXPECT_FALSE(believed(claims_of("Authentication-Results: dmarc=pass header.from=lab.test\r\n"), ""));
}

TEST(AuthenticationResultsField, WhereOneServerTakesInAndDelivers) {
    const std::string own_delivery =
        "Received: from mail.acme.test ([127.0.0.1])\r\n\tby mail.acme.test with LMTP\r\n\tid qK9V\r\n"
        "\t(envelope-from <x@evil.test>); Sun, 22 Nov 2026 06:00:01 +0000\r\n";
    const std::string other_door =
        "Received: from evil.test by mx.acme.test (Postfix) with ESMTP id 2; Sun, 22 Nov 2026 06:00:00 +0000\r\n";
    EXPECT_TRUE(is_believed(own_delivery + claim_of_ours + our_hop + their_hop));
    EXPECT_TRUE(is_believed(own_delivery + claim_of_ours + other_door));
    EXPECT_FALSE(is_believed(own_delivery + our_hop + claim_of_ours + their_hop)) << "anybody could have written it";
    EXPECT_FALSE(is_believed(own_delivery + other_door + claim_of_ours + our_hop)) << "and that hop with it";
    EXPECT_FALSE(is_believed(own_delivery + our_hop + claim_of_ours + our_hop));
}

DomainVerdict verdict_of(std::string_view results, std::string_view domain = "lab.test") {
    return verdict_on(read_authentication_results(results), domain);
}

TEST(AuthenticationResultsField, ProvesTheAuthorsDomainAndNoOther) {
    EXPECT_TRUE(verdict_of("a.test; dmarc=pass header.from=lab.test").proven());
    EXPECT_TRUE(verdict_of("a.test; dmarc=pass header.from=LAB.test").proven());
    EXPECT_FALSE(verdict_of("a.test; dmarc=pass header.from=evil.test").proven());
    EXPECT_FALSE(verdict_of("a.test; dmarc=pass").proven());
    EXPECT_FALSE(verdict_of("a.test; dmarc=fail header.from=lab.test; dkim=pass header.d=lab.test").proven());
    EXPECT_FALSE(verdict_of("a.test; dmarc=pass header.from=lab.test; dmarc=fail header.from=lab.test").proven());
    EXPECT_TRUE(verdict_of("a.test; dkim=pass header.d=lab.test").proven());
    EXPECT_TRUE(verdict_of("a.test; dkim=pass header.i=@lab.test").proven());
    EXPECT_TRUE(verdict_of("a.test; dkim=fail header.d=lab.test; dkim=pass header.d=lab.test").proven());
    EXPECT_TRUE(verdict_of("a.test; dkim=pass header.d=lab.test", "mail.lab.test").proven());
    EXPECT_FALSE(verdict_of("a.test; dkim=pass header.d=evil.test").proven());
    EXPECT_FALSE(verdict_of("a.test; dkim=pass header.d=b.test", "lab.test").proven());
    EXPECT_FALSE(verdict_of("a.test; dkim=pass header.d=test").proven())
        << "a whole top-level domain stands for nobody";
    EXPECT_FALSE(verdict_of("a.test; spf=pass smtp.mailfrom=lab.test").proven()) << "SPF alone proves nothing";
    EXPECT_FALSE(verdict_of("a.test; none").proven());
}

}  // namespace
}  // namespace tocsin::mail
