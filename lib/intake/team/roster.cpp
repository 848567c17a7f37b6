#include "intake/team/roster.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tocsin::intake {

namespace {

cvd::Detail roster_of(const Organisation& organisation) {
    cvd::Detail detail;
    for (const Member& member : organisation.team) {
        std::string words = member.name;
        if (!member.key.empty()) words += "; key " + member.key;
        if (!member.smime.empty()) words += "; certificate " + member.smime;
        for (const std::string& role : member.roles) words += "; " + role;
        detail[member.address.text()] = words;
    }
    const TeamMail& ways = organisation.team_mail;
    std::string accept;
    if (ways.accept_openpgp) accept += "openpgp ";
    if (ways.accept_smime) accept += "smime ";
    if (ways.accept_notice) accept += "notice ";
    if (ways.accept_authentication_results) accept += "authentication-results:" + organisation.authserv_id + " ";
    detail["accept"] = accept;
    return detail;
}

}  // namespace

void note_roster(store::Store& store, const Organisation& organisation, Instant now) {
    const cvd::Event event{cvd::EventKind::Roster, now, "administrator", roster_of(organisation)};
    const auto last = store.tickets.last_of_house(cvd::EventKind::Roster);
    if (last && last->detail == event.detail) return;
    store.tickets.record_of_house(event);
}

const Member* member_called(const Organisation& organisation, std::string_view name, const Member& me) {
    // "<bob@acme.test>", "Bob <bob@acme.test>", "bob@acme.test<mailto:bob@acme.test>".
    if (const auto mark = name.find('<'); mark != std::string_view::npos && name.ends_with('>')) {
        const std::string_view inside = name.substr(mark + 1, name.size() - mark - 2);
        name = starts_ignoring_case(inside, "mailto:") && mark > 0 ? trim(name.substr(0, mark)) : inside;
    }
    if (equal_ignoring_case(name, "me") || equal_ignoring_case(name, "myself")) return &me;
    if (const Member* member = organisation.member(name)) return member;
    const Member* found = nullptr;
    for (const Member& member : organisation.team) {
        if (equal_ignoring_case(member.name, name)) return &member;
        const auto parts = words(member.name);
        const bool fits =
            std::ranges::any_of(parts, [&](std::string_view part) { return equal_ignoring_case(part, name); }) ||
            equal_ignoring_case(member.address.local_part(), name);
        if (!fits) continue;
        if (found != nullptr) return nullptr;
        found = &member;
    }
    return found;
}

std::string names_of_team(const Organisation& organisation) {
    std::string names;
    for (const Member& member : organisation.team) names.append(names.empty() ? "" : ", ").append(member.name);
    return names;
}

}  // namespace tocsin::intake
