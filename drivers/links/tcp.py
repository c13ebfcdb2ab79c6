"""A link over TCP: to a Modbus TCP device, or to a serial server with an RS-485 pair behind it."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from typing import cast

from drivers.errors import LinkDown
from drivers.links.faults import ClosedByPeer, ConnectionLost, ConnectTimeout, HostUnknown, NotOpen, Stalled, host_fault
from drivers.links.link import Alarm, Listener

CONNECT_S = 5.0
MOST_ADDRESSES = 4
MOST_UNSENT = 4096
_KEEPALIVE = ((socket.TCP_KEEPIDLE, 10), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 3))
"""A serial server that lost its power says nothing: half a minute later the kernel does. Seconds, seconds, probes."""


class _Connection(asyncio.Protocol):
    """Hands on what comes, until it is told to be silent."""

    def __init__(self, listener: Listener, host: str, port: int) -> None:
        self.transport: asyncio.Transport | None = None
        self.listener: Listener | None = listener
        self.fault: LinkDown | None = None
        self._values = {"host": host, "port": port}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's.
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self.listener is not None:
            self.listener.received(data)

    def eof_received(self) -> bool:
        self._lost(ClosedByPeer(**self._values))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is None or isinstance(exc, ConnectionResetError | BrokenPipeError):
            self._lost(ClosedByPeer(**self._values))
        else:
            self._lost(ConnectionLost(**self._values, reason=type(exc).__name__))

    def _lost(self, fault: LinkDown) -> None:
        """The first fault counts: those that follow are its consequences."""
        if self.fault is None:
            self.fault = fault
            if self.listener is not None:
                self.listener.lost(fault)


class TcpLink:
    def __init__(self, host: str, port: int, connect_s: float = CONNECT_S) -> None:
        self._host = host
        self._port = port
        self._connect_s = connect_s
        self._connection: _Connection | None = None

    async def open(self, listener: Listener) -> None:
        self.close()
        try:
            async with asyncio.timeout(self._connect_s):
                self._connection = await self._connect(listener)
        except TimeoutError:
            raise ConnectTimeout(host=self._host, port=self._port) from None

    async def _connect(self, listener: Listener) -> _Connection:
        fault: LinkDown = HostUnknown(host=self._host, port=self._port)
        for family, address in (await self._addresses())[:MOST_ADDRESSES]:
            try:
                transport, connection = await asyncio.get_running_loop().create_connection(
                    lambda: _Connection(listener, self._host, self._port), address, self._port, family=family
                )
            except TimeoutError:
                raise
            except OSError as error:
                fault = host_fault(self._host, self._port, error.errno)
                continue
            _tune(transport.get_extra_info("socket"))
            return connection
        raise fault

    async def _addresses(self) -> list[tuple[int, str]]:
        """All that a name stands for; a numeric address is not looked up."""
        try:
            numeric = ipaddress.ip_address(self._host)
        except ValueError:
            pass
        else:
            return [(socket.AF_INET if numeric.version == 4 else socket.AF_INET6, self._host)]
        try:
            found = await asyncio.get_running_loop().getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise HostUnknown(host=self._host, port=self._port) from None
        return [(family, str(address[0])) for family, _, _, _, address in found]

    def write(self, data: bytes) -> None:
        connection = self._connection
        if connection is None:
            raise NotOpen(host=self._host, port=self._port)
        if connection.fault is not None:
            raise connection.fault
        assert connection.transport is not None
        if connection.transport.get_write_buffer_size() + len(data) > MOST_UNSENT:
            raise Stalled(host=self._host, port=self._port)
        connection.transport.write(data)

    def expect(self, octets: int) -> None:
        """A socket hands on what comes."""

    def take(self) -> bytes:
        return b""

    def alarm(self, at: float, call: Callable[[], None]) -> Alarm:
        return asyncio.get_running_loop().call_at(at, call)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.listener = None
            if self._connection.transport is not None:
                self._connection.transport.abort()
        self._connection = None


def _tune(stream: socket.socket) -> None:
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEPALIVE:
        stream.setsockopt(socket.IPPROTO_TCP, option, value)
