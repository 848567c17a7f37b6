#include "daemon/service.hpp"

#include <malloc.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/utf8.hpp"
#include "daemon/configuration/loaded.hpp"
#include "daemon/event_log.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/go_round_once.hpp"
#include "daemon/hangups.hpp"
#include "daemon/health/metrics.hpp"
#include "daemon/keys/key_checks.hpp"
#include "daemon/landlock.hpp"
#include "daemon/loops.hpp"
#include "intake/admit/admit.hpp"
#include "intake/decide/delivered.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/team/roster.hpp"
#include "store/file.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

// What is being sent when we are told to stop may take this long; then it is cut off and sent again later.
constexpr std::chrono::seconds patience_at_the_end{3};
// A reload can wait: a mail whose final dot is out, cut off, would go out twice.
constexpr std::chrono::seconds more_patience_of_a_reload{27};
// What cannot be cut off (a command that prints a password) is left behind: every step can be done twice.
constexpr std::chrono::milliseconds last_patience{1'400};

// One life of the loops, from a configuration that holds to the next reload or the end.
class Life {
public:
    Life(Loaded loaded, store::Store& store, const intake::MessageIds& ids, const Clock& clock, Hangups& hangups)
        : hangups_{hangups},
          configuration_{std::move(loaded.configuration)},
          house_{io_, configuration_, std::move(loaded.rule_set), store, ids, clock},
          signals_{io_},
          patience_{io_},
          watchdog_{io_} {}

    Result<void> prepare() {
        for (const MailboxConfiguration& mailbox : configuration_.mailboxes) {
            auto trust = transport::Trust::load(mailbox.ca_file);
            if (!trust) return tl::unexpected{trust.error()};
            watches_.push_back(std::make_unique<MailboxWatch>(house_, mailbox, std::move(*trust)));
        }
        auto trust = transport::Trust::load(configuration_.submission.ca_file);
        if (!trust) return tl::unexpected{trust.error()};
        line_.emplace(house_, std::move(*trust));
        store::Transaction transaction{house_.store.database};
        house_.store.journal.forget_arrivals();
        intake::recover(house_.store, house_.rule_set, house_.now());
        intake::note_roster(house_.store, house_.organisation(), house_.now());
        transaction.commit();
        house_.nudge_mailboxes = [this] {
            for (const auto& watch : watches_) watch->nudge();
        };
        const auto started = house_.start_examiner();
        if (!started || !configuration_.openpgp) return started;
        // A home that cannot be used is a mistake to mend now; an agent or a key that is missing may come back.
        const auto home = house_.keys->check_home();
        if (!home) return home;
        asio::co_spawn(io_, open_keys(), asio::detached);
        while (!keys_opened_ && io_.run_one() > 0) {
        }
        return keys_opened_.value_or(Result<void>{});
    }

    // Everything that is there, once.
    int run_once() {
        int code = EX_OK;
        spawn(go_round_once(house_, watches_, *line_, code));
        run_to_the_end();
        return code;
    }

    // Until SIGTERM or SIGINT, or a SIGHUP after which everything still holds: that is what it returns then.
    std::optional<Loaded> run_until_stopped() {
        for (const auto& watch : watches_) spawn(watch_mailbox(house_, *watch));
        spawn(process_journal(house_));
        spawn(deliver_outbox(house_, *line_));
        spawn(run_clocks(house_));
        spawn(serve_requests(house_));
        spawn(watch_over(house_));
        if (configuration_.metrics) spawn(serve_metrics(house_));
        for (const int number : {SIGTERM, SIGINT, SIGHUP}) signals_.add(number);
        listen_for_signals();
        if (hangups_.take()) asio::post(io_, [this] { reload(); });
        pet_watchdog();
        sd_notify(0, "READY=1\nSTATUS=Watching");
        log_event(Level::Information, event::started, {{"mailboxes", watches_.size()}});
        run_to_the_end();
        return std::move(next_);
    }

private:
    asio::awaitable<void> open_keys() {
        const auto kept = co_await keep_keys(house_);
        const bool mistake = !kept && kept.error().permanence == Permanence::Permanent;
        keys_opened_ = mistake ? kept : Result<void>{};
    }

    void spawn(asio::awaitable<void> loop) {
        ++running_;
        asio::co_spawn(io_, std::move(loop), [this](const std::exception_ptr& failure) {
            if (failure && !failure_) failure_ = failure;
            if (failure) stop();
            if (--running_ == 0) finish();
        });
    }

    void stop() {
        if (house_.stopping) return;
        house_.stopping = true;
        log_event(Level::Information, event::stopping);
        house_.wake_all();
        house_.close_metrics();
        for (const auto& watch : watches_) watch->interrupt();
        wait_for_the_last();
    }

    void wait_for_the_last() {
        patience_.expires_after(patience_at_the_end);
        patience_.async_wait([this](boost::system::error_code error) {
            if (error) return;
            if (house_.examiner) house_.examiner->close();
            if (next_) return cut_off_later();
            line_->interrupt();
            leave_behind();
        });
    }

    // After a reload nothing is left behind: it is we who go on.
    void cut_off_later() {
        patience_.expires_after(more_patience_of_a_reload);
        patience_.async_wait([this](boost::system::error_code error) {
            if (!error) line_->interrupt();
        });
    }

    void leave_behind() {
        patience_.expires_after(last_patience);
        patience_.async_wait([](boost::system::error_code error) {
            if (!error) std::_Exit(EX_OK);
        });
    }

    // Nothing of ours is waited for any more: the executor runs out of work.
    void finish() {
        finished_ = true;
        boost::system::error_code ignored;
        signals_.cancel(ignored);
        patience_.cancel();
        watchdog_.cancel();
        if (house_.examiner) house_.examiner->close();
    }

    void run_to_the_end() {
        io_.run();
        if (failure_) std::rethrow_exception(failure_);
    }

    void listen_for_signals() {
        signals_.async_wait([this](boost::system::error_code error, int number) {
            if (error) return;
            if (number == SIGHUP) {
                if (!house_.stopping) reload();
            } else {
                end();
            }
            if (!finished_) listen_for_signals();  // one more wait would keep the executor at work for ever
        });
    }

    // For good, though a reload may be under way.
    void end() {
        const bool reloads = house_.stopping && next_.has_value();
        next_.reset();
        if (reloads) wait_for_the_last();
        stop();
    }

    void reload() {
        if (house_.stopping) return;
        hangups_.take();  // what comes from here on asks for what is not read yet
        sd_notify(0, "RELOADING=1");
        rules::Mistakes mistakes;
        auto loaded = load(configuration_.file, mistakes);
        if (loaded && loaded->configuration.openpgp) {
            if (const auto home = Keychain{*loaded->configuration.openpgp}.check_home(); !home) {
                mistakes.error({configuration_.file.string(), 1, 1}, home.error().what);
                loaded.reset();
            }
        }
        for (const rules::Mistake& mistake : mistakes.all())
            log_event(mistake.warning ? Level::Warning : Level::Error,
                      mistake.warning ? event::configuration_warning : event::reload_refused,
                      {{"mistake", mistake.in_one_line()}});
        if (loaded) {
            next_ = std::move(loaded);
            stop();
        } else {
            tell_admins(mistakes);
            sd_notify(0, "READY=1\nSTATUS=The new configuration has mistakes; the old one is kept");
        }
    }

    // Once for the same mistakes, however often somebody tries to reload them; again after they were mended, for what
    // was taken then began anew.
    void tell_admins(const rules::Mistakes& mistakes) {
        std::string told;
        for (const rules::Mistake& mistake : mistakes.all())
            if (!mistake.warning) told += for_one_line(mistake.in_one_line(), 400) + "\n";
        intake::Organisation hearers = configuration_.organisation;
        std::erase_if(hearers.team, [](const intake::Member& member) {
            return std::ranges::find(member.roles, "admin") == member.roles.end();
        });
        if (hearers.team.empty()) hearers.team = configuration_.organisation.team;
        rules::TemplateFields fields;
        fields.set(
            "what",
            "The new configuration or rules have mistakes and were not taken; the old ones stay in force.\n\n" + told);
        const std::string occasion = "reload refused " + std::to_string(taken_at_.time_since_epoch().count()) + " " +
                                     to_hex(view(sha256(told))).substr(0, 16);
        store::Transaction transaction{house_.store.database};
        intake::queue_mail(house_.store, intake::alarms("alarm", fields, occasion, hearers), std::nullopt, {},
                           std::nullopt, configuration_.organisation, house_.ids, house_.now());
        transaction.commit();
        house_.outbox_changed.ring();
    }

    // Only where systemd asks for it, and only from the thread that does the work.
    void pet_watchdog() {
        std::uint64_t every_us = 0;
        if (sd_watchdog_enabled(0, &every_us) <= 0) return;
        sd_notify(0, "WATCHDOG=1");
        watchdog_.expires_after(std::chrono::microseconds{every_us / 2});
        watchdog_.async_wait([this](boost::system::error_code error) {
            if (!error) pet_watchdog();
        });
    }

    Hangups& hangups_;
    Configuration configuration_;
    asio::io_context io_{1};
    House house_;
    const Instant taken_at_{house_.now()};  // when this configuration came into force
    std::vector<std::unique_ptr<MailboxWatch>> watches_;
    std::optional<SubmissionLine> line_;
    asio::signal_set signals_;
    asio::steady_timer patience_;
    asio::steady_timer watchdog_;
    std::optional<Loaded> next_;
    std::optional<Result<void>> keys_opened_;
    std::exception_ptr failure_;
    std::size_t running_ = 0;
    bool finished_ = false;
};

int told(const Error& error) {
    std::fprintf(stderr, "tocsind: %s\n", error.what.c_str());
    return exit_code_of(error);
}

// The directory of the database: ours alone. One that exists is left as it is.
Result<void> make_state_directory(const std::filesystem::path& directory) {
    std::error_code error;
    if (directory.empty() || std::filesystem::exists(directory)) return {};
    std::filesystem::create_directories(directory, error);
    if (!error) std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
    if (error) return permanent(Code::System, directory.string() + ": " + error.message());
    return {};
}

// `tocsinctl` takes the lock for a moment when it does what no daemon is there for.
Result<store::Database> open_database(const std::filesystem::path& path) {
    constexpr int tries = 10;
    constexpr std::chrono::milliseconds between{100};
    for (int at = 1;; ++at) {
        auto database = store::Database::open(path, store::Database::Use::Daemon);
        if (database || at == tries || !database.error().what.starts_with(store::lock_is_held)) return database;
        std::this_thread::sleep_for(between);
    }
}

}  // namespace

