/* Makes the system calls of a process fail: loaded before the C library (LD_PRELOAD), so that Rust's standard library and SQLite,
 * which is linked into the same program, both call what stands here. Only files below one folder are concerned.
 *
 * The process under test steers it by a call that it never makes otherwise: readlink of a path that begins with CONTROL.
 *   in/FOLDER           from now on files below this folder (from the root) are concerned, and counting begins anew
 *   fail/CLASS/N/HOW    the Nth call of a class from now on fails; HOW is one of
 *                         once.ERRNO   that call alone
 *                         ever.ERRNO   that call and all calls of its class after it
 *                         half.ERRNO   that call (a write) takes half of what it is given, the next one fails
 *   off                 nothing fails any more
 *   counts              the answer says how often each class was called since "in", and how many calls failed
 *
 * Synchronising never reaches the disk: what a power cut takes is not tested here, and the disk need not be waited for. */

#define _GNU_SOURCE
#define statx system_statx /* the header's, see below */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define CONTROL "/failing-io/"
#define EXPORT __attribute__((visibility("default")))
/* The C library's own function of this name. */
#define NEXT(name) \
    static __typeof__(&name) next; \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

enum class { OPEN, READ, WRITE, SYNC, TRUNCATE, RENAME, UNLINK, LINK, MAP, COPY, STAT, LOCK, FOLDER, CLASSES };
static const char *const names[CLASSES] = {"open", "read", "write", "sync", "truncate", "rename", "unlink",
                                           "link", "map",  "copy",  "stat", "lock",     "folder"};
enum how { OFF, ONCE, EVER, HALF };

static char folder[1024];
static size_t folder_length;
static atomic_long calls[CLASSES];
static atomic_long failed;
static atomic_int failing_class = -1;
static atomic_long remaining;
static atomic_int how, failing_errno;

/* Files below the folder, by their descriptors. */
#define DESCRIPTORS 4096
static atomic_char concerned[DESCRIPTORS];

static int is_below(const char *path) {
    return folder_length > 0 && path && strncmp(path, folder, folder_length) == 0;
}
static int is_concerned(int fd) { return fd >= 0 && fd < DESCRIPTORS && concerned[fd]; }
static void opened(int fd, int below) {
    if (fd >= 0 && fd < DESCRIPTORS) concerned[fd] = (char)below;
}

/* Counts a call and says whether it fails: 0, or -1 with errno set; 1 where half of it is done. */
static int count(enum class class) {
    atomic_fetch_add(&calls[class], 1);
    if (atomic_load(&failing_class) != (int)class) return 0;
    long left = atomic_fetch_sub(&remaining, 1);
    int now = atomic_load(&how);
    if (left > 1 || now == OFF) return 0;
    if (now == HALF) {
        if (left == 1) return atomic_fetch_add(&failed, 1), 1;
        if (left < 0) return 0;
    } else if (now == ONCE && left < 1) {
        return 0;
    }
    atomic_fetch_add(&failed, 1);
    errno = atomic_load(&failing_errno);
    return -1;
}

static int control(const char *words, char *answer, size_t length) {
    char class[16], mode[16];
    long n;
    int number, written = snprintf(answer, length, "ok");
    if (strncmp(words, "in/", 3) == 0) {
        snprintf(folder, sizeof folder, "%s", words + 2);
        folder_length = strlen(folder);
        for (int i = 0; i < CLASSES; i++) calls[i] = 0;
        failed = 0;
    } else if (sscanf(words, "fail/%15[a-z]/%ld/%15[a-z].%d", class, &n, mode, &number) == 4) {
        int found = -1;
        for (int i = 0; i < CLASSES; i++)
            if (strcmp(class, names[i]) == 0) found = i;
        how = strcmp(mode, "once") == 0 ? ONCE : strcmp(mode, "ever") == 0 ? EVER : HALF;
        failing_errno = number;
        remaining = n;
        failing_class = found;
        if (found < 0) return errno = EINVAL, -1;
    } else if (strcmp(words, "off") == 0) {
        failing_class = -1;
        how = OFF;
    } else if (strcmp(words, "counts") == 0) {
        written = snprintf(answer, length, "failed %ld", failed);
        for (int i = 0; i < CLASSES; i++)
            written += snprintf(answer + written, length - (size_t)written, " %s %ld", names[i], calls[i]);
    } else {
        return errno = EINVAL, -1;
    }
    return written;
}

EXPORT ssize_t readlink(const char *path, char *buffer, size_t length) {
    NEXT(readlink);
    if (strncmp(path, CONTROL, strlen(CONTROL)) == 0) return control(path + strlen(CONTROL), buffer, length);
    return next(path, buffer, length);
}

#define MODE(flags, mode) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

#define OPENS(name) \
    EXPORT int name(const char *path, int flags, ...) { \
        NEXT(name); \
        MODE(flags, mode) \
        int below = is_below(path); \
        if (below && count(OPEN)) return -1; \
        int fd = next(path, flags, mode); \
        opened(fd, below); \
        return fd; \
    }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name) \
    EXPORT int name(int directory, const char *path, int flags, ...) { \
        NEXT(name); \
        MODE(flags, mode) \
        int below = is_below(path) || is_concerned(directory); \
        if (below && count(OPEN)) return -1; \
        int fd = next(directory, path, flags, mode); \
        opened(fd, below); \
        return fd; \
    }
OPENS_AT(openat)
OPENS_AT(openat64)

