// A configuration read with types: every mistake has its place, and nothing unknown goes by in silence.
#include "rules/loading/toml_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace tocsin::rules {
namespace {

std::vector<std::string> lines_of(const Mistakes& mistakes) {
    std::vector<std::string> lines;
    for (const Mistake& mistake : mistakes.all()) lines.push_back(mistake.in_one_line());
    return lines;
}

using Lines = std::vector<std::string>;

TEST(TomlFile, GivesValuesByTheirType) {
    Mistakes mistakes;
    TomlFile file{R"(
name = "ACME"
count = 3
share = 0.5
on = true
at = 2026-03-06T15:30:00+01:00
day = 2026-12-24
words = ["a", "b"]
[inner]
key = "x"
[[row]]
id = "one"
[[row]]
id = "two"
)",
                  "a.toml", mistakes};
    TomlTable& root = file.root();
    EXPECT_EQ("ACME", root.required_text("name"));
    EXPECT_EQ(3, root.whole("count"));
    EXPECT_EQ(0.5, root.value("share")->number());
    EXPECT_EQ(true, root.boolean("on"));
    EXPECT_EQ(from_rfc3339("2026-03-06T14:30:00Z"), root.value("at")->time());
    EXPECT_EQ("2026-12-24", root.value("day")->date());
    EXPECT_EQ((Lines{"a", "b"}), root.texts("words"));
    EXPECT_EQ("x", root.table("inner")->text("key"));
    const auto rows = root.tables("row");
    ASSERT_EQ(2u, rows.size());
    EXPECT_EQ("two", TomlTable{rows[1]}.text("id"));
    root.done();
    EXPECT_EQ(Lines{}, lines_of(mistakes));
}

TEST(TomlFile, OneTextStandsForAListOfOne) {
    Mistakes mistakes;
    TomlFile file{"to = 'owner'", "a.toml", mistakes};
    EXPECT_EQ(Lines{"owner"}, file.root().texts("to"));
}

TEST(TomlFile, ReportsAnUnknownKeyAtItsPlaceWithTheNearestKnownOne) {
    Mistakes mistakes;
    TomlFile file{"# a comment\n  sevrity = \"high\"\nzzzzzzzzz = 1\n", "a.toml", mistakes};
    file.root().text("severity");
    file.root().text("why");
    file.root().done();
    EXPECT_EQ((Lines{"a.toml:2:3: error: unknown key 'sevrity', did you mean 'severity'?",
                     "a.toml:3:1: error: unknown key 'zzzzzzzzz'; accepted here: severity, why"}),
              lines_of(mistakes));
}

TEST(TomlFile, ReportsAWrongTypeAtTheValue) {
    Mistakes mistakes;
    TomlFile file{"[limits]\nparts = \"many\"\nnames = [\"a\", 7]\nwhen = 2026-03-06T15:30:00\n", "a.toml", mistakes};
    auto limits = file.root().table("limits");
    EXPECT_EQ(std::nullopt, limits->whole("parts"));
    EXPECT_EQ(Lines{"a"}, limits->texts("names"));
    EXPECT_EQ(std::nullopt, limits->value("when")->time());
    EXPECT_EQ((Lines{"a.toml:2:9: error: expected a whole number, found text",
                     "a.toml:3:15: error: expected text in quotes, found a whole number",
                     "a.toml:4:8: error: a time needs its offset from UTC, as in 2026-03-06T15:30:00+01:00"}),
              lines_of(mistakes));
}

TEST(TomlFile, ReportsAMissingKeyAtTheTable) {
    Mistakes mistakes;
    TomlFile file{"\n[[rule]]\nid = 'a'\n\n[[rule]]\nwhy = 'b'\n", "a.toml", mistakes};
    for (TomlTable& rule : file.root().tables("rule")) rule.required_text("id");
    EXPECT_EQ(Lines{"a.toml:5:1: error: missing key 'id'"}, lines_of(mistakes));
}

TEST(TomlFile, ReportsBrokenTomlWhereItBreaks) {
    Mistakes mistakes;
    TomlFile file{"a = 1\nb = \n", "a.toml", mistakes};
    ASSERT_EQ(1u, mistakes.all().size());
    EXPECT_TRUE(mistakes.any_error());
    EXPECT_EQ("a.toml", mistakes.all()[0].place.file);
    EXPECT_EQ(2u, mistakes.all()[0].place.line);
    EXPECT_FALSE(file.root().has("a"));
}

