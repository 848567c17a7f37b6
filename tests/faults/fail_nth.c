/* Preloaded into tocsind: the n-th call that writes below a folder fails, as a full or a dying disk would have it.
 *
 *   TOCSIN_FAULT_BELOW=/folder      whose files count
 *   TOCSIN_FAULT=write:17:ENOSPC    the 17th write fails once; "write:17+:ENOSPC": it and all after it
 *   TOCSIN_FAULT_COUNT=/file        at the end: how many of each there were, as "write 120 sync 44"
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum kind { WRITE, SYNC, KINDS };
static const char *const names[KINDS] = {"write", "sync"};
static int counts[KINDS];
static int wanted_kind = KINDS, wanted_call, for_ever, wanted_errno;
static char below[4096];

static int number_of(const char *error) {
    if (strncmp(error, "ENOSPC", 6) == 0) return ENOSPC;
    if (strncmp(error, "EDQUOT", 6) == 0) return EDQUOT;
    return EIO;
}

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("TOCSIN_FAULT_BELOW");
    const char *fault = getenv("TOCSIN_FAULT");
    if (folder) snprintf(below, sizeof below, "%s/", folder);
    if (!fault) return;
    for (int kind = 0; kind < KINDS; ++kind)
        if (strncmp(fault, names[kind], strlen(names[kind])) == 0 && fault[strlen(names[kind])] == ':') wanted_kind = kind;
    const char *call = strchr(fault, ':');
    if (!call) return;
    wanted_call = atoi(call + 1);
    const char *error = strchr(call + 1, ':');
    for_ever = error && error[-1] == '+';
    wanted_errno = error ? number_of(error + 1) : EIO;
}

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("TOCSIN_FAULT_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    for (int kind = 0; kind < KINDS; ++kind) fprintf(file, "%s %d ", names[kind], counts[kind]);
    fclose(file);
}

static int fails(int fd, enum kind kind) {
    char link[64], path[4096];
    if (!below[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = '\0';
    if (strncmp(path, below, strlen(below)) != 0) return 0;
    const int call = __atomic_add_fetch(&counts[kind], 1, __ATOMIC_SEQ_CST);
    if (kind != wanted_kind || !(call == wanted_call || (for_ever && call > wanted_call))) return 0;
    errno = wanted_errno;
    return 1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t count) { return fails(fd, WRITE) ? -1 : NEXT(write)(fd, bytes, count); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    return fails(fd, WRITE) ? -1 : NEXT(pwrite)(fd, bytes, count, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    return fails(fd, WRITE) ? -1 : NEXT(pwrite64)(fd, bytes, count, at);
}
int ftruncate(int fd, off_t length) { return fails(fd, WRITE) ? -1 : NEXT(ftruncate)(fd, length); }
int ftruncate64(int fd, off64_t length) { return fails(fd, WRITE) ? -1 : NEXT(ftruncate64)(fd, length); }
int fsync(int fd) { return fails(fd, SYNC) ? -1 : NEXT(fsync)(fd); }
int fdatasync(int fd) { return fails(fd, SYNC) ? -1 : NEXT(fdatasync)(fd); }
