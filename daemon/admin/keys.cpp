#include "daemon/admin/keys.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "daemon/admin/examiner.hpp"
#include "daemon/keys/keychain.hpp"
#include "intake/admit/blocked_relays.hpp"
#include "intake/decide/known_keys.hpp"
#include "openpgp/armor.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_key_bytes = 4u << 20;
constexpr std::chrono::seconds work_patience{60};

struct KeyWork {
    Examiner& examiner;
    const KeyRequest& request;
};

asio::awaitable<void> work_once(KeyWork work, std::optional<Result<KeyAnswer>>& answer) {
    const intake::Frame frame = to_frame(work.request);
    const auto got = co_await work.examiner.ask_about_keys(frame, work_patience);
    answer.emplace(heard(got));
    work.examiner.close();
}

// What gpg leaves running in a home that it was let loose in.
void end_agents_of(const fs::path& home) {
    std::string words[] = {"gpgconf", "--homedir", home.string(), "--kill", "all"};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), words[4].data(), nullptr};
    std::string path = "PATH=/usr/bin:/bin";
    char* environment[] = {path.data(), nullptr};
    pid_t child = 0;
    if (::posix_spawn(&child, "/usr/bin/gpgconf", nullptr, nullptr, arguments, environment) == 0)
        ::waitpid(child, nullptr, 0);
}

// Files that root makes belong to whom the home belongs, or the daemon could not read them.
void give_to_owner(const fs::path& home) {
    struct stat owner {};
    if (::geteuid() != 0 || ::stat(home.c_str(), &owner) != 0 || owner.st_uid == 0) return;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator{home, error})
        if (::lchown(entry.path().c_str(), owner.st_uid, owner.st_gid) != 0) return;
}

Result<KeyAnswer> work_in_home(const Configuration& configuration, KeyRequest request) {
    const fs::path& home = configuration.openpgp->home;
    request.home = home;
    auto setup = examiner_setup(configuration);
    setup.keys.clear();
    setup.workshop = home.string();
    asio::io_context io{1};
    auto examiner = Examiner::start(io.get_executor(), examiner_program(), setup);
    if (!examiner) return tl::unexpected{examiner.error()};
    std::optional<Result<KeyAnswer>> answer;
    std::exception_ptr failure;
    asio::co_spawn(io, work_once({**examiner, request}, answer),
                   [&failure](const std::exception_ptr& thrown) { failure = thrown; });
    io.run();
    end_agents_of(home);
    give_to_owner(home);
    if (failure) std::rethrow_exception(failure);
    return std::move(*answer);
}

std::optional<Configuration> with_openpgp(const AdminContext& context) {
    auto configuration = configuration_or_complain(context);
    if (configuration && !configuration->openpgp) {
        complain(context.configuration.string() + ": there is no [openpgp] table; it needs home and key", EX_CONFIG);
        return std::nullopt;
    }
    return configuration;
}

// Nothing where the daemon never ran: there is nothing bound then.
std::unique_ptr<store::Store> store_if_any(const Configuration& configuration) {
    int code = 0;
    return fs::exists(configuration.store) ? open_store(configuration, code) : nullptr;
}

std::vector<std::string> keygrips_in(const fs::path& home) {
    std::vector<std::string> grips;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{home / "private-keys-v1.d", error})
        if (entry.path().extension() == ".key") grips.push_back(entry.path().stem().string());
    return grips;
}

Result<openpgp::Keyring> keyring_of(const Configuration& configuration) {
    auto answer = work_in_home(configuration,
                               {.job = KeyRequest::Job::List, .keygrips = keygrips_in(configuration.openpgp->home)});
    if (!answer) return tl::unexpected{answer.error()};
    return std::move(answer->keyring);
}

bool prepare_home(const fs::path& home) {
    std::error_code error;
    if (!fs::exists(home)) {
        fs::create_directories(home, error);
        struct stat above {};
        if (!error && ::geteuid() == 0 && ::stat(home.parent_path().c_str(), &above) == 0)
            if (::chown(home.c_str(), above.st_uid, above.st_gid) != 0) return false;
    }
    fs::permissions(home, fs::perms::owner_all, error);
    if (error) return false;
    // Else every use of a key with a passphrase costs half a second.
    if (!fs::exists(home / "gpg-agent.conf"))
        return replace_file(home / "gpg-agent.conf", "s2k-count 65536\n").has_value();
    return true;
}

