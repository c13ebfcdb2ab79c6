"""Things that the drivers' tests share: profiles, devices, frames made by hand, a link in memory, a log that remembers.

Frames are made here by a slow CRC of its own, so that a mistake in the product's does not cancel out.
"""

import asyncio
import struct
from collections.abc import Callable, Sequence
from typing import Any

from config.profile import Key, Limits, Point, Profile, SubUnits, Title
from config.site import RtuOverTcpLine, SerialLine, TcpLine
from drivers.bus import BusDevice
from drivers.errors import LinkDown
from drivers.links.link import Alarm, Link, Listener
from drivers.reading import Reading

SERIAL = SerialLine(kind="serial", port="/dev/none", baud=9600)
TCP = TcpLine(kind="tcp", host="127.0.0.1")
RTU_OVER_TCP = RtuOverTcpLine(kind="rtu_over_tcp", host="127.0.0.1", port=4001, baud=9600)


def crc(data: bytes) -> bytes:
    value = 0xFFFF
    for octet in data:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return struct.pack("<H", value)


def rtu(*parts: bytes | int) -> bytes:
    frame = b"".join(bytes([part]) if isinstance(part, int) else part for part in parts)
    return frame + crc(frame)


def mbap(transaction: int, unit: int, pdu: bytes) -> bytes:
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


def registers_pdu(values: Sequence[int], function: int = 3) -> bytes:
    return struct.pack(f">BB{len(values)}H", function, 2 * len(values), *values)


def profile(*points: Point, limits: Limits | None = None, sub_units: SubUnits | None = None, poll_s: float = 1.0, **rest: Any) -> Profile:
    return Profile(
        profile="under-test",
        title=Title(en="under test", zh="被测"),
        source="ours",
        poll_s=poll_s,
        limits=limits or Limits(),
        sub_units=sub_units,
        points=points,
        **rest,
    )


LEVEL = profile(Point(key=Key.LEVEL, address=0))
DX80 = profile(
    Point(key=Key.LEVEL, address=0),
    limits=Limits(registers_per_read=112),
    sub_units=SubUnits(first=1, last=47, stride=16, base=16),
    health=[{"address": 7, "equals": 0x3501, "effect": "silent", "cause": "radio_timeout"}],
)


def device(
    name: str = "a", unit: int = 1, of: Profile = LEVEL, *, sub_unit: int | None = None, poll_s: float = 1.0, timeout_s: float = 0.3
) -> BusDevice:
    return BusDevice(name=name, unit=unit, sub_unit=sub_unit, profile=of, poll_s=poll_s, timeout_s=timeout_s)


class Log:
    """Remembers what was logged."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, object]]] = []

    def info(self, event: str, /, **values: object) -> None:
        self.lines.append((event, values))

    warning = info

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.lines]


Answerer = Callable[[bytes], Sequence[tuple[float, bytes]]]
"""What a device does with a request: pieces of answer, each so many seconds later."""


class MemoryLink:
    """A link without a wire. Fails to open, or goes down, where a test says so."""

    def __init__(self, answer: Answerer) -> None:
        self.answer = answer
        self.fault: LinkDown | None = None
        self.opened = 0
        self.sent: list[tuple[float, bytes]] = []
        self._listener: Listener | None = None
        self._generation = 0

    def deliver(self, data: bytes, generation: int | None = None) -> None:
        if self._listener is not None and (generation is None or generation == self._generation):
            self._listener.received(data)

    def go_down(self, fault: LinkDown) -> None:
        self.fault = fault
        asyncio.get_running_loop().call_soon(self._say_lost, fault, self._generation)

    def _say_lost(self, fault: LinkDown, generation: int) -> None:
        if self._listener is not None and generation == self._generation:
            self._listener.lost(fault)

    async def open(self, listener: Listener) -> None:
        self._generation += 1
        self._listener = None
        if self.fault is not None:
            raise self.fault
        self._listener = listener
        self.opened += 1

    def write(self, data: bytes) -> None:
        if self.fault is not None:
            raise self.fault
        loop = asyncio.get_running_loop()
        self.sent.append((loop.time(), data))
        for delay_s, piece in self.answer(data):
            loop.call_later(delay_s, self.deliver, piece, self._generation)

    def expect(self, octets: int) -> None:
        """Every byte is news here."""

    def take(self) -> bytes:
        return b""

    def alarm(self, at: float, call: Callable[[], None]) -> Alarm:
        return asyncio.get_running_loop().call_at(at, call)

    def close(self) -> None:
        self._generation += 1
        self._listener = None


def opener(link: MemoryLink) -> Callable[[object], Link]:
    return lambda _line: link


class Inbox(list[Reading]):
    """Where a bus emits to."""

    def of(self, device: str) -> list[Reading]:
        return [reading for reading in self if reading.device == device]
