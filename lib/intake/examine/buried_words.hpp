// Words of an answer that stand below the header of the mail that is answered, where nothing marks a quotation.
#pragma once

#include <string_view>

namespace tocsin::intake {

// Whether `embedded` (Reading::embedded) holds a line that is not in the mail that was answered, whose whole text is
// `answered`. Header lines, addresses that a program puts behind links, and what gateways add are no words of hers; nor
// is a quotation of another mail altogether.
bool adds_words(std::string_view embedded, std::string_view answered);

}  // namespace tocsin::intake
