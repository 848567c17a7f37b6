#include "intake/team/desk.hpp"

#include "intake/promises/named_dates.hpp"
#include "intake/promises/promises.hpp"
#include "sla/deadline.hpp"

namespace tocsin::intake {

Desk::Desk(const Commanding& asked)
    : asked_{asked}, zone_{asked.about == nullptr ? sla::Zone::utc() : zone_for(asked.about->policy, nullptr)} {
    if (asked_.about != nullptr) result_.after = *asked_.about;
}

std::string Desk::in_words(Instant at) const { return sla::in_words(at, zone_, asked_.organisation.languages.front()); }

void Desk::happens(cvd::EventKind kind, cvd::Detail detail) {
    for (cvd::Event& next : happen(*result_.after, {kind, asked_.now, actor(), std::move(detail)}))
        result_.events.push_back(std::move(next));
}

void Desk::guarded(CommandOutcome& outcome, cvd::EventKind kind, cvd::Detail detail, std::string done) {
    if (auto complaint = forbidden(*result_.after, kind)) return refuse(outcome, std::move(*complaint));
    happens(kind, std::move(detail));
    outcome.result = std::move(done);
}

void Desk::step(StoreStep::What what, std::string words, std::int64_t id) {
    result_.steps.push_back({what, std::move(words), id});
}

bool Desk::stands_alone(CommandOutcome& outcome) const {
    if (result_.commands.size() == 1) return true;
    refuse(outcome, "this command stands alone, in a mail of its own");
    return false;
}

void refuse(CommandOutcome& outcome, std::string why) {
    outcome.refused = true;
    outcome.result = std::move(why);
}

}  // namespace tocsin::intake