std::optional<std::chrono::seconds> read_lasting(std::string_view text) {
    if (text == "never") return std::chrono::seconds{0};
    const auto parts = words(text);
    if (parts.size() != 2) return std::nullopt;
    const auto count = to_whole_number(parts[0]);
    if (!count || *count < 1 || *count > 100'000) return std::nullopt;
    const std::string unit = lower(parts[1]);
    const std::int64_t days = unit.starts_with("day")     ? 1
                              : unit.starts_with("month") ? 30
                              : unit.starts_with("year")  ? 365
                                                          : 0;
    if (days == 0) return std::nullopt;
    return std::chrono::seconds{*count * days * 86'400};
}

std::string day_of(const std::optional<Instant>& at) { return at ? to_rfc3339(*at).substr(0, 10) : "never"; }

std::string role_of(const openpgp::Key& key, const Configuration& configuration) {
    if (key.ours()) return "ours";
    for (const intake::Member& member : configuration.organisation.team)
        if (!member.key.empty() && openpgp::Keyring{{key}}.find(member.key) != nullptr) return "team: " + member.name;
    return "known";
}

Result<std::string> read_key_file(const std::string& file) {
    if (file != "-") return read_file(file, most_key_bytes);
    std::string bytes;
    char piece[1 << 16];
    for (ssize_t got = 0; (got = ::read(STDIN_FILENO, piece, sizeof piece)) > 0;)
        bytes.append(piece, static_cast<std::size_t>(got));
    return bytes;
}

// As it stands in the store; an address stands for what is proposed for it.
std::string fingerprint_named(const store::Store& store, const std::string& name, store::KeyState state) {
    if (const auto address = mail::Address::from(name)) {
        for (const store::KnownKey& key : store.keys.of(address->identity()))
            if (key.state == state) return key.fingerprint;
        return {};
    }
    std::string fingerprint;
    for (const char c : name)
        if (c != ' ') fingerprint += c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    return fingerprint.starts_with("0x") ? fingerprint.substr(2) : fingerprint;
}

void say(const AdminContext& context, const nlohmann::ordered_json& json, const std::string& words) {
    std::puts(context.json ? json.dump(2).c_str() : words.c_str());
}

// Of people outside: as it was taken in, where the house's own keyring has nothing by that name.
std::string kept_certificate(const Configuration& configuration, const std::string& name, std::string& fingerprint) {
    const auto store = store_if_any(configuration);
    if (!store) return {};
    fingerprint = fingerprint_named(*store, name, store::KeyState::Bound);
    if (fingerprint.empty()) fingerprint = fingerprint_named(*store, name, store::KeyState::Proposed);
    for (const store::KnownKey& key : store->keys.with_fingerprint(fingerprint))
        if (!key.certificate.empty()) return key.certificate;
    return {};
}

}  // namespace

int make_own_key(const AdminContext& context, const KeyOptions& options) {
    const auto configuration = with_openpgp(context);
    if (!configuration) return EX_CONFIG;
    const auto lasts = read_lasting(options.lasts);
    if (!lasts)
        return complain("--expires: accepted is \"never\", or such as \"2 years\", \"18 months\", \"90 days\"",
                        EX_USAGE);
    const OpenPgpConfiguration& openpgp = *configuration->openpgp;
    if (!prepare_home(openpgp.home))
        return complain(openpgp.home.string() + ": cannot be made, or not be given the mode 0700", EX_CANTCREAT);
    const std::string address =
        mail::Address::from(openpgp.key) ? openpgp.key : configuration->organisation.address.text();
    if (const auto keyring = keyring_of(*configuration); keyring && !options.another)
        for (const openpgp::Key* key : keyring->with_address(address))
            if (key->ours() && !key->revoked)
                return complain("there is a key for " + address + " already: " + key->fingerprint +
                                    ". To make it last longer: gpg --homedir " + openpgp.home.string() +
                                    " --quick-set-expire " + key->fingerprint +
                                    " 2y. To make another one beside it: tocsinctl key init --another",
                                EX_CANTCREAT);
    std::string passphrase;
    if (openpgp.passphrase) {
        const auto read = read_password(*openpgp.passphrase);
        if (!read) return complain(read.error().what, EX_NOINPUT);
        passphrase = read->reveal();
    }
    const std::string name = options.name.empty() ? configuration->organisation.name + " Security" : options.name;
    const auto made = work_in_home(
        *configuration,
        {.job = KeyRequest::Job::Make, .name = name, .address = address, .passphrase = passphrase, .lasts = *lasts});
    if (!made) return complain(made.error().what, EX_SOFTWARE);
    if (context.json)
        std::puts(nlohmann::ordered_json{{"fingerprint", made->fingerprint}, {"address", address}}.dump(2).c_str());
    else
        std::printf(
            "Made the key %s\nfor %s in %s.\n\nPut its public half where researchers look for it: tocsinctl key "
            "export\n"
            "Keep a copy of the home directory in a safe place: without it no mail can be opened.\n",
            made->fingerprint.c_str(), address.c_str(), openpgp.home.c_str());
    if (options.another && !context.json)
        std::printf(
            "\nTo sign with it from now on, name it in [openpgp]: key = \"%s\". The other one stays, and "
            "opens what was encrypted to it.\n",
            made->fingerprint.c_str());
    return EX_OK;
}

int list_keys(const AdminContext& context) {
    const auto configuration = with_openpgp(context);
    if (!configuration) return EX_CONFIG;
    const auto keyring = keyring_of(*configuration);
    if (!keyring) return complain(keyring.error().what, EX_UNAVAILABLE);
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    std::vector<std::vector<Cell>> rows;
    const Instant now = context.clock.now();
    const auto add = [&](const std::string& fingerprint, const std::string& addresses, const std::string& role,
                         const std::string& state, const std::optional<Instant>& expires, bool is_told = true) {
        list.push_back(
            {{"fingerprint", fingerprint},
             {"addresses", addresses},
             {"role", role},
             {"state", state},
             {"expires", expires ? nlohmann::ordered_json(to_rfc3339(*expires)) : nlohmann::ordered_json{}}});
        rows.push_back(
            {{fingerprint}, {for_one_line(addresses, 60)}, {role}, {state}, {is_told ? day_of(expires) : "-"}});
    };
    for (const openpgp::Key& key : keyring->keys()) {
        std::string addresses;
        for (const std::string& address : key.addresses) addresses += (addresses.empty() ? "" : ", ") + address;
        const bool expired = key.expires && *key.expires <= now;
        add(key.fingerprint, addresses, role_of(key, *configuration),
            key.revoked ? "revoked"
            : expired   ? "expired"
                        : "usable",
            key.ends());
    }
    if (const auto store = store_if_any(*configuration))
        for (const store::KnownKey& key : store->keys.all())
            add(key.fingerprint, key.address, "reporter (" + key.origin + ")", std::string{store::to_text(key.state)},
                std::nullopt, false);  // asked of its certificate each time that something is encrypted to it
    if (context.json)
        std::puts(nlohmann::ordered_json{{"keys", std::move(list)}}.dump(2).c_str());
    else
        std::fputs(rows.empty()
                       ? "No keys.\n"
                       : table({"FINGERPRINT", "ADDRESS", "WHOSE", "STATE", "EXPIRES"}, rows, context.palette).c_str(),
                   stdout);
    return EX_OK;
}

int export_key(const AdminContext& context, const KeyOptions& options) {
    const auto configuration = with_openpgp(context);
    if (!configuration) return EX_CONFIG;
    const auto keyring = keyring_of(*configuration);
    if (!keyring) return complain(keyring.error().what, EX_UNAVAILABLE);
    const openpgp::Key* key = keyring->named(options.key.empty() ? configuration->openpgp->key : options.key);
    std::string fingerprint;
    std::string armored;
    if (key != nullptr) {
        fingerprint = key->fingerprint;
        auto exported =
            work_in_home(*configuration, {.job = KeyRequest::Job::Export, .fingerprint = fingerprint, .armored = true});
        if (!exported) return complain(exported.error().what, EX_SOFTWARE);
        armored = std::move(exported->bytes);
    } else if (const auto kept = kept_certificate(*configuration, options.key, fingerprint); !kept.empty()) {
        armored = openpgp::to_armor(kept, "PUBLIC KEY BLOCK");
    } else {
        return complain("there is no such key; tocsinctl key list shows them", EX_DATAERR);
    }
    if (context.json)
        std::puts(nlohmann::ordered_json{{"fingerprint", fingerprint}, {"armored", armored}}.dump(2).c_str());
    else
        std::fputs(armored.c_str(), stdout);
    return EX_OK;
}

int import_key(const AdminContext& context, const KeyOptions& options) {
    const auto configuration = with_openpgp(context);
    if (!configuration) return EX_CONFIG;
    auto bytes = read_key_file(options.file);
    if (!bytes) return complain(bytes.error().what, EX_NOINPUT);
    if (!prepare_home(configuration->openpgp->home)) return complain("the home cannot be made", EX_CANTCREAT);
    const auto imported = work_in_home(*configuration, {.job = KeyRequest::Job::Import, .bytes = std::move(*bytes)});
    if (!imported) return complain(imported.error().what, EX_DATAERR);
    const auto keyring = keyring_of(*configuration);
    const auto store = store_if_any(*configuration);
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const KeyAnswer::Imported& one : imported->imported) {
        list.push_back({{"fingerprint", one.fingerprint}, {"secret", one.secret}, {"new", one.is_new}});
        const openpgp::Key* key = keyring ? keyring->find(one.fingerprint) : nullptr;
        if (!context.json && key != nullptr && key->revoked)
            std::printf("Revoked, and used no more: the key %s\n", one.fingerprint.c_str());
        else if (!context.json)
            std::printf("%s %s key %s\n", one.is_new ? "Took in the" : "Knew the", one.secret ? "secret" : "public",
                        one.fingerprint.c_str());
        if (key == nullptr || key->ours() || !store) continue;
        // The administrator's word counts more than what came by mail.
        const auto exported =
            work_in_home(*configuration, {.job = KeyRequest::Job::Export, .fingerprint = one.fingerprint});
        if (!exported) continue;
        store::Transaction transaction{store->database};
        for (const std::string& text : key->addresses)
            if (const auto address = mail::Address::from(text);
                address && configuration->organisation.member(text) == nullptr)
                store->keys.add({.fingerprint = key->fingerprint,
                                 .address = address->identity(),
                                 .origin = "administrator",
                                 .state = store::KeyState::Proposed,
                                 .certificate = exported->bytes},
                                context.clock.now());
        store->keys.accept(key->fingerprint, context.clock.now());
        transaction.commit();
    }
    if (context.json) std::puts(nlohmann::ordered_json{{"imported", std::move(list)}}.dump(2).c_str());
    return EX_OK;
}

