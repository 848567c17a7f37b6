#include "rules/loading/loading.hpp"

#include <algorithm>
#include <system_error>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin::rules {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes_beside = std::size_t{8} << 20;  // of a list or a holiday file

// What editors and packagers leave lying about is not read; a file of ours that is none (a folder, a link to
// nowhere) is named here all the same, so that it is told and not passed over. So is a folder that may not be read.
std::vector<fs::path> toml_files_below(const fs::path& folder, Mistakes& mistakes) {
    std::vector<fs::path> files;
    std::error_code failed;
    fs::recursive_directory_iterator entry{folder, failed};
    for (; !failed && entry != fs::recursive_directory_iterator{}; entry.increment(failed)) {
        const fs::path path = entry->path();
        if (path.extension() != ".toml" || path.filename().string().starts_with('.')) continue;
        std::error_code none;
        if (entry->is_fifo(none))  // whoever opens one waits for its writer
            mistakes.error({path.string()}, "cannot be read: not an ordinary file");
        else
            files.push_back(path.lexically_relative(folder));
    }
    if (failed)
        mistakes.error({folder.string()}, "this folder of rules cannot be read to its end: " + failed.message());
    // Policies come last, so that what they rest on is known; apart from that, the order of the names.
    std::ranges::sort(files, [](const fs::path& a, const fs::path& b) {
        return std::pair{*a.begin() == "policies", a.generic_string()} <
               std::pair{*b.begin() == "policies", b.generic_string()};
    });
    return files;
}

std::string policy_of(const fs::path& relative) {
    return relative.parent_path() == "policies" ? relative.stem().string() : std::string{};
}

std::vector<std::string> lines_with_words(std::string_view bytes) {
    std::vector<std::string> found;
    for (std::string_view line : split(bytes, '\n')) {
        line = trim(line);
        if (!line.empty() && !line.starts_with('#')) found.emplace_back(line);
    }
    return found;
}

}  // namespace

void Loading::read() {
    for (const fs::path& path : options_.path) read_path(path);
    for (RulesFile& file : files_) read_tables(file);
}

void Loading::read_path(const fs::path& path) {
    std::error_code none;
    if (fs::is_regular_file(path, none)) return read_rules_file(path, path.filename().string(), {});
    if (!fs::is_directory(path, none)) return mistakes_.error({path.string()}, "there is no such folder of rules");
    for (const fs::path& relative : toml_files_below(path, mistakes_))
        read_rules_file(path / relative, relative.generic_string(), policy_of(relative));
}

void Loading::read_rules_file(const fs::path& path, const std::string& shown, const std::string& policy) {
    files_.push_back({path, policy, TomlFile{path, mistakes_}});
    if (!policy.empty()) policy_names_.insert(policy);
    hash(shown, files_.back().toml.bytes());
}

// Lengths first, so that no two sets of files can give the same bytes.
void Loading::hash(std::string_view name, std::string_view bytes) {
    sha_.update(std::to_string(name.size()) + ' ' + std::to_string(bytes.size()) + '\n');
    sha_.update(name);
    sha_.update(bytes);
}

void Loading::read_tables(RulesFile& file) {
    TomlTable& root = file.toml.root();
    file.toml.stand_above_tables({"disable", "promise"});
    const std::string& policy = file.policy;
    if (auto severity = root.table("severity")) severities_.push_back({policy, *severity});
    if (auto choice = root.table("templates")) template_choices_.push_back({policy, *choice});
    if (auto lists = root.table("list"))
        for (const std::string& name : lists->keys()) read_list(*lists, name, file);
    if (auto assets = root.table("assets")) read_assets(*assets);
    if (auto calendars = root.table("calendar"))
        for (const std::string& name : calendars->keys())
            if (auto calendar = calendars->table(name)) read_calendar(*calendar, name, file);
    if (root.has("promise")) {
        if (policy.empty()) root.mistake_at("promise", "a promise stands in a policy: policies/NAME.toml");
        promises_[policy] = read_words(root, "promise");
    }
    for (TomlTable& table : root.tables("rule")) read_rule(table, policy);
    for (TomlTable& table : root.tables("element")) read_element(table, policy);
    for (TomlTable& table : root.tables("clock")) read_clock(table, policy);
    for (TomlTable& table : root.tables("guard")) read_guard(table, policy);
    for (TomlTable& table : root.tables("test")) read_rule_test(table, file);
    if (const auto ids = root.value("disable")) {
        for (const TomlValue& value : ids->list())
            if (auto id = value.text()) disabled_.push_back({policy, *id, value});
    }
    root.done();
}

