// Bounces in words alone: whom they are about, and where the returned mail begins in them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::mail {

struct NamedFailure {
    std::string address;
    std::string diagnostic;  // the words that belong to it
};

// Every address in the text, in order, without duplicates; at most `most`.
std::vector<std::string> addresses_in(std::string_view text, std::size_t most = 100);

// Where a returned mail's header begins in the text of a report; its size when none does.
std::size_t returned_mail_in(std::string_view text);

// Whom the words of a report name, each with the lines around it: addresses at the head of a line, and those of
// `expected` (whom the returned mail was written to). Else the first address there is. None of `never`.
std::vector<NamedFailure> failures_in(std::string_view words, const std::vector<std::string>& expected,
                                      const std::vector<std::string>& never);

}  // namespace tocsin::mail
