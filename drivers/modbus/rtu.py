"""Modbus RTU: finds the answer to our question among noise.

    unit(1) | PDU(1 to 253) | CRC(2, low byte first)

Source: MODBUS over Serial Line V1.02, section 2.5. A frame has no start mark, and by the time that a byte is here the silence
around it is lost in buffers. So every offset is a candidate: it must show our unit, our function (or its refusal), the byte
count or the echo that our question demands, and a CRC that agrees. One running CRC checks each candidate in constant time, and
what comes beyond the bound is dropped: the cost is linear in the noise, whatever it was made to look like. Between two looks an
octet costs a comparison.
"""

from dataclasses import dataclass

from drivers.crc import RunningCrc
from drivers.errors import AnswerMismatched, FrameCorrupt, UnitSilent, WireError
from drivers.modbus.crc import CRC
from drivers.modbus.echo import Echo
from drivers.modbus.intact import intact_frames
from drivers.modbus.pdu import MAX_ADU, REFUSAL, REFUSAL_ADU, ModbusQuestion
from drivers.question import Question

MAX_HEARD = 2 * MAX_ADU
"""Noise, one frame of somebody else and our answer have room in it."""
_NEVER = MAX_HEARD + 1
_TABLE = CRC.table


_ASKED_KEPT = 512


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked again and again on a line: encoded once."""

    question: ModbusQuestion
    request: bytes
    answer_head: bytes
    refusal_head: bytes
    refusal_crc: int
    answer_equals_echo: bool

    @classmethod
    def of(cls, question: ModbusQuestion) -> "_Asked":
        unit = bytes([question.unit])
        refusal_head = bytes([question.unit, question.function | REFUSAL])
        return cls(
            question=question,
            request=CRC.sealed(unit + question.pdu),
            answer_head=unit + question.answer_head,
            refusal_head=refusal_head,
            refusal_crc=CRC.of(refusal_head),
            answer_equals_echo=question.pdu == question.answer_head,
        )


class RtuFraming:
    drains = True

    def __init__(self) -> None:
        self._heard = bytearray()
        self._crc = RunningCrc(CRC, self._heard)
        self._echo = Echo(self._heard)
        self._question: ModbusQuestion | None = None
        self._kept: dict[int, _Asked] = {}
        """By the question's id, which is its own for as long as it is kept here."""
        self._answer_head = self._refusal_head = b""
        self._refusal_crc = 0
        self._length = 0
        self._answer_at = self._refusal_at = 0
        """Where the next one may begin. No place is looked at twice."""
        self._due = _NEVER
        """So many octets must have been heard before a frame more can be whole, and another look is worth its time."""

    @property
    def enough(self) -> bool:
        return self._question is not None and len(self._heard) - self._echo.octets() >= self._question.answer_octets

    def reset(self) -> None:
        self._question = None
        self._heard.clear()
        self._echo.restart()

    def ask(self, question: Question) -> bytes:
        assert isinstance(question, ModbusQuestion)
        self._question = question
        self._heard.clear()
        self._crc.restart()
        asked = self._kept.get(id(question)) or self._encoded(question)
        self._echo.ask(asked.request, answer_equals_echo=asked.answer_equals_echo)
        self._answer_head, self._refusal_head, self._refusal_crc = asked.answer_head, asked.refusal_head, asked.refusal_crc
        self._length = question.answer_octets
        self._answer_at = self._refusal_at = 0
        self._due = REFUSAL_ADU
        return asked.request

    def _encoded(self, question: ModbusQuestion) -> _Asked:
        if len(self._kept) >= _ASKED_KEPT:
            self._kept.clear()
        asked = self._kept[id(question)] = _Asked.of(question)
        return asked

    def feed(self, data: bytes) -> bytes | None:
        if self._question is None:
            return None
        heard = self._heard
        heard += data
        return None if len(heard) < self._due else self._look()

    def _look(self) -> bytes | None:
        heard = self._heard
        most = len(heard)
        if most > MAX_HEARD:
            del heard[MAX_HEARD:]
            most = MAX_HEARD
        frame = self._whole_answer(most) if most >= self._answer_at + self._length else None
        if frame is None:
            # Looked for before it is due, too: so it is not due at another octet than the answer.
            frame = self._whole_refusal(most)
        if frame is not None:
            self._question = None
            self._echo.learn(frame)
            return frame[1:-2]
        answer_due, refusal_due = self._answer_at + self._length, self._refusal_at + REFUSAL_ADU
        due = min(answer_due, refusal_due)
        self._due = due if due <= MAX_HEARD else _NEVER
        return None

    def _whole_answer(self, most: int) -> bytes | None:
        heard, head, length = self._heard, self._answer_head, self._length
        at = heard.find(head, self._answer_at)
        last = most - length
        while 0 <= at <= last:
            if self._crc.is_intact(at, at + length) and at >= self._echo.answer_from():
                return bytes(heard[at : at + length])
            at = heard.find(head, at + 1)
        # Where there is none, the last octets may be the front of one.
        self._answer_at = at if at >= 0 else max(self._answer_at, most - len(head) + 1)
        return None

    def _whole_refusal(self, most: int) -> bytes | None:
        heard, head = self._heard, self._refusal_head
        at = heard.find(head, self._refusal_at)
        last = most - REFUSAL_ADU
        while 0 <= at <= last:
            # Shorter than what the running CRC takes to catch up.
            state = self._refusal_crc
            state = (state >> 8) ^ _TABLE[(state ^ heard[at + 2]) & 0xFF]
            if heard[at + 3] == state & 0xFF and heard[at + 4] == state >> 8 and at >= self._echo.answer_from():
                return bytes(heard[at : at + REFUSAL_ADU])
            at = heard.find(head, at + 1)
        if at >= 0:
            self._refusal_at = at
        elif self._refusal_at < most:
            self._refusal_at = most - 1
        return None

    def verdict(self, timeout_s: float) -> WireError:
        unit = self._question.unit if self._question else 0
        heard, echo = self._heard, self._echo
        if len(heard) == echo.octets():
            return UnitSilent(unit=unit, timeout_s=timeout_s)
        if next(intact_frames(heard, echo.end, self._crc), None) is not None:
            return AnswerMismatched(unit=unit)
        return FrameCorrupt(unit=unit, octets=len(heard) - echo.end)

    def strays(self, drained: bytes) -> tuple[int, ...]:
        return tuple(frame[0] for frame in intact_frames(drained[:MAX_HEARD]))
