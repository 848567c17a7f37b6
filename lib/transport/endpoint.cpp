#include "transport/endpoint.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/text.hpp"

namespace tocsin::transport {
namespace {

struct Scheme {
    std::string_view name;
    Protocol protocol;
    TlsStart tls;
    std::uint16_t port;
};

// RFC 8314 section 3: TLS from the start is the first choice, STARTTLS what older servers have.
constexpr Scheme schemes[] = {
    {"imaps", Protocol::Imap, TlsStart::Implicit, 993},
    {"imap", Protocol::Imap, TlsStart::StartTls, 143},
    {"smtps", Protocol::Submission, TlsStart::Implicit, 465},
    {"smtp", Protocol::Submission, TlsStart::StartTls, 587},
};

std::string_view accepted_endpoints(Protocol protocol) {
    return protocol == Protocol::Imap ? "accepted: imaps://HOST[:PORT], or imap://HOST[:PORT] for STARTTLS"
                                      : "accepted: smtps://HOST[:PORT], or smtp://HOST[:PORT] for STARTTLS";
}

bool is_host_name(std::string_view host) {
    if (host.empty() || host.size() > 253) return false;
    for (const auto label : split(host, '.')) {
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        if (!std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; }))
            return false;
    }
    return true;
}

bool is_ipv6_text(std::string_view host) {
    return host.find(':') != std::string_view::npos && std::ranges::all_of(host, [](char c) {
               return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f') || c == ':' || c == '.';
           });
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view url, Protocol protocol) {
    const auto wrong = [&](std::string_view what) {
        return permanent(Code::Configuration, fmt::format("{}; {}", what, accepted_endpoints(protocol)));
    };
    const auto colon = url.find("://");
    if (colon == std::string_view::npos) return wrong("no scheme");
    const auto scheme = std::ranges::find_if(schemes, [&](const Scheme& s) {
        return s.protocol == protocol && equal_ignoring_case(s.name, url.substr(0, colon));
    });
    if (scheme == std::end(schemes)) return wrong("unknown scheme");

    auto rest = url.substr(colon + 3);
    if (rest.ends_with('/')) rest.remove_suffix(1);
    if (rest.find('@') != std::string_view::npos) return wrong("no user belongs in here, it has a key of its own");

    Endpoint endpoint{protocol, scheme->tls, {}, scheme->port};
    std::string_view host;
    if (rest.starts_with('[')) {  // RFC 3986 section 3.2.2
        const auto end = rest.find(']');
        if (end == std::string_view::npos) return wrong("'[' without ']'");
        host = rest.substr(1, end - 1);
        rest = rest.substr(end + 1);
        if (!is_ipv6_text(host)) return wrong("no IPv6 address in the brackets");
    } else {
        host = rest.substr(0, rest.find(':'));
        rest = rest.substr(host.size());
        if (host.ends_with('.')) host.remove_suffix(1);  // a certificate never has the root's dot
        if (!is_host_name(host)) return wrong("no host name (letters, digits, hyphens; xn-- for others)");
    }
    endpoint.host = lower(host);
    if (rest.empty()) return endpoint;
    const auto port = rest.starts_with(':') ? to_whole_number(rest.substr(1)) : std::nullopt;
    if (!port || *port < 1 || *port > 65535) return wrong("no port between 1 and 65535");
    endpoint.port = static_cast<std::uint16_t>(*port);
    return endpoint;
}

std::string to_text(const Endpoint& endpoint) {
    const auto scheme = std::ranges::find_if(
        schemes, [&](const Scheme& s) { return s.protocol == endpoint.protocol && s.tls == endpoint.tls; });
    const bool ipv6 = endpoint.host.find(':') != std::string::npos;
    const auto host = ipv6 ? fmt::format("[{}]", endpoint.host) : endpoint.host;
    if (endpoint.port == scheme->port) return fmt::format("{}://{}", scheme->name, host);
    return fmt::format("{}://{}:{}", scheme->name, host, endpoint.port);
}

}  // namespace tocsin::transport
