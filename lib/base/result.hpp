// Failure as a value: what strangers, networks and servers can cause.
//
// Every public operation that can fail for a reason outside of the program returns Result<T>.
// Exceptions are for broken promises alone (a bug, a failing disk, a configuration that cannot be
// read at start); they are caught in main and in the four loops of the daemon.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace tocsin {

// What kind of thing went wrong; sysexits and retries follow from it.
enum class Code {
    BadInput,       // bytes or text that break their grammar
    Limit,          // a limit was hit, named in `what`
    Unavailable,    // a server cannot be reached or has gone away
    Refused,        // a server answered no
    Untrusted,      // a certificate, host name or signature does not hold
    Deadline,       // it took too long and was given up
    Interrupted,    // we were told to stop
    Configuration,  // an administrator's file
    System,         // the operating system said no
};

// Whether doing the same again later can succeed.
enum class Permanence { Temporary, Permanent };

struct Error {
    Code code;
    Permanence permanence;
    std::string what;  // for operators: never content of a mail, an address or a secret
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
public:
    using tl::expected<T, Error>::expected;
    Result(tl::expected<T, Error> other) : tl::expected<T, Error>{std::move(other)} {}
};

inline tl::unexpected<Error> permanent(Code code, std::string what) {
    return tl::unexpected<Error>{Error{code, Permanence::Permanent, std::move(what)}};
}

inline tl::unexpected<Error> temporary(Code code, std::string what) {
    return tl::unexpected<Error>{Error{code, Permanence::Temporary, std::move(what)}};
}

}  // namespace tocsin
