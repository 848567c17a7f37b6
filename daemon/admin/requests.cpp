#include "daemon/admin/requests.hpp"

#include <pwd.h>
#include <sysexits.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "daemon/house.hpp"

namespace tocsin::daemon {

namespace {

constexpr std::chrono::milliseconds first_look{5};
constexpr std::chrono::milliseconds longest_between_looks{100};
constexpr std::chrono::seconds patience{10};

// Who sits at the terminal: sudo tells, where it was used.
std::string account() {
    const char* sudo = ::getuid() == 0 ? std::getenv("SUDO_USER") : nullptr;
    if (sudo != nullptr && *sudo != '\0') return for_one_line(sudo, 64);
    const passwd* known = ::getpwuid(::getuid());
    return known != nullptr ? for_one_line(known->pw_name, 64) : std::to_string(::getuid());
}

std::optional<RequestAnswer> carry_out_here(const AdminContext& context, store::Store& store, std::string_view verb,
                                            const std::string& arguments, int& code) {
    auto loaded = load_or_complain(context);
    if (!loaded) {
        code = EX_CONFIG;
        return std::nullopt;
    }
    const Instant now = context.clock.now();
    const auto made = message_ids(loaded->configuration, now);
    if (!made) {
        code = complain(made.error().what, EX_IOERR);
        return std::nullopt;
    }
    const intake::MessageIds& ids = *made;
    const auto id = store.requests.ask(verb, arguments, account(), now);
    const auto request = store.requests.find(id);
    RequestContext here{store, loaded->configuration, loaded->rule_set, ids, now, "admin:" + account()};
    return carry_out(here, *request);
}

std::optional<RequestAnswer> wait_for_answer(const AdminContext& context, const Configuration& configuration,
                                             std::string_view verb, const std::string& arguments, int& code) {
    const auto store = open_store(configuration, code);
    if (!store) return std::nullopt;
    const auto id = store->requests.ask(verb, arguments, account(), context.clock.now());
    store::ring_daemon(configuration.store);
    auto pause = first_look;
    for (auto waited = std::chrono::milliseconds{0}; waited < patience; waited += pause) {
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, longest_between_looks);
        const auto request = store->requests.find(id);
        if (request && request->state != store::RequestState::Asked) return answer_in(*request);
    }
    if (!store->requests.withdraw(id))
        if (const auto request = store->requests.find(id)) return answer_in(*request);
    code = complain(
        "tocsind runs and did not answer within " + std::to_string(patience.count()) + " seconds; nothing was done",
        EX_TEMPFAIL);
    return std::nullopt;
}

}  // namespace

std::optional<RequestAnswer> request_answer(const AdminContext& context, const Configuration& configuration,
                                            std::string_view verb, const nlohmann::json& arguments, int& code) {
    const std::string asked = arguments.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (!std::filesystem::is_regular_file(configuration.store)) {
        code = complain("there is no database " + configuration.store.string() + ": start tocsind first", EX_IOERR);
        return std::nullopt;
    }
    // The lock tells whether a daemon runs: whoever has it may do what the daemon would.
    auto ours = store::Database::open(configuration.store, store::Database::Use::Daemon);
    if (ours) {
        store::Store store{std::move(*ours)};
        return carry_out_here(context, store, verb, asked, code);
    }
    if (ours.error().permanence == Permanence::Temporary)
        return wait_for_answer(context, configuration, verb, asked, code);
    code = complain(ours.error().what, EX_IOERR);
    return std::nullopt;
}

int ask_daemon(const AdminContext& context, std::string_view verb, const nlohmann::json& arguments) {
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    int code = EX_OK;
    const auto answer = request_answer(context, *configuration, verb, arguments, code);
    if (!answer) return code;
    if (context.json) {
        nlohmann::ordered_json json{{"done", answer->done}, {"words", answer->words}};
        const auto more = nlohmann::json::parse(answer->json, nullptr, false);
        if (more.is_object())
            for (const auto& [name, value] : more.items()) json[name] = value;
        std::fputs((json.dump(2) + "\n").c_str(), stdout);
    }
    if (!answer->done) return complain(for_people(answer->words), EX_DATAERR);
    if (!context.json) std::fputs((for_people(answer->words) + "\n").c_str(), stdout);
    return EX_OK;
}

bool confirmed(std::string_view question, bool yes) {
    if (yes) return true;
    if (::isatty(STDIN_FILENO) == 0) {
        std::fputs("tocsinctl: this wants --yes, or a terminal to ask at\n", stderr);
        return false;
    }
    std::fprintf(stderr, "%.*s [y/N] ", static_cast<int>(question.size()), question.data());
    std::string line;
    std::getline(std::cin, line);
    return equal_ignoring_case(trim(line), "y") || equal_ignoring_case(trim(line), "yes");
}

}  // namespace tocsin::daemon
