/* libmodbus' own client, one blocking thread a connection: what a poll over Modbus TCP costs in C.
 *
 *     polls_libmodbus PORT CONNECTIONS SECONDS COUNT
 *
 * Prints polls, seconds, CPU seconds (user and system) and the peak of resident memory in KiB. */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include <modbus.h>

static int port, count;
static pthread_barrier_t warm;
static double ends;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu_s(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/* getrusage's peak begins with that of the process that started us. */
static long peak_kib(void)
{
    char line[256];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");

    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmHWM: %ld", &kib) == 1)
            break;
    if (status != NULL)
        fclose(status);
    return kib;
}

struct connection {
    pthread_t thread;
    modbus_t *client;
    long polls;
    char apart[64]; /* no cache line is shared */
};

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
    exit(1);
}

static modbus_t *connected(void)
{
    modbus_t *client = modbus_new_tcp("127.0.0.1", port);

    if (client == NULL || modbus_connect(client) != 0 || modbus_set_slave(client, 1) != 0)
        die("no connection");
    modbus_set_response_timeout(client, 10, 0);
    return client;
}

static void *poll_on(void *given)
{
    struct connection *own = given;
    uint16_t registers[MODBUS_MAX_READ_REGISTERS];

    if (modbus_read_registers(own->client, 0, count, registers) != count)
        die("a poll failed");
    pthread_barrier_wait(&warm);
    pthread_barrier_wait(&warm); /* meanwhile the clock is started */
    while (now_s() < ends) {
        if (modbus_read_registers(own->client, 0, count, registers) != count)
            die("a poll failed");
        own->polls++;
    }
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s PORT CONNECTIONS SECONDS COUNT\n", argv[0]);
        return 2;
    }
    int connections = atoi(argv[2]);
    struct connection *all = calloc((size_t)connections, sizeof *all);
    long polls = 0;

    port = atoi(argv[1]);
    count = atoi(argv[4]);
    if (all == NULL || count < 1 || count > MODBUS_MAX_READ_REGISTERS)
        return 2;
    for (int i = 0; i < connections; i++)
        all[i].client = connected();
    pthread_barrier_init(&warm, NULL, (unsigned)connections + 1);
    for (int i = 0; i < connections; i++)
        if (pthread_create(&all[i].thread, NULL, poll_on, &all[i]) != 0)
            die("no thread");
    pthread_barrier_wait(&warm);
    double began = now_s(), cpu_before = cpu_s();
    ends = began + atof(argv[3]);
    pthread_barrier_wait(&warm);
    for (int i = 0; i < connections; i++) {
        pthread_join(all[i].thread, NULL);
        polls += all[i].polls;
    }
    printf("%ld %f %f %ld\n", polls, now_s() - began, cpu_s() - cpu_before, peak_kib());
    return 0;
}
