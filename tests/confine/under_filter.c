/* Runs a program as a service manager would that lets it make these system calls alone: what is not named gives EPERM,
 * sockets are those of the network and of this machine, and memory that can be written is never run.
 *
 *   under_filter FILE PROGRAM [ARGUMENT...]     FILE has the names of the calls, one a line
 *
 * No capability is left and none can be got back. For tests/live/confined.py.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void stop(const char *what) {
    fprintf(stderr, "under_filter: %s: %s\n", what, strerror(errno));
    exit(71);
}

static void drop_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2];
    memset(none, 0, sizeof none);
    for (int one = 0; one < 64; ++one) prctl(PR_CAPBSET_DROP, one, 0, 0, 0);
    if (syscall(SYS_capset, &header, none) != 0) stop("capset");
}

/* What is allowed here stays forbidden where another rule of systemd.exec(5) has a word in it. */
static void add(scmp_filter_ctx filter, int call) {
    if (call == SCMP_SYS(socket)) {
        const int families[] = {AF_UNIX, AF_INET, AF_INET6}; /* RestrictAddressFamilies= */
        for (unsigned i = 0; i < 3; ++i)
            seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, SCMP_A0(SCMP_CMP_EQ, families[i]));
    } else if (call == SCMP_SYS(mmap)) { /* MemoryDenyWriteExecute= */
        const unsigned both = PROT_WRITE | PROT_EXEC;
        const unsigned other[] = {0, PROT_WRITE, PROT_EXEC};
        for (unsigned i = 0; i < 3; ++i)
            seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, both, other[i]));
    } else if (call == SCMP_SYS(mprotect) || call == SCMP_SYS(pkey_mprotect)) {
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    } else if (call == SCMP_SYS(clone)) { /* RestrictNamespaces= */
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, SCMP_A0(SCMP_CMP_MASKED_EQ, 0x7E020000, 0));
    } else if (call == SCMP_SYS(clone3)) {
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), call, 0);
    } else if (call != SCMP_SYS(unshare) && call != SCMP_SYS(setns)) {
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
    }
}

int main(int count, char **arguments) {
    if (count < 3) return 64;
    FILE *names = fopen(arguments[1], "r");
    if (!names) stop(arguments[1]);
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM)); /* SystemCallErrorNumber=EPERM */
    if (!filter) stop("seccomp_init");
    char name[128];
    while (fgets(name, sizeof name, names)) {
        name[strcspn(name, "\n")] = '\0';
        const int call = seccomp_syscall_resolve_name(name);
        if (call >= 0) add(filter, call);
    }
    fclose(names);
    drop_capabilities();
    if (seccomp_load(filter) != 0) stop("seccomp_load");
    seccomp_release(filter);
    execv(arguments[2], arguments + 2);
    stop(arguments[2]);
}
