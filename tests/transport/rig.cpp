#include "rig.hpp"

#include <cstdlib>
#include <fstream>
#include <map>

namespace tocsin::transport::testing {

Endpoint Rig::imap_endpoint(TlsStart tls) const {
    return {Protocol::Imap, tls, "localhost", tls == TlsStart::Implicit ? imaps : imap};
}

Endpoint Rig::submission_endpoint(TlsStart tls) const {
    return {Protocol::Submission, tls, "localhost", tls == TlsStart::Implicit ? submissions : submission};
}

Login Rig::login(const std::string& user) const { return {user, Secret{password}}; }

std::optional<Rig> find_rig() {
    const char* folder = std::getenv("TOCSIN_RIG");
    if (!folder) return std::nullopt;
    std::ifstream file{std::string{folder} + "/env"};
    std::map<std::string, std::string> values;
    for (std::string line; std::getline(file, line);)
        if (const auto equals = line.find('='); equals != std::string::npos)
            values[line.substr(0, equals)] = line.substr(equals + 1);
    if (values.empty()) return std::nullopt;
    const auto port = [&](const char* name) { return static_cast<std::uint16_t>(std::stoi(values.at(name))); };
    return Rig{port("IMAP"),        port("IMAPS"),   port("SUBMISSION"),
               port("SUBMISSIONS"), values.at("CA"), values.at("PASSWORD")};
}

}  // namespace tocsin::transport::testing
