"""Virtual time for a simulated gateway: the clock stands while the disk or the broker has something to do in real time.

What a thread does (the journal's, a connect's) is waited for without a limit, unless the shim has parked it: then it is virtual time
that it waits for. What the broker owes is waited for as long as something can come: the `owed` predicates say so.

asyncio's own turn of the loop compares its timers in Python and asks the selector each time. Here timers are tuples, and the system is
asked alone, when nothing else is to do. Timers of one moment fire in the order of their making.
"""

import asyncio
import heapq
import selectors
import time
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Executor
from contextvars import Context
from itertools import count
from typing import Any

Ready = list[tuple[selectors.SelectorKey, int]]

_STEP_S = 0.01
_THREADS_MAX_S = 60.0
_UNLOOKED_MAX = 8
_OWED_MAX_S = 0.2
_SOON_MAX_S = 0.02
_LEFT_OVER_MAX = 200
"""So many cancelled timers may lie about before they are looked for."""


class SimulationLoop(asyncio.SelectorEventLoop):
    """Timers fire as soon as nothing else is to do."""

    _ready: deque[asyncio.Handle]
    _stopping: bool

    def __init__(self, start_s: float = 0.0) -> None:
        self._epoll = selectors.EpollSelector()
        super().__init__(self._epoll)
        self._now_s = start_s
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._numbers = count()
        self._cancelled = 0
        self._threads = 0
        self._unlooked = 0
        self.parked: Callable[[], bool] = lambda: False
        self.owed: Callable[[], bool] = lambda: False
        """Whether a program outside owes an answer that can come."""
        self.soon: Callable[[], Hashable] = lambda: None
        """What is probably on its way, None for nothing: worth a moment, once, for the sake of repeatability alone."""
        self._given_up_s = 0.0
        self._vain: Hashable = None

    def time(self) -> float:
        return self._now_s

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None) -> asyncio.TimerHandle:  # type: ignore[override]
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        timer._scheduled = True  # type: ignore[attr-defined]
        heapq.heappush(self._timers, (when, next(self._numbers), timer))
        return timer

    def _timer_handle_cancelled(self, _: asyncio.TimerHandle) -> None:
        self._cancelled += 1

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        self._threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_over)
        return future

    def _thread_over(self, _: object) -> None:
        self._threads -= 1

    def _run_once(self) -> None:
        if self._cancelled > _LEFT_OVER_MAX:
            self._sweep()
        timers, ready = self._timers, self._ready
        while timers and timers[0][2]._cancelled:
            heapq.heappop(timers)
        if not (ready or self._stopping):
            self._stand(timers[0][0] if timers else None)
        elif self._unlooked >= _UNLOOKED_MAX:
            self._take(self._looked())
        else:
            self._unlooked += 1
        while timers and timers[0][0] <= self._now_s:
            ready.append(heapq.heappop(timers)[2])
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def _sweep(self) -> None:
        self._timers = [each for each in self._timers if not each[2]._cancelled]
        heapq.heapify(self._timers)
        self._cancelled = 0

    def _take(self, found: Ready) -> None:
        if found:
            self._process_events(found)  # type: ignore[attr-defined]

    def _looked(self) -> Ready:
        self._unlooked = 0
        # Most looks find nothing, and asking the system alone costs a fifth of asking the selector.
        return self._epoll.select(0) if self._epoll._selector.poll(0) else []  # type: ignore[attr-defined]

    def _stand(self, next_s: float | None) -> None:
        """Nothing is to do at this moment: what comes from outside, else the time of the next timer."""
        found = self._from_outside()
        if found:
            self._take(found)
        elif next_s is not None:
            self._now_s = max(self._now_s, next_s)
        else:
            # No timer at all: only a thread that nobody counted, as when the executor is shut down, may still wake us.
            self._take(found := self._epoll.select(_THREADS_MAX_S))
            if not found:
                raise RuntimeError("nothing will ever happen again: every task waits for another")

    def _held_s(self) -> float:
        if self._threads and not self.parked():
            return _THREADS_MAX_S
        if self.owed():
            return _OWED_MAX_S
        expected = self.soon()
        return 0.0 if expected is None or expected == self._vain else _SOON_MAX_S

    def _from_outside(self) -> Ready:
        if found := self._looked():
            self._given_up_s = 0.0
            return found
        begun = time.perf_counter()
        # What was waited for in vain is not waited for again, until anything comes.
        while (held_s := self._held_s()) > self._given_up_s:
            if time.perf_counter() - begun > held_s:
                self._given_up_s = held_s
                if held_s == _SOON_MAX_S:
                    self._vain = self.soon()
                break
            if found := self._epoll.select(_STEP_S):
                self._given_up_s = 0.0
                return found
        if held_s == 0.0:
            self._given_up_s = 0.0
        return []
