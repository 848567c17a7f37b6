// The [[test]] tables: a mail, and what it is expected to become.
#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/loading/loading.hpp"

namespace tocsin::rules {

namespace {

std::string with_crlf(std::string_view text) {
    std::string mail;
    for (const char c : text) {
        if (c == '\r') continue;
        if (c == '\n') mail += '\r';
        mail += c;
    }
    return mail;
}

void add_field(std::string& mail, std::string_view name, std::string_view value) {
    mail += std::string{name} + ": " + for_one_line(value) + "\n";  // RFC 6532: UTF-8 as it is
}

// { from = "…", subject = "…", text = "…", header = { … } }: what a person would send, as bytes.
std::string mail_from(TomlTable table) {
    std::string mail;
    add_field(mail, "From", table.text("from").value_or("reporter@reporter.test"));
    add_field(mail, "To", table.text("to").value_or("security@ours.test"));
    add_field(mail, "Subject", table.text("subject").value_or("Report"));
    add_field(mail, "Message-ID", "<rule-test@reporter.test>");
    if (auto header = table.table("header"))
        for (const std::string& name : header->keys()) add_field(mail, name, header->text(name).value_or(""));
    add_field(mail, "MIME-Version", "1.0");
    const std::string text = table.text("text").value_or("");
    const auto attachments = table.tables("attachments");
    table.done();
    const char* plain = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n";
    if (attachments.empty()) return with_crlf(mail + plain + text + '\n');
    mail +=
        "Content-Type: multipart/mixed; boundary=\"=_rule-test\"\n\n--=_rule-test\n" + std::string{plain} + text + '\n';
    for (TomlTable attachment : attachments) {
        mail += "--=_rule-test\nContent-Type: " +
                for_one_line(attachment.text("type").value_or("application/octet-stream")) +
                "\nContent-Disposition: attachment; filename=\"" + for_one_line(attachment.required_text("name")) +
                "\"\n\n" + attachment.text("text").value_or("") + '\n';
        attachment.done();
    }
    return with_crlf(mail + "--=_rule-test--\n");
}

}  // namespace

void Loading::read_rule_test(TomlTable table, const RulesFile& file) {
    RuleTest test;
    test.place = table.place();
    test.name = table.required_text("name");
    if (const auto mail = table.value("mail")) {
        if (mail->type() == TomlValue::Type::Text) {
            test.mail = with_crlf(mail->text().value_or(""));
        } else if (auto parts = mail->table()) {
            if (const auto name = parts->value("file")) {
                if (const auto text = name->text())
                    if (auto bytes = read_beside(file, *text, *name)) test.mail = with_crlf(*bytes);
                parts->done();
            } else {
                test.mail = mail_from(*parts);
            }
        }
    } else {
        table.mistake("missing key 'mail'");
    }
    if (const auto at = table.value("at")) test.at = at->time();
    test.policy = table.text("policy").value_or(file.policy.empty() ? "default" : file.policy);
    if (auto expect = table.table("expect")) {
        RuleTest::Expectation& wanted = test.expect;
        wanted.kind = expect->text("kind");
        const FieldKind& kinds = kind_of(Field::Kind);
        if (wanted.kind && std::ranges::find(kinds.values, *wanted.kind) == kinds.values.end())
            expect->mistake_at(
                "kind", "'" + for_one_line(*wanted.kind, 60) + "' is not known; accepted: " + in_a_row(kinds.values));
        wanted.severity = read_severity(*expect, "severity");
        if (const auto score = expect->whole("score")) wanted.score = static_cast<int>(*score);
        wanted.rules = expect->texts("rules");
        wanted.not_rules = expect->texts("not_rules");
        wanted.tags = expect->texts("tags");
        wanted.present = expect->texts("present");
        wanted.missing = expect->texts("missing");
        wanted.acknowledge = expect->boolean("acknowledge");
        if (auto due = expect->table("due"))
            for (const std::string& clock : due->keys())
                if (const auto time = due->value(clock)->time()) wanted.due.emplace(clock, *time);
        const std::vector<std::string> expected = expect->keys();
        expect->done();
        if (expected.empty()) table.warn_at("expect", "this test expects nothing, so it never fails");
    } else if (!table.has("expect")) {
        table.mistake("missing key 'expect'");
    }
    const bool replaces = table.boolean("override").value_or(false);
    table.done();
    if (test.name.empty()) return;
    const std::string name = test.name;
    tests_.add({name, file.policy, replaces, table, std::move(test)}, "test", "name");
}

// A test that names a rule that does not exist would pass for ever.
void Loading::check_tests(LoadedRules& loaded) {
    std::vector<std::string_view> known, elements;
    // One with a mistake of its own, or that is switched off, is known all the same.
    for (const auto& rule : rules_.all()) known.push_back(rule.id);
    for (const auto& element : elements_.all()) elements.push_back(element.id);
    for (auto& entry : tests_.all()) {
        RuleTest& test = entry.what;
        const auto check = [&](const std::vector<std::string>& ids, const std::vector<std::string_view>& accepted,
                               std::string_view noun) {
            for (const std::string& id : ids) {
                if (std::ranges::find(accepted, id) != accepted.end()) continue;
                const std::string_view near = nearest(id, accepted);
                entry.table.warn_at("expect", "unknown " + std::string{noun} + " '" + for_one_line(id, 60) + "'" +
                                                  (near.empty() ? "" : "; did you mean '" + std::string{near} + "'?"));
            }
        };
        check(test.expect.rules, known, "rule");
        check(test.expect.not_rules, known, "rule");
        check(test.expect.present, elements, "element");
        check(test.expect.missing, elements, "element");
        if (options_.thorough && !disabled(entry.id, ""))
            for (const std::string& id : test.expect.rules)
                if (disabled(id, test.policy))
                    entry.table.warn_at("expect", "rule '" + for_one_line(id, 60) +
                                                      "' is switched off, so this test fails; disable = [\"" +
                                                      for_one_line(entry.id, 60) + "\"] switches the test off too");
        const auto policy = loaded.policies.find(test.policy);
        if (policy == loaded.policies.end())
            entry.table.mistake_at("policy", "there is no policy '" + for_one_line(test.policy, 60) + "'");
        else
            for (const auto& [clock, due] : test.expect.due)
                if (policy->second.clock(clock) == nullptr)
                    entry.table.warn_at("expect",
                                        "policy '" + test.policy + "' has no clock '" + for_one_line(clock, 60) + "'");
        if (!disabled(entry.id, "")) loaded.tests.push_back(test);
    }
}

}  // namespace tocsin::rules
