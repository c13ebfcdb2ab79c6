"""A bus on a link in memory, and the devices that answer on it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random

import pytest

from config.site import Line
from drivers.bus import Bus, BusDevice
from tests.drivers.things import (
    Answerer,
    Inbox,
    Log,
    MemoryLink,
    mbap,
    opener,
    registers_pdu,
    rtu,
)


class Rig:
    def __init__(self, line: Line, devices: list[BusDevice], answer: Answerer) -> None:
        self.link = MemoryLink(answer)
        self.inbox = Inbox()
        self.log = Log()
        self.bus = Bus("east", line, devices, self.inbox.append, log=self.log, open_link=opener(self.link), random=Random(1))


@asynccontextmanager
async def running(line: Line, devices: list[BusDevice], answer: Answerer) -> AsyncIterator[Rig]:
    rig = Rig(line, devices, answer)
    task = asyncio.create_task(rig.bus.run())
    try:
        yield rig
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


Values = Callable[[int, int], int]


def tcp_device(value: Values, delay_s: float = 0.002, silent: tuple[int, ...] = ()) -> Answerer:
    """Answers reads of registers on Modbus TCP: value(unit, address)."""

    def answer(request: bytes) -> Sequence[tuple[float, bytes]]:
        transaction, unit, function = int.from_bytes(request[:2], "big"), request[6], request[7]
        address, count = int.from_bytes(request[8:10], "big"), int.from_bytes(request[10:12], "big")
        if unit in silent:
            return []
        return [(delay_s, mbap(transaction, unit, registers_pdu([value(unit, address + offset) for offset in range(count)], function)))]

    return answer


def rtu_device(value: Values, delay_s: float = 0.03, silent: tuple[int, ...] = ()) -> Answerer:
    def answer(request: bytes) -> Sequence[tuple[float, bytes]]:
        unit, function, address, count = request[0], request[1], int.from_bytes(request[2:4], "big"), int.from_bytes(request[4:6], "big")
        if unit in silent:
            return []
        return [(delay_s, rtu(unit, registers_pdu([value(unit, address + offset) for offset in range(count)], function)))]

    return answer
