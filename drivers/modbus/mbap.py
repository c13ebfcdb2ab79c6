"""Modbus TCP: finds the answer to our question in a stream.

    transaction id(2) | protocol id(2) = 0 | length(2) | unit(1) | PDU        length counts unit and PDU: 2 to 254

Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1. The transaction id decides whether an answer is
late. A stream whose header makes no sense can't be trusted again: the link must be opened anew.
"""

import struct

from drivers.errors import AnswerMismatched, FrameCorrupt, UnitSilent, WireError
from drivers.modbus.pdu import ModbusQuestion
from drivers.question import Question

_HEADER = struct.Struct(">HHHB")
_LATE_KEPT = 16


class MbapFraming:
    """The stream's rest lives on from one exchange to the next: a late answer may come in two halves."""

    drains = False
    enough = False

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._transaction = 0
        self._question: ModbusQuestion | None = None
        self._late: list[int] = []

    def reset(self) -> None:
        self._buffer.clear()

    def ask(self, question: Question) -> bytes:
        assert isinstance(question, ModbusQuestion)
        self._question = question
        self._transaction = (self._transaction + 1) & 0xFFFF
        return _HEADER.pack(self._transaction, 0, len(question.pdu) + 1, question.unit) + question.pdu

    def feed(self, data: bytes) -> bytes | None:
        question = self._question
        buffer = self._buffer
        if (
            question is not None
            and not buffer
            and len(data) == _HEADER.size + question.answer_length
            and _HEADER.unpack_from(data) == (self._transaction, 0, question.answer_length + 1, question.unit)
        ):
            # Nearly all answers come alone and whole, and need no buffer.
            self._question = None
            return data[_HEADER.size :]
        buffer += data
        while len(buffer) >= _HEADER.size:
            transaction, protocol, length, unit = _HEADER.unpack_from(buffer)
            if protocol != 0 or not 2 <= length <= 254:
                buffer.clear()
                raise FrameCorrupt(unit=question.unit if question else unit, octets=len(data))
            if len(buffer) < 6 + length:
                break
            pdu = bytes(buffer[7 : 6 + length])
            del buffer[: 6 + length]
            if question is None or transaction != self._transaction:
                self._keep_late(unit)
                continue
            # Answered: a second answer with the same transaction id is a stray.
            self._question = None
            if unit != question.unit:
                raise AnswerMismatched(unit=question.unit)
            return pdu
        return None

    def verdict(self, timeout_s: float) -> WireError:
        return UnitSilent(unit=self._question.unit if self._question else 0, timeout_s=timeout_s)

    def strays(self, drained: bytes) -> tuple[int, ...]:  # noqa: ARG002
        late, self._late = tuple(self._late), []
        return late

    def _keep_late(self, unit: int) -> None:
        if len(self._late) < _LATE_KEPT:
            self._late.append(unit)