// A list is a row of words, or a table { file = "…" } or { words = […] }; a later one says whether it adds or replaces.
void Loading::read_list(TomlTable& lists, const std::string& name, const RulesFile& file) {
    const auto value = lists.value(name);
    std::vector<std::string> found;
    bool replaces = false, adds = false;
    if (value->type() == TomlValue::Type::Table) {
        auto table = *value->table();
        found = read_list_words(*value, table, file);
        replaces = table.boolean("override").value_or(false);
        adds = table.boolean("add").value_or(false);
        table.done();
    } else {
        found = lists.texts(name);
    }
    std::erase_if(found, [](const std::string& word) { return trim(word).empty(); });
    if (const auto known = list_places_.find(name); known != list_places_.end() && !replaces && !adds)
        return lists.mistake_at(name, "list '" + name + "' is already at " + known->second.file + ":" +
                                          std::to_string(known->second.line) +
                                          "; { words = […], add = true } adds to it, override = true replaces it");
    if ((replaces || adds) && !list_places_.contains(name)) {
        std::vector<std::string_view> known;
        for (const auto& [other, place] : list_places_) known.push_back(other);
        const std::string_view near = nearest(name, known);
        lists.warn_at(name, "there is no list '" + for_one_line(name, 60) + "' to " + (adds ? "add to" : "override") +
                                (near.empty() ? "" : "; did you mean '" + std::string{near} + "'?"));
    }
    const auto fits_a_name = [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; };
    if (name.empty() || !std::ranges::all_of(name, fits_a_name))
        return lists.mistake_at(name, "no condition can name this list; a name is letters, digits, '-', '_' and '.'");
    if (!adds) lists_[name].clear();
    lists_[name].insert(lists_[name].end(), found.begin(), found.end());
    list_places_.emplace(name, lists.place_of(name));
}

std::vector<std::string> Loading::read_list_words(const TomlValue& value, TomlTable& table, const RulesFile& file) {
    std::vector<std::string> found = table.texts("words");
    const auto name = table.value("file");
    if (!name && !table.has("words")) value.mistake("a list needs words = […] or file = \"…\"");
    if (!name) return found;
    const auto text = name->text();
    if (!text) return found;
    if (const auto bytes = read_beside(file, *text, *name)) {
        if (!is_utf8(*bytes)) name->mistake("'" + *text + "' is not UTF-8");
        const auto more = lines_with_words(*bytes);
        found.insert(found.end(), more.begin(), more.end());
    }
    return found;
}

std::optional<std::string> Loading::read_beside(const RulesFile& file, const std::string& name, const TomlValue& at) {
    const fs::path path = file.path.parent_path() / name;
    std::error_code none;
    if (fs::is_fifo(path, none)) {
        at.mistake("'" + name + "' cannot be read: not an ordinary file");
        return std::nullopt;
    }
    auto bytes = read_file(path, most_bytes_beside);
    if (!bytes) {
        at.mistake("'" + name + "' cannot be read: " + bytes.error().what);
        return std::nullopt;
    }
    hash(name, *bytes);
    return std::move(*bytes);
}

void Loading::read_assets(TomlTable table) {
    const auto domains = table.value("domains");
    for (const TomlValue& value : domains ? domains->each() : std::vector<TomlValue>{}) {
        const auto domain = value.text();
        if (!domain) continue;
        const std::string name = lower(trim(*domain));
        if (name.empty() || name.find_first_of("/@: ") != std::string::npos)
            value.mistake("'" + for_one_line(*domain, 80) + "' is no domain name, as in acme.test");
        else if (name.find('*') != std::string::npos || name.starts_with('.'))
            value.mistake("'" + for_one_line(*domain, 80) +
                          "' is no domain name; write acme.test, which counts what lies below it");
        else
            assets_.domains.push_back(name);
    }
    for (TomlTable& product : table.tables("products")) {
        const std::string name = product.required_text("name");
        if (!trim(name).empty()) assets_.products.push_back(name);
        const auto cpe = product.text("cpe"), purl = product.text("purl");
        if (cpe && !cpe->starts_with("cpe:2.3:"))
            product.mistake_at("cpe", "a CPE name begins with cpe:2.3:");
        else if (cpe)
            assets_.identifiers.push_back(lower(*cpe));
        if (purl && !purl->starts_with("pkg:"))
            product.mistake_at("purl", "a package URL begins with pkg:");
        else if (purl)
            assets_.identifiers.push_back(lower(*purl));
        product.done();
    }
    table.done();
}

