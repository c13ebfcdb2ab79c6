"""Honeywell HMR2300 magnetometer: ASCII frames.

    poll    *ddP CR                      one reading of unit dd, 00 to 98
    answer  three of: SN D D , D D D SP SP      then CR: 28 octets; SN is - or a space, leading zeros may be spaces,
                                                and where all before the comma is blank the comma is a space too

Source: devices.md 1.9 (data sheet). 15 000 counts are one gauss. An answer shows neither its unit nor a check: every octet
must be in its place, and a late answer of one unit can't be told from that of another: all have one shape. That the blanks
stand so, and not zeros, is unverified; both are taken.
"""

import re
from dataclasses import dataclass, field

from config.protocols import VOCABULARY, Protocol
from drivers.errors import AnswerMismatched
from drivers.frames.text import TextFraming
from drivers.question import Question, Shape

_NUMBER = rb"[ +-](?:[0-9]{2},[0-9]{3}| [0-9],[0-9]{3}| {3}[0-9]{3}| {4}[0-9]{2}| {5}[0-9])  "
_ANSWER = re.compile(rb"(?:" + _NUMBER + rb"){3}\r")
_AXIS_OCTETS = 9
_OCTETS = 28
_MOST = 0x7FFF
"""It counts in 16 bits."""


def _axes(answer: bytes) -> tuple[int, ...]:
    axes = (answer[start : start + _AXIS_OCTETS] for start in (0, _AXIS_OCTETS, 2 * _AXIS_OCTETS))
    return tuple(int(axis[1:].replace(b",", b"")) * (-1 if axis[:1] == b"-" else 1) for axis in axes)


def _intact(answer: bytes) -> bool:
    return all(abs(axis) <= _MOST for axis in _axes(answer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hmr2300Question:
    protocol = Protocol.HMR2300
    unit: int
    shape: Shape = field(default=Shape(0, ord("P"), _OCTETS, Protocol.HMR2300), init=False)

    def __post_init__(self) -> None:
        if self.unit not in VOCABULARY[Protocol.HMR2300].units:
            raise ValueError(f"no unit {self.unit}")

    @property
    def request(self) -> bytes:
        return b"*%02dP\r" % self.unit

    @property
    def request_octets(self) -> int:
        return len(self.request)

    @property
    def answer_octets(self) -> int:
        return _OCTETS

    def decode(self, payload: bytes) -> tuple[int, ...]:
        """x, y, z in counts."""
        if not _ANSWER.fullmatch(payload) or not _intact(payload):
            raise AnswerMismatched(unit=self.unit)
        return _axes(payload)


class Hmr2300Framing(TextFraming):
    """Its strays have no unit to be named by: none are told."""

    pattern = _ANSWER
    octets = _OCTETS

    def request(self, question: Question) -> bytes:
        assert isinstance(question, Hmr2300Question)
        return question.request

    def intact(self, answer: bytes) -> bool:
        return _intact(answer)

    def is_ours(self, answer: bytes, question: Question) -> bool:  # noqa: ARG002
        return True

    def strays(self, drained: bytes) -> tuple[int, ...]:  # noqa: ARG002
        return ()
