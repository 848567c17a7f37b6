#include <fmt/core.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/utf8.hpp"
#include "daemon/admin/admin.hpp"
#include "daemon/admin/examiner.hpp"
#include "daemon/house.hpp"
#include "intake/decide/decide.hpp"
#include "intake/decide/explain.hpp"

namespace tocsin::daemon {

namespace {

Result<std::string> read_mail(const std::string& file, std::size_t most) {
    if (file != "-") return read_file(file, most);
    std::string bytes;
    char piece[1 << 16];
    for (ssize_t got = 0; (got = ::read(STDIN_FILENO, piece, sizeof piece)) != 0;) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return permanent(Code::System, "standard input cannot be read");
        bytes.append(piece, static_cast<std::size_t>(got));
        if (bytes.size() > most)
            return permanent(Code::Limit, "standard input: larger than the configured message_bytes");
    }
    return bytes;
}

// The store as it is, or an empty one before the first start: nothing is written to it in either case.
std::unique_ptr<store::Store> store_to_look_at(const Configuration& configuration, int& code) {
    if (std::filesystem::exists(configuration.store)) return open_store(configuration, code);
    auto empty = store::Database::open(":memory:", store::Database::Use::Daemon);
    if (empty) return std::make_unique<store::Store>(std::move(*empty));
    code = complain(empty.error().what, EX_IOERR);
    return nullptr;
}

// One screen: what is longer is cut, and says so. --json has all of it.
constexpr std::size_t most_in_a_row = 10, most_reasons = 4, most_hits = 14, most_mails = 6, most_clocks = 8;

std::string and_more(std::size_t left_out) { return fmt::format("and {} more (--json)", left_out); }

std::string as_list(const std::vector<std::string>& values) {
    std::string text;
    for (std::size_t at = 0; at < std::min(values.size(), most_in_a_row); ++at)
        text += (text.empty() ? "" : ", ") + for_one_line(values[at], 120);
    if (values.size() > most_in_a_row) text += ", " + and_more(values.size() - most_in_a_row);
    return text.empty() ? "–" : text;
}

// The first ones, and a last row that says how many there are beyond.
void shorten(std::vector<std::vector<Cell>>& rows, std::size_t most) {
    if (rows.size() <= most) return;
    const std::size_t left_out = rows.size() - most + 1;
    rows.resize(most - 1);
    rows.push_back({{and_more(left_out)}});
}

// Those that weigh most, in the order in which the rules stand.
std::vector<rules::Hit> weightiest(std::vector<rules::Hit> hits) {
    if (hits.size() <= most_hits) return hits;
    std::vector<int> weights;
    for (const rules::Hit& hit : hits) weights.push_back(std::abs(hit.score));
    std::ranges::sort(weights, std::greater{});
    const int least = weights[most_hits - 1];
    auto room =
        most_hits - static_cast<std::size_t>(std::ranges::count_if(weights, [least](int w) { return w > least; }));
    std::erase_if(hits, [&](const rules::Hit& hit) {
        if (std::abs(hit.score) != least) return std::abs(hit.score) < least;
        if (room == 0) return true;
        --room;
        return false;
    });
    return hits;
}

// In the manner of a spam filter's report: the points, the rule, what it says of itself and what it hit.
std::string hits_text(const rules::Evaluation& evaluation, const rules::RuleSet& rule_set, bool with_words,
                      const Palette& palette) {
    std::vector<std::vector<Cell>> rows;
    const auto shown = weightiest(evaluation.hits);
    const std::size_t width = width_of_terminal();  // so narrow a terminal that lines would wrap gets fewer words
    const std::size_t most_words = width == 0 || width >= 130 ? 60 : width >= 100 ? 30 : 16;
    for (const rules::Hit& hit : shown)
        rows.push_back({{fmt::format("{:+}", hit.score), hit.score < 0 ? Colour::Green : Colour::None, true},
                        {hit.rule, Colour::Bold},
                        {hit.where},
                        {with_words ? for_one_line(hit.words, most_words) : ""},
                        {std::string{rule_set.why(hit.rule)}}});
    if (const std::size_t left_out = evaluation.hits.size() - shown.size(); left_out > 0) {
        int rest = evaluation.score;
        for (const rules::Hit& hit : shown) rest -= hit.score;
        rows.push_back({{fmt::format("{:+}", rest), Colour::None, true}, {and_more(left_out)}, {""}, {""}, {""}});
    }
    if (!rows.empty())
        rows.push_back(
            {{fmt::format("{:+}", evaluation.score), Colour::Bold, true}, {"in all", Colour::Bold}, {""}, {""}, {""}});
    std::string text = rows.empty() ? "No rule hit.\n" : table({"PTS", "RULE", "WHERE", "WORDS", "WHY"}, rows, palette);
    if (!evaluation.could_not_tell.empty())
        text += fmt::format("Could not tell {} rules, since a limit was hit; they count as neither: {}\n",
                            evaluation.could_not_tell.size(), as_list(evaluation.could_not_tell));
    return text;
}

// Each vector with what it comes to, and whether that is what the reporter says.
std::string cvss_text(const std::vector<cvd::FoundCvss>& found) {
    std::string text;
    std::size_t shown = 0;
    for (const cvd::FoundCvss& one : found) {
        if (++shown > most_reasons) return text + "; " + and_more(found.size() - most_reasons);
        text += (text.empty() ? "" : "; ") + for_one_line(one.vector, 200);
        text += one.base ? fmt::format(" comes to {:.1f}", *one.base) : std::string{" is no valid vector"};
        if (!one.claim_fits()) text += fmt::format(", and not to the {:.1f} that the report claims", *one.claimed);
    }
    return text.empty() ? "–" : text;
}

// Who signed, how well, and how much of what is shown the signature stands for.
std::string signatures_text(const intake::CryptoVerdict& crypto) {
    std::string text;
    std::size_t shown = 0;
    for (const intake::SignatureVerdict& one : crypto.signatures) {
        if (++shown > most_reasons) return text + "; " + and_more(crypto.signatures.size() - most_reasons);
        text += (text.empty() ? "" : "; ") + one.status + ", covers " + one.covers;
        if (!one.address.empty()) text += ", " + for_one_line(one.address, 100);
        if (!one.fingerprint.empty()) text += ", key " + one.fingerprint;
    }
    return text.empty() ? "none" : text;
}

std::string encryption_text(const intake::CryptoVerdict& crypto) {
    if (!crypto.encrypted) return "no";
    std::string text = "yes";
    if (!crypto.protocol.empty()) text += ", " + crypto.protocol;
    text += ", " + (crypto.decrypted ? "opened" : crypto.error.value_or("not opened"));
    if (crypto.covers != "all") text += ", covers " + crypto.covers;
    return text;
}

std::string explain_text(const intake::Examination& examination, const intake::Decision& decision, const Loaded& loaded,
                         bool decrypt, Instant now, const Palette& palette) {
    const auto fact = [](std::string_view name, const std::string& value) {
        return fmt::format("{:<12}{}\n", name, value);
    };
    const mail::Reading& reading = examination.reading;
    const bool may_show = !examination.crypto.encrypted || decrypt;
    std::string text;
    const auto if_any = [&](std::string_view name, const std::vector<std::string>& values) {
        if (!values.empty()) text += fact(name, as_list(values));
    };
    text += fact("From", reading.from.empty()
                             ? "–"
                             : for_one_line(reading.from.front().name + " <" + reading.from.front().address + ">"));
    text += fact("Subject", for_one_line(may_show ? reading.subject : examination.outer.subject, 200));
    text += fact("Message-ID", reading.message_id.empty() ? "–" : for_one_line(reading.message_id, 200));
    text += fact("Language", reading.language.empty() ? "cannot be told" : reading.language);
    std::vector<std::string> files;
    for (const mail::Attachment& attachment : reading.attachments)
        files.push_back(fmt::format("{} ({} bytes)", attachment.name, attachment.size));
    if (may_show)
        if_any("Attachments", files);
    else
        text += fact("Attachments", "not shown, as the subject and the words inside; --decrypt shows them");
    if_any("Defects", reading.defects);
    text += fact("Encrypted", encryption_text(examination.crypto));
    text += fact("Signatures", signatures_text(examination.crypto));
    if_any("Keys", examination.crypto.keys_offered);
    text += "\n" + fact("Kind", palette.paint(decision.kind, Colour::Bold));
    for (std::size_t at = 0; at < std::min(decision.reasons.size(), most_reasons); ++at)
        text += fact("", "- " + for_one_line(decision.reasons[at]));
    if (decision.reasons.size() > most_reasons)
        text += fact("", "- " + and_more(decision.reasons.size() - most_reasons));
    text += fact("Ticket", std::string{intake::to_text(decision.action)} +
                               (decision.after.number.empty() ? "" : " " + decision.after.number));
    if (decision.evaluation) {
        const rules::Evaluation& evaluation = *decision.evaluation;
        text += fact("Severity", palette.paint(cvd::to_text(evaluation.severity), colour_of(evaluation.severity)) +
                                     fmt::format(" (score {})", evaluation.score));
        if (may_show) {
            if (!examination.facts.cvss.empty()) text += fact("CVSS", cvss_text(examination.facts.cvss));
            if_any("CVE", examination.facts.cve);
            if_any("CWE", examination.facts.cwe);
        }
        if (!evaluation.tags.empty()) text += fact("Tags", as_list({evaluation.tags.begin(), evaluation.tags.end()}));
        text += fact("Elements", "there: " + as_list(evaluation.elements_present) +
                                     "; missing: " + as_list(evaluation.elements_missing));
        text += "\n" + hits_text(evaluation, loaded.rule_set, may_show, palette);
    }
    std::vector<std::vector<Cell>> mails;
    for (const intake::Recipe& recipe : decision.mail)
        mails.push_back({{recipe.template_name}, {recipe.language}, {for_one_line(recipe.to_address, 120)}});
    shorten(mails, most_mails);
    text += "\n" + (mails.empty() ? "No mail goes out.\n" : table({"MAIL", "LANGUAGE", "TO"}, mails, palette));
    std::vector<std::vector<Cell>> clocks;
    for (const cvd::TicketClock& clock : decision.after.clocks)
        clocks.push_back(
            {{clock.name}, {to_rfc3339(clock.due)}, {distance_in_words((clock.due - now).count())}, {clock.how}});
    shorten(clocks, most_clocks);
    if (!clocks.empty()) text += "\n" + table({"CLOCK", "DUE", "", "HOW"}, clocks, palette);
    return text;
}

}  // namespace

