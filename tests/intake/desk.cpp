#include "desk.hpp"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>


namespace tocsin::intake {

namespace {

constexpr const char* small_rules_toml = R"toml(
[severity]
critical = 90
high = 60
medium = 25
low = 0
unreadable = "high"

[[rule]]
id = "code"
why = "Code runs."
score = 60
when = 'text ~ /\bcode execution\b/i'

[[rule]]
id = "script"
why = "A script runs."
score = 30
when = 'text ~ /\bxss\b/i'

[[rule]]
id = "silence"
why = "Wants no answer."
acknowledge = false
when = 'subject contains "do not answer"'

[[rule]]
id = "newsletter"
why = "We know this letter."
kind = "bulk"
when = 'subject contains "our newsletter"'

[[rule]]
id = "list-fields"
why = "Went to many."
signal = "bulk"
when = 'has header.list-id or has header.list-unsubscribe or has header.precedence'

[[rule]]
id = "away-words"
why = "Sounds like an absence."
signal = "auto-reply"
when = 'body contains "on vacation"'

[[rule]]
id = "loop-mark"
why = "A mark against loops."
signal = "unattended"
when = 'has header.x-loop'

[[rule]]
id = "scanner"
why = "Our own scanner writes reports."
kind = "report"
when = 'subject contains "nightly scan"'

[[rule]]
id = "short"
why = "Wants few words."
template = "acknowledgement-short"
when = 'subject contains "in short"'

[[element]]
id = "steps"
ask = { en = "the steps", de = "die Schritte" }
when = 'text ~ /\bsteps\b/i'

[[element]]
id = "impact"
ask = { en = "the impact", de = "die Auswirkung" }
when = 'text ~ /\bimpact\b/i'

[[element]]
id = "fix"
optional = true
ask = { en = "a fix", de = "eine Behebung" }
when = 'text ~ /\bpatch\b/i'

[calendar.office]
zone = "Europe/Berlin"
hours = { mon-fri = "09:00-17:00" }
)toml";

constexpr const char* small_policy_toml = R"toml(
[[clock]]
id = "acknowledge"
promise = { en = "confirm it", de = "den Eingang bestätigen" }
start = "received"
stop = "acknowledged"
within = "1 business day"
calendar = "office"
remind = ["4 business hours before", "due", "every 1 business day after"]
to = ["team"]

[[clock]]
id = "triage"
promise = { en = "tell you how we rate it", de = "Ihnen unsere Einschätzung sagen" }
start = "received"
stop = "triaged"
within = "3 business days"
calendar = "office"
remind = ["due"]
to = ["owner"]

[[clock]]
id = "triage-urgent"
promise = { en = "hurry", de = "uns beeilen" }
start = "received"
stop = "triaged"
within = "1 business day"
calendar = "office"
severity = ["high", "critical"]
remind = ["due"]
to = ["role:lead"]

[[clock]]
id = "evaluate"
promise = { en = "evaluate it and name a date", de = "sie bewerten und ein Datum nennen" }
start = "received"
stop = { all = ["evaluated", "eta-set"] }
within = "7 business days"
calendar = "office"
pause = "waiting"
remind = ["due"]
to = ["alice@acme.test"]

[[clock]]
id = "resolve"
promise = { en = "fix it", de = "sie beheben" }
start = "received"
stop = { any = ["fixed", "disclosed"] }
within = "90 days"
goal = true
pause = "waiting"
remind = ["50%"]

[[clock]]
id = "weekend"
start = "received"
stop = "triaged"
within = "48 hours"
calendar = "office"
remind = ["50%"]

[[clock]]
id = "four-days"
start = "received"
stop = "triaged"
within = "96 hours"
calendar = "office"
remind = ["50%"]
)toml";

constexpr const char* terse_policy_toml = R"toml(
[templates]
acknowledgement = "acknowledgement-short"

[[clock]]
id = "triage"
promise = { en = "rate it", de = "sie einschätzen" }
start = "received"
stop = "triaged"
within = "2 days"
)toml";