// In a file outside of policies, an id is disabled everywhere.
bool Loading::disabled(std::string_view id, std::string_view policy) const {
    bool yes = false;
    for (const DisabledId& one : disabled_) {
        if (one.id != id || (!one.policy.empty() && one.policy != policy)) continue;
        one.found = true;
        yes = true;
    }
    return yes;
}

void Loading::warn_of_unknown_disabled() {
    std::vector<std::string_view> known;
    const auto add = [&known](const auto& layered) {
        for (const auto& entry : layered.all()) known.push_back(entry.id);
    };
    add(rules_), add(elements_), add(clocks_), add(guards_), add(tests_);
    for (const DisabledId& one : disabled_) {
        if (one.found) continue;
        const std::string_view near = nearest(one.id, known);
        one.value.warn("there is nothing with the id '" + for_one_line(one.id, 60) + "' to disable" +
                       (near.empty() ? "" : "; did you mean '" + std::string{near} + "'?"));
    }
}

// A language that the shipped files do not have would be told sixty times, and hardly be what was meant.
void Loading::tell_of_missing_words() {
    for (const auto& [language, count] : missing_words_)
        if (count > most_missing_told)
            mistakes_.error({options_.path.empty() ? std::string{} : options_.path.back().string()},
                            std::to_string(count) + " texts have no words in '" + for_one_line(language, 60) +
                                "'; take it out of 'languages' in [organisation], or give the words by tables with "
                                "override = true in a folder of your own");
}

// A template by a name that nothing uses is most often a name misspelt.
void Loading::warn_of_unused_templates(const std::vector<fs::path>& files, const LoadedRules& loaded) {
    const std::vector<std::string_view> known = template_names();
    std::set<std::string, std::less<>> used{known.begin(), known.end()};
    for (const auto& entry : rules_.all())
        if (entry.what.rule.acknowledgement) used.insert(*entry.what.rule.acknowledgement);
    for (const auto& [name, policy] : loaded.policies)
        for (const auto& [instead_of, stands_in] : policy.templates) used.insert(stands_in);
    for (const fs::path& file : files) {
        const std::string name = file.stem().stem().string();
        if (name.empty() || used.contains(name)) continue;
        const std::string_view near = nearest(name, known);
        mistakes_.warning({file.string()}, "nothing uses the template '" + for_one_line(name, 60) + "'" +
                                               (near.empty() ? "; a rule or [templates] names it"
                                                             : "; did you mean '" + std::string{near} + "'?"));
    }
}

std::optional<LoadedRules> Loading::finish() {
    LoadedRules loaded;
    std::vector<fs::path> templates;
    loaded.languages = options_.languages;
    if (loaded.languages.empty()) loaded.languages = {"en"};
    for (const fs::path& path : options_.path) {
        loaded.templates.add_folder(path / "templates", mistakes_);
        std::error_code none;
        std::vector<fs::path> files;
        for (const auto& entry : fs::directory_iterator{path / "templates", none})
            if (entry.path().extension() == ".eml" && !entry.is_fifo(none)) files.push_back(entry.path());
        std::ranges::sort(files);
        for (const fs::path& file : files)
            if (const auto bytes = read_file(file)) hash(file.filename().string(), *bytes);
        templates.insert(templates.end(), files.begin(), files.end());
    }
    compile(loaded);
    make_policies(loaded);
    check_tests(loaded);
    if (options_.thorough) check_that_rules_are_tested(loaded);
    warn_of_unknown_disabled();
    tell_of_missing_words();
    warn_of_unused_templates(templates, loaded);
    if (mistakes_.any_error()) return std::nullopt;
    loaded.hash = to_hex(view(sha_.finish()));
    return loaded;
}

}  // namespace tocsin::rules
