"""Which events the broker has refused, and whether it is the event or the broker. Pure.

A message that is refused comes again event by event, so that one bad event is found among the good ones. An event is given up
only when it was refused alone, several times, and others were taken meanwhile, or when the broker ended the connection for
it by name of the reason: a broker that takes nothing at all says nothing about an event.
"""

from collections.abc import Sequence

from gateway.journal.row import Row

TRIES = 3
_PAUSE_MAX_S = 8.0


class Refusals:
    def __init__(self) -> None:
        self.alone: set[int] = set()
        """Sequences that share their message with nobody."""
        self.careful = False
        """Whether one of those ends connections: then one message at a time, until they have passed."""
        self._refused: set[int] = set()
        self._tries: dict[int, int] = {}
        self._accepted_before: dict[int, int] = {}
        self._accepted = 0
        self._streak = 0

    @property
    def first(self) -> int | None:
        """The earliest event that the broker has said no to and not taken since: nobody behind it can have it."""
        return min(self._refused, default=None)

    @property
    def pause_s(self) -> float:
        """How long to wait before the next try."""
        return min(_PAUSE_MAX_S, 2.0 ** (self._streak - 1)) if self._streak else 0.0

    def accepted(self, rows: Sequence[Row]) -> None:
        self._accepted += 1
        self._streak = 0
        if self._refused:
            for row in rows:
                self.settled(row.sequence)

    def settled(self, sequence: int) -> None:
        """Taken at last, or given up."""
        self._refused.discard(sequence)
        self.alone.discard(sequence)
        self._tries.pop(sequence, None)
        self._accepted_before.pop(sequence, None)
        self.careful = self.careful and bool(self.alone)

    def refused(self, rows: Sequence[Row], *, whole_broker: bool = False, deadly: bool = False) -> Row | None:
        """The event to give up, where that is certain now. `deadly`: the connection was ended for one of these."""
        self._refused.update(row.sequence for row in rows)
        if whole_broker:
            self._streak += 1
            return None
        self.careful = self.careful or deadly
        if len(rows) > 1:
            self.alone.update(row.sequence for row in rows)
            return None
        self._streak += 1
        sequence = rows[0].sequence
        self.alone.add(sequence)
        self._tries[sequence] = self._tries.get(sequence, 0) + 1
        before = self._accepted_before.setdefault(sequence, self._accepted)
        certain = self._tries[sequence] >= TRIES and (deadly or self._accepted > before)
        return rows[0] if certain else None
