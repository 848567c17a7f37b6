// A rule set while its files are read: tables as they stand, joined by id, then checked and compiled as a whole.
//
// Used on one thread, once. Files stay open as long as this lives, since mistakes point into them.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/digest.hpp"
#include "rules/loading/layered.hpp"
#include "rules/loading/loaded_rules.hpp"
#include "rules/loading/toml_file.hpp"
#include "rules/policies/policy_source.hpp"
#include "rules/rule_set.hpp"

namespace tocsin::rules {

struct RuleDraft {
    Rule rule;
    std::optional<TomlValue> when;
};

struct ElementDraft {
    Element element;
    std::optional<TomlValue> when;
};

struct CalendarDraft {
    CalendarPlan plan;
    std::optional<sla::Calendar> calendar;  // none where the plan has a mistake
};

struct SeverityDraft {
    std::string policy;
    TomlTable table;
};

struct TemplateChoice {
    std::string policy;
    TomlTable table;
};

struct DisabledId {
    std::string policy;  // in a policy's file: for that policy alone
    std::string id;
    TomlValue value;
    mutable bool found = false;
};

struct RulesFile {
    std::filesystem::path path;
    std::string policy;
    TomlFile toml;
};

class Loading {
public:
    Loading(const LoadOptions& options, Mistakes& mistakes) : options_{options}, mistakes_{mistakes} {}

    // Reads every file; what can be told of one file alone is told.
    void read();
    // Checks what needs them all, and compiles. Nothing when there is any error.
    std::optional<LoadedRules> finish();

private:
    // loading.cpp
    void read_path(const std::filesystem::path& path);
    void read_rules_file(const std::filesystem::path& path, const std::string& shown, const std::string& policy);
    void read_tables(RulesFile& file);
    void read_list(TomlTable& lists, const std::string& name, const RulesFile& file);
    std::vector<std::string> read_list_words(const TomlValue& value, TomlTable& table, const RulesFile& file);
    void read_assets(TomlTable table);
    std::optional<std::string> read_beside(const RulesFile& file, const std::string& name, const TomlValue& at);
    void hash(std::string_view name, std::string_view bytes);
    bool disabled(std::string_view id, std::string_view policy) const;
    void warn_of_unknown_disabled();
    void warn_of_unused_templates(const std::vector<std::filesystem::path>& files, const LoadedRules& loaded);

    // loading_rules.cpp
    void read_rule(TomlTable table, const std::string& policy);
    void read_element(TomlTable table, const std::string& policy);
    void read_rule_test(TomlTable table, const RulesFile& file);
    std::optional<cvd::Severity> read_severity(TomlTable& table, std::string_view key);
    ByLanguage read_words(TomlTable& table, std::string_view key);
    std::string read_id(TomlTable& table);
    void compile(LoadedRules& loaded);
    std::optional<Program> compile_condition(const std::optional<TomlValue>& when, Tests& tests, bool of_element);
    bool stands_in_policy(const Layer<RuleDraft>& outside, const std::string& policy);
    void check_tests(LoadedRules& loaded);
    void check_languages(const ByLanguage& words, const TomlTable& table, std::string_view key);
    void tell_of_missing_words();

    // loading_checks.cpp
    void check_rule(const Layer<RuleDraft>& entry, const Program& program, const std::vector<Test>& tests);
    void check_that_rules_are_tested(const LoadedRules& loaded);
    void check_shadows(const LoadedRules& loaded, const std::vector<Test>& tests);
    void check_shadow(const Rule& inner, const Rule& outer, bool both_ways);

    // loading_calendars.cpp
    void read_calendar(TomlTable table, const std::string& name, const RulesFile& file);

    // loading_clocks.cpp
    void read_clock(TomlTable table, const std::string& policy);
    void read_guard(TomlTable table, const std::string& policy);

    // loading_policies.cpp
    void make_policies(LoadedRules& loaded);
    Policy make_policy(const std::string& name, const LoadedRules& loaded);
    void read_levels(const SeverityDraft& draft, SeverityLevels& levels);
    void read_template_choice(const TemplateChoice& choice, Policy& policy, const LoadedRules& loaded);

    const LoadOptions& options_;
    Mistakes& mistakes_;
    Sha256 sha_;
    std::deque<RulesFile> files_;
    std::set<std::string> policy_names_;
    std::map<std::string, std::vector<std::string>> lists_;
    std::map<std::string, Place> list_places_;
    Assets assets_;
    Layered<RuleDraft> rules_;
    Layered<ElementDraft> elements_;
    Layered<CalendarDraft> calendars_;
    Layered<ClockRule> clocks_;
    Layered<Guard> guards_;
    Layered<RuleTest> tests_;
    std::vector<SeverityDraft> severities_;
    std::vector<TemplateChoice> template_choices_;
    std::map<std::string, ByLanguage> promises_;  // by policy
    static constexpr int most_missing_told = 3;
    std::map<std::string, int> missing_words_;  // by language
    std::vector<DisabledId> disabled_;
    std::map<std::string, std::size_t> element_conditions_;      // by policy and id
    std::map<std::string, const Layer<RuleDraft>*> conditions_;  // the first rule that asks something
};

}  // namespace tocsin::rules
