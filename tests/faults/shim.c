/* A disk and a network that fail when they are told to: put before libc by LD_PRELOAD, armed by its own process (shim.py).
 *
 * SQLite, paho and Python are the real ones and know nothing of it. It counts the calls with a side effect, and can
 *
 *     fail    every one of some kinds, with an errno, until it is told otherwise: a disk that is full, broken, or read-only
 *     fill    no file may grow any more, but by what the removal of others gave free: a disk that is full, as most are
 *     park    its thread before the n-th one, until it is let go: a disk that is slow, or the moment of a SIGKILL
 *     kill    its process before or after the n-th one: a SIGKILL between two side effects
 *
 * Only files below a folder are looked at (`-wal` apart from the rest), and sockets of the internet: there MQTT's packets are told
 * apart by their first byte.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    WRITE_LOG = 1 << 0,
    WRITE_FILE = 1 << 1,
    SYNC_LOG = 1 << 2,
    SYNC_FILE = 1 << 3,
    TRUNCATE = 1 << 4,
    RENAME = 1 << 5,
    UNLINK = 1 << 6,
    OPEN = 1 << 7,
    SEND_CONNECT = 1 << 8,
    SEND_PUBLISH = 1 << 9,
    SEND_OTHER = 1 << 10,
    RECEIVE_CONNACK = 1 << 11,
    RECEIVE_PUBACK = 1 << 12,
    RECEIVE_PUBLISH = 1 << 13,
    RECEIVE_OTHER = 1 << 14,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t released = PTHREAD_COND_INITIALIZER;
static char watched[4096];
static volatile long calls;
static int fail_kinds, fail_errno;
static int full;
static long long room;
static int park_kinds, parked, bell = -1;
static long park_at, releases;
static int kill_kinds, kill_after;
static long kill_at;

/* The arms. */

void shim_watch(const char *folder) {
    pthread_mutex_lock(&lock);
    snprintf(watched, sizeof watched, "%s", folder);
    pthread_mutex_unlock(&lock);
}

long shim_calls(void) { return calls; }

void shim_fail(int kinds, int number) {
    pthread_mutex_lock(&lock);
    fail_kinds = kinds;
    fail_errno = number;
    pthread_mutex_unlock(&lock);
}

/* From now on files grow by so many octets in all; less than 0: as they like. */
void shim_fill(long long octets) {
    pthread_mutex_lock(&lock);
    full = octets >= 0;
    room = octets;
    pthread_mutex_unlock(&lock);
}

/* The n-th of these kinds from now, n = 1 is the next; a byte is written to `descriptor` once its thread stands. 0: none. */
void shim_park(int kinds, long n, int descriptor) {
    pthread_mutex_lock(&lock);
    park_kinds = kinds;
    park_at = n;
    bell = descriptor;
    pthread_mutex_unlock(&lock);
}

int shim_parked(void) { return parked; }

void shim_release(void) {
    pthread_mutex_lock(&lock);
    releases++;
    /* At once, not when the thread has woken: until then it has work to do, and virtual time must not run on. */
    parked = 0;
    park_kinds = 0;
    pthread_cond_broadcast(&released);
    pthread_mutex_unlock(&lock);
}

void shim_kill(int kinds, long n, int after) {
    pthread_mutex_lock(&lock);
    kill_kinds = kinds;
    kill_at = n;
    kill_after = after;
    pthread_mutex_unlock(&lock);
}

/* What each watched call does first and last. */

static int die_after(int kind) { return (kill_kinds & kind) && kill_after && --kill_at == 0; }

static int before(int kind) {
    int number;
    pthread_mutex_lock(&lock);
    calls++;
    if ((kill_kinds & kind) && !kill_after && --kill_at == 0)
        raise(SIGKILL);
    if ((park_kinds & kind) && park_at > 0 && --park_at == 0) {
        /* Another thread may stand here before this one has noticed that it was let go: each counts from its own arrival. */
        long mine = releases;
        parked++;
        if (bell >= 0) {
            ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
            (void)!real(bell, "\1", 1);
        }
        while (mine == releases)
            pthread_cond_wait(&released, &lock);
    }
    number = (fail_kinds & kind) ? fail_errno : 0;
    pthread_mutex_unlock(&lock);
    return number;
}

static void after(int kind) {
    if (kill_kinds & kind) {
        pthread_mutex_lock(&lock);
        if (die_after(kind))
            raise(SIGKILL);
        pthread_mutex_unlock(&lock);
    }
}

static int is_log(const char *path) {
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, "-wal") == 0;
}

static int under(const char *path) { return watched[0] && path && strncmp(path, watched, strlen(watched)) == 0; }

/* 0 where it is no file below the folder. */
static int kind_of(int descriptor, int of_log, int of_file) {
    char link[64], path[4096];
    ssize_t length;
    if (!watched[0])
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return 0;
    path[length] = 0;
    if (!under(path) || strstr(path, "/captures/"))
        return 0;
    return is_log(path) ? of_log : of_file;
}

/* ENOSPC where this would make the file larger than there is room for. */
static int grows(int descriptor, size_t count, off64_t at) {
    struct stat64 found;
    int number = 0;
    if (!full || fstat64(descriptor, &found) != 0 || !kind_of(descriptor, 1, 1))
        return 0;
    pthread_mutex_lock(&lock);
    if (full && at + (off64_t)count > found.st_size) {
        long long more = at + (long long)count - found.st_size;
        if (more > room)
            number = ENOSPC;
        else
            room -= more;
    }
    pthread_mutex_unlock(&lock);
    return number;
}

