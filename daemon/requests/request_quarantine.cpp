#include <nlohmann/json.hpp>

#include "daemon/requests/requests.hpp"

namespace tocsin::daemon {

RequestAnswer release_entry(RequestContext& context, const nlohmann::json& arguments) {
    const auto id = number_of(arguments, "id");
    const auto entry = id ? context.store.journal.find(JournalId{*id}) : std::nullopt;
    if (!entry) return refused("there is no such mail in the journal; `quarantine list` shows their numbers");
    if (!context.store.journal.try_again(entry->id))
        return refused("mail " + std::to_string(*id) + " is " + std::string{store::to_text(entry->state)} +
                       ", not quarantined");
    return done("mail " + std::to_string(*id) + " will be examined again");
}

}  // namespace tocsin::daemon
