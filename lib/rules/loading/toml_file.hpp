// A TOML file read with types: every key that was not asked for is a mistake, every mistake has its place.
//
// A key counts as known because somebody asks for it, so that there is no second list of keys to keep. `done` of
// a table reports what is left over; call it last. Tables are views: the TomlFile outlives them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "rules/mistake.hpp"

namespace tocsin::rules {

class TomlTable;

// A value of whatever type, for keys that take several.
class TomlValue {
public:
    enum class Type { Text, Whole, Number, Boolean, Time, Date, List, Table };
    Type type() const;
    Place place() const;  // where the value begins
    // The place of byte `offset` in a text that was written as a literal string ('…' or '''…'''), exact to the column.
    Place place_in_text(std::size_t offset) const;
    std::string source_line(const Place& place) const;

    // Each is nothing and a mistake where the value is of another type.
    std::optional<std::string> text() const;
    std::optional<std::int64_t> whole() const;
    std::optional<double> number() const;  // whole numbers too
    std::optional<bool> boolean() const;
    std::optional<Instant> time() const;      // with an offset
    std::optional<std::string> date() const;  // "2026-12-24"
    std::vector<TomlValue> list() const;
    std::vector<TomlValue> each() const;  // a list's entries, or itself where it is none
    std::optional<TomlTable> table() const;
    bool written_as_literal() const;

    void mistake(std::string what) const;                         // at this value
    void mistake_at(std::size_t offset, std::string what) const;  // inside its text
    void warn(std::string what) const;
    void warn_at(std::size_t offset, std::string what) const;

private:
    friend class TomlTable;
    TomlValue(void* file, const void* node) : file_{file}, node_{node} {}
    void* file_;
    const void* node_;
};

class TomlTable {
public:
    Place place() const;
    Place place_of(std::string_view key) const;  // where the key stands, or the table where it does not
    std::vector<std::string> keys() const;       // in the order of the file
    bool has(std::string_view key) const;
    std::optional<TomlValue> value(std::string_view key);  // asks for it

    std::optional<std::string> text(std::string_view key);
    std::string required_text(std::string_view key);  // a missing one is a mistake at the table, and empty
    std::optional<std::int64_t> whole(std::string_view key);
    std::optional<bool> boolean(std::string_view key);
    std::vector<std::string> texts(std::string_view key);  // an array of strings, or one string
    std::optional<TomlTable> table(std::string_view key);
    std::vector<TomlTable> tables(std::string_view key);  // [[key]]

    void mistake(std::string what) const;                           // at the table
    void mistake_at(std::string_view key, std::string what) const;  // at the key
    void mistake_in(std::string_view key, std::string what) const;  // at what stands there, or at the table
    void warn_at(std::string_view key, std::string what) const;
    void done();  // unknown keys, with the nearest known one

private:
    friend class TomlFile;
    friend class TomlValue;
    TomlTable(void* file, const void* node) : file_{file}, node_{node} {}
    void* file_;
    const void* node_;
    std::set<std::string, std::less<>> asked_;
};

class TomlFile {
public:
    // What cannot be read or parsed is a mistake, and the root is then empty. `mistakes` must outlive the file.
    TomlFile(const std::filesystem::path& path, Mistakes& mistakes);
    TomlFile(std::string_view bytes, const std::string& name, Mistakes& mistakes);
    TomlFile(TomlFile&&) noexcept;
    ~TomlFile();
    TomlTable& root();
    const std::string& bytes() const;  // without a byte order mark; empty where it could not be read
    // Keys of the whole file: below the first [table] they would be that table's, and are told apart from a typing
    // error.
    void stand_above_tables(std::vector<std::string> keys);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tocsin::rules
