"""TCP links to real sockets on loopback, and every way in which a host can't be had."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import uvloop

from config.site import RtuOverTcpLine, TcpLine
from drivers.errors import LinkDown
from drivers.links import open_link
from drivers.links.faults import (
    ClosedByPeer,
    ConnectionLost,
    ConnectTimeout,
    HostUnknown,
    NotOpen,
    Refused,
    Stalled,
    Unreachable,
    host_fault,
)
from drivers.links.tcp import TcpLink
from tests.drivers.links.ears import Ear


class Server:
    """Accepts one connection and hands it to the test as a plain socket."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.port: int = self.listener.getsockname()[1]
        self.peers: list[socket.socket] = []

    async def accept(self) -> socket.socket:
        async with asyncio.timeout(5):
            peer, _ = await asyncio.get_running_loop().sock_accept(self.listener)
        self.peers.append(peer)
        return peer


class Given(socket.socket):
    """A socket whose methods a test may replace."""


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[TcpLink, Ear, socket.socket, Server]]:
    server = Server()
    link, ear = TcpLink("127.0.0.1", server.port), Ear()
    await link.open(ear)
    peer = await server.accept()
    try:
        yield link, ear, peer, server
    finally:
        link.close()
        for sock in (*server.peers, server.listener):
            sock.close()
        await asyncio.sleep(0)


async def received(peer: socket.socket) -> bytes:
    async with asyncio.timeout(5):
        return await asyncio.get_running_loop().sock_recv(peer, 4096)


async def test_bytes_go_both_ways() -> None:
    async with connected() as (link, ear, peer, _):
        link.write(b"question")
        assert await received(peer) == b"question"
        peer.send(b"answer")
        assert await ear.soon() == b"answer"
        assert link.take() == b""


async def test_what_has_come_before_the_loop_had_a_turn_can_be_taken() -> None:
    async with connected() as (link, ear, peer, _):
        peer.send(b"late")
        assert link.take() == b"late"
        peer.close()
        assert link.take() == b""
        with pytest.raises(ClosedByPeer):
            await ear.soon()


def test_a_link_does_the_same_on_uvloops_loop() -> None:
    async def there_and_back() -> None:
        async with connected() as (link, ear, peer, server):
            link.write(b"question")
            assert await received(peer) == b"question"
            peer.send(b"answer")
            assert await ear.soon() == b"answer"
            await link.open(ear)
            (await server.accept()).close()
            with pytest.raises(ClosedByPeer):
                await ear.soon()
            with pytest.raises(ClosedByPeer):
                link.write(b"question")

    uvloop.run(there_and_back())


async def test_small_requests_leave_at_once_and_a_dead_peer_is_noticed() -> None:
    async with connected() as (link, _ear, _, _):
        stream = link._socket
        assert stream is not None
        assert stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        assert stream.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 10


async def test_a_peer_that_hangs_up_wakes_the_reader() -> None:
    async with connected() as (link, ear, peer, _):
        reader = asyncio.create_task(ear.soon())
        await asyncio.sleep(0.01)
        peer.close()
        with pytest.raises(ClosedByPeer):
            await reader
        with pytest.raises(ClosedByPeer):
            link.write(b"x")


async def test_what_came_before_the_end_can_still_be_read() -> None:
    async with connected() as (_link, ear, peer, _):
        peer.send(b"last words")
        peer.close()
        await asyncio.sleep(0.05)
        assert await ear.soon() == b"last words"
        with pytest.raises(ClosedByPeer):
            await ear.soon()


async def test_a_connection_that_was_reset_is_down() -> None:
    async with connected() as (_link, ear, peer, _):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        peer.close()
        with pytest.raises(ClosedByPeer):
            await ear.soon()


async def test_a_link_that_is_opened_anew_has_forgotten_the_old_connection() -> None:
    async with connected() as (link, ear, peer, server):
        peer.send(b"old")
        await link.open(ear)
        again = await server.accept()
        again.send(b"new")
        assert await ear.soon() == b"new"
        with suppress(ConnectionResetError):  # as it may be, for what it sent was never read
            assert await received(peer) == b""


