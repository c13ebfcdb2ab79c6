"""Hears a serial port for the event loop, and does not while nothing can be whole: an answer of 25 octets takes 26 ms at 9600 baud.

With VMIN the loop is woken once for an answer, but the kernel still looks at the port at each octet that comes, and a process that
is looked at costs more than what it does with the answer. An epoll of its own is muted and heard again by one call of the system.

epoll(7): a port that vanishes (EPOLLHUP, EPOLLERR) is reported all the same.
"""

import asyncio
import select
from collections.abc import Callable

from drivers.links.link import Alarm
from drivers.links.precise_alarm import PreciseAlarms

LEAST_S = 0.010
"""Less is not worth the alarm."""


class Hearing:
    def __init__(self, loop: asyncio.AbstractEventLoop, port: int, readable: Callable[[], None], alarms: PreciseAlarms) -> None:
        self._loop = loop
        self._port = port
        self._alarms = alarms
        self._epoll = select.epoll()
        self._epoll.register(port, select.EPOLLIN)
        self._mute: Alarm | None = None
        loop.add_reader(self._epoll.fileno(), readable)

    def mute(self, until: float) -> None:
        """A time of the alarms."""
        if self._mute is None:
            self._epoll.modify(self._port, 0)
            self._mute = self._alarms.at(until, self._over)

    def hear(self) -> None:
        if self._mute is not None:
            self._mute.cancel()
            self._mute = None
            self._epoll.modify(self._port, select.EPOLLIN)

    def _over(self) -> None:
        self._mute = None
        self._epoll.modify(self._port, select.EPOLLIN)

    def close(self) -> None:
        """Before the port is closed."""
        if self._mute is not None:
            self._mute.cancel()
            self._mute = None
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()
