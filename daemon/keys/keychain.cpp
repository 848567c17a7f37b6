#include "daemon/keys/keychain.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "daemon/event_log.hpp"
#include "daemon/examiner_link.hpp"
#include "intake/decide/known_keys.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds listing_patience{60};
// Of a stranger's key, with its own signatures alone.
constexpr std::size_t most_addresses = 20;
constexpr std::size_t most_kept_bytes = 64u << 10;

// Nobody is asked about a key, nothing is written, the agent is never started from here (notes on gpg 2.2.40: an
// unreadable gpg.conf is ignored in silence, so our own signature is the proof that it was read).
constexpr std::string_view reading_options =
    "no-autostart\ntrust-model always\nlock-never\nno-random-seed-file\nno-permission-warning\n"
    "no-auto-key-locate\nno-auto-key-retrieve\ndisable-dirmngr\nno-greeting\n"
    "personal-digest-preferences SHA256 SHA512\ndigest-algo SHA256\ncert-digest-algo SHA256\n";
// The administrator's keys are taken over as they are.
constexpr std::string_view options_for_keys_of_strangers = "import-options self-sigs-only,import-minimal\n";

std::string stamp_of(const fs::path& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return "-";
    return std::to_string(found.st_ino) + "." + std::to_string(found.st_size) + "." +
           std::to_string(found.st_mtim.tv_sec) + "." + std::to_string(found.st_mtim.tv_nsec);
}

// "<process>-<number>", and the process is gone.
bool left_behind(std::string_view name) {
    const std::size_t dash = name.find('-');
    if (dash == std::string_view::npos) return false;
    const auto process = to_whole_number(name.substr(0, dash));
    const auto number = to_whole_number(name.substr(dash + 1));
    return process && number && *process > 0 && ::kill(static_cast<pid_t>(*process), 0) != 0 && errno == ESRCH;
}

// What a process that is gone left behind. Below our own folder those are folders; in the home, which is the
// administrator's, sockets alone: whatever else has such a name is his.
void sweep(const OpenPgpConfiguration& openpgp) {
    std::error_code error;
    for (const fs::path& folder : {Keychain::folder_of(openpgp), Keychain::folder_of(openpgp) / offered_keys_folder})
        for (const auto& entry : fs::directory_iterator{folder, error})
            if (left_behind(entry.path().filename().string())) fs::remove_all(entry.path(), error);
    for (const auto& entry : fs::directory_iterator{openpgp.home, error}) {
        const std::string name = entry.path().filename().string();  // "S.<process>-<number>e"
        if (!name.starts_with("S.") || !(name.ends_with('e') || name.ends_with('s'))) continue;
        if (entry.symlink_status(error).type() != fs::file_type::socket) continue;
        if (left_behind(std::string_view{name}.substr(2, name.size() - 3))) fs::remove(entry.path(), error);
    }
}

// An address as it is bound: what is written into a key counts for nothing else.
std::string name_of(const store::KnownKey& key) { return key.fingerprint + " " + key.address; }

}  // namespace

Result<KeyAnswer> heard(const Result<intake::Frame>& frame) {
    if (!frame) return tl::unexpected{frame.error()};
    return key_answer_from(*frame);
}

Keychain::~Keychain() {
    std::error_code error;
    for (const fs::path& folder : {generation_, before_})
        if (!folder.empty()) fs::remove_all(folder, error);
}

Result<void> Keychain::check_home() const {
    struct stat found {};
    const std::string home = configuration_.home.string();
    if (::stat(home.c_str(), &found) != 0 || !S_ISDIR(found.st_mode))
        return permanent(Code::Configuration,
                         "[openpgp] home: there is no directory " + home + "; tocsinctl key init makes it");
    if ((found.st_mode & 077) != 0)
        return permanent(Code::Configuration, "[openpgp] home: others can look into " + home + "; chmod 700 it");
    return {};
}

Result<void> Keychain::start_agent() {
    std::optional<Secret> passphrase;
    if (configuration_.passphrase) {
        auto read = read_password(*configuration_.passphrase);
        if (!read) return tl::unexpected{read.error()};
        passphrase = std::move(*read);
    }
    agent_.reset();
    auto started = GpgAgent::start(examiner_program(), configuration_.home, passphrase);
    if (!started) return tl::unexpected{started.error()};
    agent_ = std::move(*started);
    secrets_of_agent_ = secrets_folder();
    return {};
}

