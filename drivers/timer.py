"""One timer for deadlines that are mostly met: it is not moved when the deadline moves away, only looked at again when it fires.

A timer set and cancelled for each exchange costs more than the exchange's own bytes.
"""

import asyncio
from collections.abc import Callable

_NEVER = float("inf")


class DeadlineTimer:
    """Calls back once the deadline, as it then stands, is over. None for a deadline: nothing to wait for."""

    def __init__(self, loop: asyncio.AbstractEventLoop, over: Callable[[float], None]) -> None:
        self._loop = loop
        self._over = over
        self._deadline: float | None = None
        self._fires_at = _NEVER
        self._handle: asyncio.TimerHandle | None = None

    def set(self, deadline: float | None) -> None:
        self._deadline = deadline
        if deadline is None or self._fires_at <= deadline:
            return
        if self._handle is not None:
            self._handle.cancel()
        self._fire_at(deadline)

    def _fire_at(self, when: float) -> None:
        self._fires_at = when
        self._handle = self._loop.call_at(when, self._fired)

    def cancel(self) -> None:
        self._deadline = None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._fires_at = _NEVER

    def _fired(self) -> None:
        when, self._fires_at, self._handle = self._fires_at, _NEVER, None
        deadline = self._deadline
        if deadline is None:
            return
        if deadline > when:
            self._fire_at(deadline)
            return
        self._deadline = None
        # A timer may fire a hair before its time: its own moment counts, or we would turn on the spot.
        self._over(max(self._loop.time(), deadline))
