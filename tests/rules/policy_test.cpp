// Policies: put together from files, told as text, and read back from it.
#include "rules/policies/policy.hpp"

#include <gtest/gtest.h>

#include "rules/policies/policy_words.hpp"
#include "rules_folder.hpp"

namespace tocsin::rules {
namespace {

using Lines = std::vector<std::string>;

const char* const shared_tables = R"(
[calendar.office]
zone   = "Europe/Berlin"
hours  = { mon-thu = "09:00-12:30 13:30-18:00", fri = "09:00-16:00" }
closed = ["2026-12-24", "12-26"]

[[element]]
id   = "steps"
ask  = { en = "the steps", de = "die Schritte" }
when = 'text ~ /steps/'

[[clock]]
id       = "triage"
promise  = { en = "tell you how we rate it", de = "sagen, wie schlimm es ist" }
start    = "received"
stop     = { any = ["triaged", "closed"] }
within   = "3 business days"
calendar = "office"
severity = ["critical", "high"]
pause    = "waiting"
remind   = ["50%", "4 business hours before", "due", "every 1 business day after"]
to       = ["owner", "role:psirt", "lead@acme.test"]
escalate = [{ at = "1 business day after", to = ["role:lead"] }]
)";

const char* const own_tables = R"(
promise = { en = "We take no legal action.", de = "Wir gehen nicht rechtlich vor." }

[severity]
critical = "none"
unreadable = "medium"
cvss = "decide"

[templates]
acknowledgement = "acknowledgement-strict"

[[clock]]
id      = "resolve"
promise = { en = "fix it", de = "es beheben" }
start   = "received"
stop    = { all = ["fixed", "release-noted"] }
within  = "90 days"
goal    = true

[[guard]]
event = "disclosed"
after = ["investigated", "fixed"]
why   = "Not before it is fixed."

[[rule]]
id = "own"
why = "w"
score = 95
when = 'text ~ /own/'
)";

RulesFolder& folder_with_policies() {
    static RulesFolder folder;
    folder.write("a.toml", shared_tables)
        .write("policies/strict.toml", own_tables)
        .write("policies/plain.toml", "disable = ['steps']\n")
        .write("templates/acknowledgement-strict.en.eml", "Subject: a\n\n{{#promises}}{{promise}}{{/promises}}\n")
        .write("templates/acknowledgement-strict.de.eml", "Subject: a\n\n{{ticket}}\n");
    return folder;
}

RuleSet rules_with_policies() { return folder_with_policies().load({"en", "de"}); }

TEST(Policy, HasWhatStandsOutsideAndItsOwn) {
    const RuleSet rules = rules_with_policies();
    EXPECT_EQ((Lines{"default", "plain", "strict"}), rules.policy_names());
    const Policy& strict = *rules.policy("strict");
    ASSERT_EQ(2u, strict.clocks.size());
    const ClockRule& triage = *strict.clock("triage");
    EXPECT_EQ((std::vector{cvd::EventKind::Triaged, cvd::EventKind::Closed}), triage.stop.events);
    EXPECT_EQ(StopCondition::Of::Any, triage.stop.of);
    EXPECT_EQ((sla::Span{3, sla::Unit::BusinessDay}), triage.within);
    EXPECT_TRUE(triage.binds(cvd::Severity::High));
    EXPECT_FALSE(triage.binds(cvd::Severity::Low));
    EXPECT_EQ(cvd::EventKind::Waiting, triage.pause);
    EXPECT_EQ(4u, triage.remind.size());
    EXPECT_EQ("every 1 business day after", sla::to_text(triage.remind[3]));
    EXPECT_EQ((Lines{"role:lead"}), triage.escalate.at(0).to);
    EXPECT_NE(nullptr, strict.calendar_of(triage));
    EXPECT_TRUE(strict.clock("resolve")->goal);
    EXPECT_EQ(StopCondition::Of::All, strict.clock("resolve")->stop.of);
    EXPECT_EQ(nullptr, strict.calendar_of(*strict.clock("resolve")));
    EXPECT_EQ("Not before it is fixed.", in_language(strict.guard(cvd::EventKind::Disclosed)->why, "de", "en"));
    EXPECT_EQ("acknowledgement-strict", strict.templates.at("acknowledgement"));
    EXPECT_EQ("Wir gehen nicht rechtlich vor.", in_language(strict.promise, "de", "en"));
    EXPECT_EQ(nullptr, rules.policy("plain")->clock("resolve"));
    EXPECT_EQ(nullptr, rules.policy("nobody"));
}

