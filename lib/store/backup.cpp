#include "store/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/handle.hpp"
#include "store/failure.hpp"
#include "store/statement.hpp"

namespace tocsin::store {

namespace {

using ConnectionHandle = std::unique_ptr<sqlite3, Releaser<&sqlite3_close_v2>>;

tl::unexpected<Error> cannot_copy(const std::filesystem::path& file, std::string_view why) {
    return permanent(Code::System, fmt::format("cannot write {}: {}", file.string(), why));
}

// Removes the half of a copy, whatever happens.
class PartFile {
public:
    explicit PartFile(std::filesystem::path path) : path_{std::move(path)} {}
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;
    ~PartFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

std::string copy_pages(sqlite3* from, sqlite3* to) {
    sqlite3_backup* const backup = sqlite3_backup_init(to, "main", from, "main");
    if (backup == nullptr) return sqlite3_errmsg(to);
    // All pages in one step: one snapshot of the WAL, which keeps no writer waiting. In several steps every commit of
    // the daemon would begin the copy anew.
    const int stepped = sqlite3_backup_step(backup, -1);
    const int finished = sqlite3_backup_finish(backup);
    if (stepped != SQLITE_DONE) return name_of_result(stepped);
    return finished == SQLITE_OK ? std::string{} : name_of_result(finished);
}

std::string first_text(sqlite3* connection, const char* sql) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(connection, sql, -1, &raw, nullptr) != SQLITE_OK) return sqlite3_errmsg(connection);
    const std::unique_ptr<sqlite3_stmt, Releaser<&sqlite3_finalize>> statement{raw};
    if (sqlite3_step(raw) != SQLITE_ROW) return sqlite3_errmsg(connection);
    const auto* text = sqlite3_column_text(raw, 0);
    return text == nullptr ? std::string{} : std::string{reinterpret_cast<const char*>(text)};
}

std::string sync_file(const std::filesystem::path& path, int flags) {
    const Descriptor file{::open(path.c_str(), flags | O_CLOEXEC)};
    return file && ::fsync(file.get()) == 0 ? std::string{} : std::string{std::strerror(errno)};
}

}  // namespace

Snapshot::Snapshot(Database& database) : database_{database} {
    database_.prepare("BEGIN DEFERRED").run();
    database_.prepare("SELECT count(*) FROM sqlite_master").first<std::int64_t>();  // it begins with the first read
}

Snapshot::~Snapshot() { database_.execute_quietly("ROLLBACK"); }

std::string damage_of(Database& database) {
    const auto words = database.prepare("PRAGMA integrity_check(1)").first<std::string>().value_or("no answer");
    return words == "ok" ? std::string{} : words;
}

Result<void> back_up(Database& database, const std::filesystem::path& file) {
    std::error_code unknown;
    if (std::filesystem::exists(std::filesystem::symlink_status(file, unknown)))
        return permanent(Code::BadInput, file.string() + " is there already; nothing is overwritten");
    const std::filesystem::path absolute = std::filesystem::absolute(file);
    std::filesystem::path part_path = absolute;
    part_path += ".part";
    {
        const Descriptor made{
            ::open(part_path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)};
        if (!made) return cannot_copy(part_path, std::strerror(errno));
    }
    const PartFile part{part_path};

    sqlite3* raw = nullptr;
    const int opened = sqlite3_open_v2(part_path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    ConnectionHandle copy{raw};
    if (opened != SQLITE_OK) return cannot_copy(part_path, sqlite3_errmsg(raw));
    // One file, nothing beside it: the copy is no WAL database until a daemon opens it.
    if (const auto why = copy_pages(connection_of(database), copy.get()); !why.empty())
        return cannot_copy(part_path, why);
    if (const auto mode = first_text(copy.get(), "PRAGMA journal_mode = DELETE"); mode != "delete")
        return cannot_copy(part_path, mode);
    if (const auto damage = first_text(copy.get(), "PRAGMA integrity_check(1)"); damage != "ok")
        return cannot_copy(part_path, "the copy is damaged: " + damage);
    copy.reset();
    if (const auto why = sync_file(part_path, O_RDONLY); !why.empty()) return cannot_copy(part_path, why);

    // link(2) never replaces: whoever made that name meanwhile keeps it.
    if (::link(part_path.c_str(), absolute.c_str()) != 0) {
        if (errno == EEXIST)
            return permanent(Code::BadInput, file.string() + " is there already; nothing is overwritten");
        return cannot_copy(file, std::strerror(errno));
    }
    if (const auto why = sync_file(absolute.parent_path(), O_RDONLY | O_DIRECTORY); !why.empty())
        return cannot_copy(file, why);
    return {};
}

}  // namespace tocsin::store
