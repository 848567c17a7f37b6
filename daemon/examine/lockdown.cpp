#include "daemon/examine/lockdown.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/handle.hpp"
#include "daemon/landlock.hpp"

namespace tocsin::daemon {

namespace {

// linux/landlock.h of Debian 12 knows the first version alone; the kernel says which it knows.
constexpr std::uint64_t fs_execute = 1u << 0, fs_write_file = 1u << 1, fs_read_file = 1u << 2, fs_read_dir = 1u << 3,
                        fs_remove_file = 1u << 5, fs_make_reg = 1u << 8;
constexpr std::uint64_t fs_truncate = 1u << 14, fs_ioctl_dev = 1u << 15;

struct RulesetAttributes {
    std::uint64_t fs = 0;
    std::uint64_t net = 0;
    std::uint64_t scoped = 0;
};

std::uint64_t files_known_to(int version) {
    std::uint64_t all = (1u << 13) - 1;
    if (version >= 2) all |= 1u << 13;  // refer
    if (version >= 3) all |= fs_truncate;
    if (version >= 5) all |= fs_ioctl_dev;
    return all;
}

class LandlockRules {
public:
    LandlockRules() : version_{landlock_version()}, files_{files_known_to(version_)} {
        RulesetAttributes attributes{files_, version_ >= 4 ? 3u : 0u, version_ >= 6 ? 3u : 0u};
        const std::size_t size = version_ >= 6 ? 24 : version_ >= 4 ? 16 : 8;
        ruleset_ = Descriptor{static_cast<int>(::syscall(__NR_landlock_create_ruleset, &attributes, size, 0))};
    }

    bool made() const { return static_cast<bool>(ruleset_); }

