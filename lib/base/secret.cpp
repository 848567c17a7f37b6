#include "base/secret.hpp"

#include <cstring>

namespace tocsin {

Secret::~Secret() {
    value_.resize(value_.capacity());  // what an earlier, longer value left behind goes too
    explicit_bzero(value_.data(), value_.size());
}

}  // namespace tocsin
