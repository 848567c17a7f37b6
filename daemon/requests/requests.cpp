#include "daemon/requests/requests.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/utf8.hpp"
#include "daemon/crash_point.hpp"

namespace tocsin::daemon {

namespace {

struct RequestVerb {
    std::string_view name;
    RequestAnswer (*carry)(RequestContext&, const nlohmann::json&);
};

// Every verb that changes something, in one place.
constexpr std::array request_verbs{
    RequestVerb{"outbox-hold", &hold_mail},
    RequestVerb{"outbox-release", &release_mail},
    RequestVerb{"outbox-drop", &drop_mail},
    RequestVerb{"quarantine-release", &release_entry},
};

RequestAnswer carry_verb(RequestContext& context, const store::Request& request) {
    const auto verb = std::ranges::find(request_verbs, request.verb, &RequestVerb::name);
    if (verb == request_verbs.end())
        return refused("this tocsind does not know '" + for_one_line(request.verb, 40) +
                       "': tocsinctl is of another version");
    const auto arguments = nlohmann::json::parse(request.arguments, nullptr, false);
    if (!arguments.is_object()) return refused("the request is damaged");
    return verb->carry(context, arguments);
}

}  // namespace

RequestAnswer done(std::string words) { return {.done = true, .words = std::move(words)}; }
RequestAnswer refused(std::string words) { return {.done = false, .words = std::move(words)}; }

std::string text_of(const nlohmann::json& arguments, std::string_view name) {
    const auto found = arguments.find(name);
    return found != arguments.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::optional<std::int64_t> number_of(const nlohmann::json& arguments, std::string_view name) {
    const auto found = arguments.find(name);
    if (found == arguments.end() || !found->is_number_integer()) return std::nullopt;
    return found->get<std::int64_t>();
}

RequestAnswer carry_out(RequestContext& context, const store::Request& request) {
    store::Transaction transaction{context.store.database};
    RequestAnswer answer;
    {
        store::Savepoint savepoint{context.store.database};
        try {
            answer = carry_verb(context, request);
        } catch (const store::Failure&) {
            throw;
        } catch (const std::exception& bug) {
            // What one request brings out costs that request alone.
            answer = refused(std::string{"a mistake in tocsind: "} + bug.what());
        }
        if (answer.done) savepoint.release();
    }
    context.store.requests.answer(request.id, answer.done, to_json(answer), context.now);
    crash_point("request-open");
    transaction.commit();
    crash_point("request-answered");
    return answer;
}

std::string to_json(const RequestAnswer& answer) {
    const auto more = nlohmann::json::parse(answer.json, nullptr, false);
    return nlohmann::json{{"words", answer.words}, {"more", more}}.dump(-1, ' ', false,
                                                                        nlohmann::json::error_handler_t::replace);
}

RequestAnswer answer_in(const store::Request& request) {
    RequestAnswer answer{.done = request.state == store::RequestState::Done, .words = {}};
    const auto kept = nlohmann::json::parse(request.answer, nullptr, false);
    if (!kept.is_object()) return answer;
    answer.words = text_of(kept, "words");
    if (const auto more = kept.find("more"); more != kept.end() && more->is_object()) answer.json = more->dump();
    return answer;
}

}  // namespace tocsin::daemon
