"""Deying M76R/M77R receivers of wireless geomagnetic detectors: ASCII frames.

    poll    #HHH,*$DD                              host id 001 to 999, detector 01 to 99; no line end
    answer  $HHH,CC,DD,S,B,TTT,LLL*KK CR LF        channel, detector, state (1 vehicle, 0 none, 2 failed), battery 0 to 9,
                                                   threshold, delay in 10 ms, check

Source: devices.md 1.5 (manuals of M76/M77/M79). The manual calls KK the low byte of the sum of what stands between $ and *, and
its own example only fits the one's complement of that sum: both are taken. No check of eight bits is strong: hence no octet
may be out of place. Not known: what a poll without a detector brings, and unasked uploads.
"""

import re
from dataclasses import dataclass, field

from config.protocols import VOCABULARY, Protocol
from drivers.errors import AnswerMismatched
from drivers.frames.text import TextFraming
from drivers.question import Question, Shape

_ANSWER = re.compile(rb"\$([0-9]{3}),([0-9]{2}),([0-9]{2}),([012]),([0-9]),([0-9]{3}),([0-9]{3})\*([0-9A-Fa-f]{2})\r\n")
_OCTETS = 27


def _intact(answer: bytes) -> bool:
    total = sum(answer[1:-5]) & 0xFF
    return int(answer[-4:-2], 16) in (total, total ^ 0xFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class M77Question:
    protocol = Protocol.DEYING_M77
    unit: int
    detector: int
    shape: Shape = field(init=False)

    def __post_init__(self) -> None:
        vocabulary = VOCABULARY[Protocol.DEYING_M77]
        if self.unit not in vocabulary.units or self.detector not in (vocabulary.sub_units or ()):
            raise ValueError(f"no detector {self.detector} behind host {self.unit}")
        object.__setattr__(self, "shape", Shape(self.unit, ord("$"), self.detector, Protocol.DEYING_M77))

    @property
    def request(self) -> bytes:
        return b"#%03d,*$%02d" % (self.unit, self.detector)

    @property
    def request_octets(self) -> int:
        return len(self.request)

    @property
    def answer_octets(self) -> int:
        return _OCTETS

    def decode(self, payload: bytes) -> tuple[int, ...]:
        """Channel, state, battery, threshold, delay in ms."""
        found = _ANSWER.fullmatch(payload)
        if found is None or not _intact(payload) or (int(found[1]), int(found[3])) != (self.unit, self.detector):
            raise AnswerMismatched(unit=self.unit)
        return int(found[2]), int(found[4]), int(found[5]), int(found[6]), int(found[7]) * 10


class M77Framing(TextFraming):
    pattern = _ANSWER
    octets = _OCTETS

    def request(self, question: Question) -> bytes:
        assert isinstance(question, M77Question)
        return question.request

    def intact(self, answer: bytes) -> bool:
        return _intact(answer)

    def is_ours(self, answer: bytes, question: Question) -> bool:
        assert isinstance(question, M77Question)
        return (int(answer[1:4]), int(answer[8:10])) == (question.unit, question.detector)

    def unit_of(self, answer: bytes) -> int:
        return int(answer[1:4])
