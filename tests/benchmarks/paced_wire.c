/* An RS-485 pair with Modbus units on it, on a pseudo-terminal, timed to some 10 us: what the benchmarks of a serial line measure with.
 *
 *     request read ── n characters ──▶ T3.5 ── the unit thinks ──▶ answer, byte by byte ──▶ T3.5 ──▶ the next request may begin
 *
 * In C and a process of its own, because what is measured is a fraction of a per cent of 6 to 40 ms: an event loop's timer is a whole ms.
 * At the end of a silence the pty is looked at without sleeping, for our own waking must not hide that a request was early. A request
 * inside T3.5 is counted, held back until it would be legal, and answered: on a real pair it may merge with what was before it.
 *
 * Arguments: baud, bytes in a piece, thinking time in us, silent units ("-" or "2,4,6").
 * Prints the path of the pty. A line on stdin makes it print its counts and begin anew; the end of stdin ends it.
 *
 *     requests early foreign late_us p50_us mean_us theory_us | unit:requests:occupied_us:longest_us ...
 *
 * The times are from one request's begin to the next one's. "late" is how much later than it should the last octet
 * of an answer was handed on, the median: what the wire itself adds. "foreign" are octets that are no request.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define MOST_TIMES 200000
#define UNITS 256
#define REQUEST 8
#define WAKES_BEFORE_NS 40000 /* the end of a silence; what has come by then came inside it */
#define WATCHES_NS 60000      /* behind it, where a master in good order comes */

typedef int64_t ns_t;

static int wire;
static ns_t character, gap, thinks;
static int piece;
static char silent[UNITS];

static ns_t times[MOST_TIMES], late[MOST_TIMES];
static long count, requests, early, foreign;
static long asked[UNITS];
static ns_t occupied[UNITS], longest[UNITS];
static ns_t theory;
static int last_unit;
static ns_t last_begin;
static ns_t last_written; /* stamped before the write: nobody can have heard the octet earlier */