int accept_key(const AdminContext& context, const KeyOptions& options) {
    const auto configuration = with_openpgp(context);
    if (!configuration) return EX_CONFIG;
    const auto store = store_if_any(*configuration);
    if (!store) return complain("no key was offered yet", EX_DATAERR);
    const std::string fingerprint = fingerprint_named(*store, options.key, store::KeyState::Proposed);
    store::Transaction transaction{store->database};
    const std::size_t count = fingerprint.empty() ? 0 : store->keys.accept(fingerprint, context.clock.now());
    transaction.commit();
    if (count == 0)
        return complain("no key with that fingerprint waits to be accepted; tocsinctl key list shows them", EX_DATAERR);
    say(context, {{"fingerprint", fingerprint}, {"state", "bound"}},
        "Accepted " + fingerprint + "; mail goes out to it from now on.");
    return EX_OK;
}

int clear_relays(const AdminContext& context, const KeyOptions& options) {
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    const auto store = store_if_any(*configuration);
    const auto id = store ? store->tickets.by_number(options.key) : std::nullopt;
    if (!id || !intake::relays_blocked(*store, *id))
        return complain("nothing is blocked in a ticket '" + for_one_line(options.key, 40) + "'", EX_DATAERR);
    store::Transaction transaction{store->database};
    store->tickets.record(*id, {intake::relays_cleared("administrator", context.clock.now())});
    intake::let_relays_out(*store, *id, context.clock.now());
    transaction.commit();
    say(context, {{"number", options.key}, {"relays", "cleared"}}, "Words go out again in " + options.key + ".");
    return EX_OK;
}

