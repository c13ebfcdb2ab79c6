"""What lies between a Modbus TCP master and its device: no baud rate, requests that are told apart by their length.

request ---> unit thinks ---> answer, whole
"""

import asyncio

from simulators.wire import Deliver, Line

_MBAP_HEAD = 6
_MOST_MBAP = 260


class MbapLine(Line):
    """Modbus TCP: no wire to wait for; requests are told apart by their length."""

    def attach(self, deliver: Deliver) -> "MbapEnd":
        return MbapEnd(self, deliver)


class MbapEnd:
    """One connection."""

    def __init__(self, line: MbapLine, deliver: Deliver) -> None:
        self._line = line
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._session = line.units.connect(self._answered)
        self._part = b""
        self._open = True

    def send(self, data: bytes) -> None:
        self._part += self._line.damage.pass_on(data, self._line.clock())
        while len(self._part) >= _MBAP_HEAD:
            length = _MBAP_HEAD + int.from_bytes(self._part[4:6], "big")
            if length > _MOST_MBAP:
                # No Modbus: a device drops what it can't follow.
                self._part = b""
            if len(self._part) < length:
                return
            self._session.ask(self._part[:length])
            self._part = self._part[length:]

    def close(self) -> None:
        self._open = False

    def _answered(self, unit: int, data: bytes) -> None:
        thinks_s = self._line.thinks_s(unit)
        if thinks_s is None:
            return
        self._line.waiting += 1
        self._loop.call_later(thinks_s, self._hand_on, data)

    def _hand_on(self, data: bytes) -> None:
        self._line.waiting -= 1
        arrived = self._line.damage.pass_on(data, self._line.clock())
        if arrived and self._open:
            self._deliver(arrived)
