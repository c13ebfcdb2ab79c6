"""UHFReader18: finds the frames of a scan among noise.

Every offset is a candidate, as on Modbus RTU; what was taken as a frame is no part of another.
"""

from collections.abc import Iterator
from heapq import heappop, heappush

from drivers.crc import RunningCrc
from drivers.errors import AnswerMismatched, FrameCorrupt, UnitSilent, WireError
from drivers.frames.uhfreader18 import CRC, INVENTORY, MAX_FRAME, MORE, SHORTEST, UhfReader18Question
from drivers.question import Question

MAX_HEARD = 4 * MAX_FRAME
MAX_SCAN_FRAMES = 16


class UhfReader18Framing:
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
        self._due = SHORTEST + 1
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
        self._head = bytes([question.unit, INVENTORY])
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
            if frame[3] != MORE:
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
            if length >= SHORTEST:
                heappush(waiting, (at + length, at - 1))
            at = heard.find(head, at + 1)
        # The last octet may be the first one of a head.
        self._scanned = scanned = most - 1 if most > 1 else 1
        self._due = due = min(scanned + SHORTEST, MAX_HEARD + 1)
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
        self._due = SHORTEST + 1

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
    candidates = [start for start, command in enumerate(heard[2:]) if command == INVENTORY]
    if not candidates:
        return
    most, behind = len(heard), 0
    sums, wanted = (crc or RunningCrc(CRC, heard)).sums()
    for start in candidates:
        end = start + heard[start] + 1
        if end <= most and sums[end] == wanted[start] and start >= behind and heard[start] >= SHORTEST:
            yield bytes(heard[start:end])
            behind = end
