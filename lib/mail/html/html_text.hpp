// What a person reads in an HTML body, as plain text.
//
// libxml2's push parser with our own callbacks: no tree is built, nothing is fetched, no depth is lost. Its work
// is metered; past the budget the rest is read by stripping tags, so hostile nesting costs no more than length.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::mail {

// `html` is valid UTF-8, whatever it says of itself. Quotations come out behind "> ", links as "text <target>".
// Text that a person could not see is left out, with the defect "hidden-text".
std::string html_to_text(std::string_view html, std::vector<std::string>& defects);

}  // namespace tocsin::mail
