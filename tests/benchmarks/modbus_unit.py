"""Modbus TCP units that cost next to nothing, in a process of their own: answer reads of registers.    [PORTS]

Prints its ports, one unless asked for more. All registers of a unit change every ten seconds, each unit's at another moment.
Ends with its standard input, so that it never outlives the benchmark.
"""

import select
import socket
import struct
import sys
import time

CHANGES_S = 10
_MOST = 125


def main() -> None:
    listeners = [socket.create_server(("127.0.0.1", 0), backlog=1024) for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1)]
    print(*(listener.getsockname()[1] for listener in listeners), flush=True)
    waiting = {listener.fileno(): listener for listener in listeners}
    poll = select.epoll()
    for number in (*waiting, sys.stdin.fileno()):
        poll.register(number, select.EPOLLIN)
    peers: dict[int, socket.socket] = {}
    while True:
        for number, _ in poll.poll():
            if number in waiting:
                peer, _ = waiting[number].accept()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peers[peer.fileno()] = peer
                poll.register(peer.fileno(), select.EPOLLIN)
            elif number == sys.stdin.fileno():
                return
            else:
                answer(peers, number, poll)


def answer(peers: dict[int, socket.socket], number: int, poll: select.epoll) -> None:
    try:
        request = peers[number].recv(4096)
    except ConnectionResetError:
        request = b""
    if not request:
        poll.unregister(number)
        peers.pop(number).close()
        return
    answers = bytearray()
    now = time.monotonic()
    for at in range(0, len(request) - 11, 12):
        transaction, _, _, unit, function, _, count = struct.unpack_from(">HHHBBHH", request, at)
        value = int(now + CHANGES_S * unit / 256) // CHANGES_S % 100
        answers += struct.pack(">HHHBBB", transaction, 0, 3 + 2 * count, unit, function, 2 * count) + bytes((0, value)) * min(count, _MOST)
    peers[number].send(answers)


if __name__ == "__main__":
    main()
