#include "rules/asset.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tocsin::rules {

namespace {

bool is_name_byte(char c) { return is_letter(c) || is_digit(c) || (c & '\x80') != 0; }

// A product's name stands there as a word of its own: "Acme" is not named by "acmeology".
bool names(std::string_view lower_text, std::string_view product) {
    const std::string name = lower(product);
    for (std::size_t at = lower_text.find(name); at != std::string_view::npos; at = lower_text.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        if ((at == 0 || !is_name_byte(lower_text[at - 1])) &&
            (end == lower_text.size() || !is_name_byte(lower_text[end])))
            return true;
    }
    return false;
}

// "pkg:npm/acme-portal" is named by "pkg:npm/acme-portal@1.2", and not by "pkg:npm/acme-portal-theme".
bool names_identifier(std::string_view lower_text, std::string_view identifier) {
    for (std::size_t at = lower_text.find(identifier); at != std::string_view::npos;
         at = lower_text.find(identifier, at + 1)) {
        const std::string_view after = lower_text.substr(at + identifier.size());
        if (after.empty() || (!is_name_byte(after[0]) && after[0] != '-' && after[0] != '_')) return true;
    }
    return false;
}

bool is_host_byte(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; }

// "portal.acme.test" names a host of acme.test; "rae@acme.test", "notacme.test" and "acme.test.evil.test" do not.
bool names_host(std::string_view lower_text, std::string_view domain) {
    for (std::size_t at = lower_text.find(domain); at != std::string_view::npos; at = lower_text.find(domain, at + 1)) {
        const std::string_view after = lower_text.substr(at + domain.size());
        const bool goes_on =
            !after.empty() && (is_name_byte(after[0]) || after[0] == '-' || after[0] == '_' ||
                               (after[0] == '.' && after.size() > 1 && is_host_byte(after[1]) && after[1] != '.'));
        if (goes_on || (at > 0 && is_host_byte(lower_text[at - 1]) && lower_text[at - 1] != '.')) continue;
        std::size_t begin = at;
        while (begin > 0 && is_host_byte(lower_text[begin - 1])) --begin;
        if (begin == 0 || lower_text[begin - 1] != '@') return true;
    }
    return false;
}

bool is_below(std::string_view host, std::string_view domain) {
    return host == domain ||
           (host.size() > domain.size() && host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

}  // namespace

std::string host_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
    rest = rest.substr(0, rest.find_first_of("/?#"));
    // RFC 3986 section 3.2: what stands before the last '@' is user information, however much it looks like a host.
    if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) rest = rest.substr(at + 1);
    if (!rest.starts_with('[')) rest = rest.substr(0, rest.find(':'));
    while (rest.ends_with('.')) rest.remove_suffix(1);
    return lower(rest);
}

std::string_view scope_of(const Assets& assets, const std::vector<std::string_view>& urls, std::string_view text) {
    if (assets.empty()) return "unknown";
    const std::string lower_text = lower(text);
    if (std::ranges::any_of(assets.products, [&](const std::string& product) { return names(lower_text, product); }))
        return "in-scope";
    if (std::ranges::any_of(assets.identifiers,
                            [&](const std::string& one) { return names_identifier(lower_text, one); }))
        return "in-scope";
    if (assets.domains.empty()) return "unknown";
    std::string outside_of_links = lower_text;
    for (const std::string_view url : urls) {
        // A link is judged by its host alone: "https://evil.test/?to=acme.test" is not ours.
        const std::string link = lower(url);
        for (std::size_t at = 0; (at = outside_of_links.find(link, at)) != std::string::npos; at += link.size())
            outside_of_links.replace(at, link.size(), link.size(), ' ');
    }
    if (std::ranges::any_of(assets.domains,
                            [&](const std::string& domain) { return names_host(outside_of_links, domain); }))
        return "in-scope";
    for (const std::string_view url : urls) {
        const std::string host = host_of(url);
        if (std::ranges::any_of(assets.domains, [&](const std::string& domain) { return is_below(host, domain); }))
            return "in-scope";
    }
    return urls.empty() ? "unknown" : "out-of-scope";
}

}  // namespace tocsin::rules