    void allow(const std::string& path, std::uint64_t rights) {
        const Descriptor at{::open(path.c_str(), O_PATH | O_CLOEXEC)};
        if (!at) return;  // what is not there needs no rule
        landlock_path_beneath_attr rule{};
        rule.allowed_access = rights & files_;
        rule.parent_fd = at.get();
        ::syscall(__NR_landlock_add_rule, ruleset_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    }

    Descriptor take() { return std::move(ruleset_); }
    std::uint64_t everything() const { return files_; }

private:
    int version_;
    std::uint64_t files_;
    Descriptor ruleset_;
};

// notes: gpg's own needs, the ELF interpreter among them, and the folder of libraries.
void allow_programs(LandlockRules& rules, std::initializer_list<const char*> programs) {
    for (const char* program : programs) rules.allow(program, fs_execute | fs_read_file);
    std::error_code error;
    for (const char* interpreter : {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"}) {
        const auto real = std::filesystem::canonical(interpreter, error);
        if (!error) rules.allow(real.string(), fs_execute | fs_read_file);
    }
    for (const char* folder :
         {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/etc/ld.so.cache", "/usr/lib/locale/C.utf8"})
        rules.allow(folder, fs_read_file);
    rules.allow("/dev/null", fs_read_file | fs_write_file);
}

#define TOCSIN_CALLS(...) \
    { __VA_ARGS__ }

// What reading mail and running gpg take (notes/lockdown: tried with several at once, since locks need `kill`).
constexpr int calls_for_mail[] = TOCSIN_CALLS(
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(close_range),
    SCMP_SYS(openat), SCMP_SYS(newfstatat), SCMP_SYS(fstat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(access),
    SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(lseek), SCMP_SYS(pread64), SCMP_SYS(mmap), SCMP_SYS(mprotect),
    SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(mlock), SCMP_SYS(munlock),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(poll),
    SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(fcntl), SCMP_SYS(dup), SCMP_SYS(dup2),
    SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(wait4), SCMP_SYS(waitid), SCMP_SYS(execve), SCMP_SYS(exit),
    SCMP_SYS(exit_group), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
    SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(getrandom), SCMP_SYS(getrusage), SCMP_SYS(times),
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(set_tid_address), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(futex), SCMP_SYS(arch_prctl),
    SCMP_SYS(prlimit64), SCMP_SYS(getrlimit), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(unlink),
    SCMP_SYS(link), SCMP_SYS(ftruncate), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(connect),
    SCMP_SYS(restart_syscall), SCMP_SYS(sendto), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(getcwd),
    SCMP_SYS(fadvise64));

// Beside those, what taking keys into a keyring takes.
constexpr int calls_for_keys[] = TOCSIN_CALLS(
    SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(chmod),
    SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(umask), SCMP_SYS(unlinkat), SCMP_SYS(linkat), SCMP_SYS(fsync),
    SCMP_SYS(fdatasync), SCMP_SYS(getdents64), SCMP_SYS(dup3), SCMP_SYS(pwrite64), SCMP_SYS(utime), SCMP_SYS(utimensat),
    SCMP_SYS(truncate), SCMP_SYS(chdir), SCMP_SYS(rmdir), SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(flock));

struct Filter {
    std::vector<sock_filter> program;
};
Filter mail_filter;
Filter keys_filter;

struct SeccompReleaser {
    void operator()(void* context) const noexcept { seccomp_release(context); }
};
using SeccompContext = std::unique_ptr<void, SeccompReleaser>;

bool allow(scmp_filter_ctx context, int call) {
    const int failed = seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0);
    return failed == 0 || failed == -EDOM;  // a call that this machine does not have
}

Result<Filter> build_filter(bool works_on_keys) {
    const SeccompContext context{seccomp_init(SCMP_ACT_KILL_PROCESS)};
    if (!context) return permanent(Code::System, "seccomp: no filter can be made");
    // A tree, and not a list: the kernel goes through it once for every call there is when a process takes it.
    bool good = seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0;
    for (const int call : calls_for_mail) good = allow(context.get(), call) && good;
    if (works_on_keys)
        for (const int call : calls_for_keys) good = allow(context.get(), call) && good;
    // Sockets to processes of this machine alone, which is how gpg reaches its agent.
    good = seccomp_rule_add(context.get(), SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX)) == 0 &&
           good;
    good = seccomp_rule_add(context.get(), SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                            SCMP_A0(SCMP_CMP_NE, AF_UNIX)) == 0 &&
           good;
    // Processes, and no namespaces.
    constexpr std::uint64_t namespaces = 0x7E020000;
    good = seccomp_rule_add(context.get(), SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, namespaces, 0)) == 0 &&
           good;
    good = seccomp_rule_add(context.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
           good;  // whose flags no filter sees
    (void)allow(context.get(), SCMP_SYS(vfork));
    good =
        seccomp_rule_add(context.get(), SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, TCGETS)) == 0 && good;
    good = seccomp_rule_add(context.get(), SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_NE, TCGETS)) ==
               0 &&
           good;
    // Locks ask whether their holder lives. No signal reaches another process, the zygote least of all: an abort ends
    // in a trap of its own where it cannot send itself one.
    good = seccomp_rule_add(context.get(), SCMP_ACT_ALLOW, SCMP_SYS(kill), 1, SCMP_A1(SCMP_CMP_EQ, 0)) == 0 && good;
    good =
        seccomp_rule_add(context.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(kill), 1, SCMP_A1(SCMP_CMP_NE, 0)) == 0 && good;
    // gpg asks for these without need.
    for (const int call : {SCMP_SYS(tgkill), SCMP_SYS(prctl), SCMP_SYS(setpgid), SCMP_SYS(setsid), SCMP_SYS(mlockall),
                           SCMP_SYS(sched_setaffinity)})
        good = seccomp_rule_add(context.get(), SCMP_ACT_ERRNO(EPERM), call, 0) == 0 && good;
    if (!good) return permanent(Code::System, "seccomp: a rule was not taken");

    const Descriptor memory{::memfd_create("filter", MFD_CLOEXEC)};
    if (!memory || seccomp_export_bpf(context.get(), memory.get()) != 0)
        return permanent(Code::System, "seccomp: no program");
    const off_t size = ::lseek(memory.get(), 0, SEEK_END);
    Filter filter;
    filter.program.resize(static_cast<std::size_t>(size) / sizeof(sock_filter));
    if (::pread(memory.get(), filter.program.data(), static_cast<std::size_t>(size), 0) != size)
        return permanent(Code::System, "seccomp: no program");
    return filter;
}

}  // namespace

Result<FileConfinement> FileConfinement::of(const Reach& reach) {
    FileConfinement confinement;
    if (!landlock_works()) return confinement;  // which the daemon says in its log, and doctor and --check
    LandlockRules rules;
    if (!rules.made()) return permanent(Code::System, std::string{"landlock: "} + std::strerror(errno));
    if (reach.agent_home) {
        allow_programs(rules, {"/usr/bin/gpg-agent"});
        char self[4096];
        const ssize_t length = ::readlink("/proc/self/exe", self, sizeof self - 1);
        if (length > 0) rules.allow(std::string(self, static_cast<std::size_t>(length)), fs_execute | fs_read_file);
        rules.allow(reach.keys + "/gpg-agent.conf", fs_read_file);
        rules.allow(reach.keys + "/private-keys-v1.d", fs_read_file);
    } else {
        allow_programs(rules, {"/usr/bin/gpg"});
        if (!reach.keys.empty())
            rules.allow(reach.keys, reach.writes_keys ? fs_read_file | fs_write_file | fs_make_reg | fs_remove_file |
                                                            fs_truncate | fs_read_dir
                                                      : fs_read_file);
        if (!reach.workshop.empty()) {
            allow_programs(rules, {"/usr/bin/gpg-agent", "/usr/bin/gpgconf", "/usr/lib/gnupg/gpg-preset-passphrase"});
            rules.allow(reach.workshop, rules.everything() & ~fs_execute);
        }
    }
    confinement.ruleset_ = rules.take();
    return confinement;
}

Result<void> FileConfinement::enforce() const {
    if (ruleset_ && ::syscall(__NR_landlock_restrict_self, ruleset_.get(), 0) != 0)
        return permanent(Code::System, std::string{"landlock: "} + std::strerror(errno));
    return {};
}

Result<void> confine_files(const Reach& reach) {
    const auto confinement = FileConfinement::of(reach);
    return confinement ? confinement->enforce() : tl::unexpected{confinement.error()};
}

Result<void> prepare_filters() {
    for (const bool keys : {false, true}) {
        auto built = build_filter(keys);
        if (!built) return tl::unexpected{built.error()};
        (keys ? keys_filter : mail_filter) = std::move(*built);
    }
    return {};
}

Result<void> confine_calls(bool works_on_keys) {
    Filter& filter = works_on_keys ? keys_filter : mail_filter;
    const sock_fprog program{static_cast<unsigned short>(filter.program.size()), filter.program.data()};
    if (filter.program.empty() || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return permanent(Code::System, "seccomp: the filter was not taken");
    return {};
}

}  // namespace tocsin::daemon
