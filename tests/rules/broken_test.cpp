// A hundred broken rules files, each with the exact message that it draws: tests/rules/broken.txt.
//
// UPDATE_GOLDEN=1 writes the messages anew; they are read before they are kept.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/file.hpp"
#include "rules_folder.hpp"

namespace tocsin::rules {
namespace {

struct BrokenFile {
    std::string name;
    std::string text;
    std::string messages;
};

const std::filesystem::path broken_files = std::filesystem::path{TOCSIN_SOURCE_DIR} / "tests" / "rules" / "broken.txt";

// "==== name", the file, "----", what is told of it.
std::vector<BrokenFile> read_broken_files() {
    std::vector<BrokenFile> files;
    std::ifstream in{broken_files};
    bool in_messages = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("==== ")) {
            files.push_back({line.substr(5), {}, {}});
            in_messages = false;
        } else if (line == "----") {
            in_messages = true;
        } else if (!files.empty()) {
            (in_messages ? files.back().messages : files.back().text) += line + "\n";
        }
    }
    for (BrokenFile& file : files)
        while (file.messages.ends_with("\n\n") || file.messages == "\n") file.messages.pop_back();
    return files;
}

std::string messages_of(const BrokenFile& file) {
    RulesFolder folder;
    folder.write("broken.toml", file.text);
    Mistakes told;
    EXPECT_FALSE(RuleSet::load({{folder.path()}, {"en", "de"}, false}, told)) << file.name << " is not broken";
    std::string text = told.to_text();
    for (std::size_t at; (at = text.find(folder.path().string() + "/")) != std::string::npos;)
        text.erase(at, folder.path().string().size() + 1);
    return text;
}

TEST(BrokenFiles, DrawTheirMessages) {
    std::vector<BrokenFile> files = read_broken_files();
    EXPECT_GE(files.size(), 100u);
    for (BrokenFile& file : files) {
        const std::string told = messages_of(file);
        if (std::getenv("UPDATE_GOLDEN") != nullptr)
            file.messages = told;
        else
            EXPECT_EQ(file.messages, told) << file.name;
    }
    if (std::getenv("UPDATE_GOLDEN") == nullptr) return;
    std::ofstream out{broken_files};
    for (const BrokenFile& file : files)
        out << "==== " << file.name << "\n" << file.text << "----\n" << file.messages << "\n";
}

}  // namespace
}  // namespace tocsin::rules
