"""The last bytes of a bus are kept, within bounds, and replay as a line."""

import asyncio
from collections import deque
from collections.abc import Sequence
from random import Random

import pytest

from drivers.bus import Bus
from drivers.capture import LONGEST_S, MOST_OCTETS, Capture, Piece, Way, pieces_of, text_of
from tests.drivers.rig import rtu_device, running
from tests.drivers.things import SERIAL, Answerer, Inbox, Log, MemoryLink, device, opener


def replayed(pieces: Sequence[Piece]) -> Answerer:
    """The line of a capture: each request gets what followed it then, at the same pace."""
    kept = deque(piece for piece in pieces if piece.way is not Way.NOTE)

    def answer(request: bytes) -> Sequence[tuple[float, bytes]]:
        while kept and not (kept[0].way is Way.OUT and kept[0].data == request):
            kept.popleft()
        if not kept:
            return []
        asked = kept.popleft()
        came = []
        while kept and kept[0].way is Way.IN:
            piece = kept.popleft()
            came.append((piece.t - asked.t, piece.data))
        return came

    return answer


@pytest.mark.looptime
async def test_a_capture_replays_as_a_line_and_gives_the_same_readings() -> None:
    devices = [device("a", 1), device("b", 2)]
    noisy = rtu_device(lambda unit, _: unit * 7, silent=(2,))
    async with running(SERIAL, devices, lambda request: [(0.01, b"\x00\xff"), *noisy(request)]) as rig:
        await asyncio.sleep(20.0)
        lines = list(text_of("east", rig.bus.capture.pieces(), "2026-05-01T00:00:00Z", 0.0))
    inbox = Inbox()
    line = MemoryLink(replayed(pieces_of(lines)))
    bus = Bus("east", SERIAL, devices, inbox.append, log=Log(), open_link=opener(line), random=Random(1))
    task = asyncio.create_task(bus.run())
    await asyncio.sleep(20.0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    told = [(reading.device, reading.level, reading.cause) for reading in rig.inbox]
    assert ("a", 7.0, None) in told
    assert ("b", None, "corrupt") in told
    assert [(reading.device, reading.level, reading.cause) for reading in inbox] == told


@pytest.mark.looptime
async def test_a_capture_says_what_went_wrong_beside_the_bytes() -> None:
    async with running(SERIAL, [device("a", 3)], rtu_device(lambda *_: 1, silent=(3,))) as rig:
        await asyncio.sleep(20.0)
        notes = [piece.data.decode() for piece in rig.bus.capture.pieces() if piece.way is Way.NOTE]
    assert notes == ["link_up", "unit_silent 3"]


def test_a_flood_does_not_grow_it() -> None:
    capture = Capture()
    for number in range(50_000):
        capture.keep(number * 0.001, Way.IN, b"\xff")
    kept = capture.pieces()
    assert sum(len(piece.data) for piece in kept) < MOST_OCTETS
    assert len(kept) < 3000
    assert kept[-1].t == pytest.approx(49.999)


def test_what_is_older_than_some_minutes_is_dropped() -> None:
    capture = Capture()
    capture.keep(0.0, Way.OUT, b"a")
    capture.keep(LONGEST_S + 1, Way.OUT, b"b")
    assert [piece.data for piece in capture.pieces()] == [b"b"]


@pytest.mark.parametrize("line", ["", "{}", '{"t":1,"in":"xx"}', '{"t":"soon","in":"00"}', "[]"])
def test_a_line_that_is_no_capture_is_named_by_its_number(line: str) -> None:
    with pytest.raises(ValueError, match="line 2 is no line of a capture"):
        pieces_of(['{"t":0,"in":"00"}', line])
