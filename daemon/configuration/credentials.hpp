// Where a password comes from, and getting it: anew for each login, so that a changed one is used at once.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "transport/endpoint.hpp"

namespace tocsin::daemon {

struct PasswordFile {
    std::string path;
};
struct PasswordCredential {  // systemd's LoadCredential: a file below $CREDENTIALS_DIRECTORY
    std::string name;
};
struct PasswordCommand {  // run without a shell; the first line of its output is the secret
    std::vector<std::string> arguments;
    bool oauth2 = false;  // the secret is an access token
};
using PasswordSource = std::variant<PasswordFile, PasswordCredential, PasswordCommand>;

// Blocks for at most 30 seconds, for the sake of commands. The first line, without its end.
Result<Secret> read_password(const PasswordSource& source);

// How a server is shown what that source gives.
transport::LoginMethod login_method(const PasswordSource& source);

// Whether it is an access token, which runs out and is made anew by asking again.
bool is_token(const PasswordSource& source);

// Something that an administrator should mend about the source: a file that others can read.
std::string complaint_about(const PasswordSource& source);

}  // namespace tocsin::daemon
