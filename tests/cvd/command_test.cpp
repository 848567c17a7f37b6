#include "cvd/command.hpp"

#include <gtest/gtest.h>

#include <array>

namespace tocsin::cvd {
namespace {

using Lines = std::vector<std::string>;

CommandSetting setting() {
    return {*from_rfc3339("2026-11-18T09:15:00Z"), sla::Zone::load("Europe/Berlin").value(), "SEC"};
}

// What it asks for in its canonical form, or "no: why".
std::string understood(std::string_view line) {
    const auto read = read_command(line, setting());
    return read.command ? to_line(*read.command) : "no: " + read.complaint;
}

TEST(ACommand, IsForgivingInItsForm) {
    struct Row {
        const char* line;
        const char* means;
    };
    constexpr std::array rows{
        Row{"/take", "/take"},
        Row{"/TAKE", "/take"},
        Row{"/ Take", "/take"},
        Row{"/take\u00a0", "/take"},
        Row{"/assign Bob Example", "/assign Bob Example"},
        Row{"/take.", "/take"},
        Row{"/fix ready 4.2", "/fix-ready 4.2"},
        Row{"/customers notified", "/customers-notified"},
        Row{"/reporter Rae <rae2@lab.test>", "/reporter rae2@lab.test"},
        Row{"/reporter rae2@lab.test.", "/reporter rae2@lab.test"},
        Row{"/close not a vulnerability", "/close not-a-vulnerability"},
        Row{"/close out of scope", "/close out-of-scope"},
        Row{"/close duplicate of SEC-2026-0002", "/close duplicate SEC-2026-0002"},
        Row{"/close duplicate: SEC-2026-0002", "/close duplicate SEC-2026-0002"},
        Row{"/merge #SEC-2026-0002", "/merge SEC-2026-0002"},
        Row{"/merge <SEC-2026-0002>.", "/merge SEC-2026-0002"},
        Row{"/fixed in 4.2.2", "/fixed 4.2.2"},
        Row{"/credit \"Rae L.\"", "/credit Rae L."},
        Row{"/severity HIGH", "/severity high"},
        Row{"/triage", "/triage"},
        Row{"/triage: critical", "/triage critical"},
        Row{"/eta  friday\t17:00", "/eta 2026-11-20T16:00:00Z"},
        Row{"/delay", "/delay"},
        Row{"/delay in 2 weeks", "/delay 2026-12-02T09:15:00Z"},
        Row{"/fix_ready 4.2.2", "/fix-ready 4.2.2"},
        Row{"/fixed", "/fixed"},
        Row{"/disclose 2026-01-05", "/disclose 2026-01-05T16:00:00Z"},
        Row{"/credit Rae Lindqvist (Lab)", "/credit Rae Lindqvist (Lab)"},
        Row{"/credit Anonymous", "/credit anonymous"},
        Row{"/close Not-A-Vulnerability", "/close not-a-vulnerability"},
        Row{"/close duplicate [sec-2026-0007]", "/close duplicate SEC-2026-0007"},
        Row{"/merge SEC-2026-0007", "/merge SEC-2026-0007"},
        Row{"/reporter <kim@lab.test>", "/reporter kim@lab.test"},
        Row{"/cc kim@lab.test<mailto:kim@lab.test>", "/cc kim@lab.test"},
        Row{"/accept-key 0123 4567 89ab cdef 0123 4567 89AB CDEF 0123 4567",
            "/accept-key 0123456789ABCDEF0123456789ABCDEF01234567"},
        Row{"/note ask legal first", "/note"},
        Row{"/snooze tomorrow", "/snooze 2026-11-19T16:00:00Z"},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(row.means, understood(row.line));
        EXPECT_EQ(row.means, understood(row.means)) << "read again";
    }
}

TEST(ACommand, IsStrictInItsMeaning) {
    for (const char* line : {"/tke",
                             "/",
                             "//take",
                             "/take me",
                             "/assign",
                             "/severity",
                             "/severity worst",
                             "/triage high now",
                             "/eta",
                             "/eta soon",
                             "/eta 2026-01-01",
                             "/snooze yesterday",
                             "/close",
                             "/close duplicate",
                             "/close duplicate 7",
                             "/close fixed of course",
                             "/close wontfix",
                             "/merge",
                             "/merge 7",
                             "/merge SEC-2026-0007 please",
                             "/reporter",
                             "/reporter kim",
                             "/reporter kim@lab.test, rae@lab.test",
                             "/accept-key 0123456789ABCDEF",
                             "/undo everything",
                             "/etc/passwd"})
        EXPECT_TRUE(understood(line).starts_with("no: ")) << line << " -> " << understood(line);
    EXPECT_NE(std::string::npos, understood("/tke").find("did you mean '/take'?"));
    EXPECT_NE(std::string::npos, understood("/eta soon").find("friday 17:00"));
}

TEST(ACommand, IsKnownByItsOneName) {
    for (int at = 0; at <= static_cast<int>(Verb::Help); ++at) {
        const auto verb = static_cast<Verb>(at);
        EXPECT_EQ(verb, verb_from(to_text(verb)));
        EXPECT_NE(std::string::npos, command_help().find("/" + std::string{to_text(verb)}));
    }
    // A line of help that is quoted without a mark is no command.
    EXPECT_TRUE(find_commands(command_help()).lines.empty());
}

TEST(TheDestructiveOnes, AreThese) {
    Lines destructive;
    for (int at = 0; at <= static_cast<int>(Verb::Help); ++at)
        if (is_destructive(static_cast<Verb>(at))) destructive.emplace_back(to_text(static_cast<Verb>(at)));
    EXPECT_EQ((Lines{"disclose", "close", "merge", "confirm", "reporter", "cc", "accept-key", "forget"}), destructive);
}

TEST(CommandsInAMail, StandAtItsTop) {
    const auto found = find_commands("\n  /take\n\n/eta friday 17:00\n\nThank you.\nWe fix it.\n");
    EXPECT_EQ((Lines{"/take", "/eta friday 17:00"}), found.lines);
    EXPECT_TRUE(found.strays.empty());
    EXPECT_TRUE(found.words);
    EXPECT_EQ("Thank you.\nWe fix it.\n",
              std::string{"\n  /take\n\n/eta friday 17:00\n\nThank you.\nWe fix it.\n"}.substr(found.words_begin));
}

TEST(CommandsInAMail, AreStraysFurtherDown) {
    const auto found =
        find_commands("Thank you.\n\n /close fixed\nthe page /status shows it\n/etc/passwd is readable\n");
    EXPECT_TRUE(found.lines.empty());
    EXPECT_EQ(Lines{"/close fixed"}, found.strays);
}

TEST(CommandsInAMail, ThatOnlyLookLikeOnesAreSeenAndNotUnderstood) {
    for (const char* line :
         {"\uff0fclose fixed", "\u2215close fixed", "\u200b/close fixed", "\u202e/close fixed", "\u2044close fixed"}) {
        const auto found = find_commands(std::string{line} + "\nwords\n");
        ASSERT_EQ(1u, found.lines.size()) << line;
        EXPECT_FALSE(read_command(found.lines[0], setting()).command) << line;
    }
}

TEST(ANote, KeepsWhatFollows) {
    const auto found = find_commands("/note\n/take\nAsk legal first.\n");
    EXPECT_TRUE(found.note);
    EXPECT_EQ(2u, found.lines.size());
    EXPECT_TRUE(found.words);
}

TEST(AMailOfWords, HasNoCommands) {
    for (const char* text : {"", "\n\n", "Hello.\n", "and/or\n", "1/2\n", "> /close fixed\n"}) {
        EXPECT_TRUE(find_commands(text).lines.empty()) << text;
        EXPECT_TRUE(find_commands(text).strays.empty()) << text;
    }
}

TEST(AMailOfNothingButCommands, IsBounded) {
    std::string many;
    for (int i = 0; i < 100'000; ++i) many += "/take\n";
    EXPECT_EQ(50u, find_commands(many).lines.size());
}

}  // namespace
}  // namespace tocsin::cvd
