"""The bytes of one bus as lines of a capture: those that are kept, then those that come."""

import asyncio
from collections.abc import AsyncGenerator

from drivers.bus import Bus
from drivers.capture import Piece, text_of

_WAITING_MAX = 10_000
"""Pieces. A listener that does not keep up misses some; the bus never waits for it."""


async def captured(bus: Bus, wall: str, now: float) -> AsyncGenerator[str, None]:
    """`wall` is the wall clock's time at `now`."""
    queue: asyncio.Queue[Piece] = asyncio.Queue(_WAITING_MAX)

    def follow(piece: Piece) -> None:
        if not queue.full():
            queue.put_nowait(piece)

    kept = bus.capture.pieces()
    unfollow = bus.capture.follow(follow)
    try:
        for line in text_of(bus.name, kept, wall, now):
            yield line
        while True:
            yield (await queue.get()).line()
    finally:
        unfollow()
