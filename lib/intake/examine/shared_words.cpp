#include "intake/examine/shared_words.hpp"

#include "intake/examine/opening.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "intake/decide/ticket_view.hpp"
#include "intake/examine/buried_words.hpp"
#include "intake/examine/relayed_words.hpp"
#include "intake/examine/sign_off.hpp"
#include "intake/outgoing/compose.hpp"
#include "intake/outgoing/recipe.hpp"
#include "intake/outgoing/shown_report.hpp"

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

std::vector<std::string> all_as_read(const std::vector<std::string>& texts) {
    std::vector<std::string> all;
    for (const std::string& text : texts) all.push_back(as_read(text));
    return all;
}

// Only what was written is kept in memory: what is secret may be much.
bool shares(std::string_view words, const std::vector<std::string>& secret, const std::vector<std::string>& known) {
    Windows written;
    each_window(as_read(words), [&](std::uint64_t hash) { written.insert(hash); });
    Windows shared;
    if (!written.empty())
        for (const std::string& text : secret)
            each_window(text, [&](std::uint64_t hash) {
                if (written.contains(hash)) shared.insert(hash);
            });
    if (!shared.empty())
        for (const std::string& text : known) each_window(text, [&](std::uint64_t hash) { shared.erase(hash); });
    return !shared.empty();
}

struct ComparedText {
    std::string text;
    bool came_encrypted = false;
};
// An Error where what came encrypted cannot be opened now: nothing is known of it, and nothing can be compared.
Result<ComparedText> text_of(std::string_view bytes, const ExaminationLimits& limits, openpgp::Engine& engine) {
    const mail::Message message = mail::parse(bytes, limits.parse);
    const auto opened = open_mail(message, limits, engine);
    if (!opened) return tl::unexpected{opened.error()};
    return ComparedText{opened->reading.subject + "\n" + opened->reading.text, opened->crypto.encrypted};
}

// Her words, and what stands in the files that go along.
struct RelayedMail {
    std::string in_the_clear;  // all that it says, quotations too; empty where it came encrypted
    std::string words;
    std::string embedded;
    std::vector<mail::Enclosure> files;

    // All of it that is text.
    std::vector<std::string> texts() && {
        std::vector<std::string> all{std::move(words)};
        for (mail::Enclosure& file : files)
            if (file.bytes.find('\0') == std::string::npos) all.push_back(std::move(file.bytes));
        return all;
    }
};
Result<RelayedMail> all_that_is_relayed(std::string_view bytes, const std::vector<std::string>& member_names,
                                        const ExaminationLimits& limits, openpgp::Engine& engine) {
    const mail::Message message = mail::parse(bytes, limits.parse);
    const auto opened = open_mail(message, limits, engine);
    if (!opened) return tl::unexpected{opened.error()};
    const mail::Message inside = mail::parse(opened->made, limits.parse);
    return RelayedMail{
        opened->crypto.encrypted ? std::string{} : opened->reading.text, relayed_words(opened->reading, member_names),
        opened->reading.embedded,
        relayed_files(opened->made.empty() ? message : inside, bytes.size() + opened->made.size(), member_names)};
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

}  // namespace

namespace {

// The mail of ours that a member answers, as it was shown to her.
std::string text_of_answered(const std::string& json, std::string_view shown, const rules::RuleSet& rule_set,
                             const ExaminationLimits& limits, openpgp::Engine& engine) {
    const auto recipe = recipe_from_json(json);
    if (!recipe) return {};
    const auto text =
        text_of_mail(*recipe, shown.empty() ? std::nullopt : std::optional{shown}, rule_set, limits, engine);
    return text ? *text : std::string{};
}

}  // namespace

bool shares_secret(std::string_view words, const std::vector<std::string>& secret,
                   const std::vector<std::string>& known) {
    return shares(words, all_as_read(secret), all_as_read(known));
}

