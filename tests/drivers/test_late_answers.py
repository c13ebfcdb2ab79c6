"""An answer that comes after its timeout is never credited to another question, on any kind of line.

The device answers after 0.45 s, the timeout is 0.3 s, and the next question asks for as many registers elsewhere: measured on
other masters, the next question gets the registers of the first.
"""

import asyncio
from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.profile import Key, Point
from config.site import Line
from drivers.bus import Bus
from tests.benchmarks.late_answers import KINDS, told_by
from tests.drivers.things import (
    RTU_OVER_TCP,
    SERIAL,
    TCP,
    Inbox,
    Log,
    MemoryLink,
    device,
    mbap,
    opener,
    profile,
    registers_pdu,
    rtu,
)

FIRST = profile(Point(key=Key.X_UT, address=100), Point(key=Key.Y_UT, address=101))
SECOND = profile(Point(key=Key.X_UT, address=200), Point(key=Key.Y_UT, address=201))
HERE = (200.0, 201.0)


class LateDevice:
    """Holds in each register its own address. Its answers outlive a connection, as those behind a serial server do."""

    def __init__(self, line: Line, latency: Callable[[int], float]) -> None:
        self._tcp = line.kind == "tcp"
        self._latency = latency
        self.link = MemoryLink(self.answer)
        self.late = 0

    def answer(self, request: bytes) -> list[tuple[float, bytes]]:
        head = request[6:] if self._tcp else request
        address, count = int.from_bytes(head[2:4], "big"), int.from_bytes(head[4:6], "big")
        pdu = registers_pdu(range(address, address + count))
        frame = mbap(int.from_bytes(request[:2], "big"), head[0], pdu) if self._tcp else rtu(head[0], pdu)
        latency = self._latency(address)
        if latency > 0.3:
            self.late += 1
        # Not as pieces: those would be lost with the connection, and the pair behind a serial server knows of none.
        asyncio.get_running_loop().call_later(latency, self.link.deliver, frame)
        return []


async def polled(line: Line, latency: Callable[[int], float], seconds: float, period_s: float = 0.4) -> tuple[Inbox, LateDevice, Bus]:
    """Both windows lie behind one unit and have one shape; nothing but time tells their answers apart on RTU."""
    street = LateDevice(line, latency)
    inbox = Inbox()
    devices = [device("first", 1, FIRST, poll_s=period_s), device("second", 1, SECOND, poll_s=period_s + 0.001)]
    bus = Bus("east", line, devices, inbox.append, log=Log(), open_link=opener(street.link), random=Random(2))
    task = asyncio.create_task(bus.run())
    await asyncio.sleep(seconds)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return inbox, street, bus


def credited(inbox: Inbox, name: str) -> set[tuple[float | None, float | None]]:
    return {(reading.x_ut, reading.y_ut) for reading in inbox.of(name) if not reading.silent}


@pytest.mark.looptime
@pytest.mark.parametrize("line", [SERIAL, RTU_OVER_TCP, TCP], ids=lambda line: line.kind)
async def test_the_next_question_gets_its_own_registers_or_none(line: Line) -> None:
    inbox, street, bus = await polled(line, lambda address: 0.45 if address == 100 else 0.02, 30.0)
    assert street.late >= 3
    assert credited(inbox, "first") == set()
    assert credited(inbox, "second") == {HERE}
    assert bus.counters().devices[0].timeouts >= 3


@pytest.mark.looptime
@pytest.mark.parametrize("line", [SERIAL, RTU_OVER_TCP, TCP], ids=lambda line: line.kind)
async def test_a_device_that_is_always_late_is_silent_and_its_lateness_is_counted(line: Line) -> None:
    inbox, _, bus = await polled(line, lambda _: 0.45, 30.0)
    assert credited(inbox, "first") | credited(inbox, "second") == set()
    assert inbox.of("first")[0].cause == "no_answer"
    assert sum(counted.late for counted in bus.counters().devices) >= 3


@pytest.mark.looptime
@pytest.mark.parametrize("line", [SERIAL, RTU_OVER_TCP, TCP], ids=lambda line: line.kind)
async def test_a_device_that_is_late_now_and_then_recovers_each_time(line: Line) -> None:
    random = Random(7)
    inbox, street, _ = await polled(line, lambda _: random.choice([0.02, 0.02, 0.02, 0.31, 0.45, 0.9]), 120.0)
    assert street.late >= 10
    assert credited(inbox, "first") == {(100.0, 101.0)}
    assert credited(inbox, "second") == {HERE}


