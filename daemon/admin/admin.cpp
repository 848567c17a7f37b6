#include "daemon/admin/admin.hpp"

#include <sysexits.h>

#include <cstdio>

namespace tocsin::daemon {

int complain(std::string_view what, int code) {
    std::fprintf(stderr, "tocsinctl: %.*s\n", static_cast<int>(what.size()), what.data());
    return code;
}

std::optional<Loaded> load_or_complain(const AdminContext& context) {
    rules::Mistakes mistakes;
    auto loaded = load(context.configuration, mistakes);
    if (!loaded) std::fputs(mistakes.to_text().c_str(), stderr);
    return loaded;
}

std::optional<Configuration> configuration_or_complain(const AdminContext& context) {
    rules::Mistakes mistakes;
    auto configuration = load_configuration(context.configuration, mistakes);
    if (!configuration) std::fputs(mistakes.to_text().c_str(), stderr);
    return configuration;
}

std::unique_ptr<store::Store> open_store(const Configuration& configuration, int& code) {
    auto database = store::Database::open(configuration.store, store::Database::Use::Visitor);
    if (database) return std::make_unique<store::Store>(std::move(*database));
    code = complain(database.error().what, EX_IOERR);
    return nullptr;
}

Colour colour_of(cvd::Severity severity) {
    switch (severity) {
        case cvd::Severity::Critical:
            return Colour::Red;
        case cvd::Severity::High:
            return Colour::Yellow;
        case cvd::Severity::Medium:
            return Colour::None;
        case cvd::Severity::Low:
            return Colour::Dim;
    }
    return Colour::None;
}

}  // namespace tocsin::daemon
