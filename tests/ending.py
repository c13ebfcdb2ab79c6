"""The end of a task that talks to a broker, for tests that play the platform."""

import asyncio

_AGAIN_S = 0.5


async def ended(task: "asyncio.Task[None]") -> None:
    """Cancels it until it is over, and raises what it failed with. A cancellation that comes together with an answer is lost in aiomqtt:
    asyncio.wait_for of Python 3.11 swallows it. What followed was a test that waited for ever, once it had acknowledged the last event."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_AGAIN_S)
    if not task.cancelled():
        task.result()