@pytest.mark.looptime
async def test_an_answer_to_a_first_try_behind_noise_leaves_none_over_for_the_next_question() -> None:
    """Noise as long as an answer, then the true one: the retry gets it, and its own is still on the way."""
    street = LateDevice(SERIAL, lambda _: 0.2)
    truth = street.link.answer
    noisy = [True]

    def answer(request: bytes) -> Sequence[tuple[float, bytes]]:
        truth(request)
        return [(0.01, b"\xff" * 12)] if request[3] == 100 and noisy and noisy.pop() else []

    street.link.answer = answer
    inbox = Inbox()
    devices = [device("first", 1, FIRST, poll_s=0.44), device("second", 1, SECOND, poll_s=0.441)]
    bus = Bus("east", SERIAL, devices, inbox.append, log=Log(), open_link=opener(street.link), random=Random(2))
    task = asyncio.create_task(bus.run())
    await asyncio.sleep(5.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert credited(inbox, "first") == {(100.0, 101.0)}
    assert credited(inbox, "second") == {HERE}


@pytest.mark.looptime
async def test_what_a_stalled_network_held_back_is_not_taken_for_the_next_answer() -> None:
    """The stream stands for 1.4 s, longer than any unit is late, and then delivers everything in its order."""
    link = MemoryLink(lambda _: [])

    def answer(request: bytes) -> Sequence[tuple[float, bytes]]:
        address = int.from_bytes(request[2:4], "big")
        now = asyncio.get_running_loop().time()
        return [(max(0.02, 1.4 - now), rtu(1, registers_pdu([address, address + 1])))]

    link.answer = answer
    inbox = Inbox()
    devices = [device("first", 1, FIRST, poll_s=0.4), device("second", 1, SECOND, poll_s=0.401)]
    bus = Bus("east", RTU_OVER_TCP, devices, inbox.append, log=Log(), open_link=opener(link), random=Random(2))
    task = asyncio.create_task(bus.run())
    await asyncio.sleep(10.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert link.opened == 2
    assert credited(inbox, "first") == {(100.0, 101.0)}
    assert credited(inbox, "second") == {HERE}


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0.0, 1.2), min_size=1, max_size=40), st.sampled_from([SERIAL, RTU_OVER_TCP, TCP]))
def test_no_latencies_within_the_late_window_make_a_wrong_reading(latencies: list[float], line: Line) -> None:
    import looptime  # noqa: PLC0415  # its loop is made by hand, for hypothesis runs the body many times

    script = iter(latencies)
    loop = looptime.new_event_loop()
    try:
        inbox, _, _ = loop.run_until_complete(polled(line, lambda _: next(script, 0.02), 60.0))
    finally:
        loop.close()
    assert credited(inbox, "first") <= {(100.0, 101.0)}
    assert credited(inbox, "second") <= {HERE}
    assert inbox.of("first")[-1].trusted


@pytest.mark.looptime
async def test_a_stalled_serial_server_is_called_anew_and_a_single_dead_unit_behind_it_is_not_a_reason_to() -> None:
    def answer(request: bytes) -> list[tuple[float, bytes]]:
        return [] if request[0] == 5 else [(0.03, rtu(request[0], registers_pdu([1])))]

    link = MemoryLink(answer)
    inbox = Inbox()
    devices = [device(f"bay-{unit}", unit) for unit in range(1, 9)]
    bus = Bus("east", RTU_OVER_TCP, devices, inbox.append, log=Log(), open_link=opener(link), random=Random(2))
    task = asyncio.create_task(bus.run())
    await asyncio.sleep(100.0)
    assert link.opened == 1
    link.answer = lambda _: []
    await asyncio.sleep(10.0)
    assert link.opened > 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


CASES = 200
"""`python -m tests.benchmarks.late_answers` does ten thousand of each kind."""


@pytest.mark.parametrize("kind", KINDS)
def test_two_hundred_late_answers_at_random_moments_are_credited_to_nobody(kind: str) -> None:
    told = told_by("kerbgate", kind, CASES, seed=3)
    assert (told.late, told.right, told.none, told.wrong) == (CASES, CASES, 0, 0)


def test_the_same_moments_make_another_master_take_the_late_answer() -> None:
    """Else they would prove nothing."""
    assert told_by("pymodbus", "RTU", CASES, seed=3).wrong > 0


@pytest.mark.looptime
async def test_who_was_waited_for_in_a_hurry_may_be_as_late_as_anybody() -> None:
    """Quick at first, then dumb once, then later than its hurried timeout and a second: within what its whole timeout allows."""
    latencies = [0.02] * 10 + [1e6, 1.25]

    def latency(address: int) -> float:
        if address == 200:
            return 0.25
        return latencies.pop(0) if latencies else 0.02

    inbox, street, bus = await polled(SERIAL, latency, 30.0)
    assert not latencies
    assert street.late == 2
    assert credited(inbox, "first") == {(100.0, 101.0)}
    assert credited(inbox, "second") == {HERE}
    assert sum(counted.late for counted in bus.counters().devices) >= 1
