"""What is committed and not yet folded into the tables: the newest events' own records hold it.

A commit of an event writes its row and nothing else. Its states and the cursors ride in the row's record; next sequence and
chain are read off the newest row. From time to time, and at each start and stop, all that is folded into the tables.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from gateway.detection.change import Kept
from gateway.journal import rows, tables
from gateway.journal.row import Batch, Row
from gateway.journal.tables import Counters

_STATES_IN_A_RECORD_MAX = 32


class OutOfOrder(ValueError):
    """A batch that does not go on where the journal ends, or gives a taken number to another event: a programmer's error."""


@dataclass(slots=True)
class Tail:
    """Belongs to one transaction at a time: after one that failed, read it anew."""

    counters: Counters
    next_sequence: int
    link: bytes
    """Of the newest row."""
    states: dict[str, Kept] = field(default_factory=dict)
    """Newer than those in the table."""
    cursors: dict[str, int] = field(default_factory=dict)
    """All of them, as they are now."""

    @property
    def unfolded(self) -> int:
        return self.next_sequence - self.counters.next_sequence

    def released(self, uplinks: Sequence[str]) -> int:
        """Every row up to this one is released by all uplinks. It never goes back, not even when another uplink is configured."""
        floor = self.counters.acknowledged
        lowest = min((self.cursors.get(uplink, floor) for uplink in uplinks), default=floor)
        return max(floor, min(lowest, self.next_sequence - 1))

    def append(self, connection: sqlite3.Connection, batch: Batch) -> None:
        """Raises OutOfOrder, and then nothing has changed."""
        fresh = self._fresh(connection, batch.rows)
        states = {kept.subject: kept for kept in batch.states}
        carried = tuple(states.values()) if len(states) <= _STATES_IN_A_RECORD_MAX else ()
        for row in fresh:
            # With the last row: until it is there, none of the batch is.
            with_it = carried if row is fresh[-1] else ()
            self.link = rows.insert_row(connection, row, self.link, with_it, self.cursors if row is fresh[0] else None)
        self.next_sequence += len(fresh)
        self.states |= states
        if states and (not fresh or not carried):
            self.fold(connection)

    def _fresh(self, connection: sqlite3.Connection, given: Sequence[Row]) -> Sequence[Row]:
        """Those that are not kept yet. A commit that failed may have happened: the same batch is then given again."""
        known = 0
        while known < len(given) and given[known].sequence < self.next_sequence:
            if rows.row_at(connection, given[known].sequence) != given[known]:
                raise OutOfOrder(f"sequence {given[known].sequence} is taken by another event")
            known += 1
        for expected, row in enumerate(given[known:], self.next_sequence):
            if row.sequence != expected:
                raise OutOfOrder(f"sequence {row.sequence} where {expected} comes next")
        return given[known:]

    def fold(self, connection: sqlite3.Connection, *, epoch: int | None = None, uplinks: Sequence[str] = (), closed: bool = False) -> None:
        """Into the tables, within the transaction that runs."""
        tables.write_states(connection, self.states.values())
        tables.write_cursors(connection, self.cursors)
        self.states.clear()
        self.counters = replace(
            self.counters,
            epoch=self.counters.epoch if epoch is None else epoch,
            next_sequence=self.next_sequence,
            acknowledged=self.released(uplinks),
            closed=closed,
        )
        tables.write_counters(connection, self.counters)


def read_tail(connection: sqlite3.Connection) -> Tail | None:
    """None in a file that was made and not used yet. Raises Damaged."""
    counters = tables.read_counters(connection)
    if counters is None:
        return None
    tail = Tail(counters, counters.next_sequence, _newest_link(connection), cursors=tables.read_cursors(connection))
    with closing(rows.scan_found(connection, counters.next_sequence - 1)) as newer:
        for found in newer:
            entry = rows.sound(rows.entry_of(found))
            tail.states |= {kept.subject: kept for kept in entry.states}
            tail.cursors |= dict(entry.cursors)
            tail.next_sequence = entry.row.sequence + 1
    return tail


def _newest_link(connection: sqlite3.Connection) -> bytes:
    newest = rows.newest_sequence(connection)
    found = None if newest is None else rows.found_at(connection, newest)
    return rows.NO_LINK if found is None or found[6] is None else found[6]
