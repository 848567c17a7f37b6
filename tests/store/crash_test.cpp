// What was committed is there after a kill, and nothing else.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.hpp"

namespace tocsin::store {
namespace {

constexpr std::uint32_t group = 5;

// Runs `work` in a process of its own, which is killed once it has said `until` things, `later` after that.
template <class Work>
std::uint32_t killed_after(std::uint32_t until, std::chrono::microseconds later, Work work) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error{"no pipe"};
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        try {
            work([&] { return ::write(ends[1], "x", 1) == 1; });
        } catch (...) {
            ::_exit(70);
        }
        ::_exit(0);
    }
    ::close(ends[1]);
    std::uint32_t said = 0;
    char mark = 0;
    while (said < until && ::read(ends[0], &mark, 1) == 1) ++said;
    ::usleep(static_cast<useconds_t>(later.count()));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << status;
    while (::read(ends[0], &mark, 1) == 1) ++said;
    ::close(ends[0]);
    return said;
}

void append_group(Store& store, std::uint32_t number) {
    for (std::uint32_t uid = number * group + 1; uid <= (number + 1) * group; ++uid)
        store.journal.append(from_inbox(uid), "mail " + std::to_string(uid) + std::string(9000, 'x'), morning);
}

TEST(Crash, LeavesExactlyWhatWasCommitted) {
    const TemporaryDirectory directory;
    const auto path = directory / "tocsin.db";
    const auto said = killed_after(4, 0us, [&](const auto& say) {
        Store store{opened(path)};
        for (std::uint32_t number = 0; number < 4; ++number) {
            Transaction transaction{store.database};
            append_group(store, number);
            if (number < 3) transaction.commit();
            say();
            if (number == 3) ::pause();  // killed within the transaction
        }
    });
    EXPECT_EQ(4u, said);
    Store store{opened(path)};
    EXPECT_EQ(3 * group, store.journal.counts().total);
    EXPECT_EQ(3 * group, store.journal.uids("security", "INBOX", 1).back());
    EXPECT_EQ("ok", store.database.prepare("PRAGMA integrity_check").first<std::string>());
}

TEST(Crash, AtAnyMomentKeepsGroupsWholeAndLosesNothingThatWasSaid) {
    for (int round = 0; round < 8; ++round) {
        const TemporaryDirectory directory;
        const auto path = directory / "tocsin.db";
        const auto said = killed_after(static_cast<std::uint32_t>(round), std::chrono::microseconds{round * 700},
                                       [&](const auto& say) {
                                           Store store{opened(path)};
                                           for (std::uint32_t number = 0;; ++number) {
                                               Transaction transaction{store.database};
                                               append_group(store, number);
                                               transaction.commit();
                                               if (!say()) return;
                                           }
                                       });
        Store store{opened(path)};
        const auto found = static_cast<std::uint32_t>(store.journal.counts().total);
        EXPECT_EQ(0u, found % group) << "all of a group or none";
        EXPECT_GE(found / group, said) << "what was said to be safe is there";
        EXPECT_LE(found / group, said + 1) << "one commit may have come before its word";
        for (const JournalEntry& entry : store.journal.pending(found))
            EXPECT_EQ(entry.size, store.journal.bytes(entry.id).size());
    }
}

TEST(Crash, TheLockGoesWithItsDaemon) {
    const TemporaryDirectory directory;
    const auto path = directory / "tocsin.db";
    killed_after(1, 0us, [&](const auto& say) {
        Store store{opened(path)};
        say();
        ::pause();
    });
    EXPECT_TRUE(Database::open(path, Database::Use::Daemon));
}

}  // namespace
}  // namespace tocsin::store
