#include "daemon/keys/key_checks.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "daemon/examiner.hpp"
#include "daemon/keys/keychain.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::days ends_soon{60};

struct Look {
    Examiner& examiner;
    Keychain& keychain;
};

asio::awaitable<void> read_home(Look look, std::optional<Result<void>>& read) {
    const std::vector<store::KnownKey> none;
    read.emplace(co_await look.keychain.renew(look.examiner, none));
    look.examiner.close();
}

std::string day_of_end(Instant at) { return to_rfc3339(at).substr(0, 10); }

// Why a member could not read what is encrypted; empty: she can.
std::string complaint_about_key_of(const intake::Member& member, const openpgp::Keyring& keyring, Instant now) {
    if (member.key.empty()) return "has no key";
    const openpgp::Key* key = keyring.find(member.key);
    if (key == nullptr)
        return "has the key " + member.key + ", which is not in the home; tocsinctl key import takes it in";
    if (key->revoked) return "has the key " + member.key + ", which is revoked";
    if (!key->encrypts_at(now))
        return "has the key " + member.key +
               ", which cannot be encrypted to now (it has ended, or is for signing alone)";
    return {};
}

}  // namespace

Result<KeysLookedAt> look_at_keys(const Loaded& loaded) {
    asio::io_context io{1};
    Keychain keychain{*loaded.configuration.openpgp};
    if (const auto home = keychain.check_home(); !home) return tl::unexpected{home.error()};
    auto examiner = Examiner::start(io.get_executor(), examiner_program(), examiner_setup(loaded.configuration));
    if (!examiner) return tl::unexpected{examiner.error()};
    std::optional<Result<void>> read;
    std::exception_ptr failure;
    asio::co_spawn(io, read_home({**examiner, keychain}, read),
                   [&failure](const std::exception_ptr& thrown) { failure = thrown; });
    io.run();
    if (failure) std::rethrow_exception(failure);
    if (!*read) return tl::unexpected{read->error()};
    return KeysLookedAt{keychain.keyring(), keychain.own_key()};
}

std::vector<KeyComplaint> complaints_about_keys(const Configuration& configuration, const Result<KeysLookedAt>& keys,
                                                Instant now) {
    std::vector<KeyComplaint> complaints;
    const OpenPgpConfiguration& openpgp = *configuration.openpgp;
    if (!keys) {
        complaints.push_back({keys.error().permanence == Permanence::Permanent, keys.error().what, openpgp.place});
        return complaints;
    }
    const openpgp::Key* own = keys->keyring.find(keys->own);
    if (own != nullptr && (own->revoked || !own->signs_at(now) || !own->encrypts_at(now)))
        complaints.push_back(
            {true,
             "our key " + keys->own + " has ended or is revoked: nobody can encrypt to us, and nothing can be signed",
             openpgp.place});
    else if (own != nullptr && own->ends() && *own->ends() - now < ends_soon)
        complaints.push_back({false,
                              "our key " + keys->own + " ends on " + day_of_end(*own->ends()) + "; gpg --homedir " +
                                  openpgp.home.string() + " --quick-set-expire " + keys->own + " 2y",
                              openpgp.place});
    const bool withheld = !configuration.organisation.plain_to_team;
    bool anybody = false;
    for (const intake::Member& member : configuration.organisation.team) {
        const std::string complaint = complaint_about_key_of(member, keys->keyring, now);
        anybody = anybody || complaint.empty();
        if (complaint.empty()) {
            const auto ends = keys->keyring.find(member.key)->ends();
            if (ends && *ends - now < ends_soon)
                complaints.push_back(
                    {false, member.name + "'s key ends on " + day_of_end(*ends), openpgp.place_of(member)});
        } else if (!member.key.empty() || withheld) {
            complaints.push_back(
                {false,
                 member.name + " " + complaint + "; encrypted reports " +
                     (withheld ? "are told to " + member.name + " without their content"
                               : "go to " + member.name + " in the clear ([team_mail] encrypted = \"plain\")"),
                 openpgp.place_of(member)});
        }
    }
    if (!anybody && withheld)
        complaints.push_back({false,
                              "nobody could read an encrypted report: no member of the team has a key that can be "
                              "encrypted to, and [team_mail] encrypted is \"withhold\"; give a member a key",
                              openpgp.place});
    return complaints;
}

void check_keys(const Loaded& loaded, Instant now, rules::Mistakes& mistakes) {
    const Configuration& configuration = loaded.configuration;
    if (!configuration.openpgp) return;
    for (KeyComplaint& complaint : complaints_about_keys(configuration, look_at_keys(loaded), now)) {
        if (complaint.place.line == 0) complaint.place = {configuration.file.string(), 1, 1};
        if (complaint.severe)
            mistakes.error(complaint.place, complaint.what);
        else
            mistakes.warning(complaint.place, complaint.what);
    }
}

}  // namespace tocsin::daemon
