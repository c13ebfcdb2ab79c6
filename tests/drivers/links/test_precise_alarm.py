"""Alarms by the kernel's timer: never early, on no loop, and late by less than the ms that loops round up to."""

import asyncio
import math
import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import cast

import pytest
import uvloop

from drivers.links import precise_alarm
from drivers.links.precise_alarm import PreciseAlarms, kernel_clock, precise_clock
from tests.virtual_time import VirtualLoop, run_virtual

SILENCE_S = 0.003_65


@contextmanager
def alarms() -> Iterator[PreciseAlarms]:
    made = PreciseAlarms(asyncio.get_running_loop())
    try:
        yield made
    finally:
        made.close()


async def rung_after_s(made: PreciseAlarms, times: int) -> list[float]:
    """How long each silence really was, by the kernel's clock and not by the loop's."""
    clock, lasted = precise_clock(asyncio.get_running_loop()), []
    for turn in range(times):
        # Silences begin anywhere within a ms.
        await asyncio.sleep(0.001 + turn % 10 / 10_000)
        rung = asyncio.Event()
        began = time.clock_gettime(time.CLOCK_MONOTONIC)
        made.at(clock() + SILENCE_S, rung.set)
        async with asyncio.timeout(5):
            await rung.wait()
        lasted.append(time.clock_gettime(time.CLOCK_MONOTONIC) - began)
    return lasted


async def test_a_silence_is_never_shorter_and_mostly_not_a_ms_longer() -> None:
    with alarms() as made:
        lasted = await rung_after_s(made, 60)
    assert min(lasted) >= SILENCE_S
    # The loop's own alarm can't be there before 4.1 ms.
    assert median(lasted) < 0.004_05


def test_a_silence_is_never_shorter_on_a_loop_that_counts_whole_ms() -> None:
    async def silences() -> list[float]:
        assert precise_clock(asyncio.get_running_loop()) is kernel_clock
        with alarms() as made:
            return await rung_after_s(made, 60)

    assert min(uvloop.run(silences())) >= SILENCE_S


class CutOff:
    """Tells whole ms, as uvloop does. At the first look a ms begins between that and the look at the kernel's clock before it."""

    looks = 0

    def time(self) -> float:
        self.looks += 1
        ms = kernel_clock() * 1000
        return (math.ceil(ms) if self.looks == 1 else math.floor(ms)) / 1000


def test_a_ms_that_begins_just_now_does_not_hide_that_a_loop_counts_whole_ms() -> None:
    """A port opened at such a moment had the loop's clock for its silences, and began its requests inside T3.5."""
    assert precise_clock(cast("asyncio.AbstractEventLoop", CutOff())) is kernel_clock


def test_a_processor_that_is_taken_away_between_two_looks_makes_no_other_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = CutOff()
    loop.looks = 1
    monkeypatch.setattr(precise_alarm, "kernel_clock", lambda: time.clock_gettime(time.CLOCK_MONOTONIC) + 0.2)
    assert precise_clock(cast("asyncio.AbstractEventLoop", loop)) is precise_alarm.kernel_clock


def test_a_virtual_clock_that_happens_to_tell_the_kernel_s_time_is_another_one_all_the_same() -> None:
    """Simulated hours on a machine that had been up for less than an hour timed their lines by the kernel, from that minute on."""

    async def main(loop: VirtualLoop) -> None:
        assert precise_clock(loop) == loop.time
        with alarms() as made:
            assert not made.precise

    run_virtual(main, start_s=kernel_clock() - 0.1)


async def test_an_alarm_of_the_past_rings_at_once_yet_not_from_within_the_call() -> None:
    with alarms() as made:
        rung = asyncio.Event()
        made.at(0.0, rung.set)
        assert not rung.is_set()
        async with asyncio.timeout(5):
            await rung.wait()


async def overdue(done: Callable[[], object]) -> None:
    """Does something while an alarm has rung in the kernel, but the loop had no turn yet."""
    before = time.clock_gettime(time.CLOCK_MONOTONIC)
    while time.clock_gettime(time.CLOCK_MONOTONIC) - before < 0.002:
        pass
    done()
    await asyncio.sleep(0.01)


