// Authentication-Results (RFC 8601): what mail servers wrote into a mail about who sent it, read and not believed.
//
// Anybody can write such a field. `believed` says which one of them, if any, our own server wrote.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/structure/entity.hpp"

namespace tocsin::mail {

struct AuthenticationProperty {
    std::string type;  // "smtp", "header", "body", "policy"; lower case, as `name`
    std::string name;  // "from", "d"
    std::string value;
};

struct AuthenticationMethod {
    std::string method;   // "dmarc"; lower case, as `result`
    std::string version;  // empty where it is not said
    std::string result;   // "pass"
    std::string reason;
    std::vector<AuthenticationProperty> properties;

    std::string_view property(std::string_view type, std::string_view name) const;  // empty where there is none
};

struct AuthenticationResults {
    std::size_t place = 0;    // among the fields of the header, 0 is the topmost
    std::string authserv_id;  // empty where it cannot be told
    std::string version;      // empty where it is not said, which means 1
    bool well_formed = true;
    std::vector<AuthenticationMethod> methods;  // none where it says "none"
};

// Who says in a Received field to have taken the mail (RFC 5321 section 4.4), and where that field stands.
struct ReceivedPlace {
    std::size_t place = 0;
    std::string by;      // lower case; empty where it does not say
    bool local = false;  // handed over by LMTP, after it had come in (RFC 3848)
};

struct AuthenticationClaims {
    std::vector<AuthenticationResults> results;  // from the top
    std::vector<ReceivedPlace> received;
};

AuthenticationResults read_authentication_results(std::string_view field_value);
AuthenticationClaims read_authentication_claims(const Header& header);

// The topmost field of all, where it bears our server's id, is the only one that does, and stands above the Received
// field with which that server took the mail in, or above the first one that tells of more than a local delivery where
// none names it; else nothing. An empty id believes nothing.
std::optional<AuthenticationResults> believed(const AuthenticationClaims& claims, std::string_view authserv_id);

// What a believed field says of the domain that the mail names as its author's.
struct DomainVerdict {
    std::string dmarc;  // a result for just this domain; empty where none was made
    std::string dkim;   // "pass" only where a domain that stands for this one signed
    std::string spf;    // proves nothing alone
    bool proven() const { return dmarc == "pass" || (dmarc != "fail" && dkim == "pass"); }
};
DomainVerdict verdict_on(const AuthenticationResults& results, std::string_view author_domain);

}  // namespace tocsin::mail