TEST(Policy, MayDisableForItselfWhatIsSharedByAll) {
    const RuleSet rules = rules_with_policies();
    EXPECT_TRUE(rules.policy("plain")->elements.empty());
    EXPECT_EQ(1u, rules.policy("strict")->elements.size());
}

TEST(Policy, ItsRulesBindItAlone) {
    const RuleSet rules = rules_with_policies();
    const mail::Reading reading = a_mail("x", "own");
    EXPECT_EQ(Lines{"own"}, ids(evaluate(rules, MailFacts{reading}, {}, "strict")));
    EXPECT_EQ(Lines{}, ids(evaluate(rules, MailFacts{reading}, {}, "plain")));
}

TEST(Policy, ALevelThatItDoesNotKnowIsNeverReached) {
    const RuleSet rules = rules_with_policies();
    const mail::Reading reading = a_mail("x", "own");
    EXPECT_EQ(cvd::Severity::High, evaluate(rules, MailFacts{reading}, {}, "strict").severity);  // 95 points
    MailFacts facts{reading};
    facts.cvss_base = 10.0;
    EXPECT_EQ(cvd::Severity::High, evaluate(rules, facts, {}, "strict").severity);
    EXPECT_EQ(cvd::Severity::Critical, evaluate(rules, facts, {}, "plain").severity);
}

TEST(Policy, ReplacesAClockThatIsSharedByAllOnlyWhenItSaysSo) {
    RulesFolder folder;
    const std::string clock = "[[clock]]\nid='a'\nstart='received'\nstop='triaged'\n";
    folder.write("a.toml", clock + "within='1 day'\n").write("policies/p.toml", clock + "within='2 days'\n");
    EXPECT_EQ(Lines{"policies/p.toml:2:1: error: clock 'a' is already at a.toml:2; override = true replaces it"},
              folder.mistakes());
    folder.write("policies/p.toml", clock + "within='2 days'\noverride=true\n");
    const RuleSet rules = folder.load();
    EXPECT_EQ(2, rules.policy("p")->clock("a")->within.count);
    EXPECT_EQ(1, rules.policy("default")->clock("a")->within.count);
}

TEST(PolicySource, GivesAnEqualPolicyAgain) {
    const RuleSet rules = rules_with_policies();
    for (const std::string& name : rules.policy_names()) {
        const Policy& policy = *rules.policy(name);
        const auto again = policy_from_source(policy.source);
        ASSERT_TRUE(again) << again.error().what;
        EXPECT_EQ(policy.hash, again->hash);
        EXPECT_EQ(policy.name, again->name);
        EXPECT_EQ(policy.promise, again->promise);
        EXPECT_EQ(policy.templates, again->templates);
        EXPECT_EQ(policy.levels.critical, again->levels.critical);
        EXPECT_EQ(policy.levels.medium, again->levels.medium);
        EXPECT_EQ(policy.levels.unreadable, again->levels.unreadable);
        EXPECT_EQ(policy.levels.cvss, again->levels.cvss);
        ASSERT_EQ(policy.clocks.size(), again->clocks.size());
        for (std::size_t at = 0; at < policy.clocks.size(); ++at) {
            const ClockRule &a = policy.clocks[at], &b = again->clocks[at];
            EXPECT_EQ(a.id, b.id);
            EXPECT_EQ(a.promise, b.promise);
            EXPECT_EQ(a.start, b.start);
            EXPECT_EQ(a.stop.of, b.stop.of);
            EXPECT_EQ(a.stop.events, b.stop.events);
            EXPECT_EQ(a.within, b.within);
            EXPECT_EQ(a.calendar, b.calendar);
            EXPECT_EQ(a.severity, b.severity);
            EXPECT_EQ(a.pause, b.pause);
            EXPECT_EQ(a.goal, b.goal);
            EXPECT_EQ(a.remind, b.remind);
            EXPECT_EQ(a.to, b.to);
            ASSERT_EQ(a.escalate.size(), b.escalate.size());
            for (std::size_t step = 0; step < a.escalate.size(); ++step) {
                EXPECT_EQ(a.escalate[step].at, b.escalate[step].at);
                EXPECT_EQ(a.escalate[step].to, b.escalate[step].to);
            }
        }
        ASSERT_EQ(policy.elements.size(), again->elements.size());
        for (std::size_t at = 0; at < policy.elements.size(); ++at) {
            EXPECT_EQ(policy.elements[at].id, again->elements[at].id);
            EXPECT_EQ(policy.elements[at].ask, again->elements[at].ask);
            EXPECT_EQ(policy.elements[at].optional, again->elements[at].optional);
            EXPECT_EQ(Element::asks_nothing, again->elements[at].condition);
        }
        ASSERT_EQ(policy.guards.size(), again->guards.size());
        for (std::size_t at = 0; at < policy.guards.size(); ++at) {
            EXPECT_EQ(policy.guards[at].event, again->guards[at].event);
            EXPECT_EQ(policy.guards[at].after, again->guards[at].after);
            EXPECT_EQ(policy.guards[at].why, again->guards[at].why);
        }
    }
}

