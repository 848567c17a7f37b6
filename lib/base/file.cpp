#include "base/file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/handle.hpp"

namespace tocsin {

namespace {

tl::unexpected<Error> system_error(const std::filesystem::path& path) {
    return permanent(Code::System, fmt::format("{}: {}", path.string(), std::strerror(errno)));
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t most) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file) return system_error(path);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return system_error(path);
    if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
        return permanent(Code::System, fmt::format("{}: not an ordinary file", path.string()));
    std::string bytes;
    char piece[1 << 16];
    for (;;) {
        const ssize_t got = ::read(file.get(), piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error(path);
        if (got == 0) return bytes;
        bytes.append(piece, static_cast<std::size_t>(got));
        if (bytes.size() > most)
            return permanent(Code::Limit, fmt::format("{}: larger than {} bytes", path.string(), most));
    }
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes, Readers readers) {
    const std::filesystem::path beside = path.string() + "." + to_hex(random_bytes(6));
    Descriptor file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!file) return system_error(beside);
    if (readers == Readers::Everyone) (void)::fchmod(file.get(), 0644);
    if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0 || ::rename(beside.c_str(), path.c_str()) != 0) {
        auto error = system_error(path);
        ::unlink(beside.c_str());
        return error;
    }
    const Descriptor folder{
        ::open(path.parent_path().empty() ? "." : path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder || ::fsync(folder.get()) != 0) return system_error(path);
    return {};
}

}  // namespace tocsin
