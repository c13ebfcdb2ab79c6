"""Virtual time for a simulated gateway: the clock stands while the disk or the broker has something to do in real time.

What a thread does (the journal's, a connect's) is waited for without a limit, unless the shim has parked it: then it is virtual time
that it waits for. What the broker owes is waited for as long as something can come: the `owed` predicates say so.
"""

import asyncio
import selectors
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Executor
from typing import Any

Ready = list[tuple[selectors.SelectorKey, int]]

_STEP_S = 0.01
_OWED_MAX_S = 0.2
_THREADS_MAX_S = 60.0
_SOON_MAX_S = 0.02
_UNLOOKED_MAX = 8


class SimulationLoop(asyncio.SelectorEventLoop):
    """Timers fire as soon as nothing else is to do."""

    def __init__(self, start_s: float = 0.0) -> None:
        super().__init__(selectors.DefaultSelector())
        self._now_s = start_s
        self._real_select: Callable[[float | None], Ready] = self._selector.select  # type: ignore[attr-defined]
        self._selector.select = self._select  # type: ignore[attr-defined]
        self._threads = 0
        self._unlooked = 0
        self._given_up_s = 0.0
        self.parked: Callable[[], bool] = lambda: False
        self.owed: Callable[[], bool] = lambda: False
        """Whether a program outside owes an answer that can come."""
        self.soon: Callable[[], Hashable] = lambda: None
        """What is probably on its way, None for nothing: worth a moment, once, for the sake of repeatability alone."""
        self._vain: Hashable = None

    def time(self) -> float:
        return self._now_s

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        self._threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_over)
        return future

    def _thread_over(self, _: object) -> None:
        self._threads -= 1

    def _held_s(self) -> float:
        if self._threads and not self.parked():
            return _THREADS_MAX_S
        if self.owed():
            return _OWED_MAX_S
        expected = self.soon()
        return 0.0 if expected is None or expected == self._vain else _SOON_MAX_S

    def _select(self, timeout: float | None = None) -> Ready:
        if timeout == 0 and self._unlooked < _UNLOOKED_MAX:
            # There is other work: looking at the sockets each time would be a tenth of an hour's cost.
            self._unlooked += 1
            return []
        self._unlooked = 0
        ready = self._real_select(0)
        if ready or timeout == 0:
            self._given_up_s = 0.0 if ready else self._given_up_s
            return ready
        begun = time.perf_counter()
        # What was waited for in vain is not waited for again, until anything comes.
        while (held_s := self._held_s()) > self._given_up_s:
            if time.perf_counter() - begun > held_s:
                self._given_up_s = held_s
                if held_s == _SOON_MAX_S:
                    self._vain = self.soon()
                break
            ready = self._real_select(_STEP_S)
            if ready:
                self._given_up_s = 0.0
                return ready
        if held_s == 0.0:
            self._given_up_s = 0.0
        if timeout is None:
            # No timer at all: only a thread that nobody counted, as when the executor is shut down, may still wake us.
            ready = self._real_select(_THREADS_MAX_S)
            if ready:
                return ready
            raise RuntimeError("nothing will ever happen again: every task waits for another")
        self._now_s += timeout
        return []
