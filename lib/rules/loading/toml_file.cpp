// toml++ as its compiled library; this is the one file that knows it.
#ifndef TOML_HEADER_ONLY
#define TOML_HEADER_ONLY 0
#endif
#include "rules/loading/toml_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/loading/source_text.hpp"

namespace tocsin::rules {

namespace {

constexpr std::size_t most_bytes_of_a_file = std::size_t{4} << 20;

// What TomlFile, its tables and its values share.
struct TomlSource {
    SourceText text;
    toml::table root{};
    std::vector<std::string> above_tables{};

    Place place(const toml::source_position& at) const { return text.place_of(at.line, at.column); }
};

const TomlSource& source_of(const void* file) { return *static_cast<const TomlSource*>(file); }
const toml::node& node_of(const void* node) { return *static_cast<const toml::node*>(node); }
const toml::table& table_of(const void* node) { return *static_cast<const toml::table*>(node); }

const char* in_words(TomlValue::Type type) {
    switch (type) {
        case TomlValue::Type::Text:
            return "text";
        case TomlValue::Type::Whole:
            return "a whole number";
        case TomlValue::Type::Number:
            return "a number";
        case TomlValue::Type::Boolean:
            return "true or false";
        case TomlValue::Type::Time:
            return "a time";
        case TomlValue::Type::Date:
            return "a date";
        case TomlValue::Type::List:
            return "a list";
        case TomlValue::Type::Table:
            return "a table";
    }
    return "";
}

void wrong_type(const TomlValue& value, const char* wanted) {
    value.mistake(std::string{"expected "} + wanted + ", found " + in_words(value.type()));
}

// What the parser says, and what people most often meant by it.
std::string in_our_words(std::string_view description, std::string_view before, bool ends_the_line) {
    std::string what{description};
    if (ends_the_line && what.find("control characters") != std::string::npos)
        return "this text is never closed: it ends on its line with the sign that it began with; one of several lines "
               "stands in '''…'''";
    if (what.find("expected '\\n' after '\\r'") != std::string::npos) what += "; end each line with LF, or with CR LF";
    if (what.find("parsing boolean") != std::string::npos) what += "; text stands in quotes, as in 'high'";
    if (before.ends_with('\'') && what.find("expected a comment or whitespace") != std::string::npos)
        what += "; the text ends at the ' before this; one that holds a ' stands in '''…'''";
    if (what.find("could not determine value type") != std::string::npos)
        what += "; text stands in straight quotes, as in 'high', and true and false are written in small letters";
    return what;
}

// Empty where it cannot be read, which is a mistake.
std::string bytes_of(const std::filesystem::path& path, Mistakes& mistakes) {
    auto bytes = read_file(path, most_bytes_of_a_file);
    if (bytes) return std::move(*bytes);
    mistakes.error({path.string()}, "cannot be read: " + bytes.error().what);
    return {};
}

void read_toml(TomlSource& source) {
    const SourceText& text = source.text;
    if (!text.is_readable()) return;
    try {
        source.root = toml::parse(std::string_view{text.bytes()});
    } catch (const toml::parse_error& error) {
        const Place at = source.place(error.source().begin);
        const std::string_view line = text.line(at.line);
        text.error(at, in_our_words(error.description(), line.substr(0, at.column - 1), at.column > line.size()));
    }
}

}  // namespace

// ---- a value

TomlValue::Type TomlValue::type() const {
    switch (node_of(node_).type()) {
        case toml::node_type::string:
            return Type::Text;
        case toml::node_type::integer:
            return Type::Whole;
        case toml::node_type::floating_point:
            return Type::Number;
        case toml::node_type::boolean:
            return Type::Boolean;
        case toml::node_type::date:
            return Type::Date;
        case toml::node_type::time:
        case toml::node_type::date_time:
            return Type::Time;
        case toml::node_type::array:
            return Type::List;
        case toml::node_type::none:
        case toml::node_type::table:
            break;
    }
    return Type::Table;
}

Place TomlValue::place() const { return source_of(file_).place(node_of(node_).source().begin); }

bool TomlValue::written_as_literal() const {
    const SourceText& source = source_of(file_).text;
    const std::size_t begin = source.offset_of(place());
    return type() == Type::Text && begin < source.bytes().size() && source.bytes()[begin] == '\'';
}

Place TomlValue::place_in_text(std::size_t offset) const {
    if (!written_as_literal()) return place();  // escapes: where a byte came from is not known
    const SourceText& source = source_of(file_).text;
    const std::string_view bytes = source.bytes();
    std::size_t at = source.offset_of(place());
    const bool many_lines = bytes.substr(at).starts_with("'''");
    at += many_lines ? 3 : 1;
    // TOML 1.0: "A newline immediately following the opening delimiter will be trimmed."
    if (many_lines && bytes.substr(at).starts_with("\r\n"))
        at += 2;
    else if (many_lines && bytes.substr(at).starts_with('\n'))
        at += 1;
    for (; offset > 0 && at < bytes.size(); --offset) at += bytes.substr(at).starts_with("\r\n") ? 2 : 1;
    return source.place_at(std::min(at, bytes.size()));
}

std::string TomlValue::source_line(const Place& place) const {
    return std::string{source_of(file_).text.line(place.line)};
}

std::optional<std::string> TomlValue::text() const {
    if (const auto* text = node_of(node_).as_string()) return text->get();
    wrong_type(*this, "text in quotes");
    return std::nullopt;
}

std::optional<std::int64_t> TomlValue::whole() const {
    if (const auto* number = node_of(node_).as_integer()) return number->get();
    wrong_type(*this, "a whole number");
    return std::nullopt;
}

std::optional<double> TomlValue::number() const {
    if (const auto* number = node_of(node_).as_floating_point()) return number->get();
    if (const auto* number = node_of(node_).as_integer()) return static_cast<double>(number->get());
    wrong_type(*this, "a number");
    return std::nullopt;
}

std::optional<bool> TomlValue::boolean() const {
    if (const auto* yes = node_of(node_).as_boolean()) return yes->get();
    wrong_type(*this, "true or false");
    return std::nullopt;
}

std::optional<Instant> TomlValue::time() const {
    const auto* time = node_of(node_).as_date_time();
    if (time == nullptr) {
        wrong_type(*this, "a time such as 2026-03-06T15:30:00+01:00");
        return std::nullopt;
    }
    const toml::date_time& parts = time->get();
    if (!parts.offset) {
        mistake("a time needs its offset from UTC, as in 2026-03-06T15:30:00+01:00");
        return std::nullopt;
    }
    const std::chrono::sys_days day{std::chrono::year{parts.date.year} / parts.date.month / parts.date.day};
    return Instant{day} + std::chrono::hours{parts.time.hour} + std::chrono::minutes{parts.time.minute} +
           std::chrono::seconds{parts.time.second} + Micros{parts.time.nanosecond / 1000} -
           std::chrono::minutes{parts.offset->minutes};
}

std::optional<std::string> TomlValue::date() const {
    const auto* date = node_of(node_).as_date();
    if (date == nullptr) {
        wrong_type(*this, "a date such as 2026-12-24");
        return std::nullopt;
    }
    char text[16];
    std::snprintf(text, sizeof text, "%04u-%02u-%02u", static_cast<unsigned>(date->get().year) % 10'000U,
                  static_cast<unsigned>(date->get().month), static_cast<unsigned>(date->get().day));
    return text;
}

std::vector<TomlValue> TomlValue::list() const {
    std::vector<TomlValue> values;
    if (const auto* list = node_of(node_).as_array()) {
        for (const toml::node& node : *list) values.push_back(TomlValue{file_, &node});
    } else {
        wrong_type(*this, "a list");
    }
    return values;
}

std::vector<TomlValue> TomlValue::each() const { return type() == Type::List ? list() : std::vector{*this}; }

std::optional<TomlTable> TomlValue::table() const {
    if (const auto* table = node_of(node_).as_table()) return TomlTable{file_, table};
    wrong_type(*this, "a table");
    return std::nullopt;
}

void TomlValue::mistake(std::string what) const { source_of(file_).text.error(place(), std::move(what)); }

void TomlValue::mistake_at(std::size_t offset, std::string what) const {
    source_of(file_).text.error(place_in_text(offset), std::move(what));
}

void TomlValue::warn(std::string what) const { source_of(file_).text.warning(place(), std::move(what)); }

void TomlValue::warn_at(std::size_t offset, std::string what) const {
    source_of(file_).text.warning(place_in_text(offset), std::move(what));
}

// ---- a table

Place TomlTable::place() const {
    const Place at = source_of(file_).place(table_of(node_).source().begin);
    return at.line > 0 ? at : Place{source_of(file_).text.name(), 1, 1};
}

Place TomlTable::place_of(std::string_view key) const {
    const auto entry = table_of(node_).find(key);
    return entry == table_of(node_).end() ? place() : source_of(file_).place(entry->first.source().begin);
}

// In the order in which they stand in the file, which is the order that people mean.
std::vector<std::string> TomlTable::keys() const {
    std::vector<std::pair<toml::source_position, std::string>> found;
    for (const auto& [key, value] : table_of(node_)) found.emplace_back(key.source().begin, std::string{key.str()});
    std::ranges::sort(found, [](const auto& a, const auto& b) {
        return std::tie(a.first.line, a.first.column) < std::tie(b.first.line, b.first.column);
    });
    std::vector<std::string> keys;
    for (auto& [at, key] : found) keys.push_back(std::move(key));
    return keys;
}

bool TomlTable::has(std::string_view key) const { return table_of(node_).contains(key); }

std::optional<TomlValue> TomlTable::value(std::string_view key) {
    asked_.emplace(key);
    const toml::node* node = table_of(node_).get(key);
    if (node == nullptr) return std::nullopt;
    return TomlValue{file_, node};
}

std::optional<std::string> TomlTable::text(std::string_view key) {
    const auto found = value(key);
    return found ? found->text() : std::nullopt;
}

std::string TomlTable::required_text(std::string_view key) {
    const auto found = value(key);
    if (!found) {
        mistake("missing key '" + std::string{key} + "'");
        return {};
    }
    const auto text = found->text();
    if (text && trim(*text).empty()) found->mistake("'" + std::string{key} + "' is empty");
    return text.value_or("");
}

std::optional<std::int64_t> TomlTable::whole(std::string_view key) {
    const auto found = value(key);
    return found ? found->whole() : std::nullopt;
}

std::optional<bool> TomlTable::boolean(std::string_view key) {
    const auto found = value(key);
    return found ? found->boolean() : std::nullopt;
}

std::vector<std::string> TomlTable::texts(std::string_view key) {
    std::vector<std::string> texts;
    const auto found = value(key);
    if (!found) return texts;
    if (found->type() == TomlValue::Type::Text) return {found->text().value_or("")};
    for (const TomlValue& entry : found->list())
        if (auto text = entry.text()) texts.push_back(std::move(*text));
    return texts;
}

std::optional<TomlTable> TomlTable::table(std::string_view key) {
    const auto found = value(key);
    return found ? found->table() : std::nullopt;
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) {
    std::vector<TomlTable> tables;
    const auto found = value(key);
    if (!found) return tables;
    if (found->type() != TomlValue::Type::List) {
        found->mistake("expected a list of tables, written as [[" + std::string{key} + "]]");
        return tables;
    }
    for (const TomlValue& entry : found->list())
        if (auto table = entry.table()) tables.push_back(std::move(*table));
    return tables;
}

void TomlTable::mistake(std::string what) const { source_of(file_).text.error(place(), std::move(what)); }

void TomlTable::mistake_at(std::string_view key, std::string what) const {
    source_of(file_).text.error(place_of(key), std::move(what));
}

void TomlTable::mistake_in(std::string_view key, std::string what) const {
    const toml::node* node = table_of(node_).get(key);
    source_of(file_).text.error(node == nullptr ? place() : TomlValue{file_, node}.place(), std::move(what));
}

void TomlTable::warn_at(std::string_view key, std::string what) const {
    source_of(file_).text.warning(place_of(key), std::move(what));
}

void TomlTable::done() {
    const std::vector<std::string_view> known{asked_.begin(), asked_.end()};
    std::string accepted;
    for (const std::string_view key : known) accepted += (accepted.empty() ? "" : ", ") + std::string{key};
    for (const std::string& key : keys()) {
        if (asked_.contains(key)) continue;
        if (const auto& above = source_of(file_).above_tables; std::ranges::find(above, key) != above.end()) {
            mistake_at(key, "'" + key + "' stands at the top of the file, above the first [table]");
            continue;
        }
        const std::string_view near = nearest(key, known);
        mistake_at(key,
                   "unknown key '" + for_one_line(key, 60) + "'" +
                       (near.empty() ? "; accepted here: " + accepted : ", did you mean '" + std::string{near} + "'?"));
    }
}

// ---- a file

struct TomlFile::State {
    TomlSource source;
    std::optional<TomlTable> root;
};

TomlFile::TomlFile(std::string_view bytes, const std::string& name, Mistakes& mistakes)
    : state_{std::make_unique<State>(State{{SourceText{name, std::string{bytes}, mistakes}}, {}})} {
    read_toml(state_->source);
    state_->root = TomlTable{&state_->source, &state_->source.root};
}

TomlFile::TomlFile(const std::filesystem::path& path, Mistakes& mistakes)
    : TomlFile{bytes_of(path, mistakes), path.string(), mistakes} {}

TomlFile::TomlFile(TomlFile&&) noexcept = default;
TomlFile::~TomlFile() = default;
TomlTable& TomlFile::root() { return *state_->root; }
void TomlFile::stand_above_tables(std::vector<std::string> keys) { state_->source.above_tables = std::move(keys); }
const std::string& TomlFile::bytes() const { return state_->source.text.bytes(); }

}  // namespace tocsin::rules
