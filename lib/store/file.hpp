// The database's file and the lock beside it.
#pragma once

#include <filesystem>

#include "base/handle.hpp"
#include "base/result.hpp"

namespace tocsin::store {

// One daemon a database: locks PATH.lock until the descriptor is closed, which exec does.
Result<Descriptor> lock_beside(const std::filesystem::path& path);

// Makes the file and, where it is missing, its directory; nobody else can read either.
Result<void> make_private(const std::filesystem::path& path);

}  // namespace tocsin::store
