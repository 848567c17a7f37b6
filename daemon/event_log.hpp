// Log lines are facts: an event's name and key=value pairs. To the journal under systemd, else to standard error.
//
// Never content, a subject, an address or a secret: values are ids, counts, names from the configuration, host
// names and the words of Error::what. docs/OPERATIONS.md lists the events; a test holds the two together.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tocsin::daemon {

enum class Level { Information, Warning, Error };

struct LogValue {
    LogValue(std::string_view words) : text{words} {}
    LogValue(const char* words) : text{words} {}
    LogValue(const std::string& words) : text{words} {}
    template <class Number>
    requires std::is_integral_v<Number> LogValue(Number number) : text{std::to_string(number)} {}
    std::string text;
};

using LogFields = std::initializer_list<std::pair<std::string_view, LogValue>>;

void log_event(Level level, std::string_view event, LogFields fields = {});

namespace event {
inline constexpr std::string_view started = "DAEMON_STARTED";
inline constexpr std::string_view stopping = "DAEMON_STOPPING";
inline constexpr std::string_view reloaded = "CONFIGURATION_RELOADED";
inline constexpr std::string_view reload_refused = "CONFIGURATION_REFUSED";
inline constexpr std::string_view configuration_warning = "CONFIGURATION_WARNING";
inline constexpr std::string_view mailbox_connected = "MAILBOX_CONNECTED";
inline constexpr std::string_view mailbox_unreachable = "MAILBOX_UNREACHABLE";
inline constexpr std::string_view mailbox_renumbered = "MAILBOX_RENUMBERED";
inline constexpr std::string_view mailbox_gap = "MAILBOX_GAP";
inline constexpr std::string_view mail_journaled = "MAIL_JOURNALED";
inline constexpr std::string_view mail_oversized = "MAIL_OVERSIZED";
inline constexpr std::string_view mail_empty = "MAIL_EMPTY";
inline constexpr std::string_view mail_admitted = "MAIL_ADMITTED";
inline constexpr std::string_view mail_not_examined = "MAIL_NOT_EXAMINED";
inline constexpr std::string_view mail_quarantined = "MAIL_QUARANTINED";
inline constexpr std::string_view examiner_started = "EXAMINER_STARTED";
inline constexpr std::string_view examiner_not_confined = "EXAMINER_NOT_CONFINED";
inline constexpr std::string_view examiner_lost = "EXAMINER_LOST";
inline constexpr std::string_view examination_ended = "EXAMINATION_ENDED";
inline constexpr std::string_view key_not_read = "KEY_NOT_READ";
inline constexpr std::string_view keys_read = "KEYS_READ";
inline constexpr std::string_view openpgp_in_order = "OPENPGP_IN_ORDER";
inline constexpr std::string_view openpgp_out_of_order = "OPENPGP_OUT_OF_ORDER";
inline constexpr std::string_view mail_opened_again = "MAIL_OPENED_AGAIN";
inline constexpr std::string_view mail_sealed = "MAIL_SEALED";
inline constexpr std::string_view mail_not_composed = "MAIL_NOT_COMPOSED";
inline constexpr std::string_view submission_connected = "SUBMISSION_CONNECTED";
inline constexpr std::string_view submission_unreachable = "SUBMISSION_UNREACHABLE";
inline constexpr std::string_view mail_accepted = "MAIL_ACCEPTED";
inline constexpr std::string_view mail_deferred = "MAIL_DEFERRED";
inline constexpr std::string_view mail_failed = "MAIL_FAILED";
inline constexpr std::string_view mail_unknown = "MAIL_UNKNOWN";
inline constexpr std::string_view reminded = "CLOCK_REMINDED";
inline constexpr std::string_view request_carried_out = "REQUEST_CARRIED_OUT";
inline constexpr std::string_view server_changed = "SERVER_CHANGED";
inline constexpr std::string_view server_not_changed = "SERVER_NOT_CHANGED";
inline constexpr std::string_view folder_made = "FOLDER_MADE";
inline constexpr std::string_view canary_sent = "CANARY_SENT";
inline constexpr std::string_view canary_came = "CANARY_CAME";
inline constexpr std::string_view troubles_told = "TROUBLES_TOLD";
inline constexpr std::string_view metrics_closed = "METRICS_CLOSED";
inline constexpr std::string_view digest_queued = "DIGEST_QUEUED";
inline constexpr std::string_view clock_jumped = "CLOCK_JUMPED";
inline constexpr std::string_view clock_believed = "CLOCK_BELIEVED";
inline constexpr std::string_view failed = "DAEMON_FAILED";
}  // namespace event

}  // namespace tocsin::daemon
