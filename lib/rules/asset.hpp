// What is ours ([assets]), and whether a report is about it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::rules {

struct Assets {
    std::vector<std::string> domains;      // lower case
    std::vector<std::string> products;     // names
    std::vector<std::string> identifiers;  // lower case: "cpe:2.3:a:acme:portal", "pkg:npm/acme-portal"
    bool empty() const { return domains.empty() && products.empty() && identifiers.empty(); }
};

// The host of a link, in lower case; empty when there is none.
std::string host_of(std::string_view url);

// "in-scope" when a link leads to one of our domains or below one, the text names a host there, or a product by its
// name, its CPE name or its package URL; "out-of-scope" when there are links and all of them lead elsewhere; "unknown"
// otherwise. An e-mail address names no host: ours stands in every answer.
std::string_view scope_of(const Assets& assets, const std::vector<std::string_view>& urls, std::string_view text);

}  // namespace tocsin::rules
