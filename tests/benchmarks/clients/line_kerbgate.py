"""kerbgate's port and serial link on one line.    NAME PATH BAUD SECONDS COUNT"""

import asyncio
import sys

from config.profile import Table
from config.protocols import Protocol
from config.site import SerialLine
from drivers.errors import WireError
from drivers.links.serial import SerialLink
from drivers.modbus.pdu import read
from drivers.port import Port
from drivers.question import Answer
from tests.benchmarks.cost import WARM_S, Meter, go_first, say_cost


class Poller:
    """Asks again as soon as it was answered, as a bus with more work than time does."""

    def __init__(self, path: str, baud: int, count: int) -> None:
        line = SerialLine(kind="serial", port=path, baud=baud)
        self.polls = 0
        self._right = list(range(count))
        self._question = read(1, Table.HOLDING, 0, count)
        self._port = Port(line, SerialLink(line), [Protocol.MODBUS], done=self._done, lost=self._lost, late=print)
        self._expected_s = self._port.pace.exchange_s(self._question.request_octets, self._question.answer_octets, 0.0)

    async def run(self, meter: Meter, seconds: float) -> None:
        await self._port.open()
        self._ask(asyncio.get_running_loop().time())
        await asyncio.sleep(WARM_S)
        before = self.polls
        meter.begin()
        await asyncio.sleep(seconds)
        meter.end(self.polls - before)
        self._port.close()

    def _ask(self, now: float) -> None:
        self._port.ask(self._question, 1.0, self._expected_s, now)

    def _done(self, result: Answer | WireError, now: float) -> None:
        if isinstance(result, WireError) or list(result) != self._right:
            raise SystemExit(f"a poll failed: {result!r}")
        self.polls += 1
        self._ask(now)

    def _lost(self, fault: Exception) -> None:
        raise SystemExit(f"the line is lost: {fault!r}")


if __name__ == "__main__":
    name, path, baud, seconds, count = sys.argv[1:]
    go_first()
    say_cost(name, lambda meter: Poller(path, int(baud), int(count)).run(meter, float(seconds)))
