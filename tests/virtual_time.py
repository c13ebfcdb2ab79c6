"""Virtual time for whole-gateway tests: looptime's event loop, held still while real programs outside of it work.

Timers fire as soon as nothing else is to do, so that an hour of a street passes in seconds. A broker in another process and the
journal's writer thread need real time, though; while one of the `held` predicates says that such work is outstanding, the
virtual clock stands and the loop waits for I/O in real time.
"""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import looptime

T = TypeVar("T")

_STEP_S = 0.02
_HELD_MAX_S = 1.0
"""Nothing outside has moved for so long: it is dead or told to be slow; the virtual clock goes on."""
_NOOP_CYCLES = 4


class VirtualLoop(looptime.LoopTimeEventLoop, asyncio.SelectorEventLoop):
    """`held` are asked before the clock would move."""

    def __init__(self, start_s: float = 0.0) -> None:
        selector = selectors.DefaultSelector()
        raw = selector.select
        super().__init__(selector, start=start_s, noop_cycles=_NOOP_CYCLES)
        virtual = self._selector.select
        self.held: list[Callable[[], bool]] = []
        waiting_since: float | None = None

        def select(timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            nonlocal waiting_since
            if timeout == 0 or not any(held() for held in self.held):
                waiting_since = None
                return virtual(timeout)
            ready = raw(_STEP_S)
            if ready:
                waiting_since = None
                return ready
            waiting_since = waiting_since or time.perf_counter()
            if time.perf_counter() - waiting_since > _HELD_MAX_S:
                return virtual(timeout)
            return ready

        self._selector.select = select  # type: ignore[method-assign]


def run_virtual(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]], start_s: float = 0.0) -> T:
    """Runs `main(loop)` on a loop of its own whose clock begins at `start_s`."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(start_s)) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        return runner.run(main(loop))
