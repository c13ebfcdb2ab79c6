"""The event loop that the daemon runs on: uvloop's where it is installed (the extra `fast`), asyncio's elsewhere.

A poll over Modbus TCP costs half as much on uvloop. Nothing else depends on which of the two it is, but that uvloop counts time
in whole milliseconds: a bus' round trips are shown so.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


def run_on_a_loop(main: Coroutine[Any, Any, None], *, plain: bool = False) -> None:
    """To its end, as `asyncio.run` does. `plain` is asyncio's own loop even where the other one is installed."""
    with asyncio.Runner(loop_factory=None if plain else _fastest()) as runner:
        runner.run(main)


def _fastest() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """None for asyncio's own."""
    try:
        from uvloop import new_event_loop  # noqa: PLC0415  # an extra: absent where it is not installed
    except ImportError:
        return None
    return new_event_loop
