"""UHFReader18 family of UHF RFID readers: binary frames.

    request  Len | Adr | Cmd | Data | CRC(2, low byte first)             Len counts all behind itself
    answer   Len | Adr | Cmd | Status | Data | CRC
    inventory: Cmd 1, no data; the answer's data is a count, then of each tag: EpcLen | EPC

    status  0x01 complete   0x02 time is up, partial   0x03 another frame follows   0x04 memory full, partial
            0xFB no tag (unverified)                   all else is an error of the reader

Source: devices.md 1.6 (protocol manual and public test vectors). CRC-16 with polynomial 0x8408, first value 0xFFFF, no final xor.
A scan may take several frames: it is whole with the first whose status is not 0x03. A frame with no data at all is taken for
one that lists no tag (unverified).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from config.protocols import VOCABULARY, Protocol
from drivers.crc import Crc16
from drivers.errors import AnswerMismatched, UnitRefused
from drivers.question import Shape

MAX_FRAME = 256
INVENTORY = 0x01
SHORTEST = 5
"""The smallest Len of an answer."""
MORE = 0x03
_NO_TAG = 0xFB
_LISTS_TAGS = (0x01, 0x02, MORE, 0x04)


CRC = Crc16(0x8408)


class Scan(tuple[str, ...]):  # noqa: SLOT001 - a tuple can have no slots of its own
    """The tags of one scan, and the status that it ended with."""

    status: int = 0x01


@dataclass(frozen=True, slots=True, kw_only=True)
class UhfReader18Question:
    protocol = Protocol.UHFREADER18
    unit: int
    shape: Shape = field(init=False)

    def __post_init__(self) -> None:
        if self.unit not in VOCABULARY[Protocol.UHFREADER18].units:
            raise ValueError(f"no reader {self.unit}")
        object.__setattr__(self, "shape", Shape(self.unit, INVENTORY, 0, Protocol.UHFREADER18))

    @property
    def request(self) -> bytes:
        return CRC.sealed(bytes([4, self.unit, INVENTORY]))

    @property
    def request_octets(self) -> int:
        return 5

    @property
    def answer_octets(self) -> int:
        """Of one frame; few scans need more."""
        return MAX_FRAME

    def decode(self, payload: bytes) -> Scan:
        """Each tag once, as upper-case hexadecimal digits, in the order in which they were heard."""
        tags: dict[str, None] = {}
        start = 0
        status = MORE
        while status == MORE and start < len(payload):
            frame = payload[start : start + payload[start] + 1]
            start += len(frame)
            if (
                len(frame) <= SHORTEST
                or len(frame) != frame[0] + 1
                or frame[1:3] != bytes([self.unit, INVENTORY])
                or not CRC.is_intact(frame)
            ):
                raise AnswerMismatched(unit=self.unit)
            status = frame[3]
            if status in _LISTS_TAGS:
                tags.update(dict.fromkeys(self._tags(frame[4:-2])))
            elif status != _NO_TAG:
                raise UnitRefused(code=status, unit=self.unit)
        if status == MORE or start != len(payload):
            raise AnswerMismatched(unit=self.unit)
        scan = Scan(tags)
        scan.status = status
        return scan

    def _tags(self, data: bytes) -> Iterator[str]:
        if not data:
            return
        start = 1
        for _ in range(data[0]):
            if start >= len(data) or not data[start] or start + data[start] >= len(data):
                raise AnswerMismatched(unit=self.unit)
            yield data[start + 1 : start + 1 + data[start]].hex().upper()
            start += 1 + data[start]
        if start != len(data):
            raise AnswerMismatched(unit=self.unit)
