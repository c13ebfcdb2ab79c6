"""Writes that leave at the end of a silence: not before it, and hardly after.

From an alarm until the bytes are handed to the kernel it takes some 100 µs, on each machine others. So alarms ring as much earlier as is
learned, and what is written from within one waits for the rest in the middle, never longer than alarms ring early.
"""

import asyncio
from collections.abc import Callable

from drivers.links.link import Alarm
from drivers.links.precise_alarm import PreciseAlarms, precise_clock

_MOST_LEAD_S = 0.000_500
_LEARNING = 0.125
_WAITS_S = 0.000_010
"""What is left to be waited for, on the average."""


class Punctual:
    """The alarms of one link, and the clock that they are set by."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.alarms = PreciseAlarms(loop)
        self.now = precise_clock(loop)
        self._not_before = 0.0
        self._lead_s = 0.0

    def alarm(self, at: float, call: Callable[[], None]) -> Alarm:
        """What `call` writes is kept waiting by `keep` until then."""
        if not self.alarms.precise:
            return self.alarms.at(at, call)
        self._not_before = at
        return self.alarms.at(at - self._lead_s, call)

    def keep(self) -> None:
        """Called before each write."""
        at, self._not_before = self._not_before, 0.0
        if not at:
            return
        waits_s = late_s = self.now() - at
        while -_MOST_LEAD_S <= waits_s < 0:
            waits_s = self.now() - at
        if abs(late_s) <= _MOST_LEAD_S:
            self._lead_s = min(_MOST_LEAD_S, max(0.0, self._lead_s + _LEARNING * (late_s + _WAITS_S)))

    def close(self) -> None:
        """What is still set does not ring."""
        self.alarms.close()
