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
    const std::string lower_text = assets.products.empty() ? std::string{} : lower(text);
    if (std::ranges::any_of(assets.products, [&](const std::string& product) { return names(lower_text, product); }))
        return "in-scope";
    for (const std::string_view url : urls) {
        const std::string host = host_of(url);
        if (std::ranges::any_of(assets.domains, [&](const std::string& domain) { return is_below(host, domain); }))
            return "in-scope";
    }
    return urls.empty() || assets.domains.empty() ? "unknown" : "out-of-scope";
}

}  // namespace tocsin::rules
