// The database's file and the lock beside it.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/handle.hpp"
#include "base/result.hpp"

namespace tocsin::store {

// PATH.lock, absolute and without links, so that one file has one lock.
std::filesystem::path lock_name(const std::filesystem::path& path);

// How the Error begins when somebody else has the lock.
inline constexpr std::string_view lock_is_held = "another daemon uses ";

// One daemon a database: locks PATH.lock until the descriptor is closed, which exec does.
Result<Descriptor> lock_beside(const std::filesystem::path& path);

// Whether a daemon has the database now.
bool is_locked(const std::filesystem::path& path);

// Absolute, so that SQLite takes no name for a URI, and without links.
std::filesystem::path real_name(const std::filesystem::path& path);

// Makes the file and, where it is missing, its directory; nobody else can read either.
Result<void> make_private(const std::filesystem::path& path);

}  // namespace tocsin::store
