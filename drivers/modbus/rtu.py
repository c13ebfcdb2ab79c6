"""Modbus RTU: finds the answer to our question among noise.

    unit(1) | PDU(1 to 253) | CRC(2, low byte first)

Source: MODBUS over Serial Line V1.02, section 2.5. A frame has no start mark, and by the time that a byte is here the silence
around it is lost in buffers. So every offset is a candidate: it must show our unit, our function (or its refusal), the byte
count or the echo that our question demands, and a CRC that agrees. One running CRC checks each candidate in constant time, and
what comes beyond the bound is dropped: the cost is linear in the noise, whatever it was made to look like.

Some adapters hear what they send. An echo, whole or with its first or last octets lost, is no part of the answer. The answer to
a write of one value is equal to its echo: once another question has been heard back on this line, one copy is an echo and the
second one the answer. Before that has happened, one copy is taken for the answer.
"""

import re
from collections import deque
from collections.abc import Iterator

from drivers.errors import AnswerMismatched, FrameCorrupt, UnitSilent, WireError
from drivers.modbus.crc import RunningCrc, sealed
from drivers.modbus.pdu import REFUSAL, Function, ModbusQuestion
from drivers.question import Question

MAX_ADU = 256
MAX_HEARD = 2 * MAX_ADU
"""Noise, one frame of somebody else and our answer have room in it."""

_REFUSAL_ADU = 5
_ECHO_ADU = 8
_REMNANT = 4
"""So many octets of a request in a row are no accident."""
_CLEAN_ANSWERS = 3
"""So many answers in a row with nothing before them: the line has no echo any more."""


class _Sought:
    """Frames of one length that begin with one head: where they may be in what was heard, in order."""

    def __init__(self, head: bytes, length: int) -> None:
        self.length = length
        self.due = length
        """So many octets must have been heard before one more can be whole."""
        self._head = head
        self._next = 0
        self._starts: deque[int] = deque()

    def whole(self, heard: bytearray) -> int | None:
        """Where the next one begins that would be whole by now; each is given once."""
        starts = self._starts
        if not starts:
            head = self._head
            at = heard.find(head, self._next)
            while at >= 0:
                starts.append(at)
                at = heard.find(head, at + 1)
            unseen = len(heard) - len(head) + 1
            self._next = max(self._next, unseen)
        begins = starts[0] if starts else self._next
        self.due = begins + self.length
        return starts.popleft() if starts and self.due <= len(heard) else None


