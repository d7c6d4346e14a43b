// Preloaded into a program that drives the header (LD_PRELOAD): plays the kernel's part of sysfs's GPIO and PWM
// on plain files below /sys/class, and of the GPIO character device, and takes the time of each write there.
//
// Where OBSERVER_CHIP names a file, that is /dev/gpiochip0: it holds the chip's label and the number of its first line. A file
// beside it, with ".lines" at its end, is locked where lines are in use: byte N for line N. The kernel frees such a lock
// when the last process has closed the file, as it does with lines. The edges of an input are read from a pipe, with ".edges"
// and its number at its end, into which a test writes them.
//
// The times go to the file that OBSERVER_LOG names, which processes share: a count, then a record for each write.
// Where OBSERVER_LED names what the LED hangs on ("gpio WHITE GREY" or "pwm CHANNEL"), an ADC of 10 bits sees
// its light: OBSERVER_ADC names the attribute that it is read from.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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
static int lock_of[FDS];  // of an input, whose own file is the pipe
static log_t *observed;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static int (*real_ioctl)(int, unsigned long, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);

// Other libraries' constructors may open files before this one's has run.
__attribute__((constructor)) static void start(void)
{
    if (real_open) return;
    real_open = dlsym(RTLD_NEXT, "open64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_ioctl = dlsym(RTLD_NEXT, "ioctl");
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

// Where a file "late" beside a line's folder has a number, udev needs so many milliseconds for its files.
static void become_writable_late(const char *folder)
{
    static const char *const names[] = {"value", "direction", "active_low"};
    char path[256];
    snprintf(path, sizeof path, "%s/..", folder);
    long late_ms = number(path, "late");
    if (late_ms == 0) return;
    for (int late = 0; late < 2; late++) {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            snprintf(path, sizeof path, "%s/%s", folder, names[i]);
            chmod(path, late ? 0666 : 0);
        }
        if (!late && fork() != 0) return;
        if (!late) usleep(1000 * late_ms);
    }
    _exit(0);
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
        become_writable_late(folder);
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

// The ADC, if there is one, what the LED hangs on, and which of its lines are lit.
static int adc_fd, led_lines[2], lit[2];
static char led_kind[8];

static bool has_adc(const char *kind)
{
    static bool known;
    const char *led = getenv("OBSERVER_LED");
    if (!led) return false;
    if (!known) {
        adc_fd = real_open(getenv("OBSERVER_ADC"), O_WRONLY | O_CLOEXEC);
        sscanf(led, "%7s %d %d", led_kind, &led_lines[0], &led_lines[1]);
        known = true;
    }
    return adc_fd >= 0 && !strcmp(led_kind, kind);
}

static void let_see_code(int code)
{
    char number[8];
    snprintf(number, sizeof number, "%04d\n", code);
    if (real_pwrite(adc_fd, number, 5, 0) != 5) abort();
}

static void light_up(int line, int value)
{
    for (int i = 0; i < 2; i++)
        if (line == led_lines[i]) lit[i] = value;
}

// The ADC's 10 bits for the light that the last changes of this process have made.
static void let_see_lines(void)
{
    let_see_code(100 + 288 * lit[0] + 312 * lit[1]);
}

static void let_see(const char *path, const char *text)
{
    int line;
    if (has_adc("gpio") && sscanf(path, GPIO "gpio%d/value", &line) == 1) {
        light_up(line, atoi(text));
        let_see_lines();
    }
    if (!strcmp(strrchr(path, '/'), "/duty_cycle") && has_adc("pwm"))
        let_see_code(100 + 600 * atoi(text) / 25000);
}

// A descriptor may be closed and used again in ways that are not seen here.
static bool is_open_as(int fd, const char *name)
{
    char link[32], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return false;
    path[length] = '\0';
    char *deleted = strstr(path, " (deleted)");
    if (deleted) *deleted = '\0';
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

static const char *seen_as(const char *path)
{
    const char *chip = getenv("OBSERVER_CHIP");
    return chip && !strcmp(path, "/dev/gpiochip0") ? chip : path;
}

#define OPEN(name)                                                     \
    int name(const char *path, int flags, ...)                         \
    {                                                                  \
        va_list rest;                                                  \
        va_start(rest, flags);                                         \
        int mode = va_arg(rest, int);                                  \
        va_end(rest);                                                  \
        start();                                                       \
        return opened(real_open(seen_as(path), flags, mode), path);    \
    }
OPEN(open)
OPEN(open64)

int close(int fd)
{
    start();
    if (fd >= 0 && fd < FDS) {
        free(path_of[fd]);
        path_of[fd] = NULL;
        if (lock_of[fd]) real_close(lock_of[fd]);
        lock_of[fd] = 0;
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

static const char *lines_path(void)
{
    static char path[256];
    snprintf(path, sizeof path, "%s.lines", getenv("OBSERVER_CHIP"));
    return path;
}

static long base_line(void)
{
    char text[64] = "";
    int fd = real_open(getenv("OBSERVER_CHIP"), O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof text - 1) < 0) abort();
    real_close(fd);
    return atol(strchr(text, ' '));
}

// Who has a line; an empty string for nobody.
static void user_of(unsigned line, char user[32])
{
    char path[256];
    *user = '\0';
    snprintf(path, sizeof path, "%s.user%u", getenv("OBSERVER_CHIP"), line);
    int fd = real_open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t length = read(fd, user, 31);
        user[length < 0 ? 0 : length] = '\0';
        real_close(fd);
        return;
    }
    snprintf(path, sizeof path, GPIO "gpio%ld", base_line() + line);
    if (!access(path, F_OK)) {
        strcpy(user, "sysfs");
        return;
    }
    fd = real_open(lines_path(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = line, .l_len = 1};
    if (fd < 0 || fcntl(fd, F_OFD_GETLK, &lock)) abort();
    if (lock.l_type != F_UNLCK) strcpy(user, "blinkup");
    real_close(fd);
}

static int get_chip_info(struct gpiochip_info *info)
{
    char text[64] = "";
    int fd = real_open(getenv("OBSERVER_CHIP"), O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof text - 1) < 0) abort();
    real_close(fd);
    sscanf(text, "%31s", info->label);
    return 0;
}

static int get_line_info(struct gpio_v2_line_info *info)
{
    char old[256];
    snprintf(old, sizeof old, "%s.old", getenv("OBSERVER_CHIP"));  // before Linux 5.10
    if (!access(old, F_OK)) return refuse(EINVAL);
    user_of(info->offset, info->consumer);
    info->flags = *info->consumer ? GPIO_V2_LINE_FLAG_USED : 0;
    return 0;
}

// As pi.ts writes it.
#define IS_AT(member, offset) _Static_assert(offsetof(struct gpio_v2_line_event, member) == (offset), #member)
IS_AT(timestamp_ns, 0);
IS_AT(id, 8);
IS_AT(offset, 12);
IS_AT(line_seqno, 20);
_Static_assert(sizeof(struct gpio_v2_line_event) == 48, "size");
_Static_assert(GPIO_V2_LINE_EVENT_RISING_EDGE == 1 && GPIO_V2_LINE_EVENT_FALLING_EDGE == 2, "id");

static int edges_of(unsigned line, int lock)
{
    char path[256];
    snprintf(path, sizeof path, "%s.edges%u", getenv("OBSERVER_CHIP"), line);
    int fd = real_open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fd >= FDS) abort();
    lock_of[fd] = lock;
    return fd;
}

static int get_line(struct gpio_v2_line_request *request)
{
    int fd = real_open(lines_path(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) abort();
    for (unsigned i = 0; i < request->num_lines; i++) {
        char user[32];
        user_of(request->offsets[i], user);
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = request->offsets[i], .l_len = 1};
        if (*user || fcntl(fd, F_OFD_SETLK, &lock)) {
            real_close(fd);
            return refuse(EBUSY);
        }
    }
    // What another process that has this file will need, too, is kept as its position.
    if (lseek(fd, request->offsets[0] | request->offsets[1] << 8, SEEK_SET) < 0) abort();
    char text[32];
    snprintf(text, sizeof text, "%u,%u,%llx", request->offsets[0], request->offsets[1], request->config.flags);
    record("gpiochip0/request", text, strlen(text));
    // The kernel takes what it is asked for, to that many (gpiolib-cdev.c).
    if (request->event_buffer_size > GPIO_V2_LINES_MAX * 16) abort();
    request->fd = request->config.flags & GPIO_V2_LINE_FLAG_INPUT ? edges_of(request->offsets[0], fd) : fd;
    return 0;
}

static int set_values(int fd, const struct gpio_v2_line_values *values)
{
    off_t lines = lseek(fd, 0, SEEK_CUR);
    char path[64], text[8];
    snprintf(path, sizeof path, "gpiochip0/%ld,%ld", (long)lines & 0xff, (long)lines >> 8);
    snprintf(text, sizeof text, "%d,%d", (int)values->bits & 1, (int)values->bits >> 1 & 1);
    record(path, text, strlen(text));
    if (!has_adc("gpio")) return 0;
    light_up(base_line() + (lines & 0xff), values->bits & 1);
    light_up(base_line() + (lines >> 8), values->bits >> 1 & 1);
    let_see_lines();
    return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    start();
    if (!getenv("OBSERVER_CHIP")) return real_ioctl(fd, request, argument);
    switch (request) {
    case GPIO_GET_CHIPINFO_IOCTL: return get_chip_info(argument);
    case GPIO_V2_GET_LINEINFO_IOCTL: return get_line_info(argument);
    case GPIO_V2_GET_LINE_IOCTL: return get_line(argument);
    case GPIO_V2_LINE_SET_VALUES_IOCTL: return set_values(fd, argument);
    default: return real_ioctl(fd, request, argument);
    }
}
