// Mails that have killed mail programs, and their kin: small to write, costly to read.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace tocsin::mail {

struct Killer {
    std::string name;
    std::size_t size;                              // at which it is tested; `make` takes any
    std::function<std::string(std::size_t)> make;  // a mail of about that many bytes
};

const std::vector<Killer>& killers();

}  // namespace tocsin::mail