namespace {

constexpr std::size_t most_mails = 200;
constexpr std::size_t most_recipes = 400;
constexpr std::size_t most_bytes_of_recipes = 3u << 20;
constexpr std::size_t most_open_others = 250;
constexpr std::size_t most_others = 60;              // closed ones among them
constexpr std::size_t most_mails_of_others = 4;      // of one ticket
constexpr std::size_t most_encrypted_of_others = 6;  // of all
constexpr std::size_t told_lately = 30;              // mails to one member

bool keep_newest(std::vector<JournalId>& list, std::size_t most) {
    if (list.size() <= most) return true;
    list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(most));
    return false;
}

bool keep_newest(std::vector<std::string>& list) {
    std::size_t bytes = 0;
    std::size_t kept = 0;
    while (kept < list.size() && kept < most_recipes) {
        bytes += list[list.size() - 1 - kept].size();
        if (bytes > most_bytes_of_recipes) break;
        ++kept;
    }
    const bool all = kept == list.size();
    list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(kept));
    return all;
}

bool is_same_address(const std::string& one, const std::string& other) {
    const auto a = mail::Address::from(one);
    const auto b = mail::Address::from(other);
    return a && b && *a == *b;
}

// What a reporter wrote into her ticket, from its opening on.
std::vector<JournalId> mails_of_reporter(const store::Store& store, TicketId ticket) {
    std::vector<JournalId> mails;
    if (const auto opened = opening_mail(store, ticket)) mails.push_back(*opened);
    for (const store::TicketMessage& message : store.conversations.messages(ticket))
        if (message.direction == store::Direction::In && message.kind == "reporter-reply" && message.journal &&
            std::ranges::find(mails, *message.journal) == mails.end())
            mails.push_back(*message.journal);
    return mails;
}

// Her own other reports are no secret to her.
void add_reports_of_others(Comparison& comparison, const store::Store& store, TicketId ticket, const cvd::Ticket& hers,
                           const std::vector<TicketId>& spoken_of, Instant now) {
    const auto is_another = [&](TicketId id, const cvd::Ticket& other) {
        return id != ticket && !is_same_address(other.reporter, hers.reporter);
    };
    for (const TicketId id : spoken_of)
        if (const auto other = store.tickets.find(id); other && is_another(id, *other))
            if (const auto opened = opening_mail(store, id)) comparison.secret.push_back(*opened);
    // To open what came encrypted takes long.
    std::size_t opened_for_it = 0;
    auto others = store.tickets.list({.open = true, .most = most_open_others}, now);
    for (auto& newest : store.tickets.list({.most = most_others}, now))
        if (newest.second.state == cvd::TicketState::Closed) others.push_back(std::move(newest));
    for (const auto& [id, other] : others) {
        if (!is_another(id, other)) continue;
        std::size_t mails = 0;
        for (const JournalId journal : mails_of_reporter(store, id)) {
            if (++mails > most_mails_of_others || (other.encrypted && ++opened_for_it > most_encrypted_of_others))
                break;
            if (std::ranges::find(comparison.secret, journal) == comparison.secret.end())
                comparison.others.push_back(journal);
        }
    }
}

}  // namespace

std::vector<TicketId> tickets_spoken_of(const store::Store& store, const Examination& examination,
                                        const MessageIds& ids) {
    std::vector<TicketId> tickets;
    for (const std::string& number : examination.team.numbers)
        if (const auto ticket = store.tickets.by_number(number)) tickets.push_back(*ticket);
    const std::vector<std::int64_t> hashes = ids.keyed_by_all(examination.sketch.lowest);
    for (const store::SharedShingles& one : store.similar.sharing(hashes)) tickets.push_back(one.ticket);
    return tickets;
}

