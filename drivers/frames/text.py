"""Finds an answer of fixed length in a stream of ASCII frames: what the two text protocols share.

The pattern of a whole answer is searched for at every offset. It has one length only, so each octet is looked at a bounded
number of times, and no more than the bound is ever kept.
"""

import re
from typing import ClassVar

from drivers.errors import AnswerMismatched, FrameCorrupt, UnitSilent, WireError
from drivers.question import Question

MAX_HEARD = 512


class TextFraming:
    drains = True
    pattern: ClassVar[re.Pattern[bytes]]
    """Of one whole answer, whosever it is."""
    octets: ClassVar[int]
    """Its length."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._request = b""
        self._question: Question | None = None
        self._scanned = 0
        self._others = False

    @property
    def enough(self) -> bool:
        return len(self._heard) >= self.octets + (len(self._request) if self._heard.startswith(self._request) else 0)

    def reset(self) -> None:
        self._heard.clear()
        self._scanned = 0
        self._others = False

    def ask(self, question: Question) -> bytes:
        self.reset()
        self._question = question
        self._request = self.request(question)
        return self._request

    def feed(self, data: bytes) -> bytes | None:
        question = self._question
        if question is None:
            return None
        heard = self._heard
        heard += data[: MAX_HEARD - len(heard)]
        for found in self.pattern.finditer(heard, self._scanned):
            payload = bytes(found[0])
            if not self.intact(payload):
                continue
            if not self.is_ours(payload, question):
                self._others = True
                continue
            self._question = None
            return payload
        # An answer that is whole has been looked at; one that is not may begin in the last octets.
        self._scanned = max(self._scanned, len(heard) - self.octets + 1)
        return None

    def verdict(self, timeout_s: float) -> WireError:
        unit = self._question.unit if self._question else 0
        if not self._heard or bytes(self._heard) == self._request:
            return UnitSilent(unit=unit, timeout_s=timeout_s)
        return AnswerMismatched(unit=unit) if self._others else FrameCorrupt(unit=unit, octets=len(self._heard))

    def strays(self, drained: bytes) -> tuple[int, ...]:
        heard = drained[:MAX_HEARD]
        return tuple(self.unit_of(found[0]) for found in self.pattern.finditer(heard) if self.intact(found[0]))

    def request(self, question: Question) -> bytes:
        raise NotImplementedError

    def intact(self, answer: bytes) -> bool:
        raise NotImplementedError

    def is_ours(self, answer: bytes, question: Question) -> bool:
        raise NotImplementedError

    def unit_of(self, answer: bytes) -> int:
        raise NotImplementedError
