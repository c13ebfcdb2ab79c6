"""A task that lost its cancellation is cancelled once more."""

import asyncio
import sys

import pytest

from tests.ending import ended


async def test_a_task_that_was_answered_as_it_was_cancelled_is_ended_all_the_same() -> None:
    answer, answered, for_ever = asyncio.get_running_loop().create_future(), asyncio.Event(), asyncio.Event()

    async def talks() -> None:
        await asyncio.wait_for(answer, timeout=60.0)
        answered.set()
        await for_ever.wait()

    task = asyncio.create_task(talks())
    await asyncio.sleep(0)
    answer.set_result(None)
    async with asyncio.timeout(10.0):
        await ended(task)
    assert task.cancelled()
    assert answered.is_set() is (sys.version_info < (3, 12)), "the cancellation was swallowed and the task went on"


async def test_what_a_task_failed_with_is_not_hidden() -> None:
    async def fails() -> None:
        raise ValueError("as it should")

    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="as it should"):
        await ended(task)
