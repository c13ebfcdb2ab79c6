"""When a bay's field last left where it stood, for how long it kept moving, and how far it went: what bays side by side compare."""

from math import inf

_APART_S = 5.0
"""What moves within so much is one manoeuvre."""


class Stirring:
    __slots__ = ("from_s", "size_ut", "until_s")

    def __init__(self) -> None:
        self.from_s = self.until_s = -inf
        self.size_ut = 0.0
        """At the most, from where it had stood."""

    def feed(self, now: float, size_ut: float) -> None:
        """A sample that is `size_ut` away from where the field stood last, and does not stand there."""
        if now - self.until_s > _APART_S:
            self.from_s, self.size_ut = now, 0.0
        self.until_s, self.size_ut = now, max(self.size_ut, size_ut)

    def within(self, from_s: float, until_s: float) -> bool:
        return self.from_s <= until_s and self.until_s >= from_s
