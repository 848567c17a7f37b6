#include "cvd/event.hpp"

namespace tocsin::cvd {

namespace {

// Both of them bound the enumeration; a kind that is added goes between them and into to_text.
constexpr auto last_that_moves_clocks = EventKind::Reopened;
constexpr auto last_kind = EventKind::Reread;

}  // namespace

std::string_view to_text(EventKind kind) {
    switch (kind) {
        case EventKind::Received:
            return "received";
        case EventKind::Acknowledged:
            return "acknowledged";
        case EventKind::Assigned:
            return "assigned";
        case EventKind::Triaged:
            return "triaged";
        case EventKind::Evaluated:
            return "evaluated";
        case EventKind::Identified:
            return "identified";
        case EventKind::Waiting:
            return "waiting";
        case EventKind::Resumed:
            return "resumed";
        case EventKind::EtaSet:
            return "eta-set";
        case EventKind::Eta:
            return "eta";
        case EventKind::Investigated:
            return "investigated";
        case EventKind::FixReady:
            return "fix-ready";
        case EventKind::Fixed:
            return "fixed";
        case EventKind::CustomersNotified:
            return "customers-notified";
        case EventKind::ReleaseNoted:
            return "release-noted";
        case EventKind::TimelineDiscussed:
            return "timeline-discussed";
        case EventKind::Delayed:
            return "delayed";
        case EventKind::Disclosed:
            return "disclosed";
        case EventKind::Credited:
            return "credited";
        case EventKind::ReporterUpdated:
            return "reporter-updated";
        case EventKind::Closed:
            return "closed";
        case EventKind::Reopened:
            return "reopened";
        case EventKind::Opened:
            return "opened";
        case EventKind::Rated:
            return "rated";
        case EventKind::Joined:
            return "joined";
        case EventKind::Held:
            return "held";
        case EventKind::KeyBound:
            return "key-bound";
        case EventKind::KeyProposed:
            return "key-proposed";
        case EventKind::RelaysBlocked:
            return "relays-blocked";
        case EventKind::RelaysCleared:
            return "relays-cleared";
        case EventKind::Queued:
            return "queued";
        case EventKind::Sent:
            return "sent";
        case EventKind::Failed:
            return "failed";
        case EventKind::AcknowledgementLost:
            return "acknowledgement-lost";
        case EventKind::ClockStarted:
            return "clock-started";
        case EventKind::ClockStopped:
            return "clock-stopped";
        case EventKind::ClockPaused:
            return "clock-paused";
        case EventKind::ClockResumed:
            return "clock-resumed";
        case EventKind::ClockKept:
            return "clock-kept";
        case EventKind::Reminded:
            return "reminded";
        case EventKind::Snoozed:
            return "snoozed";
        case EventKind::Muted:
            return "muted";
        case EventKind::EmbargoSet:
            return "embargo-set";
        case EventKind::EmbargoEnded:
            return "embargo-ended";
        case EventKind::DisclosurePlanned:
            return "disclosure-planned";
        case EventKind::Forgotten:
            return "forgotten";
        case EventKind::Merged:
            return "merged";
        case EventKind::MergedIn:
            return "merged-in";
        case EventKind::MergeUndone:
            return "merge-undone";
        case EventKind::ClockLeft:
            return "clock-left";
        case EventKind::SplitOff:
            return "split-off";
        case EventKind::Commanded:
            return "commanded";
        case EventKind::Relayed:
            return "relayed";
        case EventKind::Noted:
            return "noted";
        case EventKind::Asked:
            return "asked";
        case EventKind::Refused:
            return "refused";
        case EventKind::Confirmed:
            return "confirmed";
        case EventKind::ReporterChanged:
            return "reporter-changed";
        case EventKind::CcAdded:
            return "cc-added";
        case EventKind::Blocked:
            return "blocked";
        case EventKind::KeyAccepted:
            return "key-accepted";
        case EventKind::Undone:
            return "undone";
        case EventKind::Reread:
            return "reread";
        case EventKind::Roster:
            return "roster";
        case EventKind::EmbargoProposed:
            return "embargo-proposed";
        case EventKind::Quarantined:
            return "quarantined";
    }
    return {};
}

std::optional<EventKind> event_kind_from(std::string_view text) {
    for (int at = 0; at <= static_cast<int>(last_kind); ++at)
        if (const auto kind = static_cast<EventKind>(at); to_text(kind) == text) return kind;
    return std::nullopt;
}

bool moves_clocks(EventKind kind) { return kind <= last_that_moves_clocks; }

std::vector<std::string_view> names_of_events_that_move_clocks() {
    std::vector<std::string_view> names;
    for (int at = 0; at <= static_cast<int>(last_that_moves_clocks); ++at)
        names.push_back(to_text(static_cast<EventKind>(at)));
    return names;
}

std::string said(const Event& event, std::string_view name) {
    const auto found = event.detail.find(std::string{name});
    return found == event.detail.end() ? std::string{} : found->second;
}

}  // namespace tocsin::cvd