// One report opens each of these; nothing more is asked of them here.
const std::vector<std::pair<std::string, std::string>> small_templates{
    {"acknowledgement.en",
     "Subject: [{{ticket}}] Your report to {{organisation}}\n\n{{received}}\n"
     "{{#promises}}\n{{promise}} by {{due}}\n{{/promises}}\n"
     "{{#goals}}\nwant to {{promise}}\n{{/goals}}\n{{#missing}}\nask {{ask}}\n{{/missing}}\n"},
    {"acknowledgement.de", "Subject: [{{ticket}}] Ihre Meldung an {{organisation}}\n\n{{received}}\n"},
    {"acknowledgement-short.en", "Subject: [{{ticket}}] Got it\n\n{{ticket}}\n"},
    {"acknowledgement-short.de", "Subject: [{{ticket}}] Danke\n\n{{ticket}}\n"},
    {"notice.en", "Subject: [{{ticket}}] {{severity}}: {{title}}\n\n{{kind}}\n{{report}}\n"},
    {"notice.de", "Subject: [{{ticket}}] {{severity}}: {{title}}\n\n{{kind}}\n{{report}}\n"},
    {"reminder.en", "Subject: [{{ticket}}] {{clock}} is due {{due}}\n\n{{promise}}\n"},
    {"reminder.de", "Subject: [{{ticket}}] {{clock}} ist fällig {{due}}\n\n{{promise}}\n"},
    {"overdue.en", "Subject: [{{ticket}}] {{clock}} was due {{due}}\n\n{{promise}}\n"},
    {"overdue.de", "Subject: [{{ticket}}] {{clock}} war fällig {{due}}\n\n{{promise}}\n"},
    {"alarm.en", "Subject: {{#ticket}}[{{ticket}}] {{/ticket}}Alarm\n\n{{what}}\n"},
    {"alarm.de", "Subject: {{#ticket}}[{{ticket}}] {{/ticket}}Alarm\n\n{{what}}\n"},
    {"acknowledgement-several.en",
     "Subject: Your reports to {{organisation}}\n\n{{#numbers}}\n{{number}}\n{{/numbers}}\n"},
    {"acknowledgement-several.de",
     "Subject: Ihre Meldungen an {{organisation}}\n\n{{#numbers}}\n{{number}}\n{{/numbers}}\n"},
    {"escalation.en", "Subject: [{{ticket}}] Escalated: {{clock}}\n\n{{promise}}\n"},
    {"escalation.de", "Subject: [{{ticket}}] Eskaliert: {{clock}}\n\n{{promise}}\n"},
    {"bounced.en", "Subject: [{{ticket}}] Not delivered: {{template}}\n\n{{recipient}} {{status}} {{what}}\n"},
    {"bounced.de", "Subject: [{{ticket}}] Nicht zugestellt: {{template}}\n\n{{recipient}} {{status}} {{what}}\n"},
};

class SmallRulesFolder {
public:
    SmallRulesFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "tocsin-intake-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
        path = name;
        std::filesystem::create_directories(path / "policies");
        std::filesystem::create_directories(path / "templates");
        put("rules.toml", small_rules_toml);
        put("policies/default.toml", small_policy_toml);
        put("policies/terse.toml", terse_policy_toml);
        for (const auto& [template_name, text] : small_templates) put("templates/" + template_name + ".eml", text);
    }
    SmallRulesFolder(const SmallRulesFolder&) = delete;
    SmallRulesFolder& operator=(const SmallRulesFolder&) = delete;
    ~SmallRulesFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;

private:
    void put(const std::string& name, const std::string& text) { std::ofstream{path / name, std::ios::binary} << text; }
};

rules::RuleSet loaded_from(const std::filesystem::path& folder) {
    rules::Mistakes mistakes;
    auto rule_set = rules::RuleSet::load({{folder}, {"en", "de"}}, mistakes);
    if (!rule_set) throw std::runtime_error{mistakes.to_text()};
    return std::move(*rule_set);
}

const rules::TemplateFields::Value* field_of(const rules::TemplateFields& fields, const std::string& name) {
    const auto found = fields.values().find(name);
    return found == fields.values().end() ? nullptr : &found->second;
}

}  // namespace

Instant instant(std::string_view rfc3339) { return from_rfc3339(rfc3339).value(); }

const rules::RuleSet& small_rules() {
    static const rules::RuleSet rule_set = loaded_from(SmallRulesFolder{}.path);
    return rule_set;
}

