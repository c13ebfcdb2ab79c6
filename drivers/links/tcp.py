"""A link over TCP: to a Modbus TCP device, or to a serial server with an RS-485 pair behind it.

A plain socket that the loop watches, and no transport: what is asked on a bus is asked once the last answer is there, so that
nothing is ever queued here, and asyncio's transport takes a fresh 256 KiB from the system for every answer of 30 bytes.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable

from drivers.errors import LinkDown
from drivers.links.faults import ClosedByPeer, ConnectionLost, ConnectTimeout, HostUnknown, NotOpen, Stalled, host_fault
from drivers.links.link import Alarm, Listener

CONNECT_S = 5.0
MOST_ADDRESSES = 4
_MOST_AT_ONCE = 4096
"""Octets; what is beyond comes with the next turn of the loop."""
_KEEPALIVE = ((socket.TCP_KEEPIDLE, 10), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 3))
"""A serial server that lost its power says nothing: half a minute later the kernel does. Seconds, seconds, probes."""


class TcpLink:
    def __init__(self, host: str, port: int, connect_s: float = CONNECT_S) -> None:
        self._host = host
        self._port = port
        self._connect_s = connect_s
        self._loop: asyncio.AbstractEventLoop
        self._listener: Listener
        self._socket: socket.socket | None = None
        self._fault: LinkDown | None = None

    async def open(self, listener: Listener) -> None:
        self.close()
        self._loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_s):
                stream = await self._connected()
        except TimeoutError:
            raise ConnectTimeout(host=self._host, port=self._port) from None
        _tune(stream)
        self._listener, self._socket, self._fault = listener, stream, None
        self._loop.add_reader(stream, self._readable, stream)

    async def _connected(self) -> socket.socket:
        fault: LinkDown = HostUnknown(host=self._host, port=self._port)
        for family, address in (await self._addresses())[:MOST_ADDRESSES]:
            stream = socket.socket(family, socket.SOCK_STREAM)
            try:
                stream.setblocking(False)
                await self._loop.sock_connect(stream, (address, self._port))
            except OSError as error:
                stream.close()
                if isinstance(error, TimeoutError):
                    raise
                fault = host_fault(self._host, self._port, error.errno)
            except BaseException:
                stream.close()
                raise
            else:
                return stream
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
            found = await self._loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise HostUnknown(host=self._host, port=self._port) from None
        return [(family, str(address[0])) for family, _, _, _, address in found]

    def write(self, data: bytes) -> None:
        if self._fault is not None:
            raise self._fault
        if self._socket is None:
            raise NotOpen(host=self._host, port=self._port)
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise self._down(self._fault_of(error)) from None
        if sent != len(data):
            # The system still holds what was sent before: nobody there takes it. Half a request can't be taken back.
            raise self._down(Stalled(host=self._host, port=self._port))

    def expect(self, octets: int) -> None:
        """A socket hands on what comes."""

    def take(self) -> bytes:
        if self._socket is None:
            return b""
        try:
            return self._socket.recv(_MOST_AT_ONCE)
        except OSError:
            return b""  # Nothing there; an end of the connection is found by the reader, too.

    def alarm(self, at: float, call: Callable[[], None]) -> Alarm:
        return asyncio.get_running_loop().call_at(at, call)

    def close(self) -> None:
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
        self._socket = self._fault = None

    def _readable(self, stream: socket.socket) -> None:
        try:
            data = stream.recv(_MOST_AT_ONCE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._listener.lost(self._down(self._fault_of(error)))
            return
        if data:
            self._listener.received(data)
        else:
            self._listener.lost(self._down(ClosedByPeer(host=self._host, port=self._port)))

    def _down(self, fault: LinkDown) -> LinkDown:
        """It stays down until it is opened again; the end is said once, to whoever finds it."""
        self.close()
        self._fault = fault
        return fault

    def _fault_of(self, error: OSError) -> LinkDown:
        if isinstance(error, ConnectionResetError | BrokenPipeError):
            return ClosedByPeer(host=self._host, port=self._port)
        return ConnectionLost(host=self._host, port=self._port, reason=type(error).__name__)


def _tune(stream: socket.socket) -> None:
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEPALIVE:
        stream.setsockopt(socket.IPPROTO_TCP, option, value)