EXPORT DIR *opendir(const char *path) {
    NEXT(opendir);
    if (is_below(path) && count(OPEN)) return NULL;
    return next(path);
}
EXPORT int close(int fd) {
    NEXT(close);
    opened(fd, 0);
    return next(fd);
}

EXPORT ssize_t read(int fd, void *to, size_t length) {
    NEXT(read);
    return is_concerned(fd) && count(READ) < 0 ? -1 : next(fd, to, length);
}
EXPORT ssize_t pread64(int fd, void *to, size_t length, off64_t at) {
    NEXT(pread64);
    return is_concerned(fd) && count(READ) < 0 ? -1 : next(fd, to, length, at);
}
EXPORT ssize_t readv(int fd, const struct iovec *to, int parts) {
    NEXT(readv);
    return is_concerned(fd) && count(READ) < 0 ? -1 : next(fd, to, parts);
}

EXPORT ssize_t write(int fd, const void *from, size_t length) {
    NEXT(write);
    int outcome = is_concerned(fd) ? count(WRITE) : 0;
    return outcome < 0 ? -1 : next(fd, from, outcome && length > 1 ? length / 2 : length);
}
EXPORT ssize_t pwrite64(int fd, const void *from, size_t length, off64_t at) {
    NEXT(pwrite64);
    int outcome = is_concerned(fd) ? count(WRITE) : 0;
    return outcome < 0 ? -1 : next(fd, from, outcome && length > 1 ? length / 2 : length, at);
}
EXPORT ssize_t writev(int fd, const struct iovec *from, int parts) {
    NEXT(writev);
    return is_concerned(fd) && count(WRITE) < 0 ? -1 : next(fd, from, parts);
}

EXPORT int fsync(int fd) { return is_concerned(fd) && count(SYNC) ? -1 : 0; }
EXPORT int fdatasync(int fd) { return is_concerned(fd) && count(SYNC) ? -1 : 0; }

#define TRUNCATES(name, offset) \
    EXPORT int name(int fd, offset length) { \
        NEXT(name); \
        return is_concerned(fd) && count(TRUNCATE) ? -1 : next(fd, length); \
    }
TRUNCATES(ftruncate, off_t)
TRUNCATES(ftruncate64, off64_t)
EXPORT int fallocate64(int fd, int mode, off64_t at, off64_t length) {
    NEXT(fallocate64);
    return is_concerned(fd) && count(TRUNCATE) ? -1 : next(fd, mode, at, length);
}

EXPORT int rename(const char *from, const char *to) {
    NEXT(rename);
    return (is_below(from) || is_below(to)) && count(RENAME) ? -1 : next(from, to);
}
EXPORT int unlink(const char *path) {
    NEXT(unlink);
    return is_below(path) && count(UNLINK) ? -1 : next(path);
}
EXPORT int rmdir(const char *path) {
    NEXT(rmdir);
    return is_below(path) && count(UNLINK) ? -1 : next(path);
}
EXPORT int unlinkat(int directory, const char *path, int flags) {
    NEXT(unlinkat);
    return (is_below(path) || is_concerned(directory)) && count(UNLINK) ? -1 : next(directory, path, flags);
}
EXPORT int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
    NEXT(linkat);
    return is_below(to) && count(LINK) ? -1 : next(from_directory, from, to_directory, to, flags);
}
EXPORT int mkdir(const char *path, mode_t mode) {
    NEXT(mkdir);
    return is_below(path) && count(FOLDER) ? -1 : next(path, mode);
}

#define MAPS(name, offset) \
    EXPORT void *name(void *at, size_t length, int protection, int flags, int fd, offset from) { \
        NEXT(name); \
        return is_concerned(fd) && count(MAP) ? MAP_FAILED : next(at, length, protection, flags, fd, from); \
    }
MAPS(mmap, off_t)
MAPS(mmap64, off64_t)

EXPORT ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned flags) {
    NEXT(copy_file_range);
    return is_concerned(to) && count(COPY) ? -1 : next(from, from_at, to, to_at, length, flags);
}

EXPORT int fstat64(int fd, struct stat64 *found) {
    NEXT(fstat64);
    return is_concerned(fd) && count(STAT) ? -1 : next(fd, found);
}
EXPORT int stat64(const char *path, struct stat64 *found) {
    NEXT(stat64);
    return is_below(path) && count(STAT) ? -1 : next(path, found);
}
EXPORT int lstat64(const char *path, struct stat64 *found) {
    NEXT(lstat64);
    return is_below(path) && count(STAT) ? -1 : next(path, found);
}
#undef statx
/* Declared here, because the system's header says that the path is never absent, and Rust asks with none whether there is such
 * a call. */
struct statx;
EXPORT int statx(int directory, const char *path, int flags, unsigned mask, struct statx *found) {
    static int (*next)(int, const char *, int, unsigned, struct statx *);
    if (!next) next = (int (*)(int, const char *, int, unsigned, struct statx *))dlsym(RTLD_NEXT, "statx");
    int below = is_below(path) || (path && !*path && is_concerned(directory));
    return below && count(STAT) ? -1 : next(directory, path, flags, mask, found);
}

EXPORT int fcntl64(int fd, int command, ...) {
    NEXT(fcntl64);
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    /* Giving a lock back does not fail. */
    int takes = (command == F_SETLK || command == F_SETLKW) && ((struct flock *)argument)->l_type != F_UNLCK;
    return takes && is_concerned(fd) && count(LOCK) ? -1 : next(fd, command, argument);
}
