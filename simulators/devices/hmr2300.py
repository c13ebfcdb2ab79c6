"""Honeywell HMR2300: a three-axis magnetometer in a bay, ASCII, id 00 to 98.

    *ddP CR         one reading: 28 bytes, three times sign, two digits, comma, three digits, two blanks; then CR
    *ddWE CR        allows the next command to change something
    *ddR=nnn CR     rate of readings, after *ddWE; answered OK
    *ddZR CR        switches the zero reading on and off, after *ddWE: later readings are told from the one at that moment

15 000 counts are 1 gauss, so 150 are 1 µT; the range is ±30 000. Source: Honeywell HMR2300 data sheet p.7-8. The sign of a positive
value is a blank; that zeros lead, and the words of OK, ON and OFF, are unverified. The id for all (99) is not answered.
"""

import re

from simulators.devices.frame import Asked
from simulators.magnetics import Magnetics

COUNTS_PER_UT = 150.0
UNITS = 98
_RANGE = 30_000
_RATES = (10, 20, 25, 30, 40, 50, 60, 100, 123, 154)
_COMMAND = re.compile(rb"\*(\d\d)([^*\r]*)\r")
_LONGEST = 32


def cut(heard: bytes) -> tuple[list[Asked], bytes]:
    asked: list[Asked] = []
    end = 0
    for command in _COMMAND.finditer(heard):
        asked.append(Asked(int(command[1]), command[2].strip()))
        end = command.end()
    return asked, heard[end:][-_LONGEST:]


class Hmr2300:
    answer_s = 0.002

    def __init__(self, bay: str, magnetics: Magnetics) -> None:
        self._bay = bay
        self._magnetics = magnetics
        self._enabled = False
        self._zero: tuple[int, ...] | None = None

    def answer(self, request: bytes, t: float) -> bytes:
        enabled, self._enabled = self._enabled, request == b"WE"
        if request == b"P":
            return self._reading(t)
        if request == b"WE":
            return b"OK\r"
        if request == b"ZR" and enabled:
            self._zero = self._counts(t) if self._zero is None else None
            return b"OFF\r" if self._zero is None else b"ON\r"
        if request.startswith(b"R=") and enabled and request[2:].isdigit() and int(request[2:]) in _RATES:
            return b"OK\r"
        return b""

    def _counts(self, t: float) -> tuple[int, ...]:
        return tuple(max(-_RANGE, min(_RANGE, round(axis * COUNTS_PER_UT))) for axis in self._magnetics.field(self._bay, t))

    def _reading(self, t: float) -> bytes:
        zero = self._zero or (0, 0, 0)
        return "".join(_grouped(count - empty) for count, empty in zip(self._counts(t), zero, strict=True)).encode() + b"\r"


def _grouped(count: int) -> str:
    thousands, rest = divmod(abs(count), 1000)
    return f"{'-' if count < 0 else ' '}{thousands:02d},{rest:03d}  "