async def test_a_port_where_nobody_listens_refuses() -> None:
    server = Server()
    server.listener.close()
    with pytest.raises(Refused) as refused:
        await TcpLink("127.0.0.1", server.port).open(Ear())
    assert refused.value.values["port"] == server.port


async def test_a_name_with_several_addresses_is_tried_at_each_and_says_what_the_last_one_said() -> None:
    server = Server()
    link = TcpLink("localhost", server.port)
    await link.open(Ear())
    (await server.accept()).close()
    link.close()
    server.listener.close()
    with pytest.raises(Refused):
        await TcpLink("localhost", server.port).open(Ear())


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".invalid", "bad name"])
async def test_a_name_that_nobody_knows_says_so(host: str) -> None:
    with pytest.raises(HostUnknown):
        await TcpLink(host, 502).open(Ear())


async def test_a_host_that_does_not_answer_is_given_up_in_time() -> None:
    # A full backlog: the kernel drops what comes, as a firewall does.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            fillers.append(filler)
        await asyncio.sleep(0.05)
        with pytest.raises(ConnectTimeout):
            await TcpLink("127.0.0.1", listener.getsockname()[1], connect_s=0.2).open(Ear())
        for filler in fillers:
            filler.close()


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (errno.ECONNREFUSED, Refused),
        (errno.EHOSTUNREACH, Unreachable),
        (errno.ENETUNREACH, Unreachable),
        (errno.ETIMEDOUT, ConnectTimeout),
        (None, Unreachable),
    ],
)
def test_each_errno_has_its_sentence(number: int | None, fault: type[LinkDown]) -> None:
    assert type(host_fault("h", 1, number)) is fault


@pytest.mark.parametrize("how", ["asked", "heard"])
async def test_a_connection_that_the_kernel_gave_up_is_lost(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def gave_up(_stream: socket.socket, _what: object) -> int:
        raise TimeoutError(errno.ETIMEDOUT, "keepalive")

    async with connected() as (link, ear, peer, _):
        monkeypatch.setattr(Given, "send" if how == "asked" else "recv", gave_up)
        assert link._socket is not None
        link._loop.remove_reader(link._socket)
        link._socket = Given(fileno=link._socket.detach())
        link._loop.add_reader(link._socket, link._readable, link._socket)
        if how == "asked":
            with pytest.raises(ConnectionLost):
                link.write(b"question")
            return
        peer.send(b"x")
        with pytest.raises(ConnectionLost):
            await ear.soon()


async def test_a_peer_that_takes_nothing_stalls_the_link_and_it_does_not_grow() -> None:
    async with connected() as (link, _ear, _, _):

        def flood() -> None:
            for _ in range(100_000):
                link.write(b"\x00" * 260)

        with pytest.raises(Stalled):
            flood()
        with pytest.raises(Stalled):
            link.write(b"half a request may have gone: nothing may follow it")


async def test_after_close_nothing_is_heard() -> None:
    async with connected() as (link, ear, peer, _):
        peer.send(b"late")
        link.close()
        peer.close()
        await asyncio.sleep(0.02)
        assert (bytes(ear.came), ear.faults) == (b"", [])


async def test_the_end_of_a_connection_is_said_once() -> None:
    async with connected() as (link, ear, peer, _):
        peer.close()
        with pytest.raises(ClosedByPeer):
            await ear.soon()
        await asyncio.sleep(0.02)
        assert len(ear.faults) == 1
        link.close()


async def test_a_link_that_was_never_opened_says_so() -> None:
    link = TcpLink("127.0.0.1", 1)
    with pytest.raises(NotOpen):
        link.write(b"x")
    assert link.take() == b""
    link.close()


def test_each_kind_of_line_has_its_link() -> None:
    assert isinstance(open_link(TcpLine(kind="tcp", host="h")), TcpLink)
    assert isinstance(open_link(RtuOverTcpLine(kind="rtu_over_tcp", host="h", port=1)), TcpLink)