// Which folder it is, not what it is called.
std::pair<dev_t, ino_t> Keychain::secrets_folder() const {
    struct stat status {};
    if (::stat((configuration_.home / "private-keys-v1.d").c_str(), &status) != 0) return {};
    return {status.st_dev, status.st_ino};
}

bool Keychain::mend_agent() {
    // The agent is confined to the folder that it began with: one that came back, or another, it cannot read.
    if (agent_ && agent_->answers() && secrets_of_agent_ == secrets_folder()) return false;
    if (!start_agent()) return false;
    // The generations lead to the agent by a file.
    for (const fs::path& folder : {generation_, before_})
        if (!folder.empty())
            (void)replace_file(folder / "S.gpg-agent", "%Assuan%\nsocket=" + agent_->socket().string() + "\n");
    return true;
}

std::vector<std::string> Keychain::keygrips() const {
    std::vector<std::string> grips;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{configuration_.home / "private-keys-v1.d", error})
        if (entry.path().extension() == ".key") grips.push_back(entry.path().stem().string());
    std::ranges::sort(grips);
    return grips;
}

std::string Keychain::secrets() const {
    std::string all;
    for (const std::string& grip : keygrips()) all += grip + " ";
    return to_hex(view(sha256(all))).substr(0, 16);
}

bool Keychain::changed_on_disk() const {
    return seen_on_disk_ != stamp_of(configuration_.home / "pubring.kbx") + secrets();
}

fs::path Keychain::new_folder(const char* below) {
    static unsigned count = 0;
    return folder_of(configuration_) / below / (std::to_string(::getpid()) + "-" + std::to_string(++count));
}

Result<void> Keychain::furnish(const fs::path& folder, KeysOf whose) const {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return permanent(Code::System, folder.string() + ": " + error.message());
    fs::permissions(folder, fs::perms::owner_all, error);
    std::string options{reading_options};
    if (whose == KeysOf::Strangers) options += options_for_keys_of_strangers;
    if (!own_.empty()) options += "default-key " + own_ + "\n";
    for (const auto& [name, text] :
         {std::pair<const char*, std::string>{"gpg.conf", options},
          {"S.gpg-agent", agent_ ? "%Assuan%\nsocket=" + agent_->socket().string() + "\n" : ""}}) {
        const auto written = replace_file(folder / name, text);
        if (!written) return written;
    }
    return {};
}

Result<void> Keychain::choose_own_key() {
    const openpgp::Key* key = keyring_.named(configuration_.key);
    if (key == nullptr)
        return permanent(Code::Configuration, "[openpgp] key: there is no key '" + configuration_.key + "' in " +
                                                  configuration_.home.string() + "; tocsinctl key init makes one");
    if (!key->ours())
        return temporary(Code::System, "[openpgp] key: the secret half of '" + configuration_.key + "' is not in " +
                                           configuration_.home.string());
    const auto opens = [](const openpgp::Subkey& one) { return one.encrypts && one.ours; };
    const auto encrypts = [](const openpgp::Subkey& one) { return one.encrypts; };
    if (std::ranges::any_of(key->subkeys, encrypts) && std::ranges::none_of(key->subkeys, opens))
        return temporary(Code::System, "[openpgp] key: what opens mail to '" + configuration_.key + "' is not in " +
                                           configuration_.home.string());
    own_ = key->fingerprint;
    return {};
}

