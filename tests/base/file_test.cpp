#include "base/file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "base/handle.hpp"

namespace tocsin {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
protected:
    Files() {
        std::string name = (fs::temp_directory_path() / "tocsin-base-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
        folder_ = name;
    }
    ~Files() override {
        std::error_code none;
        fs::remove_all(folder_, none);
    }
    fs::path in_folder(const std::string& name) const { return folder_ / name; }
    std::size_t files_there() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator{folder_}, fs::directory_iterator{}));
    }
    void put(const fs::path& path, const std::string& bytes) { std::ofstream{path, std::ios::binary} << bytes; }

    fs::path folder_;
};

TEST_F(Files, AreReadAsTheyAre) {
    const std::string bytes{"a\r\n\0\xFF", 5};
    put(in_folder("a"), bytes);
    EXPECT_EQ(bytes, read_file(in_folder("a")).value());
    put(in_folder("empty"), "");
    EXPECT_EQ("", read_file(in_folder("empty")).value());
}

TEST_F(Files, AreReadUpToTheLimitAndNotABytePast) {
    put(in_folder("ten"), "0123456789");
    EXPECT_EQ("0123456789", read_file(in_folder("ten"), 10).value());
    const auto above = read_file(in_folder("ten"), 9);
    ASSERT_FALSE(above);
    EXPECT_EQ(Code::Limit, above.error().code);
    EXPECT_NE(std::string::npos, above.error().what.find("larger than 9 bytes"));
}

TEST_F(Files, WithoutAnEndAreRefusedAndNotRead) {
    const auto endless = read_file("/dev/zero");
    ASSERT_FALSE(endless);
    EXPECT_EQ(Code::System, endless.error().code);
    const auto folder = read_file(folder_);
    ASSERT_FALSE(folder);
    EXPECT_NE(std::string::npos, folder.error().what.find("not an ordinary file"));
}

TEST_F(Files, ThatAreNotThereAreAnErrorWithTheirName) {
    const auto nothing = read_file(in_folder("nothing"));
    ASSERT_FALSE(nothing);
    EXPECT_EQ(Code::System, nothing.error().code);
    EXPECT_NE(std::string::npos, nothing.error().what.find(in_folder("nothing").string()));
    EXPECT_NE(std::string::npos, nothing.error().what.find("No such file"));
}

TEST_F(Files, APipeIsReadToItsEnd) {
    ASSERT_EQ(0, ::mkfifo(in_folder("pipe").c_str(), 0600));
    std::thread writer{[&] { put(in_folder("pipe"), "first line\nrest\n"); }};
    EXPECT_EQ("first line\nrest\n", read_file(in_folder("pipe")).value());
    writer.join();
}

TEST_F(Files, AreReplacedWholeAndReadableByTheirOwnerAlone) {
    const mode_t before = ::umask(0);
    put(in_folder("key"), "old and much longer than the new one");
    ASSERT_EQ(0, ::chmod(in_folder("key").c_str(), 0666));
    EXPECT_TRUE(replace_file(in_folder("key"), "new"));
    ::umask(before);
    EXPECT_EQ("new", read_file(in_folder("key")).value());
    struct stat status {};
    ASSERT_EQ(0, ::stat(in_folder("key").c_str(), &status));
    EXPECT_EQ(0600u, status.st_mode & 07777);
    EXPECT_EQ(1u, files_there());  // nothing is left beside it
}

TEST_F(Files, AreReadableByAllWhereTheyAreForEveryone) {
    const mode_t before = ::umask(0077);
    EXPECT_TRUE(replace_file(in_folder("picture"), "new", Readers::Everyone));
    ::umask(before);
    struct stat status {};
    ASSERT_EQ(0, ::stat(in_folder("picture").c_str(), &status));
    EXPECT_EQ(0644u, status.st_mode & 07777);
}

TEST_F(Files, AReaderOfTheOldOneKeepsIt) {
    put(in_folder("state"), "old");
    std::ifstream reader{in_folder("state")};
    ASSERT_TRUE(replace_file(in_folder("state"), "new"));
    std::string seen;
    reader >> seen;
    EXPECT_EQ("old", seen);
}

TEST_F(Files, WhatCannotBeReplacedLeavesNothingBehind) {
    const auto no_folder = replace_file(in_folder("missing/key"), "x");
    ASSERT_FALSE(no_folder);
    EXPECT_EQ(Code::System, no_folder.error().code);
    ASSERT_TRUE(fs::create_directory(in_folder("busy")));
    put(in_folder("busy/inside"), "x");
    EXPECT_FALSE(replace_file(in_folder("busy"), "x"));  // a folder stands there
    EXPECT_EQ(1u, files_there());
    EXPECT_EQ("x", read_file(in_folder("busy/inside")).value());
}

TEST_F(Files, ADescriptorIsClosedOnceByItsLastOwner) {
    put(in_folder("a"), "x");
    int ends[2];
    ASSERT_EQ(0, ::pipe(ends));
    Descriptor reader{ends[0]};
    {
        Descriptor writer{ends[1]};
        Descriptor moved{std::move(writer)};
        EXPECT_FALSE(writer);
        EXPECT_TRUE(moved);
        ASSERT_EQ(1, ::write(moved.get(), "x", 1));
    }
    char bytes[2];
    EXPECT_EQ(1, ::read(reader.get(), bytes, 2));
    EXPECT_EQ(0, ::read(reader.get(), bytes, 2));  // the writing end is closed
    const int released = reader.release();
    EXPECT_FALSE(reader);
    EXPECT_EQ(0, ::close(released));
}

}  // namespace
}  // namespace tocsin
