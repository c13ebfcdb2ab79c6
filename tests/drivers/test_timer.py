"""One timer for deadlines that are mostly met."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop

from drivers.timer import DeadlineTimer


@pytest.mark.looptime
async def test_it_calls_back_once_at_the_deadline_as_it_stands_then() -> None:
    loop, over = asyncio.get_running_loop(), list[float]()
    timer = DeadlineTimer(loop, over.append)
    timer.set(1.0)
    timer.set(3.0)
    await asyncio.sleep(2.0)
    assert over == []
    await asyncio.sleep(8.0)
    assert over == [3.0]


@pytest.mark.looptime
async def test_a_deadline_that_comes_nearer_is_kept_and_one_that_is_taken_back_is_not() -> None:
    loop, over = asyncio.get_running_loop(), list[float]()
    timer = DeadlineTimer(loop, over.append)
    timer.set(5.0)
    timer.set(1.0)
    await asyncio.sleep(2.0)
    assert over == [1.0]
    timer.set(3.0)
    timer.set(None)
    timer.set(4.0)
    timer.cancel()
    await asyncio.sleep(8.0)
    assert over == [1.0]


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_deadline_that_is_over_already_calls_back_on_every_loop(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        over: asyncio.Future[float] = loop.create_future()
        timer = DeadlineTimer(loop, over.set_result)
        timer.set(loop.time() - 0.1)
        timer.set(loop.time() - 0.05)
        async with asyncio.timeout(5):
            return await over

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(main()) > 0.0
