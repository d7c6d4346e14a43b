// Preloaded into a program that drives the header (LD_PRELOAD): plays the kernel's part of sysfs's GPIO and PWM
// on plain files below /sys/class, and takes the time of each write there.
//
// The times go to the file that OBSERVER_LOG names, which processes share: a count, then a record for each write.
// Where OBSERVER_LED names what the LED hangs on ("gpio WHITE GREY" or "pwm CHANNEL"), an ADC of 10 bits sees
// its light: OBSERVER_ADC names the attribute that it is read from.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define GPIO "/sys/class/gpio/"
#define PWM "/sys/class/pwm/"
#define FDS 1024
#define RECORDS 131072

typedef struct {
    uint64_t time_ns;  // CLOCK_MONOTONIC, when the write had been done
    char text[56];     // such as "gpio529/value 1"
} record_t;

typedef struct {
    _Atomic uint64_t count;
    char unused[56];
    record_t records[RECORDS];
} log_t;

static char *path_of[FDS];
static log_t *observed;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);

// Other libraries' constructors may open files before this one's has run.
__attribute__((constructor)) static void start(void)
{
    if (real_open) return;
    real_open = dlsym(RTLD_NEXT, "open64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    const char *path = getenv("OBSERVER_LOG");
    if (!path) return;
    int fd = real_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || ftruncate(fd, sizeof(log_t))) abort();
    fchmod(fd, 0666);  // for whatever user comes next
    observed = mmap(NULL, sizeof(log_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (observed == MAP_FAILED) abort();
    real_close(fd);
}

static void record(const char *path, const char *text, size_t length)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!observed) return;
    uint64_t index = atomic_fetch_add(&observed->count, 1);
    if (index >= RECORDS) abort();
    record_t *new = &observed->records[index];
    new->time_ns = now.tv_sec * 1000000000ull + now.tv_nsec;
    snprintf(new->text, sizeof new->text, "%s %.*s", path, (int)length, text);
}

static void attribute(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = real_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || real_write(fd, text, strlen(text)) < 0) abort();
    real_close(fd);
}

static long number(const char *folder, const char *name)
{
    char path[256], text[32] = "";
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = real_open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    if (read(fd, text, sizeof text - 1) < 0) abort();
    real_close(fd);
    return atol(text);
}

static int refuse(int error)
{
    errno = error;
    return -1;
}

static int export_to(const char *parent, const char *prefix, const char *text)
{
    char folder[256], busy[256];
    int line = atoi(text);
    snprintf(busy, sizeof busy, "%s/busy%d", parent, line);  // a kernel driver has it
    if (!access(busy, F_OK)) return refuse(EBUSY);
    snprintf(folder, sizeof folder, "%s/%s%d", parent, prefix, line);
    if (mkdir(folder, 0777)) return refuse(EBUSY);
    if (!strcmp(prefix, "gpio")) {
        attribute(folder, "active_low", "0\n");
        attribute(folder, "edge", "none\n");
        attribute(folder, "value", "0\n");
        attribute(folder, "direction", "in\n");
    } else {
        attribute(folder, "period", "0\n");
        attribute(folder, "duty_cycle", "0\n");
        attribute(folder, "polarity", "normal\n");
        attribute(folder, "enable", "0\n");
    }
    return 0;
}

static int unexport_from(const char *parent, const char *prefix, const char *text)
{
    static const char *const names[] = {"active_low", "edge",       "value",    "direction",
                                        "period",     "duty_cycle", "polarity", "enable"};
    char path[256];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s%d/%s", parent, prefix, atoi(text), names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/%s%d", parent, prefix, atoi(text));
    return rmdir(path) ? refuse(EINVAL) : 0;
}

// What the kernel would do with it; -1 and errno when it refuses.
static int obey(const char *path, const char *text)
{
    char folder[256];
    snprintf(folder, sizeof folder, "%s", path);
    char *name = strrchr(folder, '/');
    *name++ = '\0';
    const char *prefix = strncmp(path, PWM, strlen(PWM)) ? "gpio" : "pwm";
    if (!strcmp(name, "export")) return export_to(folder, prefix, text);
    if (!strcmp(name, "unexport")) return unexport_from(folder, prefix, text);
    if (access(path, F_OK)) return refuse(ENODEV);
    if (!strcmp(name, "direction")) {
        // "high" and "low" are levels of the pin, whatever active_low says (sysfs-gpio).
        bool inverted = number(folder, "active_low");
        if (!strncmp(text, "high", 4)) attribute(folder, "value", inverted ? "0\n" : "1\n");
        if (!strncmp(text, "low", 3)) attribute(folder, "value", inverted ? "1\n" : "0\n");
        attribute(folder, "direction", strncmp(text, "in", 2) ? "out\n" : "in\n");
    }
    // Every change is applied as a whole, which takes a period, and no duty that is longer (pwm_apply_state).
    long period = number(folder, "period"), duty = number(folder, "duty_cycle");
    if (!strcmp(name, "period")) period = atol(text);
    if (!strcmp(name, "duty_cycle")) duty = atol(text);
    if (!strcmp(prefix, "pwm") && (period <= 0 || duty > period)) return refuse(EINVAL);
    return 0;
}

