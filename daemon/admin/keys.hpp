// tocsinctl key …: the administrator's hand on the keys.
#pragma once

#include <string>

#include "daemon/admin/admin.hpp"

namespace tocsin::daemon {

struct KeyOptions {
    std::string name;               // init: in the user id; the organisation's otherwise
    std::string lasts = "2 years";  // init: or "never"
    bool another = false;           // init: even where there is one
    std::string file;               // import; - is standard input
    std::string key;                // export, accept, retire: a fingerprint or an address; clear: a ticket's number
};

int make_own_key(const AdminContext& context, const KeyOptions& options);
int list_keys(const AdminContext& context);
int export_key(const AdminContext& context, const KeyOptions& options);
int import_key(const AdminContext& context, const KeyOptions& options);
int accept_key(const AdminContext& context, const KeyOptions& options);
// Words go out again in a ticket whose encrypted mail somebody else sent too.
int clear_relays(const AdminContext& context, const KeyOptions& options);
int retire_key(const AdminContext& context, const KeyOptions& options);

}  // namespace tocsin::daemon
