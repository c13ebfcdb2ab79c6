"""Gap events that go out before their turn. Pure.

A platform that acknowledges what it has without a hole waits at a number that will never come until the gap event that accounts for
it has come. Where that stands further behind than what may be sent without the platform's word, both would wait for ever: so it is sent
ahead then, beside the order, and again when its turn comes. Until both wait, it stays where it is: a hole is mostly accounted for nearby.
"""

from collections import deque
from collections.abc import Collection, Iterable, Sequence

from gateway.journal.holes import runs
from gateway.journal.row import Missing, Row


class Ahead:
    """Of what has been sent since the window went back last."""

    def __init__(self) -> None:
        self._waiting: deque[Row] = deque()
        self._asked = False

    @property
    def empty(self) -> bool:
        return not self._waiting

    def wanted(self, released: int, unreleased: Iterable[Sequence[Row]], buried: Collection[int]) -> tuple[Missing, ...]:
        """Numbers that nobody will send, of those up to the last that was sent. Told once: until the platform or the window moves on,
        nothing is added to them, and this looks at all that is unreleased."""
        if self._asked:
            return ()
        self._asked = True
        missing: list[int] = []
        expected = released + 1
        for row in (row for rows in unreleased for row in rows):
            missing += range(expected, row.sequence)
            if row.sequence in buried:
                missing.append(row.sequence)
            # A batch of which the platform has the first half already.
            expected = max(expected, row.sequence + 1)
        return runs(missing)

    def give(self, rows: Iterable[Row]) -> None:
        self._waiting += rows

    def take(self) -> Row:
        return self._waiting.popleft()
