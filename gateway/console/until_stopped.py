"""Runs a coroutine until it ends, its seconds are over, or a person or a service says stop. Ctrl-C is a clean end."""

import asyncio
import signal
from collections.abc import Awaitable, Callable


async def until_stopped(run: Callable[[asyncio.Event], Awaitable[None]], seconds: float | None = None) -> None:
    """`run` gets an event that is set at SIGINT, at SIGTERM, and after `seconds`; it ends by itself then."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    timer = None if seconds is None else loop.call_later(seconds, stop.set)
    try:
        await run(stop)
    finally:
        if timer is not None:
            timer.cancel()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
