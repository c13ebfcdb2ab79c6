"""Where a line is to be found: a pseudo-terminal under a stable name, or a TCP port on the loopback.

The simulator keeps its own handle on a pty's other side, so that the port stays when a master closes it and opens it again.
"""

import asyncio
import os
import tty
from contextlib import suppress
from errno import EEXIST
from pathlib import Path
from typing import Protocol, cast

from simulators.network import MbapLine
from simulators.wire import RtuLine

_READ_MAX = 4096
LOOPBACK = "127.0.0.1"


class Port(Protocol):
    async def open(self) -> None: ...

    def close(self) -> None: ...

    @property
    def where(self) -> str:
        """A path, or host:port."""


class PtyPort:
    """`link` is a symbolic link to the side that a master opens."""

    def __init__(self, line: RtuLine, link: Path) -> None:
        self._line = line
        self._link = link
        self._ours = self._kept = -1

    @property
    def where(self) -> str:
        return str(self._link)

    async def open(self) -> None:
        if os.path.lexists(self._link) and not self._link.is_symlink():
            raise FileExistsError(EEXIST, os.strerror(EEXIST), str(self._link))
        self._ours, self._kept = os.openpty()
        tty.setraw(self._kept)
        os.set_blocking(self._ours, False)
        self._link.parent.mkdir(parents=True, exist_ok=True)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(os.ttyname(self._kept))
        self._end = self._line.attach(self._deliver)
        asyncio.get_running_loop().add_reader(self._ours, self._readable)

    def _readable(self) -> None:
        with suppress(BlockingIOError):
            data = os.read(self._ours, _READ_MAX)
            if data:
                self._end.send(data)

    def _deliver(self, data: bytes) -> None:
        # Nobody listens and the terminal's buffer is full: a wire does not wait.
        with suppress(BlockingIOError):
            os.write(self._ours, data)

    def close(self) -> None:
        if self._ours < 0:
            return
        asyncio.get_running_loop().remove_reader(self._ours)
        self._end.close()
        with suppress(OSError):
            # Another stand may have put its own link there.
            if self._link.readlink() == Path(os.ttyname(self._kept)):
                self._link.unlink()
        os.close(self._kept)
        os.close(self._ours)
        self._ours = self._kept = -1


class _Connection(asyncio.Protocol):
    def __init__(self, port: "TcpPort") -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's.
        self._transport = stream = cast("asyncio.Transport", transport)
        self._end = self._port.line.attach(self._deliver)
        self._port.connections.add(self)
        if len(self._port.connections) > TcpPort.MOST_CONNECTIONS:
            stream.abort()

    def data_received(self, data: bytes) -> None:
        self._end.send(data)

    def _deliver(self, data: bytes) -> None:
        if self._transport is not None and self._transport.get_write_buffer_size() < _READ_MAX:
            self._transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._end.close()
        self._port.connections.discard(self)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class TcpPort:
    """A Modbus TCP device, or a transparent serial server. The port it was given first is kept when it is opened again."""

    MOST_CONNECTIONS = 32

    def __init__(self, line: RtuLine | MbapLine, port: int = 0) -> None:
        self.line = line
        self.port = port
        self.connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    @property
    def where(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), LOOPBACK, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in tuple(self.connections):
            connection.abort()
