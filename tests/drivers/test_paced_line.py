"""The real bus over a pty that keeps an RS-485 pair's times: what a busy machine cannot change. Figures: tests/benchmarks."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random

import pytest

from config.site import SerialLine
from drivers.bus import Bus
from drivers.capture import Way
from tests.benchmarks.paced_wire import PacedWire, paced_wire
from tests.drivers.things import Inbox, Log, device
from tests.programs import program


@asynccontextmanager
async def full(baud: int, units: int, silent: Sequence[int] = ()) -> AsyncIterator[tuple[PacedWire, Bus, Inbox]]:
    """More polls than the line has time for."""
    program("gcc")
    with paced_wire(baud, silent=silent) as wire:
        inbox = Inbox()
        line = SerialLine(kind="serial", port=wire.path, baud=baud)
        devices = [device(f"bay-{unit}", unit, poll_s=0.05, timeout_s=0.1) for unit in range(1, units + 1)]
        bus = Bus("east", line, [*devices, device("asked", 99, poll_s=3600.0)], inbox.append, log=Log(), random=Random(1))
        owner = asyncio.create_task(bus.run())
        try:
            yield wire, bus, inbox
        finally:
            owner.cancel()
            await asyncio.gather(owner, return_exceptions=True)


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not seen():  # noqa: ASYNC110  # what is waited for are counts of a bus, which has no event for them
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("baud", [9600, 115200])
async def test_no_request_begins_inside_the_silence_that_the_line_demands(baud: int) -> None:
    async with full(baud, 6, silent=(2, 5)) as (wire, _, inbox):
        await until(lambda: min(len(inbox.of(f"bay-{unit}")) for unit in (1, 3, 4, 6)) >= 12)
        counted = wire.counted()
    assert counted.requests >= 48
    assert counted.early == 0
    assert counted.foreign_octets == 0
    assert counted.units[2].requests > 0
    # Every register of the wire's units holds its own address.
    assert {reading.level for reading in inbox if reading.trusted} == {0.0}


async def test_on_a_full_line_a_command_waits_for_one_exchange_at_the_most() -> None:
    async with full(9600, 12) as (_, bus, inbox):
        await until(lambda: len(inbox) >= 24)
        async with asyncio.timeout(20):
            for _ in range(10):
                asked = asyncio.get_running_loop().time()
                await bus.read_once("asked")
                before = [piece for piece in bus.capture.pieces() if piece.way is Way.OUT and piece.t > asked]
                # What was under way when it was asked has been sent, or was just waiting for its silence.
                assert before.index(next(piece for piece in before if piece.data[0] == 99)) <= 1
                await asyncio.sleep(0.037)
