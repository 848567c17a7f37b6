// What is to be changed on the server: processed mail marked or moved (`after`), our own mail filed (`sent`).
#include "base/digest.hpp"
#include "base/text.hpp"
#include "daemon/crash_point.hpp"
#include "daemon/event_log.hpp"
#include "daemon/mailbox/mailbox_watch.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;
using store::OnServer;
using store::ServerAction;

namespace {

constexpr std::size_t acted_together = 100;
constexpr int most_tries = 25;  // with the back-off of mail that goes out, about four days

}  // namespace

bool MailboxWatch::has_actions() const {
    return !house_.store.server_actions.due(configuration_.rules.name, house_.now(), 1).empty();
}

asio::awaitable<Result<void>> MailboxWatch::go_to(const std::string& folder) {
    if (selected_name_ == folder) co_return Result<void>{};
    auto entered = co_await enter(folder_named(folder));
    if (!entered) co_return tl::unexpected{entered.error()};
    co_return Result<void>{};
}

// What became of it. An Error means that the connection is gone; a refusal alone waits and lets the others go on.
Result<void> MailboxWatch::settle_action(const ServerAction& action, const Result<void>& done) {
    store::ServerActions& actions = house_.store.server_actions;
    if (done) {
        actions.finish(action.id);
        log_event(Level::Information, event::server_changed,
                  {{"mailbox", configuration_.rules.name}, {"what", to_text(action.what)}, {"uid", action.place.uid}});
        return done;
    }
    const Error& error = done.error();
    if (error.code == Code::Interrupted) return done;
    const bool refused = error.code == Code::Refused;
    // RFC 3501 section 7.1: TRYCREATE says that the folder may be made.
    if (refused && contains_ignoring_case(error.what, "[TRYCREATE]"))
        to_make_.insert(action.what == OnServer::Move ? action.target : action.place.folder);
    if (action.tries + 1 >= most_tries) {
        actions.give_up(action.id, error.what);
        log_event(Level::Error, event::server_not_changed,
                  {{"mailbox", configuration_.rules.name}, {"what", to_text(action.what)}, {"why", error.what}});
    } else {
        const bool at_once = action.tries == 0 && (!refused || !to_make_.empty());
        const Instant next = at_once ? house_.now() : house_.now() + store::back_off(action.tries + 1, house_.chance());
        actions.try_later(action.id, error.what, next);
        log_event(Level::Warning, event::server_not_changed,
                  {{"mailbox", configuration_.rules.name}, {"what", to_text(action.what)}, {"why", error.what}});
    }
    return tl::unexpected{lose(error, action.place.folder)};
}

asio::awaitable<Result<void>> MailboxWatch::change_mail(const ServerAction& action) {
    auto there = co_await go_to(action.place.folder);
    if (!there) co_return there;
    if (selected_.uid_validity != action.place.uid_validity) {
        house_.store.server_actions.give_up(action.id, "the folder was numbered anew");
        co_return Result<void>{};
    }
    if (selected_.read_only) {
        house_.store.server_actions.try_later(action.id, "the server lets us read only",
                                              house_.now() + store::back_off(action.tries + 1, house_.chance()));
        co_return Result<void>{};
    }
    house_.store.server_actions.begin(action.id);
    crash_point("action-begun");
    std::optional<Result<void>> done;
    const std::function<void()> work = [this, &action, &done] {
        done.emplace(action.what == OnServer::Seen ? session_->mark_seen(action.place.uid)
                                                   : session_->move(action.place.uid, action.target));
    };
    co_await worker_.run(work);
    crash_point("action-done");
    co_return settle_action(action, *done);
}

asio::awaitable<Result<void>> MailboxWatch::file_mail(const ServerAction& action) {
    const std::string bytes = house_.store.outbox.bytes(*action.mail);
    if (action.begun) {
        // Whether an earlier try filed it is seen in the folder, which the journal follows.
        auto looked = co_await fetch_folder(folder_named(action.place.folder));
        if (!looked) co_return looked;
        if (house_.store.journal.holds_content(configuration_.rules.name, action.place.folder, sha256(bytes)))
            co_return settle_action(action, {});
    }
    house_.store.server_actions.begin(action.id);
    std::optional<Result<void>> done;
    const std::function<void()> work = [this, &action, &bytes, &done] {
        done.emplace(session_->append(action.place.folder, bytes, true));
    };
    crash_point("filing-begun");
    co_await worker_.run(work);
    crash_point("filed");
    co_return settle_action(action, *done);
}

asio::awaitable<Result<void>> MailboxWatch::carry_out(const ServerAction& action) {
    if (action.what == OnServer::File) co_return co_await file_mail(action);
    co_return co_await change_mail(action);
}

asio::awaitable<Result<void>> MailboxWatch::make_missing_folders() {
    const std::set<std::string> missing = std::exchange(to_make_, {});
    for (const std::string& name : missing) {
        std::optional<Result<bool>> made;
        const std::function<void()> work = [this, &name, &made] { made.emplace(session_->create(name)); };
        co_await worker_.run(work);
        if (!*made) co_return tl::unexpected{lose(made->error(), configuration_.inbox)};
        refused_.erase(name);
        log_event(Level::Information, event::folder_made,
                  {{"mailbox", configuration_.rules.name}, {"folder", name}, {"made", **made ? "yes" : "no"}});
    }
    co_return Result<void>{};
}

asio::awaitable<Result<bool>> MailboxWatch::carry_out_actions() {
    bool any = false;
    if (!to_make_.empty()) {
        auto made = co_await make_missing_folders();
        if (!made) co_return tl::unexpected{made.error()};
    }
    while (!house_.stopping) {
        const auto actions = house_.store.server_actions.due(configuration_.rules.name, house_.now(), acted_together);
        if (actions.empty()) break;
        for (const ServerAction& action : actions) {
            if (house_.stopping) break;
            any = true;
            auto done = co_await carry_out(action);
            if (!done) co_return tl::unexpected{done.error()};
        }
    }
    co_return any;
}

}  // namespace tocsin::daemon