static ns_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (ns_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void sleep_until(ns_t at) {
    struct timespec t = {at / 1000000000, at % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {
    }
}

static uint16_t crc(const uint8_t *data, int length) {
    uint16_t value = 0xFFFF;
    for (int i = 0; i < length; i++) {
        value ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            value = value & 1 ? value >> 1 ^ 0xA001 : value >> 1;
    }
    return value;
}

static int by_size(const void *a, const void *b) {
    ns_t x = *(const ns_t *)a, y = *(const ns_t *)b;
    return (x > y) - (x < y);
}

static void report(void) {
    ns_t sum = 0;
    qsort(times, count, sizeof *times, by_size);
    for (long i = 0; i < count; i++)
        sum += times[i];
    qsort(late, count, sizeof *late, by_size);
    printf("%ld %ld %ld %.1f %.1f %.1f %.1f |", requests, early, foreign, count ? late[count / 2] / 1e3 : 0.0, count ? times[count / 2] / 1e3 : 0.0,
           count ? sum / 1e3 / count : 0.0, theory / 1e3);
    for (int unit = 0; unit < UNITS; unit++)
        if (asked[unit])
            printf(" %d:%ld:%.0f:%.0f", unit, asked[unit], occupied[unit] / 1e3, longest[unit] / 1e3);
    printf("\n");
    fflush(stdout);
    count = requests = early = foreign = 0;
    memset(asked, 0, sizeof asked);
    memset(occupied, 0, sizeof occupied);
    memset(longest, 0, sizeof longest);
    last_begin = 0;
}

/* False at the end of stdin. */
static int told(void) {
    char line[64];
    if (!fgets(line, sizeof line, stdin))
        return 0;
    report();
    return 1;
}

static void begins(int unit, ns_t at) {
    if (last_begin) {
        ns_t took = at - last_begin;
        if (count < MOST_TIMES)
            times[count++] = took;
        occupied[last_unit] += took;
        if (took > longest[last_unit])
            longest[last_unit] = took;
    }
    requests++;
    asked[unit]++;
    last_unit = unit;
    last_begin = at;
}

static void send_paced(const uint8_t *data, int length, ns_t from) {
    for (int at = 0; at < length; at += piece) {
        int octets = length - at < piece ? length - at : piece;
        sleep_until(from + (at + octets) * character);
        last_written = now();
        if (write(wire, data + at, octets) != octets)
            exit(3);
    }
}

/* The answer to a read: every register holds its own address. */
static int answer_to(const uint8_t *request, uint8_t *answer) {
    int address = request[2] << 8 | request[3], registers = request[4] << 8 | request[5];
    if (registers > 125)
        exit(4);
    answer[0] = request[0];
    answer[1] = request[1];
    answer[2] = 2 * registers;
    for (int i = 0; i < registers; i++) {
        answer[3 + 2 * i] = (address + i) >> 8;
        answer[4 + 2 * i] = address + i;
    }
    int length = 3 + 2 * registers;
    uint16_t sum = crc(answer, length);
    answer[length] = sum & 0xFF;
    answer[length + 1] = sum >> 8;
    return length + 2;
}

/* The pair is quiet from `quiet` on; returns when a request is whole, with the moment of its begin. False at the end. */
static int listen_for(uint8_t *request, ns_t quiet, ns_t *begin) {
    int have = 0;
    if (quiet)
        sleep_until(quiet + gap - WAKES_BEFORE_NS);
    for (;;) {
        int octets = read(wire, request + have, REQUEST - have);
        ns_t at = now(); /* behind the read: should we lose the processor between the two, nobody is accused */
        if (octets > 0) {
            if (!have)
                *begin = at;
            have += octets;
            if (have < REQUEST)
                continue;
            uint16_t sum = crc(request, REQUEST - 2);
            if (request[6] == (sum & 0xFF) && request[7] == sum >> 8)
                return 1;
            foreign++;
            memmove(request, request + 1, --have);
            continue;
        }
        if (octets < 0 && errno != EAGAIN && errno != EIO)
            exit(5);
        if (quiet && at < quiet + gap + WATCHES_NS)
            continue;
        struct pollfd ears[2] = {{wire, POLLIN, 0}, {0, POLLIN, 0}};
        poll(ears, 2, -1);
        if (ears[0].revents & POLLHUP && !(ears[0].revents & POLLIN))
            usleep(1000);
        if (ears[1].revents && !told())
            return 0;
    }
}

int main(int count_of, char **given) {
    if (count_of != 5)
        return 2;
    int baud = atoi(given[1]);
    piece = atoi(given[2]);
    thinks = atoi(given[3]) * 1000;
    for (char *unit = strtok(given[4], ","); unit; unit = strtok(NULL, ","))
        silent[atoi(unit) % UNITS] = *unit != '-';
    character = 10 * 1000000000LL / baud;
    gap = baud > 19200 ? 1750000 : 35 * character / 10;
    prctl(PR_SET_TIMERSLACK, 1);
    struct sched_param first = {2};
    sched_setscheduler(0, SCHED_FIFO, &first); /* where the user may: others on the machine are no part of the wire */
    wire = posix_openpt(O_RDWR | O_NOCTTY);
    if (wire < 0 || grantpt(wire) || unlockpt(wire))
        return 1;
    int kept_open = open(ptsname(wire), O_RDWR | O_NOCTTY); /* the pty outlives its users */
    struct termios raw;
    tcgetattr(kept_open, &raw);
    cfmakeraw(&raw);
    tcsetattr(kept_open, TCSANOW, &raw);
    fcntl(wire, F_SETFL, O_NONBLOCK);
    setvbuf(stdin, NULL, _IONBF, 0);
    printf("%s\n", ptsname(wire));
    fflush(stdout);

    uint8_t request[REQUEST], answer[260];
    ns_t quiet = 0, begin = 0;
    while (listen_for(request, quiet, &begin)) {
        int unit = request[0];
        if (quiet && begin < quiet + gap) {
            early++;
            begin = quiet + gap;
        }
        begins(unit, begin);
        ns_t heard = begin + REQUEST * character;
        if (silent[unit]) {
            quiet = heard;
            continue;
        }
        int length = answer_to(request, answer);
        ns_t from = heard + gap + thinks;
        theory = (REQUEST + length) * character + 2 * gap + thinks;
        send_paced(answer, length, from);
        quiet = from + length * character;
        if (count < MOST_TIMES)
            late[count] = last_written - quiet;
        quiet = last_written;
    }
    return 0;
}
