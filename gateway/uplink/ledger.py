"""What was sent and is not released yet, and whose word releases it. Pure.

broker     its PUBACKs release events, in order: one that is missing holds back those behind it
platform   only its own cumulative acknowledgement does, also of what the broker will never take: until it has said that it
           knows, it may be waiting for just that
"""

from collections import deque
from collections.abc import Collection, Iterable, Sequence

from config.site import Acknowledgement
from gateway.journal.row import Row


class Ledger:
    """`released` is the highest number up to which every event is released; `most` messages are sent beyond that."""

    def __init__(self, mode: Acknowledgement, released: int, most: int) -> None:
        self.released = released
        self._mode = mode
        self._most = most
        self._unreleased: deque[tuple[Row, ...]] = deque()
        self._acked: set[int] = set()
        self._buried: set[int] = set()

    @property
    def unreleased(self) -> Sequence[tuple[Row, ...]]:
        """In order; one that is buried stands alone."""
        return self._unreleased

    @property
    def buried(self) -> Collection[int]:
        """What is in the dead-letter table, of what is not released."""
        return self._buried

    @property
    def room(self) -> int:
        return self._most - len(self._unreleased)

    def go_back(self) -> None:
        """All of it is going to be sent again."""
        self._unreleased.clear()
        self._acked.clear()

    def sent(self, rows: tuple[Row, ...]) -> None:
        self._unreleased.append(rows)

    def passed(self, row: Row) -> int | None:
        """It is buried, and its turn has come. Up to where that releases, if it does."""
        self._unreleased.append((row,))
        return None if self._mode is Acknowledgement.PLATFORM else self._advance()

    def bury(self, sequences: Iterable[int]) -> None:
        self._buried.update(sequence for sequence in sequences if sequence > self.released)

    def broker_has(self, first: int) -> int | None:
        """The message that begins with this event. Up to where that releases, if it does."""
        if self._mode is Acknowledgement.PLATFORM:
            return None
        self._acked.add(first)
        return self._advance()

    def _advance(self) -> int | None:
        before = self.released
        while self._unreleased and self._is_done(first := self._unreleased[0][0].sequence):
            self._acked.discard(first)
            self._buried.discard(first)
            self.released = self._unreleased.popleft()[-1].sequence
        return self.released if self.released > before else None

    def _is_done(self, first: int) -> bool:
        return first in self._acked or first in self._buried

    def platform_has(self, upto: int) -> None:
        """Everything up to here."""
        self.released = upto
        while self._unreleased and self._unreleased[0][-1].sequence <= upto:
            self._unreleased.popleft()
        self._buried = {sequence for sequence in self._buried if sequence > upto}

    def still_open(self, rows: Iterable[Row]) -> list[Row]:
        """Those that the platform has not acknowledged meanwhile: what it has, no broker refused."""
        return [row for row in rows if row.sequence > self.released]
