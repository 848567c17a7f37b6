#include "store/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace tocsin::store {

namespace {

constexpr mode_t owner_alone = S_IRUSR | S_IWUSR;

tl::unexpected<Error> cannot(const char* do_what, const std::filesystem::path& path) {
    return permanent(Code::Configuration,
                     fmt::format("cannot {} {}: {}", do_what, path.string(), std::strerror(errno)));
}

}  // namespace

std::filesystem::path real_name(const std::filesystem::path& path) {
    const std::filesystem::path absolute = std::filesystem::absolute(path);
    std::error_code unreadable;
    const std::filesystem::path real = std::filesystem::weakly_canonical(absolute, unreadable);
    return unreadable ? absolute : real;
}

std::filesystem::path lock_name(const std::filesystem::path& path) {
    std::filesystem::path beside = real_name(path);
    beside += ".lock";
    return beside;
}

Result<Descriptor> lock_beside(const std::filesystem::path& path) {
    const std::filesystem::path beside = lock_name(path);
    Descriptor lock{::open(beside.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, owner_alone)};
    if (!lock) return cannot("open the lock", beside);
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK) return cannot("lock", beside);
    return temporary(Code::Unavailable, fmt::format("{}{}", lock_is_held, path.string()));
}

bool is_locked(const std::filesystem::path& path) {
    const Descriptor lock{::open(lock_name(path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    return lock && ::flock(lock.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

Result<void> make_private(const std::filesystem::path& path) {
    const std::filesystem::path directory = path.parent_path();
    if (!directory.empty() && ::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST)
        return cannot("make the directory", directory);
    // An existing file is not opened: closing it would drop the locks that another connection of this process has
    // on it (POSIX advisory locks go with any descriptor). SQLite gives -wal and -shm the mode of the database.
    Descriptor made{::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, owner_alone)};
    if (made) return {};
    if (errno != EEXIST) return cannot("make", path);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return cannot("look at", path);
    if (!S_ISREG(status.st_mode)) return permanent(Code::Configuration, path.string() + " is not a file");
    if ((status.st_mode & 07777) != owner_alone && ::chmod(path.c_str(), owner_alone) != 0)
        return cannot("set the mode of", path);
    return {};
}

}  // namespace tocsin::store
