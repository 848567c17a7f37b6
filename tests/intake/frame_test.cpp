#include "intake/examine/frame.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "desk.hpp"
#include "intake/examine/examination_json.hpp"

namespace tocsin::intake {
namespace {

using FrameJson = nlohmann::json;
constexpr FrameLengths hundred{100, 100};

const ExamineOptions with_all_words{.recipient = "security@acme.test", .via_list = "", .with_text = true};

// A mail that fills as many places of its examination as it can.
const Letter rich_letter{
    .from = "Rae <rae@lab.test>",
    .subject = "XSS, CVE-2026-1234",
    .text =
        "--b\r\nContent-Type: text/plain\r\n\r\nCWE-79 at https://acme.test/x, XSS.\r\n> quoted\r\n"
        "--b\r\nContent-Type: text/x-python; name=poc.py\r\nContent-Disposition: attachment\r\n"
        "\r\nprint(1)\r\n--b--",
    .fields = {"Sender: sam@lab.test", "Reply-To: rae2@lab.test", "Cc: c@lab.test", "In-Reply-To: <x@y>",
               "References: <x@y>", "Auto-Submitted: auto-generated"},
    .type = "multipart/mixed; boundary=b"};

Frame rich_answer() { return carry_out(ask_to_examine(with_all_words, rich_letter.bytes()), small_rules(), {}); }

FrameHead head_with(std::uint32_t json, std::uint32_t bytes) {
    FrameHead head{};
    for (std::size_t i = 0; i < 4; ++i) {
        head[i] = static_cast<std::uint8_t>(json >> (8 * i));
        head[4 + i] = static_cast<std::uint8_t>(bytes >> (8 * i));
    }
    return head;
}

TEST(AFrame, SaysItsLengthsLeastSignificantByteFirst) {
    const FrameHead head = head_of({std::string(0x0102, 'j'), std::string(3, 'b')});
    EXPECT_EQ((FrameHead{0x02, 0x01, 0, 0, 0x03, 0, 0, 0}), head);
    const auto lengths = lengths_of(head, largest_request);
    ASSERT_TRUE(lengths);
    EXPECT_EQ(0x0102u, lengths->json);
    EXPECT_EQ(3u, lengths->bytes);
}

TEST(AFrame, LongerThanAllowedIsRefusedByItsHead) {
    EXPECT_TRUE(lengths_of(head_with(100, 100), hundred));
    EXPECT_FALSE(lengths_of(head_with(101, 0), hundred));
    EXPECT_FALSE(lengths_of(head_with(0, 101), hundred));
    EXPECT_FALSE(lengths_of(head_with(0xFFFFFFFF, 0xFFFFFFFF), largest_answer));
}

TEST(AFrame, NestedDeeplyIsRefusedBeforeItFillsTheMemory) {
    EXPECT_FALSE(examination_in({std::string(4u << 20, '['), {}}));
    EXPECT_FALSE(examination_in({std::string(100, '[') + std::string(100, ']'), {}}));
}

TEST(AFrame, MayHoldAnyBracketsInItsWords) {
    const std::string brackets(20, '[');
    const auto with = [](const std::string& more) {
        return mails_in({R"({"mails":[5],"more":)" + more + "}", "abcde"}, 1);
    };
    EXPECT_TRUE(with("\"" + brackets + "\""));
    EXPECT_TRUE(with(R"("\\\"{{{{)" + brackets + "\""));
    EXPECT_TRUE(with(R"("\\")"));
    EXPECT_FALSE(with(R"(["\\",)" + brackets + std::string(20, ']') + "]"));
    EXPECT_FALSE(with(R"(["\\\"",)" + brackets + std::string(20, ']') + "]"));
}

TEST(AFrame, WithAnObjectWhereAListBelongsIsRefused) {
    auto json = FrameJson::parse(rich_answer().json);
    ASSERT_TRUE(examination_in({json.dump(), {}}));
    json["reading"]["to"] = {{"a", {{"name", ""}, {"address", "rae@lab.test"}}}};
    EXPECT_FALSE(examination_in({json.dump(), {}}));
}

TEST(AFrame, CarriesAnExaminationWithoutLosingAnything) {
    const Examination direct = examine(rich_letter.bytes(), small_rules(), {}, with_all_words);
    const auto carried = examination_in(rich_answer());
    ASSERT_TRUE(carried) << carried.error().what;
    EXPECT_EQ(to_json(direct), to_json(*carried));
    EXPECT_EQ(direct.content, carried->content);
    EXPECT_EQ(direct.answers.tests, carried->answers.tests);
    EXPECT_EQ("XSS, CVE-2026-1234", carried->reading.subject);
    EXPECT_EQ(std::vector<std::string>{"CWE-79"}, carried->facts.cwe);
    ASSERT_EQ(1u, carried->reading.attachments.size());
    EXPECT_EQ("poc.py", carried->reading.attachments[0].name);
    EXPECT_EQ((std::vector<std::string>{"auto-generated", "no-return-path"}), carried->signs);
    // What is decided is the same on either side.
    const auto decide_on = [](const Examination& examination) {
        std::string all;
        for (const Recipe& recipe :
             decide(examination, {}, small_rules(), acme(), security_mailbox(), arrived(), friday).mail)
            all += to_json(recipe);
        return all;
    };
    EXPECT_EQ(decide_on(direct), decide_on(*carried));
}

TEST(AFrame, LeavesTheWordsBehindUnlessTheyAreAskedFor) {
    ExamineOptions options = with_all_words;
    options.with_text = false;
    const Frame answer = carry_out(ask_to_examine(options, rich_letter.bytes()), small_rules(), {});
    EXPECT_EQ(std::string::npos, answer.json.find("quoted\\n"));
    const auto examination = examination_in(answer).value();
    EXPECT_EQ("", examination.reading.text);
    EXPECT_TRUE(examination.reading.header.empty());
}

TEST(AFrame, CarriesAnyBytesOfAMail) {
    for (const std::string& bytes :
         {std::string{}, std::string{"\0\xFF\r\n", 4}, std::string(100'000, '\n'),
          std::string{"From: \xFF\xFE@\xC3\r\nSubject: =?utf-8?q?=FF?=\r\n\r\n\xED\xA0\x80"}})
        EXPECT_TRUE(examination_in(carry_out(ask_to_examine(with_all_words, bytes), small_rules(), {})));
}

TEST(Examinations, OfMailsReadTogetherAreThoseOfEachAlone) {
    const std::vector<std::string> mails{rich_letter.bytes(), "", Letter{.subject = "another"}.bytes()};
    const Frame answer = carry_out(ask_to_examine_all(with_all_words, mails), small_rules(), {});
    const auto together = examinations_in(answer, mails.size());
    ASSERT_TRUE(together);
    for (std::size_t i = 0; i < mails.size(); ++i) {
        const auto alone = examination_in(carry_out(ask_to_examine(with_all_words, mails[i]), small_rules(), {}));
        ASSERT_TRUE((*together)[i] && alone);
        EXPECT_EQ(to_json(*alone), to_json(*(*together)[i]));
    }
    EXPECT_FALSE(examinations_in(answer, 2));
    EXPECT_FALSE(examinations_in({answer.json, answer.bytes + "{}"}, mails.size()));
    EXPECT_FALSE(examinations_in({answer.json, answer.bytes.substr(1)}, mails.size()));
    EXPECT_FALSE(examinations_in({R"({"examinations":{"a":1}})", "x"}, 1));
    EXPECT_FALSE(examinations_in({R"({"examinations":[-1]})", "x"}, 1));
}

TEST(TheExaminer, AnswersWhatItDoesNotUnderstandWithAnError) {
    for (const char* request :
         {"", "{", "[]", "7", "{}", R"({"job":7})", R"({"job":"dance"})", R"({"job":"examine"})",
          R"({"job":"examine","recipient":1,"via_list":"","authserv_id":"","addresses":[],"with_text":true})",
          R"({"job":"compose","recipes":[7],"with_mail":false})", R"({"job":"compose","recipes":7,"with_mail":false})",
          "\xFF"}) {
        const Frame answer = carry_out({request, "x"}, small_rules(), {});
        EXPECT_FALSE(examination_in(answer)) << request;
        EXPECT_FALSE(mails_in(answer, 1)) << request;
    }
}

TEST(AnAnswer, ThatIsNoExaminationIsAnError) {
    for (const char* text : {"", "{", "[]", "{}", "null", "7", "\"x\"", R"({"error":"too large"})", R"({"error":7})",
                             R"({"reading":{}})", "\xFF\xFE", "[[[[[[[[["}) {
        const auto examination = examination_in({text, {}});
        ASSERT_FALSE(examination) << text;
        EXPECT_EQ(Permanence::Permanent, examination.error().permanence);
    }
    // Its words may be the mail's: they do not come through.
    EXPECT_EQ(std::string::npos, examination_in({R"({"error":"zanzibar"})", {}}).error().what.find("zanzibar"));
}

void paths_in(const FrameJson& json, const FrameJson::json_pointer& here, std::vector<FrameJson::json_pointer>& found) {
    found.push_back(here);
    if (json.is_object())
        for (const auto& [name, value] : json.items()) paths_in(value, here / name, found);
    if (json.is_array())
        for (std::size_t i = 0; i < json.size(); ++i) paths_in(json[i], here / i, found);
}

TEST(AnAnswer, WithAValueLeftOutIsAnError) {
    const FrameJson whole = FrameJson::parse(rich_answer().json);
    std::vector<FrameJson::json_pointer> paths;
    paths_in(whole, FrameJson::json_pointer{}, paths);
    ASSERT_GT(paths.size(), 60u);
    int left_out = 0;
    for (const auto& path : paths) {
        if (path.empty() || !whole.at(path.parent_pointer()).is_object()) continue;
        FrameJson other = whole;
        other.at(path.parent_pointer()).erase(path.back());
        EXPECT_FALSE(examination_in({other.dump(), {}})) << path.to_string();
        ++left_out;
    }
    EXPECT_GT(left_out, 50);
}

// Whoever answers may be owned by the mail: each value is replaced by one of each type. What is not refused must at
// least be no harm.
TEST(AnAnswer, WithAValueOfAnotherTypeIsAnErrorOrHarmless) {
    const FrameJson whole = FrameJson::parse(rich_answer().json);
    std::vector<FrameJson::json_pointer> paths;
    paths_in(whole, FrameJson::json_pointer{}, paths);
    std::size_t tried = 0, refused = 0;
    for (const auto& path : paths) {
        for (const FrameJson& hostile :
             {FrameJson{}, FrameJson(true), FrameJson(-1), FrameJson(std::numeric_limits<std::uint64_t>::max()),
              FrameJson(1e300), FrameJson("x"), FrameJson(std::string{"\0\n/close", 8}), FrameJson::array(),
              FrameJson::object(), FrameJson::array({FrameJson::array()}), FrameJson::object({{"a", 7}})}) {
            FrameJson other = whole;
            other.at(path) = hostile;
            const auto examination = examination_in({other.dump(), {}});
            ++tried;
            if (!examination) {
                ++refused;
                continue;
            }
            const std::size_t asked = small_rules().examine({.reading = {}}).tests.size();
            if (examination->answers.tests.size() != asked) continue;
            if (examination->crypto.encrypted && examination->outer_answers.tests.size() != asked) continue;
            const Decision decision =
                decide(*examination, {}, small_rules(), acme(), security_mailbox(), arrived(), friday);
            EXPECT_EQ(std::string::npos, decision.after.title.find('\n')) << path.to_string();
            for (const Recipe& recipe : decision.mail)
                EXPECT_TRUE(recipe_from_json(to_json(recipe))) << path.to_string();
        }
    }
    EXPECT_GT(tried, 700u);
    EXPECT_GT(refused * 10, tried * 6) << refused << " of " << tried;
}

TEST(AnAnswer, WithASignalOrAnAnswerThatDoesNotExistIsAnError) {
    const FrameJson whole = FrameJson::parse(rich_answer().json);
    const auto refused = [&whole](const char* path, const FrameJson& value) {
        FrameJson other = whole;
        other.at(FrameJson::json_pointer{path}) = value;
        return !examination_in({other.dump(), {}});
    };
    EXPECT_TRUE(refused("/signs/0", 5));
    EXPECT_FALSE(refused("/signs/0", "many-hops"));
    EXPECT_TRUE(refused("/answers/tests", "4"));
    EXPECT_TRUE(refused("/answers/tests", "01x"));
    EXPECT_TRUE(refused("/answers/words", FrameJson::array({FrameJson::array({1'000'000, "x"})})));
    EXPECT_TRUE(refused("/answers/words", FrameJson::array({FrameJson::array({-1, "x"})})));
    EXPECT_TRUE(refused("/content", "00"));
    EXPECT_TRUE(refused("/content", std::string(64, 'g')));
    EXPECT_TRUE(refused("/reading/attachments/0/sha256", ""));
    EXPECT_TRUE(refused("/reading/header", FrameJson::array({FrameJson::array({"only a name"})})));
}

TEST(ComposedMails, ComeBackInTheirOrderEachWhole) {
    const auto mails = mails_in({R"({"mails":[3,0,2]})", "abcde"}, 3).value();
    ASSERT_EQ(3u, mails.size());
    EXPECT_EQ("abc", mails[0].value());
    EXPECT_EQ("", mails[1].value());
    EXPECT_EQ("de", mails[2].value());
}

TEST(ComposedMails, OneThatCouldNotBeComposedDoesNotHideTheOthers) {
    const auto mails = mails_in({R"({"mails":[3,"no such template",2]})", "abcde"}, 3).value();
    EXPECT_EQ("abc", mails[0].value());
    ASSERT_FALSE(mails[1]);
    EXPECT_EQ(std::string::npos, mails[1].error().what.find("no such template"));  // its words may be the mail's
    EXPECT_EQ(Permanence::Permanent, mails[1].error().permanence);
    EXPECT_EQ("de", mails[2].value());
}

TEST(ComposedMails, OneThatOpenPgpWasOutOfOrderForIsTriedAgain) {
    const auto mails = mails_in({R"({"mails":[null,2]})", "de"}, 2).value();
    ASSERT_FALSE(mails[0]);
    EXPECT_EQ(Permanence::Temporary, mails[0].error().permanence);
    EXPECT_EQ("de", mails[1].value());
}

struct Lie {
    const char* json;
    const char* bytes;
};

TEST(ComposedMails, WhoseLengthsDoNotFitAreAnError) {
    for (const Lie& lie : {Lie{R"({"mails":[6]})", "abcde"}, Lie{R"({"mails":[4]})", "abcde"},
                           Lie{R"({"mails":[18446744073709551615]})", "abcde"}, Lie{R"({"mails":[-1]})", "abcde"},
                           Lie{R"({"mails":[1e300]})", "abcde"}, Lie{R"({"mails":[3,3]})", "abcde"},
                           Lie{R"({"mails":[3,18446744073709551614]})", "abcde"}, Lie{R"({"mails":[5,0]})", "abcde"},
                           Lie{R"({"mails":[]})", ""}, Lie{R"({"mails":[[5]]})", "abcde"},
                           Lie{R"({"mails":[true]})", "a"}, Lie{R"({"mails":null})", ""}, Lie{R"({})", ""}, Lie{"", ""},
                           Lie{"[5]", "abcde"}, Lie{R"({"error":"no"})", ""}})
        EXPECT_FALSE(mails_in({lie.json, lie.bytes}, 1)) << lie.json;
}

TEST(ComposedMails, AFractionIsNoLength) { EXPECT_FALSE(mails_in({R"({"mails":[5.9]})", "abcde"}, 1)); }

TEST(ComposedMails, AreAListAndNothingElse) {
    EXPECT_FALSE(mails_in({R"({"mails":5})", "abcde"}, 1));
    EXPECT_FALSE(mails_in({R"({"mails":{"a":5}})", "abcde"}, 1));
}

TEST(ComposedMails, AreMadeOfTheRecipesThatWereAsked) {
    Recipe recipe = to_outside(decided({})).at(0);
    recipe.message_id = "a.b.c@acme.test";
    recipe.fields.set("ticket", "SEC-2026-0001");
    Recipe nonsense = recipe;
    nonsense.template_name = "nonsense";
    const Frame request = ask_to_compose({to_json(recipe), to_json(nonsense), "{"}, "", false);
    const auto mails = mails_in(carry_out(request, small_rules(), {}), 3).value();
    ASSERT_TRUE(mails.at(0));
    EXPECT_TRUE(mails[0]->starts_with("From: "));
    EXPECT_FALSE(mails.at(1));
    EXPECT_FALSE(mails.at(2));
}

TEST(TheExaminersSetup, ComesAcrossAsItWasTold) {
    ExaminerSetup setup{.rules_path = {"/usr/share/tocsin/rules", "/etc/x"}, .languages = {"en", "de"}, .limits = {}};
    setup.limits.parse.max_depth = 7;
    setup.limits.parse.max_parts = 70;
    setup.limits.max_plaintext_bytes = 700;
    const auto back = setup_from_json(to_json(setup)).value();
    EXPECT_EQ(setup.rules_path, back.rules_path);
    EXPECT_EQ(setup.languages, back.languages);
    EXPECT_EQ(7u, back.limits.parse.max_depth);
    EXPECT_EQ(70u, back.limits.parse.max_parts);
    EXPECT_EQ(700u, back.limits.max_plaintext_bytes);
    for (const char* text : {"", "{}", "[]", R"({"rules_path":7})"}) EXPECT_FALSE(setup_from_json(text)) << text;
}

}  // namespace
}  // namespace tocsin::intake
