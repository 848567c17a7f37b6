// `backup`, `audit verify` and `audit roster`: what an administrator does about the database itself.
#include <fmt/core.h>
#include <sysexits.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "daemon/admin/admin.hpp"
#include "store/backup.hpp"

namespace tocsin::daemon {

namespace {

using AdminJson = nlohmann::ordered_json;

// The key of our Message-IDs belongs to the database: without it our own mail would be a stranger's.
Result<void> copy_key(const Configuration& configuration, const std::filesystem::path& file) {
    const auto key = read_file(configuration.state_directory() / "message-id.key", 1024);
    if (!key) return tl::unexpected{key.error()};
    std::error_code unknown;
    if (std::filesystem::exists(std::filesystem::symlink_status(file, unknown)))
        return permanent(Code::BadInput, file.string() + " is there already; nothing is overwritten");
    return replace_file(file, *key);
}

int told_of(const Error& error) { return complain(error.what, error.code == Code::BadInput ? EX_DATAERR : EX_IOERR); }

struct Audit {
    std::int64_t lines = 0;
    std::string last_hash;
    std::optional<std::int64_t> broken;
    std::vector<std::string> unlike;  // tickets that are not what their history tells
    std::string damage;
};

// At one moment, beside a daemon that goes on.
Audit audit_of(store::Store& store) {
    const store::Snapshot moment{store.database};
    Audit audit;
    audit.broken = store.tickets.first_broken_line();
    const auto end = store.tickets.chain_end();
    audit.lines = end.first;
    audit.last_hash = to_hex(view(end.second));
    for (const auto& [id, ticket] :
         store.tickets.list({.state = {}, .severity = {}, .owner = {}, .most = 1'000'000}, Instant{}))
        if (!store.tickets.was_forgotten(id) && store.tickets.rebuild(id) != ticket)
            audit.unlike.push_back(ticket.number);
    audit.damage = store::damage_of(store.database);
    return audit;
}

}  // namespace

int back_up_store(const AdminContext& context, const std::string& file) {
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    int code = EX_OK;
    const auto store = open_store(*configuration, code);
    if (!store) return code;
    const std::filesystem::path key_file = file + ".message-id.key";
    if (const auto copied = copy_key(*configuration, key_file); !copied) return told_of(copied.error());
    if (const auto copied = store::back_up(store->database, file); !copied) {
        std::error_code ignored;
        std::filesystem::remove(key_file, ignored);
        return told_of(copied.error());
    }
    const auto bytes = std::filesystem::file_size(file);
    if (context.json)
        std::puts(AdminJson{{"file", file}, {"key", key_file.string()}, {"bytes", bytes}}.dump(2).c_str());
    else
        fmt::print("{} ({} bytes, checked) and {}: keep both, they belong together.\n", file, bytes, key_file.string());
    return EX_OK;
}

int verify_audit(const AdminContext& context) {
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    int code = EX_OK;
    const auto store = open_store(*configuration, code);
    if (!store) return code;
    const Audit audit = audit_of(*store);
    const bool holds = !audit.broken && audit.unlike.empty() && audit.damage.empty();
    if (context.json) {
        std::puts(AdminJson{{"holds", holds},
                            {"lines", audit.lines},
                            {"last_hash", audit.last_hash},
                            {"first_broken_line", audit.broken ? AdminJson(*audit.broken) : AdminJson{}},
                            {"tickets_unlike_their_history", audit.unlike},
                            {"damage", audit.damage.empty() ? AdminJson{} : AdminJson(audit.damage)}}
                      .dump(2)
                      .c_str());
        return holds ? EX_OK : EX_DATAERR;
    }
    if (audit.broken)
        complain(fmt::format("the history is broken at line {}: it, or what stands before it, was changed from outside",
                             *audit.broken),
                 EX_DATAERR);
    for (const std::string& number : audit.unlike) complain(number + " is not what its history tells", EX_DATAERR);
    if (!audit.damage.empty()) complain("the database is damaged: " + audit.damage, EX_DATAERR);
    if (!holds) return EX_DATAERR;
    fmt::print("The history holds: {} lines, each bound to the one before it; tickets and clocks are what it tells.\n",
               audit.lines);
    fmt::print("Its last hash: {}\nNoted elsewhere, it also shows whether somebody wrote the whole history anew.\n",
               audit.last_hash);
    return EX_OK;
}

int show_roster(const AdminContext& context) {
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    int code = EX_OK;
    const auto store = open_store(*configuration, code);
    if (!store) return code;
    AdminJson all = AdminJson::array();
    for (const cvd::Event& event : store->tickets.all_of_house(cvd::EventKind::Roster)) {
        AdminJson members = AdminJson::object();
        for (const auto& [address, words] : event.detail)
            if (address != "accept") members[address] = words;
        if (!context.json) {
            fmt::print("{}\n", to_rfc3339(event.at));
            for (const auto& [address, words] : event.detail)
                fmt::print("  {:<30} {}\n", for_one_line(address), for_one_line(words));
        }
        all.push_back({{"at", to_rfc3339(event.at)},
                       {"members", std::move(members)},
                       {"accept", trim(cvd::said(event, "accept"))}});
    }
    if (context.json) std::puts(all.dump(2).c_str());
    return EX_OK;
}

}  // namespace tocsin::daemon
