#include "intake/outgoing/recipe.hpp"

#include <gtest/gtest.h>

#include "desk.hpp"

namespace tocsin::intake {
namespace {

Recipe full_recipe() {
    Recipe recipe;
    recipe.template_name = "notice";
    recipe.language = "de";
    recipe.fallback_language = "en";
    recipe.occasion = "journal 7";
    recipe.to_team = recipe.shows_report = recipe.answers_mail = true;
    recipe.accepted_means = "acknowledged";
    recipe.from_name = "Rä \"quoted\" (outside) via ACME";
    recipe.from_address = "security@acme.test";
    recipe.to_name = "Alice\\";
    recipe.to_address = "alice@acme.test";
    recipe.in_reply_to = "a@b";
    recipe.references = {"x@y", "a@b"};
    rules::TemplateFields item;
    item.set("ask", "the steps\nand more");
    item.set("deep", rules::TemplateFields::List{rules::TemplateFields{}});
    recipe.fields.set("title", "\xE2\x80\xA6 {{ticket}}");
    recipe.fields.set("opened", true);
    recipe.fields.set("held", false);
    recipe.fields.set("missing", rules::TemplateFields::List{item, item});
    recipe.fields.set("none", rules::TemplateFields::List{});
    recipe.ticket_number = "SEC-2026-0001";
    recipe.message_id = "SEC-2026-0001.a.b@acme.test";
    recipe.date = friday + 1us;
    return recipe;
}

TEST(ARecipe, ComesBackAsItWasKept) {
    const std::string kept = to_json(full_recipe());
    const Recipe back = recipe_from_json(kept).value();
    EXPECT_EQ(kept, to_json(back));
    EXPECT_EQ(friday + 1us, back.date);
    EXPECT_EQ("Alice\\", back.to_name);
    EXPECT_TRUE(yes_in(back, "opened"));
    EXPECT_EQ((std::vector<std::string>{"the steps\nand more", "the steps\nand more"}),
              texts_in(back, "missing", "ask"));
}

TEST(ARecipe, OfADecisionComesBackToo) {
    for (const Recipe& recipe : decided({}).mail)
        EXPECT_EQ(to_json(recipe), to_json(recipe_from_json(to_json(recipe)).value()));
}

TEST(ARecipe, ThatIsNoTextIsKeptReadable) {
    Recipe recipe = full_recipe();
    recipe.to_name = "a\xFF";
    EXPECT_EQ("a\xEF\xBF\xBD", recipe_from_json(to_json(recipe))->to_name);
}

TEST(ARecipe, ThatDoesNotHoldIsAnError) {
    for (const char* text : {"", "{", "[]", "null", "7", "\"x\"", "{}", "{\"template\": 7}", "\xFF"}) {
        const auto recipe = recipe_from_json(text);
        ASSERT_FALSE(recipe) << text;
        EXPECT_EQ(Code::BadInput, recipe.error().code);
        EXPECT_EQ(Permanence::Permanent, recipe.error().permanence);
    }
}

TEST(ARecipe, WithAValueOfTheWrongTypeIsAnError) {
    const std::string kept = to_json(full_recipe());
    const auto with = [&kept](std::string_view from, std::string_view to) {
        std::string other = kept;
        return other.replace(other.find(from), from.size(), to);
    };
    EXPECT_FALSE(recipe_from_json(with("\"to_team\":true", "\"to_team\":\"yes\"")));
    EXPECT_FALSE(recipe_from_json(with("\"occasion\":\"journal 7\"", "\"occasion\":7")));
    EXPECT_FALSE(recipe_from_json(with("\"references\":[\"x@y\"", "\"references\":[7")));
    EXPECT_FALSE(recipe_from_json(with("\"opened\":true", "\"opened\":null")));
    EXPECT_FALSE(recipe_from_json(with("\"date\":", "\"date\":\"\",\"dote\":")));
    EXPECT_TRUE(recipe_from_json(with("\"opened\":true", "\"opened\":false")));
}

TEST(ARecipe, NestedWithoutEndIsCutAndNotFollowed) {
    std::string deep = "[{\"a\":";
    std::string nested;
    for (int i = 0; i < 2'000; ++i) nested += deep;
    nested += "\"x\"";
    for (int i = 0; i < 2'000; ++i) nested += "}]";
    std::string text = to_json(full_recipe());
    const std::string_view title = "\"opened\":true";
    text.replace(text.find(title), title.size(), "\"opened\":" + nested);
    EXPECT_TRUE(recipe_from_json(text));
}

}  // namespace
}  // namespace tocsin::intake
