"""What the bytes of a bus mean, piece by piece: whose question, whose answer, how long after it. Pure; nothing is decided by it.

A capture has bytes as the system handed them on: an answer may come in parts, behind noise, or behind the echo of its question. What
is whole by now is told with the piece that completed it.
"""

from dataclasses import dataclass
from enum import StrEnum

from drivers.capture import Piece, Way
from drivers.modbus.crc import CRC
from drivers.modbus.intact import intact_frames
from drivers.modbus.pdu import REFUSAL
from drivers.modbus.rtu import MAX_HEARD

_READS = (1, 2, 3, 4)
_WRITES = (5, 6)
_MANY = (15, 16)
_HEAD = 7
"""Of a Modbus TCP frame: transaction, protocol, length, unit."""


class Kind(StrEnum):
    REQUEST = "request"
    """Of a protocol that is shown as it is."""
    READ = "read"
    WRITE = "write"
    WRITE_MANY = "write_many"
    ECHO = "echo"
    ANSWER = "answer"
    REFUSAL = "refusal"
    FOREIGN = "foreign"
    """An intact frame that answers another question."""
    PART = "part"
    """Nothing whole yet, or never."""
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated:
    piece: Piece
    kind: Kind
    unit: int | None = None
    """Of the question that is open; of a note, none."""
    function: int | None = None
    address: int | None = None
    count: int | None = None
    """Registers or bits; of a write of one, its value; of an answer, its octets of data."""
    code: int | None = None
    after_s: float | None = None
    """Since the question was handed to the system."""


class Annotator:
    def __init__(self, *, mbap: bool) -> None:
        self._mbap = mbap
        self._asked: Piece | None = None
        self._unit: int | None = None
        self._function: int | None = None
        self._heard = b""
        self._echo_awaited = False

    def feed(self, piece: Piece) -> Annotated:
        if piece.way is Way.NOTE:
            return Annotated(piece=piece, kind=Kind.NOTE)
        return self._out(piece) if piece.way is Way.OUT else self._in(piece)

    def _out(self, piece: Piece) -> Annotated:
        self._asked, self._heard, self._echo_awaited = piece, b"", not self._mbap
        unit_and_pdu = self._unit_and_pdu(piece.data)
        if unit_and_pdu is None:
            self._unit = self._function = None
            return Annotated(piece=piece, kind=Kind.REQUEST)
        unit, function = unit_and_pdu[:2]
        self._unit, self._function = unit, function
        address, count = int.from_bytes(unit_and_pdu[2:4], "big"), int.from_bytes(unit_and_pdu[4:6], "big")
        kind = Kind.READ if function in _READS else Kind.WRITE if function in _WRITES else Kind.WRITE_MANY
        if function not in (*_READS, *_WRITES, *_MANY):
            return Annotated(piece=piece, kind=Kind.REQUEST, unit=unit, function=function)
        return Annotated(piece=piece, kind=kind, unit=unit, function=function, address=address, count=count)

    def _unit_and_pdu(self, frame: bytes) -> bytes | None:
        if self._mbap:
            return frame[_HEAD - 1 :] if len(frame) >= _HEAD + 5 else None
        return frame[:-2] if len(frame) >= 8 and CRC.is_intact(frame) else None

    def _in(self, piece: Piece) -> Annotated:
        after_s = None if self._asked is None else piece.t - self._asked.t
        self._heard = (self._heard + piece.data)[-MAX_HEARD:]
        asked = b"" if self._asked is None else self._asked.data
        if self._echo_awaited and asked and self._function not in _WRITES and self._heard.startswith(asked):
            self._heard, self._echo_awaited = self._heard[len(asked) :], False
            if not self._heard:
                return Annotated(piece=piece, kind=Kind.ECHO, unit=self._unit, after_s=after_s)
        found = self._whole()
        if found is None:
            return Annotated(piece=piece, kind=Kind.PART, unit=self._unit, after_s=after_s)
        self._heard = b""
        unit, function = found[:2]
        mine = (unit, function & ~REFUSAL) == (self._unit, self._function)
        kind = Kind.FOREIGN if not mine else Kind.REFUSAL if function & REFUSAL else Kind.ANSWER
        return Annotated(
            piece=piece,
            kind=kind,
            unit=unit,
            function=function & ~REFUSAL,
            count=found[2] if function in _READS else None,
            code=found[2] if function & REFUSAL else None,
            after_s=after_s,
        )

    def _whole(self) -> bytes | None:
        """Unit and PDU of the last frame that is whole; of Modbus TCP, of the first."""
        if self._mbap:
            length = int.from_bytes(self._heard[4:6], "big")
            return self._heard[_HEAD - 1 : 6 + length] if length >= 3 and len(self._heard) >= 6 + length else None
        return next((frame[:-2] for frame in reversed(list(intact_frames(self._heard)))), None)
