// Whole files, read at start and on reload.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tocsin {

// Refuses what is larger than `most` bytes, and what is no ordinary file or pipe.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t most = std::size_t{64} << 20);

// Who may read a file that is made: its owner alone (0600), or all (0644), whatever the umask.
enum class Readers { Owner, Everyone };

// Writes beside it, syncs, and renames over it: a reader sees the old or the new file, whole.
Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes, Readers readers = Readers::Owner);

}  // namespace tocsin
