// A prepared statement with typed values in and typed columns out.
//
// `bind` gives the parameters in their order, `next` takes the columns in theirs. Instants are microseconds, digests
// are blobs, ids are integers, an empty optional is NULL. What is bound is copied. Errors throw Failure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/clock.hpp"
#include "base/digest.hpp"

struct sqlite3_stmt;

namespace tocsin::store {

// Marks bytes that are bound as a blob and not as text.
struct Blob {
    std::string_view bytes;
};

class Statement {
public:
    // `taken`: the mark of the cache that it goes back to; none: finalized at the end.
    Statement(sqlite3_stmt* handle, bool* taken) noexcept : handle_{handle}, taken_{taken} {}
    Statement(Statement&& other) noexcept;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    template <class... Values>
    Statement& bind(const Values&... values) {
        int place = 0;
        (put(++place, values), ...);
        return *this;
    }
    bool step();  // true: there is a row; at the end it can be bound and run again
    void run();
    template <class T>
    T next() {
        return take<T>(column_++);
    }
    // The first column of the first row.
    template <class T>
    std::optional<T> first() {
        std::optional<T> value;
        if (step()) value = next<T>();
        reset();
        return value;
    }

private:
    template <class T>
    struct IsOptional : std::false_type {};
    template <class T>
    struct IsOptional<std::optional<T>> : std::true_type {};

    template <class T>
    void put(int place, const T& value);
    template <class T>
    T take(int column) const;

    void reset() noexcept;
    void put_null(int place);
    void put_integer(int place, std::int64_t value);
    void put_text(int place, std::string_view text);
    void put_blob(int place, std::string_view bytes);
    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    std::string_view bytes(int column) const;  // valid until the next step
    Digest digest(int column) const;

    sqlite3_stmt* handle_;
    bool* taken_;
    int column_ = 0;
};

template <class T>
void Statement::put(int place, const T& value) {
    if constexpr (IsOptional<T>::value) {
        value ? put(place, *value) : put_null(place);
    } else if constexpr (std::is_integral_v<T>) {
        put_integer(place, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_same_v<T, Instant>) {
        put_integer(place, to_micros(value));
    } else if constexpr (std::is_same_v<T, Digest>) {
        put_blob(place, view(value));
    } else if constexpr (std::is_same_v<T, Blob>) {
        put_blob(place, value.bytes);
    } else if constexpr (requires { value.value(); }) {
        put_integer(place, value.value());  // Id<Tag>
    } else {
        put_text(place, std::string_view{value});
    }
}

template <class T>
T Statement::take(int column) const {
    if constexpr (IsOptional<T>::value) {
        return is_null(column) ? T{} : T{take<typename T::value_type>(column)};
    } else if constexpr (std::is_same_v<T, bool>) {
        return integer(column) != 0;
    } else if constexpr (std::is_integral_v<T>) {
        return static_cast<T>(integer(column));
    } else if constexpr (std::is_same_v<T, Instant>) {
        return from_micros(integer(column));
    } else if constexpr (std::is_same_v<T, Digest>) {
        return digest(column);
    } else if constexpr (std::is_constructible_v<T, std::int64_t>) {
        return T{integer(column)};  // Id<Tag>
    } else {
        return T{bytes(column)};
    }
}

}  // namespace tocsin::store