static void given_back(const char *path) {
    struct stat64 found;
    if (!full || !under(path) || stat64(path, &found) != 0)
        return;
    pthread_mutex_lock(&lock);
    room += found.st_size;
    pthread_mutex_unlock(&lock);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define WATCHED(kind, call)           \
    do {                              \
        int kind_ = (kind), number_;  \
        if (kind_) {                  \
            number_ = before(kind_);  \
            if (number_) {            \
                errno = number_;      \
                return -1;            \
            }                         \
        }                             \
        __auto_type result_ = (call); \
        if (kind_) {                  \
            int kept_ = errno;        \
            after(kind_);             \
            errno = kept_;            \
        }                             \
        return result_;               \
    } while (0)

ssize_t pwrite64(int descriptor, const void *data, size_t count, off64_t at) {
    static __typeof__(&pwrite64) real;
    if (!real)
        real = REAL(pwrite64);
    if ((errno = grows(descriptor, count, at)))
        return -1;
    WATCHED(kind_of(descriptor, WRITE_LOG, WRITE_FILE), real(descriptor, data, count, at));
}

ssize_t pwrite(int descriptor, const void *data, size_t count, off_t at) {
    static __typeof__(&pwrite) real;
    if (!real)
        real = REAL(pwrite);
    if ((errno = grows(descriptor, count, at)))
        return -1;
    WATCHED(kind_of(descriptor, WRITE_LOG, WRITE_FILE), real(descriptor, data, count, at));
}

/* These give an errno back. */
int posix_fallocate64(int descriptor, off64_t at, off64_t count) {
    static __typeof__(&posix_fallocate64) real;
    int number = grows(descriptor, (size_t)count, at);
    if (!real)
        real = REAL(posix_fallocate64);
    return number ? number : real(descriptor, at, count);
}

int posix_fallocate(int descriptor, off_t at, off_t count) { return posix_fallocate64(descriptor, at, count); }

int fdatasync(int descriptor) {
    static __typeof__(&fdatasync) real;
    if (!real)
        real = REAL(fdatasync);
    WATCHED(kind_of(descriptor, SYNC_LOG, SYNC_FILE), real(descriptor));
}

int fsync(int descriptor) {
    static __typeof__(&fsync) real;
    if (!real)
        real = REAL(fsync);
    WATCHED(kind_of(descriptor, SYNC_LOG, SYNC_FILE), real(descriptor));
}

int ftruncate64(int descriptor, off64_t length) {
    static __typeof__(&ftruncate64) real;
    if (!real)
        real = REAL(ftruncate64);
    WATCHED(kind_of(descriptor, TRUNCATE, TRUNCATE), real(descriptor, length));
}

int rename(const char *from, const char *to) {
    static __typeof__(&rename) real;
    if (!real)
        real = REAL(rename);
    WATCHED(under(from) ? RENAME : 0, real(from, to));
}

int unlink(const char *path) {
    static __typeof__(&unlink) real;
    if (!real)
        real = REAL(unlink);
    given_back(path);
    WATCHED(under(path) ? UNLINK : 0, real(path));
}

int open64(const char *path, int flags, ...) {
    static __typeof__(&open64) real;
    int mode = 0;
    if (!real)
        real = REAL(open64);
    if (flags & O_CREAT) {
        va_list more;
        va_start(more, flags);
        mode = va_arg(more, int);
        va_end(more);
    }
    /* Only what may write: a disk that is read-only is still read. */
    WATCHED((flags & O_ACCMODE) != O_RDONLY && under(path) && !strstr(path, "/captures/") ? OPEN : 0, real(path, flags, mode));
}

static int is_internet(int descriptor) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    if (!kill_kinds)
        return 0;
    return getsockname(descriptor, (struct sockaddr *)&address, &length) == 0 && address.ss_family == AF_INET;
}

static int sent_kind(int descriptor, const void *data, size_t count) {
    unsigned char first;
    if (count == 0 || !(kill_kinds & (SEND_CONNECT | SEND_PUBLISH | SEND_OTHER)) || !is_internet(descriptor))
        return 0;
    first = *(const unsigned char *)data & 0xF0;
    return first == 0x10 ? SEND_CONNECT : first == 0x30 ? SEND_PUBLISH : SEND_OTHER;
}

ssize_t send(int descriptor, const void *data, size_t count, int flags) {
    static __typeof__(&send) real;
    if (!real)
        real = REAL(send);
    WATCHED(sent_kind(descriptor, data, count), real(descriptor, data, count, flags));
}

ssize_t recv(int descriptor, void *data, size_t count, int flags) {
    static __typeof__(&recv) real;
    ssize_t got;
    if (!real)
        real = REAL(recv);
    got = real(descriptor, data, count, flags);
    /* paho reads the first byte of a packet by itself. */
    if (got == 1 && (kill_kinds & (RECEIVE_CONNACK | RECEIVE_PUBACK | RECEIVE_PUBLISH | RECEIVE_OTHER)) && is_internet(descriptor)) {
        int kept = errno;
        unsigned char first = *(unsigned char *)data & 0xF0;
        int kind = first == 0x20   ? RECEIVE_CONNACK
                   : first == 0x40 ? RECEIVE_PUBACK
                   : first == 0x30 ? RECEIVE_PUBLISH
                                   : RECEIVE_OTHER;
        before(kind);
        after(kind);
        errno = kept;
    }
    return got;
}