int explain_mail(const AdminContext& context, const std::string& file, bool decrypt) {
    const auto loaded = load_or_complain(context);
    if (!loaded) return EX_CONFIG;
    const Configuration& configuration = loaded->configuration;
    auto bytes = read_mail(file, configuration.message_bytes);
    if (!bytes) return complain(bytes.error().what, EX_DATAERR);
    if (bytes->empty()) return complain("the mail is empty", EX_DATAERR);
    int code = EX_OK;
    const auto store = store_to_look_at(configuration, code);
    if (!store) return code;
    KeysNow keys;
    const auto examination = examine_now(*loaded, std::move(*bytes), store->keys.all(), &keys);
    if (!examination) return complain(examination.error().what, EX_SOFTWARE);
    intake::Organisation organisation = configuration.organisation;
    organisation.own_key = keys.own_key;

    // A server tells the arrival to the second (RFC 9051 section 2.3.3), and so do the dates that follow from it.
    const Instant now = std::chrono::floor<std::chrono::seconds>(context.clock.now());
    const auto ids = message_ids_to_look_at(configuration);
    if (!ids) return complain(ids.error().what, EX_CONFIG);
    const auto view =
        intake::look_up(*store, *examination, organisation, *ids, loaded->rule_set, {}, now, keys.keyring);
    intake::Arrival arrival;
    arrival.received = now;
    const auto decision = intake::decide(*examination, view, loaded->rule_set, organisation,
                                         configuration.mailboxes.front().rules, arrival, now);
    const std::string text =
        context.json ? intake::explain_in_public(*examination, decision, organisation, !organisation.own_key.empty())
                               .dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
                           "\n"
                     : explain_text(*examination, decision, *loaded, decrypt, now, context.palette);
    std::fputs(text.c_str(), stdout);
    return EX_OK;
}

}  // namespace tocsin::daemon