asio::awaitable<Result<void>> Keychain::renew(Examiner& examiner, const std::vector<store::KnownKey>& known) {
    const auto home = check_home();
    if (!home) co_return home;
    if (!agent_) {
        auto started = start_agent();
        if (!started) co_return started;
    }
    sweep(configuration_);
    const std::string on_disk = stamp_of(configuration_.home / "pubring.kbx") + secrets();
    const fs::path folder = new_folder();
    // Of what was taken in before nothing is taken in twice, unless some of it is gone, or the home is another.
    const std::string home_stamp = stamp_of(configuration_.home / "pubring.kbx");
    Taken taken = taken_;
    const bool goes_on = !generation_.empty() && taken.home == home_stamp && nothing_is_gone(taken, known);
    if (!goes_on) taken = {};
    auto laid = co_await lay_keyring(examiner, folder, goes_on);
    if (!laid) co_return laid;

    KeyRequest listing{.job = KeyRequest::Job::List, .home = folder, .keygrips = keygrips()};
    const intake::Frame list = to_frame(listing);
    const auto listed_frame = co_await examiner.ask_about_keys(list, listing_patience);
    auto listed = heard(listed_frame);
    if (!listed) co_return tl::unexpected{listed.error()};
    if (!goes_on) taken.house = listed->keyring;
    taken.home = home_stamp;
    const std::size_t added = co_await take_in(examiner, folder, known, taken);
    if (added > 0) {
        const auto again = co_await examiner.ask_about_keys(list, listing_patience);
        listed = heard(again);
        if (!listed) co_return tl::unexpected{listed.error()};
    }
    listed->keyring = intake::bound_keyring(listed->keyring, taken.house, known);
    keyring_ = std::move(listed->keyring);
    const auto chosen = choose_own_key();
    if (!chosen) co_return chosen;
    const auto furnished = furnish(folder, KeysOf::Strangers);  // now with the key that signs
    if (!furnished) co_return furnished;
    KeyRequest exporting{.job = KeyRequest::Job::Export, .home = folder, .fingerprint = own_};
    const intake::Frame export_own = to_frame(exporting);
    const auto own_frame = co_await examiner.ask_about_keys(export_own, listing_patience);
    const auto own = heard(own_frame);
    if (!own) co_return tl::unexpected{own.error()};
    for (const auto& [name, bytes] :
         {std::pair<const char*, std::string>{"own.pgp", own->bytes}, {"keys", openpgp::to_text(keyring_)}}) {
        auto written = replace_file(folder / name, bytes);
        if (!written) co_return written;
    }
    std::error_code error;
    if (!before_.empty()) fs::remove_all(before_, error);
    before_ = std::exchange(generation_, folder);
    seen_on_disk_ = on_disk;
    taken_ = std::move(taken);
    if (!show_to(examiner)) co_return temporary(Code::System, "the examiner is not there");
    co_return Result<void>{};
}

// The one that is read now, or the administrator's.
asio::awaitable<Result<void>> Keychain::lay_keyring(Examiner& examiner, fs::path folder, bool goes_on) const {
    const auto furnished = furnish(folder, goes_on ? KeysOf::Strangers : KeysOf::TheHouse);
    if (!furnished) co_return furnished;
    std::error_code error;
    for (const char* name : {"pubring.kbx", "pubring.gpg"}) {
        const fs::path from = (goes_on ? generation_ : configuration_.home) / name;
        if (!fs::exists(from, error)) continue;
        fs::copy_file(from, folder / name, error);
        if (error) co_return temporary(Code::System, from.string() + ": " + error.message());
    }
    if (goes_on) co_return Result<void>{};
    const KeyRequest request{.job = KeyRequest::Job::CheckOnce, .home = folder};
    const intake::Frame frame = to_frame(request);
    const auto answered = co_await examiner.ask_about_keys(frame, listing_patience);
    if (const auto checked = heard(answered); !checked) co_return tl::unexpected{checked.error()};
    co_return furnish(folder, KeysOf::Strangers);
}

bool Keychain::nothing_is_gone(const Taken& taken, const std::vector<store::KnownKey>& known) {
    std::size_t still = 0;
    for (const store::KnownKey& key : known)
        if (key.state == store::KeyState::Bound && taken.certificates.contains(name_of(key))) ++still;
    return still == taken.certificates.size();
}

