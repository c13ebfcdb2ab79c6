"""Alarms that ring within a fraction of a ms, by a timer of the kernel, for the silences of an RS-485 pair (1.75 ms, 3.65 ms).

    asyncio's loop   rounds its timers up to whole ms
    uvloop           counts whole ms, cut off: a silence of 3.65 ms may be over after 3.1 ms, which the units take for none

So who measures a silence reads `precise_clock` of its loop, which is the kernel's where the loop only cuts it off.

timerfd_create(CLOCK_MONOTONIC), timerfd_settime(TFD_TIMER_ABSTIME): timerfd_create(2). Loops whose time is another clock, e.g. a
virtual one, and systems without such timers ring their own alarms. A loop of asyncio's own kind that has the kernel's clock reads it at
that moment; a virtual hour on a machine that has been up for less than an hour comes close to it.
"""

import asyncio
import ctypes
import os
import time
from collections.abc import Callable
from contextlib import suppress

from drivers.links.link import Alarm

_LONGEST_TURN_S = 60.0
"""A loop may tell when its turn began, and the processor may be taken from us between two looks."""
_LOOKS = 5
_ABSOLUTE = 1
_NANO = 1_000_000_000


class _TimeSpec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("interval", _TimeSpec), ("first", _TimeSpec))


def kernel_clock() -> float:
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def precise_clock(loop: asyncio.AbstractEventLoop) -> Callable[[], float]:
    """The loop's own clock where that is precise or another one, e.g. a virtual one; else the kernel's."""
    if isinstance(loop, asyncio.BaseEventLoop):
        return loop.time
    for _ in range(_LOOKS):
        before = kernel_clock()
        told = loop.time()
        # More than one look, for a ms may begin between the two: then what is cut off tells the later time as well.
        if told < before and _is_the_kernel_s(told):
            return kernel_clock
    return loop.time


def _has_the_kernel_s(loop: asyncio.AbstractEventLoop) -> bool:
    before = kernel_clock()
    told = loop.time()
    return before <= told <= kernel_clock() if isinstance(loop, asyncio.BaseEventLoop) else _is_the_kernel_s(told)


def _is_the_kernel_s(told: float) -> bool:
    return 0.0 <= kernel_clock() - told <= _LONGEST_TURN_S


class PreciseAlarms:
    """The alarms of one link, by one timer that is used again and again. A second alarm at the same time is the loop's.

    Times are those of `precise_clock`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer = _new_timer() if _has_the_kernel_s(loop) else -1
        self._pending: _Pending | None = None
        # Made once: an alarm is set several times in every exchange.
        self._setting = _Setting()
        self._given = ctypes.byref(self._setting)
        if self._timer >= 0:
            loop.add_reader(self._timer, self._rung)

    @property
    def precise(self) -> bool:
        return self._timer >= 0

    def at(self, at: float, call: Callable[[], None]) -> Alarm:
        if self._pending is not None or not self._set(at):
            return self._loop.call_at(at, call)
        self._pending = _Pending(self, at, call)
        return self._pending

    def forget(self, pending: "_Pending") -> None:
        if self._pending is pending:
            self._pending = None
            self._set(None)

    def close(self) -> None:
        """What is still set does not ring."""
        self._pending = None
        if self._timer >= 0:
            self._loop.remove_reader(self._timer)
            os.close(self._timer)
            self._timer = -1

    def _rung(self) -> None:
        pending = self._pending
        try:
            if pending is not None and pending.at <= kernel_clock():
                self._pending = None
                pending.call()
        finally:
            # A timer that is set anew is quiet until then. Nobody waits for this one: perhaps it was cancelled before the loop came to it.
            if self._pending is None and self._timer >= 0:
                with suppress(BlockingIOError):
                    os.read(self._timer, 8)

    def _set(self, at: float | None) -> bool:
        if self._timer < 0:
            return False
        # All zero would mean: never. A time in the past rings at once.
        nanoseconds = 0 if at is None else max(1, round(at * _NANO))
        first = self._setting.first
        first.seconds, first.nanoseconds = divmod(nanoseconds, _NANO)
        return bool(_LIBC.timerfd_settime(self._timer, _ABSOLUTE, self._given, None) == 0)


class _Pending:
    __slots__ = ("_owner", "at", "call")

    def __init__(self, owner: PreciseAlarms, at: float, call: Callable[[], None]) -> None:
        self._owner = owner
        self.at = at
        self.call = call

    def cancel(self) -> None:
        self._owner.forget(self)


_LIBC = ctypes.CDLL(None)


def _new_timer() -> int:
    try:
        return int(_LIBC.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC))
    except AttributeError:
        return -1
