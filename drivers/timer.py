"""One timer for deadlines that are mostly met: it is not moved when the deadline moves away, only looked at again when it fires.

A timer set and cancelled for each exchange costs more than the exchange's own bytes.
"""

import asyncio
from collections.abc import Callable


class DeadlineTimer:
    """Calls back once the deadline, as it then stands, is over. None for a deadline: nothing to wait for."""

    def __init__(self, loop: asyncio.AbstractEventLoop, over: Callable[[float], None]) -> None:
        self._loop = loop
        self._over = over
        self._deadline: float | None = None
        self._handle: asyncio.TimerHandle | None = None

    def set(self, deadline: float | None) -> None:
        self._deadline = deadline
        handle = self._handle
        if deadline is None or (handle is not None and handle.when() <= deadline):
            return
        if handle is not None:
            handle.cancel()
        self._handle = self._loop.call_at(deadline, self._fired)

    def cancel(self) -> None:
        self._deadline = None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _fired(self) -> None:
        assert self._handle is not None
        when, self._handle = self._handle.when(), None
        deadline = self._deadline
        if deadline is None:
            return
        if deadline > when:
            self._handle = self._loop.call_at(deadline, self._fired)
            return
        self._deadline = None
        # A timer may fire a hair before its time: its own moment counts, or we would turn on the spot.
        self._over(max(self._loop.time(), deadline))