const rules::RuleSet& shipped_rules() {
    static const rules::RuleSet rule_set = loaded_from(std::filesystem::path{TOCSIN_SOURCE_DIR} / "rules");
    return rule_set;
}

Organisation acme(Mode mode) {
    return {.name = "ACME",
            .address = *mail::Address::from("security@acme.test"),
            .aliases = {*mail::Address::from("psirt@acme.test")},
            .mode = mode,
            .languages = {"en", "de"},
            .policy_url = "https://acme.test/security",
            .numbers = {},
            .team = {{"Alice", *mail::Address::from("alice@acme.test"), {"lead"}},
                     {"Bob", *mail::Address::from("bob@acme.test"), {}}}};
}

const MailboxRules& security_mailbox() {
    static const MailboxRules mailbox{.name = "security", .policy = "default", .via_list = ""};
    return mailbox;
}

const MessageIds& acme_ids() {
    static const MessageIds ids{Secret{std::string(32, 'k')}, "acme.test"};
    return ids;
}

std::string Letter::bytes() const {
    std::string bytes =
        "From: " + from + "\r\nTo: " + to + "\r\nSubject: " + subject + "\r\nDate: Fri, 06 Mar 2026 14:29:00 +0000\r\n";
    if (!message_id.empty()) bytes += "Message-ID: <" + message_id + ">\r\n";
    for (const std::string& field : fields) bytes += field + "\r\n";
    return bytes + "MIME-Version: 1.0\r\nContent-Type: " + type + "\r\n\r\n" + text + "\r\n";
}

Letter encrypted_letter(const std::string& ciphertext) {
    Letter letter;
    letter.subject = "...";
    letter.type = "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b";
    letter.text =
        "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
        "--b\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\n" +
        ciphertext + "\r\n-----END PGP MESSAGE-----\r\n--b--";
    return letter;
}

Examination examined(const Letter& letter, const rules::RuleSet& rule_set) {
    return examine(letter.bytes(), rule_set, {},
                   {.recipient = "security@acme.test", .via_list = "", .with_text = false});
}

Arrival arrived(std::int64_t journal, Instant at) { return {.journal = JournalId{journal}, .received = at}; }

Decision decided(const Letter& letter, const TicketView& view, const rules::RuleSet& rule_set) {
    return decide(examined(letter, rule_set), view, rule_set, acme(), security_mailbox(), arrived(), friday);
}

std::vector<Recipe> to_team(const Decision& decision) {
    std::vector<Recipe> mail = decision.mail;
    std::erase_if(mail, [](const Recipe& recipe) { return !recipe.to_team; });
    return mail;
}

std::vector<Recipe> to_outside(const Decision& decision) {
    std::vector<Recipe> mail = decision.mail;
    std::erase_if(mail, [](const Recipe& recipe) { return recipe.to_team; });
    return mail;
}

std::vector<std::string> texts_in(const Recipe& recipe, const std::string& list, const std::string& field) {
    std::vector<std::string> texts;
    if (const auto* value = field_of(recipe.fields, list))
        for (const rules::TemplateFields& item : std::get<rules::TemplateFields::List>(*value))
            texts.push_back(std::get<std::string>(*field_of(item, field)));
    return texts;
}

std::vector<bool> yeses_in(const Recipe& recipe, const std::string& list, const std::string& field) {
    std::vector<bool> yeses;
    if (const auto* value = field_of(recipe.fields, list))
        for (const rules::TemplateFields& item : std::get<rules::TemplateFields::List>(*value))
            yeses.push_back(std::get<bool>(*field_of(item, field)));
    return yeses;
}

std::string text_in(const Recipe& recipe, const std::string& field) {
    const auto* value = field_of(recipe.fields, field);
    return value == nullptr ? "(no such field)" : std::get<std::string>(*value);
}

bool yes_in(const Recipe& recipe, const std::string& field) {
    const auto* value = field_of(recipe.fields, field);
    return value != nullptr && std::get<bool>(*value);
}

std::vector<cvd::EventKind> kinds(const std::vector<cvd::Event>& events) {
    std::vector<cvd::EventKind> found;
    for (const cvd::Event& event : events) found.push_back(event.kind);
    return found;
}

std::vector<cvd::Event> of_kind(const std::vector<cvd::Event>& events, cvd::EventKind kind) {
    std::vector<cvd::Event> found;
    for (const cvd::Event& event : events)
        if (event.kind == kind) found.push_back(event);
    return found;
}

