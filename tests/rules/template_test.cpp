// Templates: rendered apart, never reading a value as a template, and refused when they name what is not there.
#include "rules/templates/template.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "rules_folder.hpp"

namespace tocsin::rules {
namespace {

using Lines = std::vector<std::string>;

Templates templates_of(const RulesFolder& folder, Mistakes& mistakes) {
    Templates templates;
    templates.add_folder(folder.path(), mistakes);
    return templates;
}

Templates one(const std::string& text, const std::string& name = "acknowledgement.en.eml") {
    RulesFolder folder;
    folder.write(name, text);
    Mistakes mistakes;
    Templates templates = templates_of(folder, mistakes);
    EXPECT_EQ("", mistakes.to_text());
    return templates;
}

std::string body(const std::string& text, const TemplateFields& fields) {
    const auto mail = one("Subject: x\n\n" + text).render("acknowledgement", "en", "en", fields);
    return mail ? mail->body : "ERROR " + mail.error().what;
}

TEST(Template, RendersHeaderAndBodyApart) {
    TemplateFields fields;
    fields.set("ticket", "SEC-2026-0001");
    fields.set("organisation", "ACME");
    const auto mail = one("Subject: [{{ticket}}] Your report to {{organisation}}\nX-Reply: yes\n\nHello,\n{{ticket}}\n")
                          .render("acknowledgement", "en", "en", fields);
    ASSERT_TRUE(mail);
    ASSERT_EQ(2u, mail->header.size());
    EXPECT_EQ("Subject", mail->header[0].first);
    EXPECT_EQ("[SEC-2026-0001] Your report to ACME", mail->header[0].second);
    EXPECT_EQ("yes", mail->header[1].second);
    EXPECT_EQ("Hello,\nSEC-2026-0001\n", mail->body);
}

TEST(Template, AValueIsNeverATemplateAndNothingIsEscaped) {
    TemplateFields fields;
    fields.set("organisation", "{{ticket}} {{#promises}} <b>&amp;\"'");
    fields.set("ticket", "SECRET");
    EXPECT_EQ("{{ticket}} {{#promises}} <b>&amp;\"'\n", body("{{organisation}}\n", fields));
}

TEST(Template, AControlCharacterInAHeaderIsRefused) {
    const Templates templates = one("Subject: {{organisation}}\n\n{{organisation}}\n");
    for (const std::string& bad : {std::string{"a\nBcc: x@y"}, std::string{"a\rb"}, std::string{"a\0b", 3},
                                   std::string{"a\x7f"}, std::string{"a\u0085"}, std::string{"a\u2028"}}) {
        TemplateFields fields;
        fields.set("organisation", bad);
        EXPECT_FALSE(templates.render("acknowledgement", "en", "en", fields)) << bad;
    }
    TemplateFields fields;
    fields.set("organisation", "Größe ☂");
    EXPECT_TRUE(templates.render("acknowledgement", "en", "en", fields));
}

TEST(Template, SectionsAreForListsAndForYesAndForTextThatIsThere) {
    TemplateFields fields, first, second;
    first.set("ask", "one");
    second.set("ask", "two");
    fields.set("missing", TemplateFields::List{first, second});
    fields.set("has_missing", true);
    fields.set("policy_url", "");
    EXPECT_EQ("- one\n- two\n", body("{{#missing}}\n- {{ask}}\n{{/missing}}\n", fields));
    EXPECT_EQ("yes\n", body("{{#has_missing}}yes{{/has_missing}}{{^has_missing}}no{{/has_missing}}\n", fields));
    EXPECT_EQ("none\n", body("{{#policy_url}}some{{/policy_url}}{{^policy_url}}none{{/policy_url}}\n", fields));
    EXPECT_EQ("none\n", body("{{#promises}}x{{/promises}}{{^promises}}none{{/promises}}\n", fields));
}

TEST(Template, FallsBackToTheFirstLanguage) {
    const Templates templates = one("Subject: english\n\nx\n");
    EXPECT_EQ("english", templates.render("acknowledgement", "fr", "en", {})->header[0].second);
    const auto none = templates.render("acknowledgement", "fr", "de", {});
    ASSERT_FALSE(none);
    EXPECT_EQ(Code::Configuration, none.error().code);
    EXPECT_TRUE(templates.has("acknowledgement", "en"));
    EXPECT_FALSE(templates.has("acknowledgement", "de"));
    EXPECT_EQ(Lines{"acknowledgement"}, templates.names());
}

TEST(Template, ALaterFolderReplacesByNameAndLanguage) {
    RulesFolder shipped, own;
    shipped.write("alarm.en.eml", "Subject: shipped\n\nx\n").write("alarm.de.eml", "Subject: geliefert\n\nx\n");
    own.write("alarm.en.eml", "Subject: own\n\nx\n");
    Mistakes mistakes;
    Templates templates;
    templates.add_folder(shipped.path(), mistakes);
    templates.add_folder(own.path(), mistakes);
    EXPECT_EQ("own", templates.render("alarm", "en", "en", {})->header[0].second);
    EXPECT_EQ("geliefert", templates.render("alarm", "de", "en", {})->header[0].second);
}

struct BadTemplate {
    const char* text;
    const char* told;
};

class TemplateMistake : public testing::TestWithParam<BadTemplate> {};

TEST_P(TemplateMistake, IsToldAtItsPlace) {
    RulesFolder folder;
    folder.write("acknowledgement.en.eml", GetParam().text);
    Mistakes mistakes;
    const Templates templates = templates_of(folder, mistakes);
    const auto told = RulesFolder::lines(mistakes, folder.path(), true);
    ASSERT_EQ(1u, told.size()) << mistakes.to_text();
    EXPECT_EQ(std::string{"acknowledgement.en.eml:"} + GetParam().told, told[0]);
    EXPECT_FALSE(templates.has("acknowledgement", "en"));
}

INSTANTIATE_TEST_SUITE_P(
    All, TemplateMistake,
    testing::Values(
        BadTemplate{"Subject: x\n\nHello\n  {{tiket}}\n",
                    "4:3: error: unknown field {{tiket}}; did you mean 'ticket'?"},
        BadTemplate{
            "Subject: {{severty}}\n\nx\n",
            "1:10: error: unknown field {{severty}}; accepted here: ticket, organisation, address, policy_url, "
            "received, "
            "promises, goals, missing, has_missing, has_promises, has_goals, is_late, asks_all, no_key, our_key"},
        BadTemplate{"Subject: x\n\n{{ask}}\n",
                    "3:1: error: unknown field {{ask}}; it is there inside {{#missing}}…{{/missing}} alone"},
        BadTemplate{"Subject: x\n\n{{#missing}}\n- {{ask}}\n",
                    "3:1: error: section {{missing}} is never closed; it ends with {{/missing}}"},
        BadTemplate{"Subject: x\n\n{{/missing}}\n", "3:1: error: {{/missing}} closes a section that was never opened"},
        BadTemplate{"Subject: x\n\n{{#goals}}{{#missing}}{{/goals}}\n{{/goals}}",
                    "3:23: error: {{/goals}} stands where {{/missing}} must stand"},
        BadTemplate{"Subject: x\n\nHello {{ticket\n", "3:7: error: this tag is never closed; it ends with }}"},
        BadTemplate{"Subject: x\n\n{{> other}}\n", "3:1: error: partials and other delimiters are not taken"},
        BadTemplate{"Subject: x\n\n{{=<% %>=}}\n", "3:1: error: partials and other delimiters are not taken"},
        BadTemplate{"Subject: x\nHello,\n\nbody\n",
                    "2:1: error: expected a header field such as 'Subject: …', or the empty line before the body"},
        BadTemplate{"X-Other: x\n\nbody\n", "1:1: error: missing header field 'Subject'"},
        BadTemplate{"Subject: x\n", "1:1: error: a template is header fields, an empty line, and the body"}));

TEST(TemplateMistake, AFileNameWithoutALanguageIsOne) {
    RulesFolder folder;
    folder.write("alarm.eml", "Subject: x\n\nx\n");
    Mistakes mistakes;
    templates_of(folder, mistakes);
    EXPECT_EQ(Lines{"alarm.eml: error: a template is named NAME.LANGUAGE.eml, as in acknowledgement.en.eml"},
              RulesFolder::lines(mistakes, folder.path(), true));
}

TEST(TemplateFields, OfAnOwnNameAreThoseOfWhatItStandsInFor) {
    const auto has = [](std::string_view name, std::string_view field) {
        const auto fields = fields_of_template(name);
        return std::ranges::find(fields, field) != fields.end();
    };
    EXPECT_TRUE(has("bounced-strict", "recipient"));
    EXPECT_FALSE(has("alarm", "recipient"));
    EXPECT_TRUE(has("thanks-but-no", "promises.due"));
    EXPECT_TRUE(has("alarm", "ticket"));
}

}  // namespace
}  // namespace tocsin::rules