class RtuFraming:
    drains = True

    def __init__(self) -> None:
        self._heard = bytearray()
        self._crc = RunningCrc(self._heard)
        self._question: ModbusQuestion | None = None
        self._request = b""
        self._awaits_echo = False
        self._answer_equals_echo = False
        self._head = b""
        self._length = 0
        self._sought: tuple[_Sought, ...] = ()
        self._due = _REFUSAL_ADU
        """So many octets must have been heard before another look is worth its time: an octet of junk costs a comparison."""
        self._line_echoes = False
        self._clean_answers = 0
        self._echo_end = 0
        self._echo_next = 0
        self._remnant: int | None = None
        self._answer_from = 0

    @property
    def enough(self) -> bool:
        heard, length = len(self._heard), self._length
        if heard < length:
            return False
        echoed = self._echoed() if self._awaits_echo else self._echo_end
        return heard - echoed >= length

    def reset(self) -> None:
        """That the line echoes is not forgotten: a write that is wrongly held back is better than one wrongly believed."""
        self._clear()

    def ask(self, question: Question) -> bytes:
        assert isinstance(question, ModbusQuestion)
        self._question = question
        self._head = bytes([question.unit]) + question.answer_head
        self._length = question.answer_length + 3
        self._request = sealed(bytes([question.unit]) + question.pdu)
        self._answer_equals_echo = question.pdu == question.answer_head
        self._awaits_echo = self._line_echoes or not self._answer_equals_echo
        self._clear()
        return self._request

    def _clear(self) -> None:
        self._heard.clear()
        self._crc.restart()
        self._echo_end = self._echo_next = self._answer_from = 0
        self._remnant = None
        self._due = _REFUSAL_ADU
        head = self._head
        if head:
            self._sought = (_Sought(head, self._length), _Sought(bytes([head[0], head[1] | REFUSAL]), _REFUSAL_ADU))

    def feed(self, data: bytes) -> bytes | None:
        if self._question is None:
            return None
        heard = self._heard
        heard += data
        return None if len(heard) < self._due else self._look()

    def _look(self) -> bytes | None:
        heard = self._heard
        if len(heard) > MAX_HEARD:
            del heard[MAX_HEARD:]
        due = MAX_HEARD + 1
        for sought in self._sought:
            if len(heard) >= sought.due:
                while (start := sought.whole(heard)) is not None:
                    if self._awaits_echo:
                        self._look_for_echo()
                    end = start + sought.length
                    if start >= self._answer_from and self._crc.is_intact(start, end):
                        return self._found(bytes(heard[start:end]))
            due = min(due, sought.due)
        self._due = due
        return None

    def _found(self, frame: bytes) -> bytes:
        self._question = None
        self._learn(frame)
        return frame[1:-2]

    def _look_for_echo(self) -> None:
        """It stays where it is: what looks like its last octet may be the first one of the answer, and that its own be lost."""
        at = self._heard.find(self._request, self._echo_next)
        if at < 0:
            self._echo_next = max(0, len(self._heard) - len(self._request) + 1)
            return
        self._awaits_echo = False
        if not self._answer_equals_echo:
            self._line_echoes = True
            # What was heard before our own request is no answer to it.
            self._answer_from = at
        elif at and _remnant(self._heard, self._request):
            # The damaged echo stands before it: this is the other copy.
            return
        else:
            self._answer_from = at + 1
        self._echo_end = at + len(self._request)

    def _echoed(self) -> int:
        """How many octets, from the first one, belong to our own request."""
        if self._awaits_echo:
            self._look_for_echo()
        if not self._awaits_echo:
            return self._echo_end
        if self._remnant is not None:
            return self._remnant
        count = _remnant(self._heard, self._request)
        if _REMNANT <= len(self._heard) != count:
            # What follows it is something else, and stays so.
            self._remnant = count
        return count

    def _learn(self, frame: bytes) -> None:
        """Whether the line still echoes. A write of one value says nothing about it."""
        if not self._answer_equals_echo:
            self._clean_answers = self._clean_answers + 1 if self._heard.startswith(frame) else 0
            self._line_echoes = self._line_echoes and self._clean_answers < _CLEAN_ANSWERS

    def verdict(self, timeout_s: float) -> WireError:
        unit = self._question.unit if self._question else 0
        heard = self._heard
        if len(heard) == self._echoed():
            return UnitSilent(unit=unit, timeout_s=timeout_s)
        if next(intact_frames(bytes(heard[self._echo_end :])), None) is not None:
            return AnswerMismatched(unit=unit)
        return FrameCorrupt(unit=unit, octets=len(heard) - self._echo_end)

    def strays(self, drained: bytes) -> tuple[int, ...]:
        return tuple(frame[0] for frame in intact_frames(drained[:MAX_HEARD]))


def _remnant(heard: bytearray, request: bytes) -> int:
    """How many octets at the front of what was heard are of our own request, whose first or last octets may be lost."""
    at = request.find(heard[:_REMNANT]) if len(heard) >= _REMNANT else -1
    if at < 0:
        return 0
    count = _REMNANT
    most = min(len(heard), len(request) - at)
    while count < most and heard[count] == request[at + count]:
        count += 1
    return count


def intact_frames(heard: bytes) -> Iterator[bytes]:
    """Every frame of an answer that is whole, whosever it is. Its length is what its own function and byte count say."""
    crc = RunningCrc(heard)
    most = len(heard)
    behind = 0
    for found in _FUNCTIONS.finditer(heard, 1, max(1, most - _REFUSAL_ADU + 2)):
        at = found.start()
        if at <= behind:
            continue
        end = at - 1 + (_LENGTHS[heard[at]] or heard[at + 1] + _REFUSAL_ADU)
        if end <= most and end - at < MAX_ADU and crc.is_intact(at - 1, end):
            yield heard[at - 1 : end]
            behind = end


def _length_of(function: int) -> int:
    if function in (5, 6, 15, 16):
        return _ECHO_ADU
    return _REFUSAL_ADU if function & REFUSAL else 0


_LENGTHS = tuple(map(_length_of, range(256)))
"""Of an answer, by its function; 0 where its byte count tells."""
_FUNCTIONS = re.compile(b"[" + re.escape(bytes([*Function, *(each | REFUSAL for each in Function)])) + b"]")