cvd::Event by_alice(cvd::EventKind kind, Instant at) { return {kind, at, "alice@acme.test", {}}; }

const rules::ClockRule& rule_of(const OpenTicket& open, std::string_view name) { return *open.policy.clock(name); }

bool is_open(const OpenTicket& open, std::string_view name) { return open.ticket.open_clock(name) != nullptr; }

OpenTicket opened_by(const Letter& letter, Instant at, const rules::RuleSet& rule_set) {
    const Decision decision =
        decide(examined(letter, rule_set), {}, rule_set, acme(), security_mailbox(), arrived(1, at), at);
    OpenTicket open;
    open.id = TicketId{1};
    open.ticket = decision.after;
    open.ticket.number = "SEC-2026-0001";
    open.policy = decision.policy.value();
    for (const cvd::Event& event : decision.events) {
        open.happened[event.kind] = event.at;
        if (cvd::moves_clocks(event.kind)) open.course.emplace_back(event.kind, event.at);
    }
    return open;
}

OpenTicket opened_under(const std::string& policy) {
    MailboxRules mailbox = security_mailbox();
    mailbox.policy = policy;
    const Decision decision =
        decide(examined({}, shipped_rules()), {}, shipped_rules(), acme(), mailbox, arrived(), friday);
    OpenTicket open;
    open.ticket = decision.after;
    open.policy = *shipped_rules().policy(policy);
    for (const cvd::Event& event : decision.events) {
        open.happened[event.kind] = event.at;
        if (cvd::moves_clocks(event.kind)) open.course.emplace_back(event.kind, event.at);
    }
    return open;
}

DeskTest::Taken DeskTest::take_in(const Letter& letter, Instant at) {
    const std::string bytes = letter.bytes();
    const auto entry = in_transaction([&] {
        return store_.journal.append({.place = {"security", "INBOX", 1, next_uid_++}, .internal_date = at}, bytes, at);
    });
    return take_entry(entry.value(), letter, at, true);
}

DeskTest::Taken DeskTest::take_entry(JournalId entry, const Letter& letter, Instant at, bool acknowledge) {
    Taken taken;
    taken.entry = entry;
    const Examination examination = examined(letter);
    const TicketView view = look_up(store_, examination, organisation_, acme_ids(), small_rules(), entry, at);
    Arrival arrival = arrived(taken.entry.value(), at);
    arrival.acknowledge = acknowledge;
    taken.decision = decide(examination, view, small_rules(), organisation_, security_mailbox(), arrival, at);
    taken.admitted = in_transaction([&] {
        Admitted admitted =
            admit(store_, taken.decision, taken.entry, store::EntryState::Done, organisation_, acme_ids(), at);
        if (taken.decision.returned)
            take_back(store_, *taken.decision.returned, small_rules(), organisation_, acme_ids(), at);
        return admitted;
    });
    return taken;
}

store::OutboxState DeskTest::answered(OutboxId id, const store::AttemptResult& result, Instant now) {
    return in_transaction([&] {
        const auto row = store_.outbox.find(id).value();
        const std::string subject =
            row.ticket ? "Subject: [" + store_.tickets.find(*row.ticket)->number + "] Your report to ACME\r\n\r\n" : "";
        if (!row.sealed) store_.outbox.seal(id, subject + "a mail");
        store_.outbox.attempting(id, now);
        store_.outbox.at_final_dot(id);
        return settle(store_, row, result, small_rules(), organisation_, acme_ids(), now, 0.0);
    });
}

std::optional<store::OutboxRow> DeskTest::mail_of(const std::string& template_name,
                                                  const std::string& recipient) const {
    for (const store::OutboxRow& row : outbox())
        if (row.template_name == template_name && row.recipient == recipient) return row;
    return std::nullopt;
}

std::vector<cvd::EventKind> DeskTest::history(TicketId id) const {
    std::vector<cvd::EventKind> found;
    for (const store::HistoryLine& line : store_.tickets.history(id)) found.push_back(line.event.kind);
    return found;
}

std::int64_t DeskTest::events_of(TicketId id, cvd::EventKind kind) const {
    const auto all = history(id);
    return std::ranges::count(all, kind);
}

}  // namespace tocsin::intake
