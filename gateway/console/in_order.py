"""Lines of a trace in the order of t. Buses work side by side: of two readings of one millisecond the later one may be told first.

Each line waits for half a second for those that are told late; nothing is held up for longer, however seldom a site is read.
"""

import json
from heapq import heappop, heappush

_WAITS_S = 0.5


class InOrder:
    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, str, float]] = []
        """By t, then as they came; the last is when its time has come."""
        self._count = 0

    def add(self, line: str, now: float) -> None:
        """`line` is the head of a trace, which goes before all, or a reading; `now` on any clock that never steps."""
        heappush(self._waiting, (json.loads(line).get("t", float("-inf")), self._count, line, now + _WAITS_S))
        self._count += 1

    def due_in_s(self, now: float) -> float | None:
        """Until the next line may be ready; None while none waits."""
        return max(self._waiting[0][3] - now, 0.0) if self._waiting else None

    def ready(self, now: float) -> list[str]:
        lines = []
        while self._waiting and self._waiting[0][3] <= now:
            lines.append(heappop(self._waiting)[2])
        return lines

    def rest(self) -> list[str]:
        """All that still wait: nothing comes any more."""
        return [heappop(self._waiting)[2] for _ in range(len(self._waiting))]