// The ADC's 10 bits for the light that the last writes of this process have made.
static void let_see(const char *path, const char *text)
{
    static int adc_fd = -2, lines[2], lit[2];
    static char kind[8];
    if (adc_fd == -2) {
        const char *led = getenv("OBSERVER_LED");
        adc_fd = led ? real_open(getenv("OBSERVER_ADC"), O_WRONLY | O_CLOEXEC) : -1;
        if (led) sscanf(led, "%7s %d %d", kind, &lines[0], &lines[1]);
    }
    if (adc_fd < 0) return;
    int line, code;
    if (sscanf(path, GPIO "gpio%d/value", &line) == 1 && !strcmp(kind, "gpio")) {
        for (int i = 0; i < 2; i++)
            if (line == lines[i]) lit[i] = atoi(text);
        code = 100 + 288 * lit[0] + 312 * lit[1];
    } else if (!strcmp(strrchr(path, '/'), "/duty_cycle") && !strcmp(kind, "pwm")) {
        code = 100 + 600 * atoi(text) / 25000;
    } else {
        return;
    }
    char number[8];
    snprintf(number, sizeof number, "%04d\n", code);
    if (real_pwrite(adc_fd, number, 5, 0) != 5) abort();
}

// A descriptor may be closed and used again in ways that are not seen here.
static bool is_open_as(int fd, const char *name)
{
    char link[32], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return false;
    path[length] = '\0';
    return !strcmp(strrchr(path, '/') ? strrchr(path, '/') + 1 : path, name);
}

static ssize_t observe(int fd, const void *data, size_t length, off_t offset)
{
    start();
    const char *path = fd >= 0 && fd < FDS ? path_of[fd] : NULL;
    if (!path) return offset < 0 ? real_write(fd, data, length) : real_pwrite(fd, data, length, offset);
    char text[32];
    snprintf(text, sizeof text, "%.*s", (int)length, (const char *)data);
    const char *name = strrchr(path, '/') + 1;
    if (strcmp(name, "value") && !is_open_as(fd, name)) return real_write(fd, data, length);
    struct stat file;
    if (fstat(fd, &file) || file.st_nlink == 0) return refuse(ENODEV);  // unexported meanwhile
    // The level of a line is what has to be fast, and needs nothing else.
    if (strcmp(name, "value") && obey(path, text)) return -1;
    ssize_t written = length;
    if (strcmp(name, "direction"))
        written = offset < 0 ? real_write(fd, data, length) : real_pwrite(fd, data, length, offset);
    if (written >= 0) record(path + strlen("/sys/class/"), data, length);
    if (written >= 0) let_see(path, text);
    return written;
}

static int opened(int fd, const char *path)
{
    bool of_ours = !strncmp(path, GPIO, strlen(GPIO)) || !strncmp(path, PWM, strlen(PWM));
    if (fd >= 0 && fd < FDS && of_ours) path_of[fd] = strdup(path);
    return fd;
}

#define OPEN(name)                                                     \
    int name(const char *path, int flags, ...)                         \
    {                                                                  \
        va_list rest;                                                  \
        va_start(rest, flags);                                         \
        int mode = va_arg(rest, int);                                  \
        va_end(rest);                                                  \
        start();                                                       \
        return opened(real_open(path, flags, mode), path);             \
    }
OPEN(open)
OPEN(open64)

int close(int fd)
{
    start();
    if (fd >= 0 && fd < FDS) {
        free(path_of[fd]);
        path_of[fd] = NULL;
    }
    return real_close(fd);
}

ssize_t write(int fd, const void *data, size_t length) { return observe(fd, data, length, -1); }

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset)
{
    return observe(fd, data, length, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset)
{
    return observe(fd, data, length, offset);
}
