#include "intake/shared_words.hpp"

#include "intake/opening.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_set>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "intake/recipe.hpp"
#include "intake/relayed_words.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t most_compared = 1u << 20;  // of one text

// As a person reads it: case, blanks, line ends and quotation marks aside.
std::string as_read(std::string_view text) {
    std::string read;
    for (const std::string_view line : split(cut_utf8(text, most_compared), '\n')) {
        std::string_view rest = trim(line);
        while (rest.starts_with('>') || rest.starts_with('|')) rest = trim(rest.substr(1));
        for (const char c : rest)
            if (!is_space(c)) read += ascii_lower(c);
    }
    return read;
}

// Every window of a text, by a rolling hash (Karp and Rabin).
template <class Each>
void each_window(std::string_view text, Each each) {
    constexpr std::uint64_t base = 1099511628211u;
    if (text.size() < longest_shared) return;
    std::uint64_t highest = 1;
    for (std::size_t i = 1; i < longest_shared; ++i) highest *= base;
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i >= longest_shared) hash -= static_cast<unsigned char>(text[i - longest_shared]) * highest;
        hash = hash * base + static_cast<unsigned char>(text[i]);
        if (i + 1 >= longest_shared) each(hash);
    }
}

using Windows = std::unordered_set<std::uint64_t>;

Windows windows_of(const std::vector<std::string>& texts) {
    Windows windows;
    for (const std::string& text : texts) each_window(as_read(text), [&](std::uint64_t hash) { windows.insert(hash); });
    return windows;
}

mail::Reading reading_of(std::string_view bytes, const ExaminationLimits& limits, openpgp::Engine& engine) {
    const mail::Message message = mail::parse(bytes, limits.parse);
    auto opened = open_mail(message, limits, engine);
    return opened ? std::move(opened->reading) : mail::read(message, limits.parse);
}

std::string text_of(std::string_view bytes, const ExaminationLimits& limits, openpgp::Engine& engine) {
    const mail::Reading reading = reading_of(bytes, limits, engine);
    return reading.subject + "\n" + reading.text;
}

std::string text_of_recipe(const std::string& json, const rules::RuleSet& rule_set) {
    const auto recipe = recipe_from_json(json);
    if (!recipe) return {};
    const auto rendered =
        rule_set.templates().render(recipe->template_name, recipe->language, recipe->fallback_language, recipe->fields);
    if (!rendered) return {};
    std::string text;
    for (const auto& [name, value] : rendered->header) text.append(value).append("\n");
    return text + rendered->body;
}

std::string detail_in(const cvd::Event& event, const char* name) {
    const auto found = event.detail.find(name);
    return found == event.detail.end() ? std::string{} : found->second;
}

}  // namespace

bool shares_secret(std::string_view words, const std::vector<std::string>& secret,
                   const std::vector<std::string>& known) {
    const Windows hidden = windows_of(secret);
    if (hidden.empty()) return false;
    const Windows told = windows_of(known);
    bool shares = false;
    each_window(as_read(words),
                [&](std::uint64_t hash) { shares = shares || (hidden.contains(hash) && !told.contains(hash)); });
    return shares;
}

Comparison comparison_for(const store::Store& store, TicketId ticket) {
    constexpr std::size_t most_mails = 50;
    constexpr std::size_t most_recipes = 100;
    Comparison comparison;
    // An encrypted mail whose author's own key is not known may be somebody else's, sent again.
    const auto found = store.tickets.find(ticket);
    const bool hers = found && !found->encrypted;
    for (const store::HistoryLine& line : store.tickets.history(ticket)) {
        const auto journal = to_whole_number(detail_in(line.event, "journal"));
        if (!journal) continue;
        const bool from_her =
            line.event.kind == cvd::EventKind::Received || detail_in(line.event, "kind") == "reporter-reply";
        if (line.event.kind == cvd::EventKind::Held || line.event.kind == cvd::EventKind::Noted || (from_her && !hers))
            comparison.secret.emplace_back(*journal);
        else if (from_her || line.event.kind == cvd::EventKind::Relayed)
            comparison.known.emplace_back(*journal);
    }
    for (const store::OutboxRow& row : store.outbox.of_ticket(ticket))
        (row.to_team ? comparison.secret_recipes : comparison.known_recipes).push_back(row.recipe);
    const auto keep_newest = [](auto& list, std::size_t most) {
        if (list.size() > most) list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(most));
    };
    keep_newest(comparison.secret, most_mails);
    keep_newest(comparison.known, most_mails);
    keep_newest(comparison.secret_recipes, most_recipes);
    keep_newest(comparison.known_recipes, most_recipes);
    return comparison;
}

bool words_share_secret(const ComparedMails& mails, const Comparison& comparison, const rules::RuleSet& rule_set,
                        const ExaminationLimits& limits) {
    openpgp::NoEngine none;
    return words_share_secret(mails, comparison, rule_set, limits, none);
}

bool words_share_secret(const ComparedMails& mails, const Comparison& comparison, const rules::RuleSet& rule_set,
                        const ExaminationLimits& limits, openpgp::Engine& engine) {
    const std::string written = relayed_words(reading_of(mails.mail, limits, engine), {});
    std::vector<std::string> secret;
    std::vector<std::string> known;
    for (const std::string& bytes : mails.secret) secret.push_back(text_of(bytes, limits, engine));
    for (const std::string& bytes : mails.known) known.push_back(text_of(bytes, limits, engine));
    for (const std::string& recipe : comparison.secret_recipes) secret.push_back(text_of_recipe(recipe, rule_set));
    for (const std::string& recipe : comparison.known_recipes) known.push_back(text_of_recipe(recipe, rule_set));
    return shares_secret(written, secret, known);
}

}  // namespace tocsin::intake
