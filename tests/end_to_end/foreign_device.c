/* A Modbus device that shares no code with kerbgate nor with pymodbus: Debian's libmodbus answers.
 *
 *     foreign_device tcp PORT     listens on 127.0.0.1; port 0 is any free one
 *     foreign_device rtu PATH     answers on a serial port, 9600 8N1
 *
 * It is unit 17 and stays silent for all others. It prints one line when it is ready: the port, or the path.
 * Holding register a holds 1000 + a, input register a holds 2000 + a, for a below 64; coil and discrete input a are a mod 3 == 0.
 * What lies beyond is refused with exception 2. On TCP it serves one connection after another, until it is killed.
 */
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { UNIT = 17, SIZE = 64 };

static void die(const char *what) {
    fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
    exit(1);
}

static int listen_at(int port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t length = sizeof at;
    int yes = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0) die("socket");
    if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0 || listen(listener, 4) < 0) die("listen");
    if (getsockname(listener, (struct sockaddr *)&at, &length) < 0) die("getsockname");
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    return listener;
}

/* Until the peer hangs up or the port vanishes. */
static void serve(modbus_t *line, modbus_mapping_t *map) {
    uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
    int unit_at = modbus_get_header_length(line) - 1;
    for (;;) {
        int length = modbus_receive(line, request);
        if (length < 0) {
            if (errno == EMBBADCRC) continue;
            return;
        }
        /* libmodbus itself leaves the requests of other units alone on RTU only. */
        if (length == 0 || request[unit_at] != UNIT) continue;
        if (modbus_reply(line, request, length, map) < 0) return;
    }
}

int main(int argc, char **argv) {
    modbus_mapping_t *map = modbus_mapping_new(SIZE, SIZE, SIZE, SIZE);
    if (map == NULL) die("mapping");
    for (int a = 0; a < SIZE; a++) {
        map->tab_registers[a] = 1000 + a;
        map->tab_input_registers[a] = 2000 + a;
        map->tab_bits[a] = map->tab_input_bits[a] = a % 3 == 0;
    }
    if (argc == 3 && strcmp(argv[1], "tcp") == 0) {
        modbus_t *line = modbus_new_tcp("127.0.0.1", 0);
        int listener = listen_at(atoi(argv[2]));
        while (line != NULL && modbus_tcp_accept(line, &listener) >= 0) {
            serve(line, map);
            modbus_close(line);
        }
        die("accept");
    }
    if (argc == 3 && strcmp(argv[1], "rtu") == 0) {
        modbus_t *line = modbus_new_rtu(argv[2], 9600, 'N', 8, 1);
        if (line == NULL || modbus_set_slave(line, UNIT) < 0 || modbus_connect(line) < 0) die("rtu");
        printf("%s\n", argv[2]);
        fflush(stdout);
        serve(line, map);
        return 0;
    }
    fprintf(stderr, "usage: foreign_device tcp PORT | rtu PATH\n");
    return 2;
}