TEST(PolicySource, NeedsNoHolidayFileAnyMore) {
    RulesFolder folder;
    folder.write(
        "a.toml",
        "[calendar.office]\nzone='Europe/Berlin'\nhours={mon-fri='09:00-17:00'}\nclosed=['12-24']\nholidays=['h.ics']\n"
        "[[clock]]\nid='a'\nstart='received'\nstop='triaged'\nwithin='1 business day'\ncalendar='office'\n");
    folder.write("h.ics",
                 "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a@b\r\nDTSTAMP:20260101T000000Z\r\n"
                 "DTSTART;VALUE=DATE:20261123\r\nSUMMARY:Closed\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
    const std::string source = folder.load().policy("default")->source;
    folder.write("h.ics", "gone");
    const auto policy = policy_from_source(source);
    ASSERT_TRUE(policy) << policy.error().what;
    const sla::Calendar& calendar = policy->calendars.at("office");
    const Instant friday = *from_rfc3339("2026-11-20T12:00:00+01:00");
    EXPECT_EQ(*from_rfc3339("2026-11-24T12:00:00+01:00"), calendar.after_business_days(friday, 1));  // Monday is closed
    EXPECT_FALSE(calendar.is_open(*from_rfc3339("2029-12-24T12:00:00+01:00")));
    EXPECT_TRUE(calendar.is_open(*from_rfc3339("2029-12-21T12:00:00+01:00")));
}

TEST(PolicySource, IsCanonical) {
    EXPECT_EQ(rules_with_policies().policy("strict")->source, rules_with_policies().policy("strict")->source);
    EXPECT_NE(rules_with_policies().policy("strict")->hash, rules_with_policies().policy("plain")->hash);
}

TEST(PolicySource, WhatIsBrokenIsAnErrorAndNoCrash) {
    const std::string source = rules_with_policies().policy("strict")->source;
    for (const std::string& bad : {std::string{}, std::string{"{}"}, std::string{"[1,2]"}, std::string{"null"},
                                   source.substr(0, source.size() / 2)}) {
        const auto policy = policy_from_source(bad);
        ASSERT_FALSE(policy);
        EXPECT_EQ(Code::BadInput, policy.error().code);
    }
    std::string unknown = source;
    unknown.replace(unknown.find("\"received\""), 10, "\"recieved\"");
    EXPECT_FALSE(policy_from_source(unknown));
}

TEST(Policy, ARuleOfItsOwnStandsInThePlaceOfOneOutside) {
    RulesFolder folder;
    const std::string shared = "[[rule]]\nid='a'\nwhy='w'\nscore=1\nwhen='text ~ /a/'\n";
    folder.write("a.toml", shared).write("policies/p.toml", shared);
    EXPECT_EQ(Lines{"policies/p.toml:2:1: error: rule 'a' is already at a.toml:2; override = true replaces it"},
              folder.mistakes());
    folder.write("policies/p.toml", "[[rule]]\nid='a'\noverride=true\nscore=50\n");
    const RuleSet rules = folder.load();
    const mail::Reading reading = a_mail("x", "a");
    EXPECT_EQ(50, evaluate(rules, MailFacts{reading}, {}, "p").score);
    EXPECT_EQ(1, evaluate(rules, MailFacts{reading}, {}, "default").score);
}

TEST(Policy, AGuardMaySayWhyInEachLanguage) {
    RulesFolder folder;
    folder.write("a.toml",
                 "[[guard]]\nevent='disclosed'\nafter=['fixed']\nwhy={en='Fixed first.', de='Erst behoben.'}\n");
    const RuleSet rules = folder.load({"en", "de"});
    EXPECT_NE(std::string::npos, in_plain_words(*rules.policy("default"), {"ACME", "s@acme.test"}, "de", "en")
                                     .to_text()
                                     .find("- Erst behoben."));
    folder.write("a.toml", "[[guard]]\nevent='disclosed'\nafter=['fixed']\nwhy={en='Fixed first.'}\n");
    EXPECT_EQ(Lines{"a.toml:4:1: error: 'why' has no words in 'de', one of the configured languages"},
              folder.mistakes(false, {"en", "de"}));
}

}  // namespace
}  // namespace tocsin::rules
