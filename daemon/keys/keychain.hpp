// The keys that mail is read and written with: the agent that holds the secret ones, and generations of a public
// keyring, each built apart and then only read.
//
// Blocking calls are short: files in the home, and at most two seconds for an agent that does not answer.
#pragma once

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "daemon/configuration/configuration.hpp"
#include "daemon/examiner.hpp"
#include "daemon/keys/gpg_agent.hpp"
#include "daemon/keys/key_requests.hpp"
#include "openpgp/keyring.hpp"
#include "store/keys.hpp"

namespace tocsin::daemon {

class Keychain {
public:
    explicit Keychain(OpenPgpConfiguration configuration) : configuration_{std::move(configuration)} {}
    Keychain(const Keychain&) = delete;
    Keychain& operator=(const Keychain&) = delete;
    ~Keychain();

    // Where an administrator's home is, and that it is his alone.
    Result<void> check_home() const;
    Result<void> start_agent();
    std::pair<dev_t, ino_t> secrets_folder() const;
    // Reads the home and what is bound in the store into a new generation, and shows it to the examiner.
    boost::asio::awaitable<Result<void>> renew(Examiner& examiner, const std::vector<store::KnownKey>& known);
    // One signature with our key: gpg, its agent, the passphrase and the key are all there. Else a temporary Error.
    boost::asio::awaitable<Result<void>> prove(Examiner& examiner) const;
    // To an examiner that was started anew.
    bool show_to(Examiner& examiner) const;
    // The key with its own signatures alone, as a home that is thrown away has it; its names and uses are gpg's.
    // One that cannot be used is an Error, unless it is `known`: then that is its news.
    boost::asio::awaitable<Result<intake::OfferedKey>> inspect(Examiner& examiner, intake::OfferedKey offer,
                                                               bool known) const;
    // Replaces an agent that does not answer or cannot reach the secret keys; false: something else is wrong.
    bool mend_agent();

    const openpgp::Keyring& keyring() const noexcept { return keyring_; }
    const std::string& own_key() const noexcept { return own_; }  // fingerprint
    bool changed_on_disk() const;
    // Changes whenever another secret key comes or goes.
    std::string secrets() const;
    static std::filesystem::path folder_of(const OpenPgpConfiguration& openpgp) { return openpgp.home / "keyring"; }

private:
    // What a generation was made of.
    struct Taken {
        std::string home;                            // the stamp of the administrator's keyring
        openpgp::Keyring house;                      // what stands in that
        std::map<std::string, Digest> certificates;  // of people outside: fingerprint and address → what was taken in
    };
    enum class KeysOf { TheHouse, Strangers };
    static bool nothing_is_gone(const Taken& taken, const std::vector<store::KnownKey>& known);
    boost::asio::awaitable<std::size_t> take_in(Examiner& examiner, std::filesystem::path folder,
                                                const std::vector<store::KnownKey>& known, Taken& taken) const;
    std::vector<std::string> keygrips() const;
    std::filesystem::path new_folder(const char* below = "");
    boost::asio::awaitable<Result<void>> lay_keyring(Examiner& examiner, std::filesystem::path folder,
                                                     bool goes_on) const;
    // With the options that gpg reads, and the way to the agent; `whose` keys it is to take in.
    Result<void> furnish(const std::filesystem::path& folder, KeysOf whose) const;
    Result<void> choose_own_key();

    OpenPgpConfiguration configuration_;
    std::unique_ptr<GpgAgent> agent_;
    std::pair<dev_t, ino_t> secrets_of_agent_;  // the folder of secret keys that it was started with
    openpgp::Keyring keyring_;
    std::string own_;
    std::filesystem::path generation_;
    std::filesystem::path before_;  // still read by processes that began with it
    std::string seen_on_disk_;
    Taken taken_;
};

// Waits for it on an executor that may have other work.
Result<KeyAnswer> heard(const Result<intake::Frame>& frame);

}  // namespace tocsin::daemon
