"""The street's lines in memory: the simulated wire and units of a stand, with a link of ours in the place of a socket.

Everything on this side is decided by the seed and by virtual time alone.
"""

import asyncio
import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from config.site import Line, RtuOverTcpLine, TcpLine
from drivers.errors import LinkDown
from drivers.links.faults import ClosedByPeer, host_fault
from drivers.links.link import Alarm, Link, Listener
from simulators.faults import LineFault, Unplugged
from simulators.network import MbapEnd
from simulators.ports import TcpPort
from simulators.scenario import Scenario
from simulators.stand import Stand
from simulators.wire import RtuEnd

_HOST = "127.0.0.1"


class Wires(Stand):
    """A stand of which nothing listens: `opener` is for one life of a gateway, `hang_up` ends that life's links without a word."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        super().__init__(scenario, folder, ptys_as_tcp=True)
        self._links: list[_MemoryLink] = []

    def name_lines(self) -> None:
        """For the site's file, where a line has a port: nobody listens there."""
        for number, plan in enumerate(self.scenario.lines, 1):
            port = self._ports.setdefault(plan.name, self._port(plan))
            assert isinstance(port, TcpPort)
            port.port = number

    async def _open(self, name: str) -> None:
        self.name_lines()
        for fault in self.scenario.faults:
            if isinstance(fault, Unplugged) and fault.line == name:
                self._at(fault.from_s, self._unplug)

    def _unplug(self) -> None:
        for link in tuple(self._links):
            link.look()

    def opener(self, line: Line) -> Link:
        assert isinstance(line, TcpLine | RtuOverTcpLine)
        port = next(port for port in self._ports.values() if isinstance(port, TcpPort) and port.port == line.port)
        name = next(name for name, each in self._ports.items() if each is port)
        gone = tuple(
            each for each in self.scenario.faults if isinstance(each, LineFault) and isinstance(each, Unplugged) and each.line == name
        )
        link = _MemoryLink(port, lambda: any(fault.at(self.street_time() + 1e-6) for fault in gone))
        self._links.append(link)
        return link

    def hang_up(self) -> None:
        for link in self._links:
            link.dead = True
            link.close()
        self._links.clear()


@dataclass(slots=True, eq=False)
class _MemoryLink:
    port: TcpPort
    gone: Callable[[], bool]
    dead: bool = False
    _end: RtuEnd | MbapEnd | None = None
    _listener: Listener | None = None
    _values: dict[str, str | int] = field(init=False)

    def __post_init__(self) -> None:
        self._values = {"host": _HOST, "port": self.port.port}

    async def open(self, listener: Listener) -> None:
        self.close()
        await asyncio.sleep(0.002)
        if self.dead or self.gone():
            raise host_fault(_HOST, self.port.port, errno.ECONNREFUSED)
        self._listener = listener
        self._end = self.port.line.attach(self._deliver)

    def _deliver(self, data: bytes) -> None:
        if self._listener is not None:
            self._listener.received(data)

    def look(self) -> None:
        """Whether the port has vanished under us."""
        if self._end is not None and self.gone():
            listener = self._listener
            self.close()
            if listener is not None:
                listener.lost(self._lost())

    def _lost(self) -> LinkDown:
        return ClosedByPeer(**self._values)

    def write(self, data: bytes) -> None:
        if self._end is None:
            raise self._lost()
        self._end.send(data)

    def expect(self, octets: int) -> None:
        """Whatever comes is handed on."""

    def take(self) -> bytes:
        return b""

    def alarm(self, at: float, call: Callable[[], None]) -> Alarm:
        return asyncio.get_running_loop().call_at(at, call)

    def close(self) -> None:
        if self._end is not None:
            self._end.close()
        self._end = self._listener = None