Comparison comparison_for(const store::Store& store, TicketId ticket, const std::vector<TicketId>& spoken_of,
                          std::string_view member, Instant now, bool reporter_has_key) {
    Comparison comparison;
    // An encrypted mail whose author's own key is not known may be somebody else's, sent again.
    const auto found = store.tickets.find(ticket);
    const bool hers = found && (!found->encrypted || reporter_has_key);
    for (const store::HistoryLine& line : store.tickets.history(ticket)) {
        const auto journal = to_whole_number(cvd::said(line.event, "journal"));
        if (!journal) continue;
        const bool from_her =
            line.event.kind == cvd::EventKind::Received || cvd::said(line.event, "kind") == "reporter-reply";
        if (line.event.kind == cvd::EventKind::Held || line.event.kind == cvd::EventKind::Noted || (from_her && !hers))
            comparison.secret.emplace_back(*journal);
        else if (from_her)
            comparison.known.emplace_back(*journal);
        else if (line.event.kind == cvd::EventKind::Relayed)
            comparison.relayed.emplace_back(*journal);
    }
    if (found) add_reports_of_others(comparison, store, ticket, *found, spoken_of, now);
    comparison.secret_recipes = store.outbox.recipes_told_to(member, ticket, told_lately);
    // What went to each member alone says the same to all of them.
    std::set<std::pair<std::string, std::int64_t>> told;
    for (const store::OutboxRow& row : store.outbox.of_ticket(ticket)) {
        if (!row.to_team)
            comparison.known_recipes.push_back(row.recipe);
        else if (!row.cause || told.emplace(row.template_name, row.cause->value()).second)
            comparison.secret_recipes.push_back(row.recipe);
    }
    comparison.incomplete = !keep_newest(comparison.secret, most_mails) || !keep_newest(comparison.secret_recipes);
    keep_newest(comparison.known, most_mails);
    keep_newest(comparison.relayed, most_mails);
    keep_newest(comparison.known_recipes);
    return comparison;
}

Result<RelayVerdict> judge_words(const ComparedMails& mails, const Comparison& comparison,
                                 const rules::RuleSet& rule_set, const ExaminationLimits& limits,
                                 openpgp::Engine& engine) {
    auto relayed = all_that_is_relayed(mails.mail, mails.member_names, limits, engine);
    if (!relayed) return tl::unexpected{relayed.error()};
    RelayVerdict verdict;
    verdict.nothing = relayed->words.empty() && relayed->files.empty();
    verdict.names_member = names_member(relayed->words, mails.member_names);
    verdict.too_large = std::ranges::any_of(
        relayed->files, [](const mail::Enclosure& file) { return file.bytes.size() > most_enclosed_bytes; });
    if (!comparison.answered_recipe.empty() && !trim(relayed->embedded).empty()) {
        const std::string answered =
            text_of_answered(comparison.answered_recipe, mails.answered, rule_set, limits, engine);
        verdict.buried = !answered.empty() && adds_words(relayed->embedded, answered);
    }
    const std::string in_the_clear = relayed->in_the_clear;
    const std::vector<std::string> written = std::move(*relayed).texts();
    std::vector<std::string> secret;
    std::vector<std::string> known;
    std::vector<std::string> sealed;  // of both, what came encrypted
    std::vector<std::string> open;    // and what did not
    for (const auto& [from, into] : {std::pair{&mails.secret, &secret}, std::pair{&mails.known, &known}})
        for (const std::string& bytes : *from) {
            auto text = text_of(bytes, limits, engine);
            if (!text) return tl::unexpected{text.error()};
            (text->came_encrypted ? sealed : open).push_back(text->text);
            into->push_back(std::move(text->text));
        }
    for (const std::string& bytes : mails.relayed) {
        auto went_out = all_that_is_relayed(bytes, {}, limits, engine);
        if (!went_out) return tl::unexpected{went_out.error()};
        open.push_back(went_out->in_the_clear);
        for (std::string& text : std::move(*went_out).texts()) known.push_back(std::move(text));
    }
    for (const std::string& recipe : comparison.secret_recipes) secret.push_back(text_of_recipe(recipe, rule_set));
    for (const std::string& recipe : comparison.known_recipes) {
        known.push_back(text_of_recipe(recipe, rule_set));
        open.push_back(known.back());
    }
    verdict.bares = !in_the_clear.empty() && shares_secret(in_the_clear, sealed, open);
    secret = all_as_read(secret);
    known = all_as_read(known);
    constexpr std::size_t overlap = 1'024;  // so that nothing hides where two pieces meet
    for (const std::string& text : written)
        for (std::size_t at = 0; at < text.size(); at += most_compared - overlap)
            verdict.shares = verdict.shares || shares(std::string_view{text}.substr(at, most_compared), secret, known);
    return verdict;
}

}  // namespace tocsin::intake
