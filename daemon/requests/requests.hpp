// What tocsinctl asks for and the daemon carries out: one function for each verb, named in one table (requests.cpp).
//
// To add a verb: write a function `RequestAnswer verb(RequestContext&, const nlohmann::json& arguments)` in a file
// request_NOUN.cpp, declare it below, name it in the table. It runs in a transaction, on the thread that owns the
// state; it neither waits nor asks a server. What it refuses changes nothing. All loops are woken afterwards.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "daemon/configuration/configuration.hpp"
#include "intake/outgoing/message_ids.hpp"
#include "rules/rule_set.hpp"
#include "store/store.hpp"

namespace tocsin::daemon {

struct RequestContext {
    store::Store& store;
    const Configuration& configuration;
    const rules::RuleSet& rule_set;
    const intake::MessageIds& ids;
    Instant now;
    std::string asked_by;  // "admin:alice": goes into a history as the actor
};

struct RequestAnswer {
    bool done = false;
    std::string words;        // for people: what was done, or why it was not
    std::string json = "{}";  // what `--json` prints besides "done" and "words"
};

RequestAnswer done(std::string words);
RequestAnswer refused(std::string words);

// Of an argument; empty or nothing where it is not there or of another type.
std::string text_of(const nlohmann::json& arguments, std::string_view name);
std::optional<std::int64_t> number_of(const nlohmann::json& arguments, std::string_view name);

// Carries out what one row asks and answers it, in a transaction of its own.
RequestAnswer carry_out(RequestContext& context, const store::Request& request);
// The answer as it is kept, and read back.
std::string to_json(const RequestAnswer& answer);
RequestAnswer answer_in(const store::Request& request);

// request_outbox.cpp
RequestAnswer hold_mail(RequestContext& context, const nlohmann::json& arguments);
RequestAnswer release_mail(RequestContext& context, const nlohmann::json& arguments);
RequestAnswer drop_mail(RequestContext& context, const nlohmann::json& arguments);
// request_quarantine.cpp
RequestAnswer release_entry(RequestContext& context, const nlohmann::json& arguments);

}  // namespace tocsin::daemon
