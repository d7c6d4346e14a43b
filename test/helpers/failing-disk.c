// Preloaded into a program (LD_PRELOAD): plays a disk that fails or fills, for the files whose paths begin with FAILING_FILES. Of what
// changes them one call in FAILING_ONE_IN fails with EIO, at random by FAILING_SEED; of a write half has been done then. From
// the FAILING_FULL_AFTERth write on there is no room left.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long number(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text ? atol(text) : otherwise;
}

static bool is_ours(int fd)
{
    const char *files = getenv("FAILING_FILES");
    char link[32], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = files ? readlink(link, path, sizeof path) : -1;
    return length >= 0 && (size_t)length >= strlen(files) && !strncmp(path, files, strlen(files));
}

static bool is_broken(void)
{
    static unsigned seed;
    if (!seed) seed = (unsigned)number("FAILING_SEED", 1);
    long one_in = number("FAILING_ONE_IN", 0);
    return one_in > 0 && rand_r(&seed) % one_in == 0;
}

static bool is_full(void)
{
    static long writes;
    return writes++ >= number("FAILING_FULL_AFTER", LONG_MAX);
}

static int failed(int error)
{
    errno = error;
    return -1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define WRITING(name, parameters, ...)                                                   \
    ssize_t name parameters                                                              \
    {                                                                                    \
        if (is_ours(fd)) {                                                               \
            if (is_full()) return failed(ENOSPC);                                        \
            if (is_broken()) {                                                           \
                count /= 2;                                                              \
                REAL(name)(__VA_ARGS__);                                                 \
                return failed(EIO);                                                      \
            }                                                                            \
        }                                                                                \
        return REAL(name)(__VA_ARGS__);                                                  \
    }
WRITING(write, (int fd, const void *data, size_t count), fd, data, count)
WRITING(pwrite, (int fd, const void *data, size_t count, off_t at), fd, data, count, at)
WRITING(pwrite64, (int fd, const void *data, size_t count, off64_t at), fd, data, count, at)

#define CHANGING(name, parameters, ...)                            \
    int name parameters                                            \
    {                                                              \
        if (is_ours(fd) && is_broken()) return failed(EIO);        \
        return REAL(name)(__VA_ARGS__);                            \
    }
CHANGING(fsync, (int fd), fd)
CHANGING(fdatasync, (int fd), fd)
CHANGING(ftruncate, (int fd, off_t length), fd, length)
CHANGING(ftruncate64, (int fd, off64_t length), fd, length)
