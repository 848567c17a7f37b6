#include "daemon/house.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "daemon/event_log.hpp"
#include "daemon/loaded.hpp"

namespace tocsin::daemon {

namespace {

constexpr std::size_t key_bytes = 32;

}  // namespace

House::House(boost::asio::io_context& io_context, const Configuration& read, rules::RuleSet rules_read,
             store::Store& opened, Secret key, const Clock& ticking)
    : io{io_context},
      configuration{read},
      rule_set{std::move(rules_read)},
      store{opened},
      ids{std::move(key), std::string{read.organisation.address.domain()}},
      clock{ticking},
      journal_changed{io_context.get_executor()},
      outbox_changed{io_context.get_executor()},
      clocks_changed{io_context.get_executor()},
      requests_changed{io_context.get_executor()},
      watched{io_context.get_executor()},
      random_{std::random_device{}()} {}

Result<void> House::start_examiner() {
    auto started = Examiner::start(io.get_executor(), examiner_program(), examiner_setup(configuration));
    if (!started) return tl::unexpected{started.error()};
    // Answers to another rule set would mean nothing here: SIGHUP makes both read the same one.
    if ((*started)->rules_hash() != rule_set.hash())
        return temporary(Code::Configuration, "the rules on the disk are not those that were loaded; reload them");
    examiner = std::move(*started);
    log_event(Level::Information, event::examiner_started, {{"pid", examiner->process()}, {"rules", rule_set.hash().substr(0, 12)}});
    return {};
}

void House::wake_all() {
    journal_changed.ring();
    outbox_changed.ring();
    clocks_changed.ring();
    requests_changed.ring();
    watched.ring();
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

Result<Secret> message_id_key(const std::filesystem::path& state_directory) {
    const std::filesystem::path path = state_directory / "message-id.key";
    if (!std::filesystem::exists(path)) {
        const auto written = replace_file(path, to_hex(random_bytes(key_bytes)) + "\n");
        if (!written) return tl::unexpected{written.error()};
    }
    const auto text = read_file(path, 1024);
    if (!text) return tl::unexpected{text.error()};
    auto key = from_hex(std::string_view{*text}.substr(0, text->find('\n')));
    if (!key || key->size() < key_bytes)
        return permanent(Code::Configuration, path.string() + ": not a key; it holds 64 hexadecimal digits");
    return Secret{std::move(*key)};
}

}  // namespace tocsin::daemon
