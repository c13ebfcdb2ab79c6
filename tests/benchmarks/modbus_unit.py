"""A Modbus TCP unit that costs next to nothing, in a process of its own: answers reads of registers with constant values.

Prints its port. Ends with its standard input, so that it never outlives the benchmark.
"""

import select
import socket
import struct
import sys


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listener.getsockname()[1], flush=True)
    poll = select.epoll()
    poll.register(listener.fileno(), select.EPOLLIN)
    poll.register(sys.stdin.fileno(), select.EPOLLIN)
    peers: dict[int, socket.socket] = {}
    while True:
        for number, _ in poll.poll():
            if number == listener.fileno():
                peer, _ = listener.accept()
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
    for at in range(0, len(request) - 11, 12):
        transaction, _, _, unit, function, _, count = struct.unpack_from(">HHHBBHH", request, at)
        answers += struct.pack(">HHHBBB", transaction, 0, 3 + 2 * count, unit, function, 2 * count) + bytes(2 * count)
    peers[number].send(answers)


if __name__ == "__main__":
    main()
