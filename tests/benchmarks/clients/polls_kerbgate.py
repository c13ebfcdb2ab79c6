"""kerbgate's port on several connections, one request outstanding on each.    NAME PORT CONNECTIONS SECONDS COUNT"""

import asyncio
import sys
from collections.abc import Callable

from config.profile import Table
from config.protocols import Protocol
from config.site import TcpLine
from drivers.errors import WireError
from drivers.links.tcp import TcpLink
from drivers.modbus.pdu import read
from drivers.port import Port
from drivers.question import Answer
from tests.benchmarks.cost import WARM_S, Meter, say_cost


class Poller:
    """Asks again as soon as it was answered, as a bus with more work than time does."""

    def __init__(self, port: int, count: int, counted: Callable[[], None]) -> None:
        self._counted = counted
        self._count = count
        self._question = read(1, Table.HOLDING, 0, count)
        line = TcpLine(kind="tcp", host="127.0.0.1", port=port)
        self._port = Port(line, TcpLink(line.host, line.port), [Protocol.MODBUS], done=self._done, lost=print, late=print)

    async def open(self) -> None:
        await self._port.open()
        self._ask(asyncio.get_running_loop().time())

    def _ask(self, now: float) -> None:
        self._port.ask(self._question, 10.0, 0.001, now)

    def _done(self, result: Answer | WireError, now: float) -> None:
        if isinstance(result, WireError) or len(result) != self._count:
            raise SystemExit(f"a poll failed: {result!r}")
        self._counted()
        self._ask(now)

    def close(self) -> None:
        self._port.close()


async def polls(meter: Meter, port: int, connections: int, seconds: float, count: int) -> None:
    done = 0

    def counted() -> None:
        nonlocal done
        done += 1

    pollers = [Poller(port, count, counted) for _ in range(connections)]
    for poller in pollers:
        await poller.open()
    await asyncio.sleep(WARM_S)
    before = done
    meter.begin()
    await asyncio.sleep(seconds)
    meter.end(done - before)
    for poller in pollers:
        poller.close()


if __name__ == "__main__":
    name, port, connections, seconds, count = sys.argv[1:]
    say_cost(name, lambda meter: polls(meter, int(port), int(connections), float(seconds), int(count)))
