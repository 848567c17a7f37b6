#include "daemon/house.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "daemon/configuration/loaded.hpp"
#include "daemon/event_log.hpp"
#include "daemon/landlock.hpp"

namespace tocsin::daemon {

namespace {

constexpr std::size_t key_bytes = 32;

}  // namespace

House::House(boost::asio::io_context& io_context, const Configuration& read, rules::RuleSet rules_read,
             store::Store& opened, intake::MessageIds made, const Clock& ticking)
    : io{io_context},
      configuration{read},
      rule_set{std::move(rules_read)},
      store{opened},
      ids{std::move(made)},
      clock{ticking},
      journal_changed{io_context.get_executor()},
      outbox_changed{io_context.get_executor()},
      clocks_changed{io_context.get_executor()},
      requests_changed{io_context.get_executor()},
      watched{io_context.get_executor()},
      organisation_{read.organisation},
      random_{std::random_device{}()} {
    if (read.openpgp) keys = std::make_unique<Keychain>(*read.openpgp);
}

Result<void> House::start_examiner() {
    auto started = Examiner::start(io.get_executor(), examiner_program(), examiner_setup(configuration));
    if (!started) return tl::unexpected{started.error()};
    // Answers to another rule set would mean nothing here: SIGHUP makes both read the same one.
    if ((*started)->rules_hash() != rule_set.hash())
        return temporary(Code::Configuration, "the rules on the disk are not those that were loaded; reload them");
    std::erase_if(former_examiners_, [](const auto& one) { return !one->is_awaited(); });
    if (examiner) {
        examiner->close();
        if (examiner->is_awaited()) former_examiners_.push_back(std::move(examiner));
    }
    examiner = std::move(*started);
    if (keys) keys->show_to(*examiner);
    if (!landlock_works()) log_event(Level::Error, event::examiner_not_confined, {{"why", without_landlock}});
    log_event(Level::Information, event::examiner_started,
              {{"pid", examiner->process()}, {"rules", rule_set.hash().substr(0, 12)}});
    return {};
}

void House::wake_all() {
    journal_changed.ring();
    outbox_changed.ring();
    clocks_changed.ring();
    requests_changed.ring();
    watched.ring();
}

void ask_server(House& house, const MailboxConfiguration& mailbox, const store::MailPlace& place) {
    if (mailbox.after.what == AfterProcessing::What::Seen) house.store.server_actions.mark_seen(place, house.now());
    if (mailbox.after.what == AfterProcessing::What::Move)
        house.store.server_actions.move(place, mailbox.after.folder, house.now());
}

std::chrono::milliseconds until(const House& house, Instant at) {
    return std::max(std::chrono::milliseconds{0}, std::chrono::ceil<std::chrono::milliseconds>(at - house.now()));
}

std::chrono::milliseconds Pause::next(double chance) {
    const auto shorter = static_cast<std::int64_t>(static_cast<double>(length_.count()) * chance / 3);
    const auto now = length_ - std::chrono::milliseconds{shorter};
    length_ = std::min(length_ * 2, longest);
    return now;
}

namespace {

constexpr Micros longest_use = std::chrono::hours{24 * 365};
constexpr std::size_t most_keys = 5;

struct KeptKey {
    std::string bytes;
    std::optional<Instant> made;
};

intake::MessageIds message_ids_of(const Configuration& configuration, std::vector<KeptKey> keys) {
    std::vector<Secret> earlier;
    for (std::size_t at = 1; at < keys.size(); ++at) earlier.emplace_back(std::move(keys[at].bytes));
    return {Secret{std::move(keys.front().bytes)}, std::move(earlier),
            std::string{configuration.organisation.address.domain()}};
}

// One key a line, the newest first: 64 hexadecimal digits and the day on which it was made.
Result<std::vector<KeptKey>> keys_in(const std::filesystem::path& path) {
    const auto text = read_file(path, 8192);
    if (!text) return tl::unexpected{text.error()};
    std::vector<KeptKey> keys;
    for (const std::string_view line : split(*text, '\n')) {
        const auto parts = words(line);
        if (parts.empty()) continue;
        auto key = from_hex(parts.front());
        if (!key || key->size() < key_bytes)
            return permanent(Code::Configuration, path.string() + ": not a key; a line holds 64 hexadecimal digits");
        std::optional<Instant> made;
        if (parts.size() > 1) made = from_rfc3339(std::string{parts[1]} + "T00:00:00Z");
        keys.push_back({std::move(*key), made});
    }
    if (keys.empty()) return permanent(Code::Configuration, path.string() + ": holds no key");
    return keys;
}

Result<void> keep_keys(const std::filesystem::path& path, const std::vector<KeptKey>& keys) {
    std::string text;
    for (const KeptKey& key : keys)
        text += to_hex(key.bytes) + (key.made ? " " + to_rfc3339(*key.made).substr(0, 10) : "") + "\n";
    return replace_file(path, text);
}

}  // namespace

Result<intake::MessageIds> message_ids(const Configuration& configuration, Instant now) {
    const std::filesystem::path path = configuration.state_directory() / "message-id.key";
    std::vector<KeptKey> keys;
    if (std::filesystem::exists(path)) {
        auto kept = keys_in(path);
        if (!kept) return tl::unexpected{kept.error()};
        keys = std::move(*kept);
    }
    if (keys.empty() || (keys.front().made && now - *keys.front().made > longest_use)) {
        keys.insert(keys.begin(), {random_bytes(key_bytes), now});
        if (keys.size() > most_keys) keys.resize(most_keys);
        if (const auto kept = keep_keys(path, keys); !kept) return tl::unexpected{kept.error()};
    }
    return message_ids_of(configuration, std::move(keys));
}

Result<intake::MessageIds> message_ids_to_look_at(const Configuration& configuration) {
    const std::filesystem::path path = configuration.state_directory() / "message-id.key";
    if (!std::filesystem::exists(path)) return message_ids_of(configuration, {{std::string(key_bytes, '\0'), {}}});
    auto keys = keys_in(path);
    if (!keys) return tl::unexpected{keys.error()};
    return message_ids_of(configuration, std::move(*keys));
}

}  // namespace tocsin::daemon
