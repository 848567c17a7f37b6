// Certificates made on the spot, each with one thing wrong with it.
#pragma once

#include <string>

namespace tocsin::transport::testing {

struct Identity {
    std::string certificate;  // PEM
    std::string key;          // PEM
};

enum class Flaw { None, WrongHost, Expired, UnknownAuthority, NoSubjectAltName, NotForServers, ShortKey };

// Signed by the authority of this process, for localhost and 127.0.0.1 unless the flaw says otherwise.
const Identity& identity(Flaw flaw);

// A file with that authority alone; it goes when the process ends.
const std::string& authority_file();

}  // namespace tocsin::transport::testing