// Strangers send them: one that gpg does not take, or that kills it, costs itself alone. How many are new.
asio::awaitable<std::size_t> Keychain::take_in(Examiner& examiner, fs::path folder,
                                               const std::vector<store::KnownKey>& known, Taken& taken) const {
    constexpr std::size_t most_together = 100;
    constexpr std::size_t most_bytes = 2u << 20;
    std::size_t added = 0;
    const auto take = [&](const std::vector<const store::KnownKey*>& keys) -> asio::awaitable<bool> {
        KeyRequest request{.job = KeyRequest::Job::Import, .home = folder};
        for (const store::KnownKey* key : keys) request.bytes += key->certificate;
        const intake::Frame frame = to_frame(request);
        const auto answered = co_await examiner.ask_about_keys(frame, std::chrono::seconds{20});
        if (!heard(answered)) co_return false;
        for (const store::KnownKey* key : keys) taken.certificates[name_of(*key)] = sha256(key->certificate);
        added += keys.size();
        co_return true;
    };
    const auto take_together = [&](std::vector<const store::KnownKey*>& keys) -> asio::awaitable<void> {
        const bool all_taken = co_await take(keys);
        for (std::size_t at = 0; !all_taken && at < keys.size(); ++at) {
            const std::vector<const store::KnownKey*> one{keys[at]};
            const bool taken_alone = co_await take(one);
            if (!taken_alone) log_event(Level::Warning, event::key_not_read, {{"fingerprint", keys[at]->fingerprint}});
        }
        keys.clear();
    };
    std::vector<const store::KnownKey*> together;
    std::size_t bytes = 0;
    for (const store::KnownKey& key : known) {
        if (key.state != store::KeyState::Bound) continue;
        const auto before = taken.certificates.find(name_of(key));
        if (before != taken.certificates.end() && before->second == sha256(key.certificate)) continue;
        if (!together.empty() && (together.size() == most_together || bytes + key.certificate.size() > most_bytes)) {
            co_await take_together(together);
            bytes = 0;
        }
        together.push_back(&key);
        bytes += key.certificate.size();
    }
    if (!together.empty()) co_await take_together(together);
    co_return added;
}

asio::awaitable<Result<void>> Keychain::prove(Examiner& examiner) const {
    if (generation_.empty()) co_return temporary(Code::System, "the keys have not been read yet");
    const KeyRequest request{.job = KeyRequest::Job::Sign, .home = generation_, .fingerprint = own_};
    const intake::Frame frame = to_frame(request);
    const auto answered = co_await examiner.ask_about_keys(frame, std::chrono::seconds{15});
    if (!answered) co_return tl::unexpected{answered.error()};
    const auto answer = heard(answered);
    if (!answer) co_return temporary(Code::System, "our key does not sign: " + answer.error().what);
    co_return Result<void>{};
}

bool Keychain::show_to(Examiner& examiner) const { return generation_.empty() || examiner.use_keys(generation_, own_); }

asio::awaitable<Result<intake::OfferedKey>> Keychain::inspect(Examiner& examiner, intake::OfferedKey offer,
                                                              bool known) const {
    const fs::path folder = const_cast<Keychain*>(this)->new_folder(offered_keys_folder);
    const auto furnished = furnish(folder, KeysOf::Strangers);
    if (!furnished) co_return tl::unexpected{furnished.error()};
    const KeyRequest request{.job = KeyRequest::Job::Inspect, .home = folder, .bytes = offer.certificate};
    const intake::Frame frame = to_frame(request);
    const auto answered = co_await examiner.ask_about_offered_key(frame, std::chrono::seconds{10});
    std::error_code error;
    fs::remove_all(folder, error);
    auto answer = heard(answered);
    if (!answer) co_return tl::unexpected{answer.error()};
    const openpgp::Key* key = answer->keyring.find(offer.fingerprint);
    // That a key of hers is used no more is news as well.
    if (key == nullptr || ((key->revoked || !key->usable) && !known))
        co_return permanent(Code::BadInput, "a key that cannot be used");
    if (key->addresses.size() > most_addresses || answer->bytes.size() > most_kept_bytes)
        co_return permanent(Code::BadInput, "a key larger than anybody's");
    offer.addresses = key->addresses;
    offer.encrypts = !key->revoked && key->usable && std::ranges::any_of(key->subkeys, [](const openpgp::Subkey& one) {
        return one.encrypts && one.usable;
    });
    offer.certificate = std::move(answer->bytes);
    co_return offer;
}

}  // namespace tocsin::daemon
