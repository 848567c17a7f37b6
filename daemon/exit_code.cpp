#include "daemon/exit_code.hpp"

#include <sysexits.h>

namespace tocsin::daemon {

int exit_code_of(const Error& error) {
    switch (error.code) {
        case Code::BadInput:
        case Code::Limit:
            return EX_DATAERR;
        case Code::Unavailable:
        case Code::Refused:
        case Code::Untrusted:
        case Code::Deadline:
            return EX_UNAVAILABLE;
        case Code::Interrupted:
            return EX_TEMPFAIL;
        case Code::Configuration:
            return EX_CONFIG;
        case Code::System:
            return EX_IOERR;
    }
    return EX_SOFTWARE;
}

int exit_code_for_server(const Error& error) {
    const int code = exit_code_of(error);
    return code == EX_DATAERR ? EX_UNAVAILABLE : code;
}

}  // namespace tocsin::daemon
