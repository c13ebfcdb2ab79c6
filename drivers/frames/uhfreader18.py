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
from heapq import heappop, heappush

from config.protocols import VOCABULARY, Protocol
from drivers.crc import Crc16, RunningCrc
from drivers.errors import AnswerMismatched, FrameCorrupt, UnitRefused, UnitSilent, WireError
from drivers.question import Question, Shape

MAX_FRAME = 256
MAX_HEARD = 4 * MAX_FRAME
MAX_SCAN_FRAMES = 16
_INVENTORY = 0x01
_SHORTEST = 5
"""The smallest Len of an answer."""
_MORE = 0x03
_NO_TAG = 0xFB
_LISTS_TAGS = (0x01, 0x02, _MORE, 0x04)


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
        object.__setattr__(self, "shape", Shape(self.unit, _INVENTORY, 0, Protocol.UHFREADER18))

    @property
    def request(self) -> bytes:
        return CRC.sealed(bytes([4, self.unit, _INVENTORY]))

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
        status = _MORE
        while status == _MORE and start < len(payload):
            frame = payload[start : start + payload[start] + 1]
            start += len(frame)
            if (
                len(frame) <= _SHORTEST
                or len(frame) != frame[0] + 1
                or frame[1:3] != bytes([self.unit, _INVENTORY])
                or not CRC.is_intact(frame)
            ):
                raise AnswerMismatched(unit=self.unit)
            status = frame[3]
            if status in _LISTS_TAGS:
                tags.update(dict.fromkeys(self._tags(frame[4:-2])))
            elif status != _NO_TAG:
                raise UnitRefused(code=status, unit=self.unit)
        if status == _MORE or start != len(payload):
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


class UhfReader18Framing:
    """Every offset is a candidate, as on Modbus RTU; what was taken as a frame is no part of another."""

    drains = True

    def __init__(self) -> None:
        self._heard = bytearray()
        self._crc = RunningCrc(CRC, self._heard)
        self._question: UhfReader18Question | None = None
        self._scan = b""
        self._frames = 0
        self._head = b""
        self._waiting: list[tuple[int, int]] = []
        """End and start of candidates that are not whole, the next to end first."""
        self._scanned = 1
        self._due = _SHORTEST + 1
        """So many octets must have been heard before a frame more can be whole."""

    @property
    def enough(self) -> bool:
        """Never known: a scan is as long as it is."""
        return False

    def reset(self) -> None:
        self._drop(len(self._heard))
        self._scan = b""
        self._frames = 0

    def ask(self, question: Question) -> bytes:
        assert isinstance(question, UhfReader18Question)
        self.reset()
        self._question = question
        self._head = bytes([question.unit, _INVENTORY])
        return question.request

    def feed(self, data: bytes) -> bytes | None:
        """Raises FrameCorrupt for a scan without an end."""
        question = self._question
        if question is None:
            return None
        heard = self._heard
        heard += data
        return None if len(heard) < self._due else self._look(question)

    def _look(self, question: UhfReader18Question) -> bytes | None:
        while (frame := self._next()) is not None:
            self._scan += frame
            self._frames += 1
            if frame[3] != _MORE:
                self._question = None
                return self._scan
            if self._frames == MAX_SCAN_FRAMES:
                self._question = None
                raise FrameCorrupt(unit=question.unit, octets=len(self._scan))
        return None

    def _next(self) -> bytes | None:
        heard, head, waiting = self._heard, self._head, self._waiting
        most = len(heard)
        if most > MAX_HEARD:
            del heard[MAX_HEARD:]
            most = MAX_HEARD
        at = heard.find(head, self._scanned)
        while at >= 0:
            length = heard[at - 1]
            if length >= _SHORTEST:
                heappush(waiting, (at + length, at - 1))
            at = heard.find(head, at + 1)
        # The last octet may be the first one of a head.
        self._scanned = scanned = most - 1 if most > 1 else 1
        self._due = due = min(scanned + _SHORTEST, MAX_HEARD + 1)
        while waiting:
            end, start = waiting[0]
            if end > most:
                if end < due:
                    self._due = end
                break
            heappop(waiting)
            if self._crc.is_intact(start, end):
                frame = bytes(heard[start:end])
                self._drop(end)
                return frame
        return None

    def _drop(self, octets: int) -> None:
        del self._heard[:octets]
        self._crc.restart()
        self._waiting = []
        self._scanned = 1
        self._due = _SHORTEST + 1

    def verdict(self, timeout_s: float) -> WireError:
        question = self._question
        unit = question.unit if question else 0
        if self._frames:
            # The rest of the scan never came: what is missing may be the very bike.
            return FrameCorrupt(unit=unit, octets=len(self._scan))
        if not self._heard or (question and bytes(self._heard) == question.request):
            return UnitSilent(unit=unit, timeout_s=timeout_s)
        if next(_intact_frames(self._heard, self._crc), None) is not None:
            return AnswerMismatched(unit=unit)
        return FrameCorrupt(unit=unit, octets=len(self._heard))

    def strays(self, drained: bytes) -> tuple[int, ...]:
        return tuple(frame[1] for frame in _intact_frames(drained[: 2 * MAX_FRAME]))


def _intact_frames(heard: bytes | bytearray, crc: RunningCrc | None = None) -> Iterator[bytes]:
    """Every answer to an inventory that is whole, whosever it is; `crc` runs over the same octets."""
    candidates = [start for start, command in enumerate(heard[2:]) if command == _INVENTORY]
    if not candidates:
        return
    most, behind = len(heard), 0
    sums, wanted = (crc or RunningCrc(CRC, heard)).sums()
    for start in candidates:
        end = start + heard[start] + 1
        if end <= most and sums[end] == wanted[start] and start >= behind and heard[start] >= _SHORTEST:
            yield bytes(heard[start:end])
            behind = end
