"""The virtual clock that whole-gateway tests stand on."""

import asyncio
import threading
import time

from tests.virtual_time import VirtualLoop, run_virtual


def test_an_hour_of_sleep_passes_in_no_time() -> None:
    async def sleep(loop: VirtualLoop) -> float:
        await asyncio.sleep(3600)
        return loop.time()

    begun = time.perf_counter()
    assert 3699.9 < run_virtual(sleep, start_s=100.0) < 3700.1
    assert time.perf_counter() - begun < 5


def test_the_clock_stands_while_work_outside_is_outstanding() -> None:
    async def wait(loop: VirtualLoop) -> tuple[float, bool]:
        done = asyncio.Event()
        loop.held.append(lambda: not done.is_set())
        threading.Timer(0.2, lambda: loop.call_soon_threadsafe(done.set)).start()
        timed_out = False
        try:
            async with asyncio.timeout(10):
                await done.wait()
        except TimeoutError:
            timed_out = True
        return loop.time(), timed_out

    now, timed_out = run_virtual(wait)
    assert not timed_out
    assert now < 0.5


def test_a_program_outside_that_hangs_does_not_stop_the_clock_for_ever() -> None:
    async def wait(loop: VirtualLoop) -> float:
        loop.held.append(lambda: True)
        await asyncio.sleep(30)
        return loop.time()

    assert run_virtual(wait) >= 30
