#include <fmt/core.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
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

std::string as_list(const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) text += (text.empty() ? "" : ", ") + for_one_line(value, 120);
    return text.empty() ? "–" : text;
}

// In the manner of a spam filter's report: the points, the rule, what it says of itself and what it hit.
std::string hits_text(const rules::Evaluation& evaluation, const rules::RuleSet& rule_set, bool with_words,
                      const Palette& palette) {
    std::vector<std::vector<Cell>> rows;
    for (const rules::Hit& hit : evaluation.hits)
        rows.push_back({{fmt::format("{:+}", hit.score), hit.score < 0 ? Colour::Green : Colour::None, true},
                        {hit.rule, Colour::Bold},
                        {hit.where},
                        {with_words ? for_one_line(hit.words, 60) : ""},
                        {std::string{rule_set.why(hit.rule)}}});
    if (!rows.empty())
        rows.push_back(
            {{fmt::format("{:+}", evaluation.score), Colour::Bold, true}, {"in all", Colour::Bold}, {""}, {""}, {""}});
    std::string text = rows.empty() ? "No rule hit.\n" : table({"PTS", "RULE", "WHERE", "WORDS", "WHY"}, rows, palette);
    if (!evaluation.could_not_tell.empty())
        text += "Could not tell, since a limit was hit (they count as neither): " + as_list(evaluation.could_not_tell) +
                "\n";
    return text;
}

// Each vector with what it comes to, and whether that is what the reporter says.
std::string cvss_text(const std::vector<cvd::FoundCvss>& found) {
    std::string text;
    for (const cvd::FoundCvss& one : found) {
        text += (text.empty() ? "" : "; ") + for_one_line(one.vector, 200);
        text += one.base ? fmt::format(" comes to {:.1f}", *one.base) : std::string{" is no valid vector"};
        if (!one.claim_fits()) text += fmt::format(", and not to the {:.1f} that the report claims", *one.claimed);
    }
    return text.empty() ? "–" : text;
}

// Who signed, how well, and how much of what is shown the signature stands for.
std::string signatures_text(const intake::CryptoVerdict& crypto) {
    std::string text;
    for (const intake::SignatureVerdict& one : crypto.signatures) {
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
    for (const std::string& reason : decision.reasons) text += fact("", "- " + for_one_line(reason));
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
    text += "\n" + (mails.empty() ? "No mail goes out.\n" : table({"MAIL", "LANGUAGE", "TO"}, mails, palette));
    std::vector<std::vector<Cell>> clocks;
    for (const cvd::TicketClock& clock : decision.after.clocks)
        clocks.push_back(
            {{clock.name}, {to_rfc3339(clock.due)}, {distance_in_words((clock.due - now).count())}, {clock.how}});
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

    const Instant now = context.clock.now();
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