async def test_an_alarm_that_was_cancelled_does_not_ring_even_when_its_time_is_over() -> None:
    rung: list[str] = []
    with alarms() as made:
        now = asyncio.get_running_loop().time()
        alarm = made.at(now + 0.001, lambda: rung.append("in time"))
        alarm.cancel()
        await asyncio.sleep(0.01)
        alarm = made.at(asyncio.get_running_loop().time() + 0.0005, lambda: rung.append("overdue"))
        await overdue(alarm.cancel)
    assert rung == []


async def test_a_cancelled_alarm_does_not_silence_the_next_one() -> None:
    rung: list[str] = []
    with alarms() as made:
        loop = asyncio.get_running_loop()
        first = made.at(loop.time() + 0.0005, lambda: rung.append("first"))

        def anew() -> None:
            first.cancel()
            second = made.at(loop.time() + 0.002, lambda: rung.append("second"))
            # By the timer again, for it is free.
            assert not isinstance(second, asyncio.TimerHandle)
            first.cancel()

        await overdue(anew)
    assert rung == ["second"]


async def test_two_alarms_at_a_time_both_ring_and_each_can_set_another() -> None:
    rung: list[str] = []
    done = asyncio.Event()
    with alarms() as made:
        loop = asyncio.get_running_loop()

        def first() -> None:
            rung.append("first")
            made.at(loop.time() + 0.010, done.set)

        made.at(loop.time() + 0.001, first)
        made.at(loop.time() + 0.003, lambda: rung.append("second"))
        async with asyncio.timeout(5):
            await done.wait()
    assert sorted(rung) == ["first", "second"]


async def test_an_alarm_set_anew_in_the_same_turn_in_which_the_one_before_it_is_told_does_not_ring_with_it() -> None:
    rung: list[str] = []
    with alarms() as made:
        loop = asyncio.get_running_loop()
        first = made.at(loop.time() + 0.0005, lambda: rung.append("first"))

        def anew() -> None:
            # The loop has heard of the first one and comes to it after this.
            first.cancel()
            made.at(loop.time() + 0.020, lambda: rung.append("second"))
            loop.call_soon(made._rung)

        await overdue(anew)
        assert rung == []
        await asyncio.sleep(0.02)
    assert rung == ["second"]


async def test_a_timer_that_has_rung_does_not_keep_the_loop_awake() -> None:
    rung = asyncio.Event()
    with alarms() as made:
        made.at(asyncio.get_running_loop().time() + 0.001, rung.set)
        async with asyncio.timeout(5):
            await rung.wait()
        assert select.select([made._timer], [], [], 0) == ([], [], [])


async def test_after_close_nothing_rings_and_the_timer_is_given_back() -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before, rung = open_files(), []
    made = PreciseAlarms(asyncio.get_running_loop())
    assert open_files() == before + 1
    made.at(asyncio.get_running_loop().time() + 0.001, lambda: rung.append("late"))
    made.close()
    made.close()
    await asyncio.sleep(0.01)
    assert (rung, open_files()) == ([], before)


def test_a_virtual_clock_rings_its_own_alarms() -> None:
    async def main(loop: VirtualLoop) -> float:
        assert precise_clock(loop) == loop.time
        rung = asyncio.Event()
        with alarms() as made:
            made.at(loop.time() + 3600, rung.set)
            await rung.wait()
        return loop.time()

    before = time.clock_gettime(time.CLOCK_MONOTONIC)
    assert run_virtual(main) >= 3600
    assert time.clock_gettime(time.CLOCK_MONOTONIC) - before < 60


async def test_where_the_kernel_has_no_such_timer_the_loop_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precise_alarm, "_new_timer", lambda: -1)
    rung = asyncio.Event()
    with alarms() as made:
        alarm = made.at(asyncio.get_running_loop().time() + 0.001, rung.set)
        assert isinstance(alarm, asyncio.TimerHandle)
        async with asyncio.timeout(5):
            await rung.wait()


async def test_a_timer_that_the_kernel_refuses_to_set_is_the_loop_s() -> None:
    rung = asyncio.Event()
    with alarms() as made:
        timer, made._timer = made._timer, os.open("/dev/null", os.O_RDONLY)
        alarm = made.at(asyncio.get_running_loop().time() + 0.001, rung.set)
        assert isinstance(alarm, asyncio.TimerHandle)
        async with asyncio.timeout(5):
            await rung.wait()
        os.close(made._timer)
        made._timer = timer
