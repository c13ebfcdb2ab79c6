"""An answer that comes after its timeout, and the next question: ten thousand times on each kind of line, beside pymodbus' client.

    python -m tests.benchmarks.late_answers [--cases 10000] [--seed 1]

Two registers at 100 are asked for; the unit answers after 0.31 to 1.25 s, at random, and the timeout is 0.3 s. Then, at once or up to
0.3 s later, two registers at 200 are asked for, which it answers after 20 to 250 ms. Both clients have a true event loop whose time is
virtual, a link in memory, and no retries. On RTU only time tells the two answers apart: 1.3 s after the question nobody counts on
its answer any more. Answers outlive a connection, as those behind a serial server do.

late     answers to the first question that came after its timeout
right    second questions answered with their own registers        wrong   with those of the first, and no error
none     answered with an error
"""

import argparse
import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerType

from config.profile import Key, Point
from config.site import Line
from drivers.bus import Bus
from drivers.errors import WireError
from tests.drivers.things import RTU_OVER_TCP, SERIAL, TCP, Log, MemoryLink, device, mbap, opener, profile, registers_pdu, rtu
from tests.virtual_time import VirtualLoop, run_virtual

KINDS: dict[str, Line] = {"RTU": SERIAL, "RTU over TCP": RTU_OVER_TCP, "Modbus TCP": TCP}
TIMEOUT_S = 0.3
LATE_S = (0.31, 1.25)
PROMPT_S = (0.02, 0.25)
FIRST, SECOND = 100, 200

Ask = Callable[[int], Awaitable[tuple[int, ...]]]
"""Two registers at an address. Raises WireError or ModbusException."""


@dataclass(slots=True)
class Told:
    late: int = 0
    right: int = 0
    wrong: int = 0
    none: int = 0


class LateUnit:
    """Each register holds its own address. What answers the first question is late."""

    def __init__(self, line: Line, random: Random, deliver: Callable[[bytes], None]) -> None:
        self._mbap = line.kind == "tcp"
        self._random = random
        self._deliver = deliver
        self.late = 0

    def hear(self, request: bytes) -> None:
        head = request[6:] if self._mbap else request
        address = int.from_bytes(head[2:4], "big")
        pdu = registers_pdu([address, address + 1])
        frame = mbap(int.from_bytes(request[:2], "big"), head[0], pdu) if self._mbap else rtu(head[0], pdu)
        self.late += address == FIRST
        delay_s = self._random.uniform(*LATE_S) if address == FIRST else self._random.uniform(*PROMPT_S)
        asyncio.get_running_loop().call_later(delay_s, self._deliver, frame)


async def asked(ask: Ask, cases: int, random: Random) -> Told:
    told = Told()
    for _ in range(cases):
        with suppress(WireError, ModbusException):
            told.wrong += await ask(FIRST) != (FIRST, FIRST + 1)
        await asyncio.sleep(random.choice((0.0, random.uniform(0.0, 0.3))))
        try:
            answer = await ask(SECOND)
        except (WireError, ModbusException):
            told.none += 1
        else:
            told.right += answer == (SECOND, SECOND + 1)
            told.wrong += answer != (SECOND, SECOND + 1)
        # So long that nothing of this case is on its way in the next.
        await asyncio.sleep(2.0)
    return told


async def kerbgate(line: Line, cases: int, random: Random) -> Told:
    link = MemoryLink(lambda _: [])
    unit = LateUnit(line, random, link.deliver)

    def answer(request: bytes) -> list[tuple[float, bytes]]:
        unit.hear(request)
        return []

    link.answer = answer
    devices = [
        device(str(address), 1, profile(Point(key=Key.X_UT, address=address), Point(key=Key.Y_UT, address=address + 1)))
        for address in (FIRST, SECOND)
    ]
    bus = Bus("east", line, devices, lambda _: None, log=Log(), open_link=opener(link), random=Random(1), polling=False)
    task = asyncio.create_task(bus.run())

    async def ask(address: int) -> tuple[int, ...]:
        reading = await bus.read_once(str(address))
        return int(reading.x_ut or 0), int(reading.y_ut or 0)

    try:
        told = await asked(ask, cases, random)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    told.late = unit.late
    return told


class _Wire(asyncio.Transport):
    """What pymodbus' client writes to."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        super().__init__()
        self._hear = hear

    def write(self, data: Any) -> None:
        self._hear(bytes(data))

    def close(self) -> None: ...

    def is_closing(self) -> bool:
        return False


async def pymodbus(line: Line, cases: int, random: Random) -> Told:
    framer = FramerType.SOCKET if line.kind == "tcp" else FramerType.RTU
    client = AsyncModbusTcpClient("127.0.0.1", framer=framer, timeout=TIMEOUT_S, retries=0)
    unit = LateUnit(line, random, client.ctx.data_received)

    async def connected() -> tuple[asyncio.Transport, object]:
        wire = _Wire(unit.hear)
        client.ctx.connection_made(wire)
        return wire, client.ctx

    client.ctx.call_create = connected
    await client.connect()

    async def ask(address: int) -> tuple[int, ...]:
        answer = await client.read_holding_registers(address, count=2, device_id=1)
        return tuple(answer.registers)

    told = await asked(ask, cases, random)
    client.close()
    told.late = unit.late
    return told


CLIENTS = {"kerbgate": kerbgate, "pymodbus": pymodbus}


def told_by(client: str, kind: str, cases: int, seed: int) -> Told:
    async def run(_loop: VirtualLoop) -> Told:
        return await CLIENTS[client](KINDS[kind], cases, Random(seed))

    return run_virtual(run)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    print("| line | client | cases | late | right | none | wrong | s |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in KINDS:
        for client in CLIENTS:
            began = time.perf_counter()
            told = told_by(client, kind, given.cases, given.seed)
            took = time.perf_counter() - began
            print(
                f"| {kind} | {client} | {given.cases} | {told.late} | {told.right} | {told.none} | {told.wrong} | {took:.0f} |", flush=True
            )


if __name__ == "__main__":
    main()
