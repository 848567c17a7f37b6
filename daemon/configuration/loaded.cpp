#include "daemon/configuration/loaded.hpp"

#include <fstream>
#include <map>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "transport/trust.hpp"

namespace tocsin::daemon {

namespace {

// The line of the configuration at this place, for the caret below it.
std::string line_at(const rules::Place& place) {
    std::ifstream in{place.file};
    std::string line;
    for (unsigned number = 0; number < place.line; ++number)
        if (!std::getline(in, line)) return {};
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

void check_policies(const Configuration& configuration, const rules::RuleSet& rule_set, rules::Mistakes& mistakes) {
    for (const MailboxConfiguration& mailbox : configuration.mailboxes) {
        if (rule_set.policy(mailbox.rules.policy) != nullptr) continue;
        const auto names = rule_set.policy_names();
        const std::string_view near = nearest(mailbox.rules.policy, {names.begin(), names.end()});
        std::string known;
        for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
        mistakes.error(mailbox.policy_place,
                       "there is no policy '" + for_one_line(mailbox.rules.policy, 60) + "'; " +
                           (near.empty() ? "there are " + known : "did you mean '" + std::string{near} + "'?"),
                       line_at(mailbox.policy_place));
    }
}

void check_authorities(const Configuration& configuration, rules::Mistakes& mistakes) {
    std::map<std::string, rules::Place> files;  // each with the first place that names it
    for (const MailboxConfiguration& mailbox : configuration.mailboxes)
        if (mailbox.ca_file) files.emplace(*mailbox.ca_file, mailbox.ca_place);
    if (configuration.submission.ca_file)
        files.emplace(*configuration.submission.ca_file, configuration.submission.ca_place);
    for (const auto& [file, place] : files)
        if (const auto trust = transport::Trust::load(file); !trust)
            mistakes.error(place, "ca_file: " + trust.error().what, line_at(place));
}

// Mail that the daemon writes by itself has to be there in every case.
void check_templates(const Configuration& configuration, const rules::RuleSet& rule_set, rules::Mistakes& mistakes) {
    for (const char* name : {"acknowledgement", "notice", "bounced", "alarm", "reminder", "overdue", "escalation"})
        if (!rule_set.templates().has(name, configuration.organisation.languages.front()))
            mistakes.error({configuration.file.string(), 1, 1}, std::string{"there is no template '"} + name +
                                                                    "' in the language '" +
                                                                    configuration.organisation.languages.front() + "'");
}

}  // namespace

std::optional<Loaded> load(const std::filesystem::path& file, rules::Mistakes& mistakes, bool thorough) {
    auto configuration = load_configuration(file, mistakes);
    if (!configuration) {
        rules::LoadOptions named = rules_named_in(file);
        named.thorough = thorough;
        if (!named.path.empty()) (void)rules::RuleSet::load(named, mistakes);
        return std::nullopt;
    }
    std::vector<std::filesystem::path> path = configuration->rules_path;
    auto loaded = load_with_rules(std::move(*configuration), std::move(path), thorough, mistakes);
    if (loaded) check_authorities(loaded->configuration, mistakes);
    if (mistakes.any_error()) return std::nullopt;
    return loaded;
}

std::optional<Loaded> load_with_rules(Configuration configuration, std::vector<std::filesystem::path> path,
                                      bool thorough, rules::Mistakes& mistakes) {
    configuration.rules_path = std::move(path);
    rules::LoadOptions options;
    options.path = configuration.rules_path;
    options.languages = configuration.organisation.languages;
    options.thorough = thorough;
    options.for_mail = false;  // the examiner's work
    auto rule_set = rules::RuleSet::load(options, mistakes);
    if (!rule_set) return std::nullopt;
    check_policies(configuration, *rule_set, mistakes);
    check_templates(configuration, *rule_set, mistakes);
    if (mistakes.any_error()) return std::nullopt;
    return Loaded{std::move(configuration), std::move(*rule_set)};
}

intake::ExaminerSetup examiner_setup(const Configuration& configuration) {
    intake::ExaminerSetup setup;
    for (const auto& path : configuration.rules_path) setup.rules_path.push_back(path.string());
    setup.languages = configuration.organisation.languages;
    setup.limits = configuration.limits;
    if (configuration.openpgp) setup.keys = (configuration.openpgp->home / "keyring").string();
    return setup;
}

}  // namespace tocsin::daemon
