#include "daemon/event_log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include <cstdlib>
#include <vector>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin::daemon {

namespace {

// Whether standard error is the journal's stream (systemd.exec(5), JOURNAL_STREAM: device and inode).
bool standard_error_is_the_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
    return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

std::string upper(std::string_view name) {
    std::string result{name};
    for (char& c : result)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return result;
}

int priority_of(Level level) {
    switch (level) {
        case Level::Information:
            return LOG_INFO;
        case Level::Warning:
            return LOG_WARNING;
        case Level::Error:
            return LOG_ERR;
    }
    return LOG_ERR;
}

spdlog::level::level_enum spdlog_level(Level level) {
    switch (level) {
        case Level::Information:
            return spdlog::level::info;
        case Level::Warning:
            return spdlog::level::warn;
        case Level::Error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

// A value with a blank or a quotation mark in it is quoted, so that a line splits in one way alone.
std::string as_value(std::string_view text) {
    const std::string line = for_one_line(text, 300);
    if (!line.empty() && line.find_first_of(" \"=") == std::string::npos) return line;
    std::string quoted{"\""};
    for (const char c : line) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string as_line(std::string_view event, LogFields fields) {
    std::string line{event};
    for (const auto& [name, value] : fields) line.append(" ").append(name).append("=").append(as_value(value.text));
    return line;
}

// Fields of their own in the journal: `journalctl -u tocsin TICKET=SEC-2026-0001`.
void to_journal(Level level, std::string_view event, LogFields fields) {
    std::vector<std::string> entries{"MESSAGE=" + as_line(event, fields),
                                     "PRIORITY=" + std::to_string(priority_of(level)), "SYSLOG_IDENTIFIER=tocsind",
                                     "TOCSIN_EVENT=" + std::string{event}};
    for (const auto& [name, value] : fields) entries.push_back(upper(name) + "=" + for_one_line(value.text, 300));
    std::vector<iovec> vectors;
    for (std::string& entry : entries) vectors.push_back({entry.data(), entry.size()});
    sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
}

spdlog::logger& standard_error() {
    static const auto logger = [] {
        auto made = spdlog::stderr_logger_mt("tocsind");
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
        made->flush_on(spdlog::level::info);
        return made;
    }();
    return *logger;
}

}  // namespace

void log_event(Level level, std::string_view event, LogFields fields) {
    static const bool journal = standard_error_is_the_journal();
    if (journal)
        to_journal(level, event, fields);
    else
        standard_error().log(spdlog_level(level), as_line(event, fields));
}

}  // namespace tocsin::daemon