int serve(const ServiceOptions& options) {
    Hangups hangups;
    rules::Mistakes mistakes;
    auto loaded = load(options.configuration, mistakes, options.check);
    if (loaded && options.check && !landlock_works())
        mistakes.warning({loaded->configuration.file.string(), 1, 1}, without_landlock);
    if (loaded && options.check) check_keys(*loaded, options.now.value_or(SystemClock{}.now()), mistakes);
    std::fputs(mistakes.to_text().c_str(), stderr);
    if (!loaded || mistakes.any_error()) return EX_CONFIG;
    if (options.check) return EX_OK;

    const SystemClock system_clock;
    const StandingClock standing_clock{options.now.value_or(Instant{})};
    const Clock& clock = options.now ? static_cast<const Clock&>(standing_clock) : system_clock;

    const auto made = make_state_directory(loaded->configuration.state_directory());
    if (!made) return told(made.error());
    auto database = open_database(loaded->configuration.store);
    if (!database) {
        const int code = told(database.error());
        return database.error().permanence == Permanence::Temporary ? EX_TEMPFAIL : code;  // another daemon holds it
    }
    store::Store store{std::move(*database)};
    const auto ids = message_ids(loaded->configuration, clock.now());
    if (!ids) return told(ids.error());

    int changed_meanwhile = 0;  // times in a row that the files were written between our reading and the examiner's
    while (loaded) {
        auto life = std::make_unique<Life>(std::move(*loaded), store, *ids, clock, hangups);
        const auto ready = life->prepare();
        if (!ready && ready.error().code == Code::Configuration && ready.error().permanence == Permanence::Temporary &&
            ++changed_meanwhile < 20) {
            rules::Mistakes again;
            if (auto other = load(options.configuration, again)) {
                loaded = std::move(other);
                continue;
            }
        }
        changed_meanwhile = 0;
        if (!ready) {
            const int code = told(ready.error());
            return ready.error().permanence == Permanence::Temporary ? EX_TEMPFAIL : code;
        }
        if (options.once) return life->run_once();
        ::malloc_trim(0);  // of what loading took for a moment
        loaded = life->run_until_stopped();
        if (loaded) log_event(Level::Information, event::reloaded);
    }
    sd_notify(0, "STOPPING=1");
    return EX_OK;
}

}  // namespace tocsin::daemon