TEST(TomlFile, ReportsAKeyThatIsThereTwice) {
    Mistakes mistakes;
    TomlFile file{"a = 1\na = 2\n", "a.toml", mistakes};
    ASSERT_EQ(1u, mistakes.all().size());
    EXPECT_EQ(2u, mistakes.all()[0].place.line);
}

TEST(TomlFile, ReportsAFileThatCannotBeRead) {
    Mistakes mistakes;
    TomlFile file{std::filesystem::path{"/nonexistent/rules.toml"}, mistakes};
    ASSERT_EQ(1u, mistakes.all().size());
    EXPECT_TRUE(mistakes.all()[0].in_one_line().starts_with("/nonexistent/rules.toml: error: cannot be read"));
}

TEST(TomlFile, KnowsTheExactPlaceInsideALiteralString) {
    Mistakes mistakes;
    TomlFile file{"'ä' = 'no'\nwhen = 'abc'\nlong = '''\n  one\r\n  two'''\nbasic = \"a\\tb\"\n", "a.toml", mistakes};
    const auto when = file.root().value("when");
    EXPECT_TRUE(when->written_as_literal());
    EXPECT_EQ(2u, when->place_in_text(2).line);
    EXPECT_EQ(11u, when->place_in_text(2).column);
    const auto lines = file.root().value("long");
    EXPECT_EQ("  one\n  two", lines->text());
    EXPECT_EQ(4u, lines->place_in_text(2).line);
    EXPECT_EQ(3u, lines->place_in_text(2).column);
    EXPECT_EQ(5u, lines->place_in_text(8).line);
    EXPECT_EQ(3u, lines->place_in_text(8).column);
    const auto basic = file.root().value("basic");
    EXPECT_FALSE(basic->written_as_literal());
    EXPECT_EQ(9u, basic->place_in_text(2).column);
}

TEST(TomlFile, CountsColumnsInBytes) {
    Mistakes mistakes;
    TomlFile file{"[\"übel\"]\nt = { 'ä' = 1, x = 'y' }\n", "a.toml", mistakes};
    auto t = file.root().table("übel")->table("t");
    EXPECT_EQ(std::nullopt, t->whole("x"));
    EXPECT_EQ(Lines{"a.toml:2:21: error: expected a whole number, found text"}, lines_of(mistakes));
}

TEST(Mistake, ShowsTheLineWithACaretBelow) {
    const Mistake mistake{
        {"rules/a.toml", 6, 9}, "unknown field 'pgp.sgnature'", "when = 'pgp.sgnature == good'", false};
    EXPECT_EQ(
        "rules/a.toml:6:9: error: unknown field 'pgp.sgnature'\n"
        "    when = 'pgp.sgnature == good'\n"
        "            ^",
        mistake.to_text());
}

TEST(Mistake, PutsTheCaretBelowTheLetterAfterAccentsAndTabs) {
    const Mistake mistake{{"a", 1, 1 + 1 + 2 + 2}, "x", "\täüz", false};
    EXPECT_EQ("a:1:6: error: x\n    \täüz\n    \t  ^", mistake.to_text());
}

TEST(Mistake, CutsALongLineAroundThePlace) {
    const std::string line = std::string(400, 'a') + "X" + std::string(400, 'b');
    const Mistake mistake{{"a", 1, 401}, "x", line, false};
    const std::string text = mistake.to_text();
    const auto second = text.find('\n') + 1;
    const auto third = text.find('\n', second) + 1;
    EXPECT_LT(third - second, 170u);
    EXPECT_EQ(text.find('X') - second, text.find('^') - third);
}

TEST(Mistakes, StandInTheOrderOfTheirPlaceAndEachOnce) {
    Mistakes mistakes;
    mistakes.error({"b", 1, 1}, "later");
    mistakes.warning({"a", 9, 2}, "second");
    mistakes.error({"a", 2, 7}, "first");
    mistakes.error({"b", 1, 1}, "later");
    EXPECT_EQ((Lines{"a:2:7: error: first", "a:9:2: warning: second", "b:1:1: error: later"}), lines_of(mistakes));
    EXPECT_TRUE(mistakes.any_error());
}

TEST(Mistakes, WarningsAloneAreNoError) {
    Mistakes mistakes;
    mistakes.warning({"a", 1, 1}, "odd");
    EXPECT_FALSE(mistakes.any_error());
}

}  // namespace
}  // namespace tocsin::rules