int retire_key(const AdminContext& context, const KeyOptions& options) {
    const auto configuration = with_openpgp(context);
    if (!configuration) return EX_CONFIG;
    const auto store = store_if_any(*configuration);
    const std::string fingerprint =
        store ? fingerprint_named(*store, options.key, store::KeyState::Bound) : options.key;
    const auto keyring = keyring_of(*configuration);
    const openpgp::Key* in_house = keyring ? keyring->named(fingerprint.empty() ? options.key : fingerprint) : nullptr;
    if (in_house != nullptr && in_house->ours())
        return complain(
            "that key is ours: name another one as 'key' in [openpgp] (tocsinctl key init --another makes it); this "
            "one stays, so that older mail can be opened",
            EX_USAGE);
    std::size_t count = 0;
    if (store) {
        store::Transaction transaction{store->database};
        count = fingerprint.empty() ? 0 : store->keys.retire(fingerprint, context.clock.now());
        transaction.commit();
    }
    if (count == 0 && in_house != nullptr)
        return complain("that key is no reporter's: it stands in the keyring of the house (" +
                            role_of(*in_house, *configuration) +
                            "). A member's is taken out of her [[team]] table in the configuration",
                        EX_USAGE);
    if (count == 0) return complain("no such key is bound or proposed; tocsinctl key list shows them", EX_DATAERR);
    say(context, {{"fingerprint", fingerprint}, {"state", "retired"}},
        "Retired " + fingerprint + "; nothing is encrypted to it any more.");
    return EX_OK;
}

}  // namespace tocsin::daemon
