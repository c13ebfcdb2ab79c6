"""Serial servers on real sockets: they cut answers, glue them together, and have silent units behind them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest

from config.site import RtuOverTcpLine
from drivers.bus import Bus
from tests.drivers.things import Inbox, Log, device, registers_pdu, rtu

Serve = Callable[[bytes, asyncio.StreamWriter], None]


@asynccontextmanager
async def polled(serve: Serve, units: int) -> AsyncIterator[tuple[Inbox, Bus]]:
    """A bus of so many units, each polled four times a second, on a server that hands requests of eight octets to `serve`."""
    talking: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                serve(await reader.readexactly(8), writer)
        except (asyncio.IncompleteReadError, ConnectionResetError):
            pass
        finally:
            writer.transport.abort()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(talk(reader, writer))
        talking.add(task)
        task.add_done_callback(talking.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    line = RtuOverTcpLine(kind="rtu_over_tcp", host="127.0.0.1", port=server.sockets[0].getsockname()[1], baud=115200)
    inbox = Inbox()
    devices = [device(f"bay-{unit}", unit, poll_s=0.25, timeout_s=0.25) for unit in range(1, units + 1)]
    bus = Bus("east", line, devices, inbox.append, log=Log(), random=Random(1))
    owner = asyncio.create_task(bus.run())
    try:
        yield inbox, bus
    finally:
        owner.cancel()
        await asyncio.gather(owner, return_exceptions=True)
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        # The transports of aborted connections close in the next turns of the loop.
        await asyncio.sleep(0.01)


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not seen():  # noqa: ASYNC110  # what is waited for are counts of a bus, which has no event for them
            await asyncio.sleep(0.02)


def answer_to(request: bytes) -> bytes:
    return rtu(request[0], registers_pdu([request[0] * 11]))


@pytest.mark.parametrize("cuts", [(1,), (3,), (6,), (1, 2, 3, 4, 5, 6)])
async def test_an_answer_cut_anywhere_is_one_answer(cuts: tuple[int, ...]) -> None:
    def serve(request: bytes, writer: asyncio.StreamWriter) -> None:
        answer, loop = answer_to(request), asyncio.get_running_loop()
        for number, (begin, end) in enumerate(zip((0, *cuts), (*cuts, len(answer)), strict=True)):
            loop.call_later(0.01 * number, writer.write, answer[begin:end])

    async with polled(serve, 2) as (inbox, bus):
        await until(lambda: len(inbox) >= 6)
        assert {(reading.device, reading.level) for reading in inbox} == {("bay-1", 11.0), ("bay-2", 22.0)}
        assert bus.counters().link.opened == 1


async def test_a_late_answer_glued_to_the_next_one_is_not_taken_for_it() -> None:
    """Unit 1 answers too late: its answer comes in one piece with that of whoever is asked next."""
    held: list[bytes] = []

    def serve(request: bytes, writer: asyncio.StreamWriter) -> None:
        if request[0] == 1:
            held.append(answer_to(request))
            return
        writer.write(b"".join(held) + answer_to(request))
        held.clear()

    async with polled(serve, 3) as (inbox, bus):
        await until(lambda: len(inbox.of("bay-2")) >= 4 and len(inbox.of("bay-3")) >= 4)
        for name, level in (("bay-2", 22.0), ("bay-3", 33.0)):
            assert {reading.level for reading in inbox.of(name) if reading.trusted} == {level}
            assert all(reading.trusted for reading in inbox.of(name))
        assert not [reading for reading in inbox.of("bay-1") if reading.trusted]
        assert bus.counters().devices[0].timeouts > 0


async def test_a_silent_unit_does_not_end_the_link_for_its_neighbours() -> None:
    def serve(request: bytes, writer: asyncio.StreamWriter) -> None:
        if request[0] != 4:
            writer.write(answer_to(request))

    async with polled(serve, 8) as (inbox, bus):
        await until(lambda: bus.counters().devices[3].timeouts >= 4)
        await until(lambda: min(len(inbox.of(f"bay-{unit}")) for unit in range(1, 9) if unit != 4) >= 6)
        assert all(reading.trusted for reading in inbox if reading.device != "bay-4")
        assert bus.counters().link.opened == 1
