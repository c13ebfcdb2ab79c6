"""The journal's file, seen from its one thread. Everything here blocks; `journal.py` is the asynchronous side.

One transaction holds events, the states that they lead to, the next sequence and the watermark of acknowledgements. A row is
inserted once, and removed only when it is acknowledged and its space is needed: the oldest first, in ranges.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from gateway.detection.change import Kept
from gateway.journal import schema, tables
from gateway.journal.row import Backlog, Batch, Row
from gateway.journal.tables import Counters
from gateway.journal.trouble import Damaged, JournalTrouble, primary_code, trouble_of

__all__ = ["JournalTrouble", "OutOfOrder", "Store"]

_REMOVED_AT_ONCE = 64
_HEADROOM_PAGES = 16


class OutOfOrder(ValueError):
    """A batch that does not go on where the journal ends, or gives a taken number to another event: a programmer's error."""


class Store:
    """Owns the connection. After an error of the disk it is closed, and opened and checked anew at the next call: what a failed
    sync left in the system's memory is not to be believed."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], path: Path, max_mb: int, uplinks: Sequence[str] = ()) -> None:
        """Opened at once. `connect` raises JournalTrouble, Damaged. `uplinks` must all have released a row before it may go."""
        self._open: sqlite3.Connection | None = connect()
        self._connect = connect
        self._path = path
        self._max_mb = max_mb
        self._uplinks = tuple(uplinks)

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """For something that either happens or raises JournalTrouble or Damaged."""
        try:
            if self._open is None:
                self._open = self._connect()
            yield self._open
        except sqlite3.Error as error:
            if primary_code(error) == sqlite3.SQLITE_FULL:
                self._after_full()
            else:
                self.close()
            raise trouble_of(error, self._path) from error

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """For something that either happens or raises JournalTrouble: once the daemon runs, damage is trouble."""
        try:
            with self.connection() as connection:
                yield connection
        except Damaged as damaged:
            raise JournalTrouble("journal.damaged", path=str(self._path), found=damaged.found) from damaged

    @contextmanager
    def _transaction(self, entered: AbstractContextManager[sqlite3.Connection]) -> Iterator[sqlite3.Connection]:
        with entered as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # SQLite may have rolled back by itself.
                if connection.in_transaction:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """The log goes into the file, so that one file is all there is."""
        if self._open is not None:
            with suppress(sqlite3.Error):
                self._open.close()
            self._open = None

    def _after_full(self) -> None:
        """Move what is committed into the file, so that the log's own space can be used again."""
        if self._open is not None:
            with suppress(sqlite3.Error):
                self._open.execute("PRAGMA wal_checkpoint(RESTART)")

    def begin(self, gateway: str, first_epoch: int) -> Counters:
        """A new start: the epoch is kept before anything is given an id of it. Raises JournalTrouble, Damaged."""
        with self._transaction(self.connection()) as connection:
            found = tables.read_counters(connection)
            if found is not None and found.name != gateway:
                raise JournalTrouble("journal.other_gateway", path=str(self._path), found=found.name, gateway=gateway)
            counters = Counters(gateway, first_epoch, 1, 0) if found is None else replace(found, epoch=found.epoch + 1)
            tables.write_counters(connection, counters)
        return counters

    def next_epoch(self, beyond: int) -> int:
        """Another epoch within this start, later than `beyond`, kept before anything is given an id of it. Raises JournalTrouble."""
        with self._transaction(self.reading()) as connection:
            counters = _counters(connection)
            epoch = max(counters.epoch, beyond) + 1
            tables.write_counters(connection, replace(counters, epoch=epoch))
            return epoch

    def bury(self, uplink: str, sequence: int, why: str) -> None:
        """Raises JournalTrouble."""
        with self._transaction(self.reading()) as connection:
            tables.write_dead_letter(connection, uplink, sequence, why)

    def commit(self, batches: Sequence[Batch], cursors: Mapping[str, int]) -> list[OutOfOrder | None]:
        """All of these in one transaction, and the cursors. What comes back says which batch was out of order and is not kept."""
        outcome: list[OutOfOrder | None] = []
        tight = False
        try:
            with self._transaction(self.reading()) as connection:
                before = _counters(connection)
                tables.write_cursors(connection, cursors)
                counters = replace(before, acknowledged=released(self._uplinks, tables.read_cursors(connection), before))
                tight = self._make_room(connection, counters.acknowledged, sum(len(row.body) for batch in batches for row in batch.rows))
                for batch in batches:
                    try:
                        fresh = _fresh(connection, batch.rows, counters.next_sequence)
                    except OutOfOrder as error:
                        outcome.append(error)
                        continue
                    for row in fresh:
                        tables.insert_row(connection, row)
                    for kept in batch.states:
                        tables.write_state(connection, kept)
                    counters = replace(counters, next_sequence=counters.next_sequence + len(fresh))
                    outcome.append(None)
                if counters != before:
                    tables.write_counters(connection, counters)
        except JournalTrouble as trouble:
            if tight and trouble.sentence == "journal.disk_full":
                raise JournalTrouble("journal.full", path=str(self._path), max_mb=self._max_mb) from trouble
            raise
        return outcome

    def _make_room(self, connection: sqlite3.Connection, acknowledged: int, coming_bytes: int) -> bool:
        """Remove the oldest acknowledged rows until what comes will fit. True when it is still tight."""
        limit = schema.read_pragma(connection, "max_page_count")
        headroom = max(_HEADROOM_PAGES, limit // 16) + 2 * coming_bytes // schema.PAGE_BYTES
        while _pages_used(connection) > limit - headroom:
            oldest = tables.oldest_sequence(connection)
            if oldest is None or oldest > acknowledged:
                return True
            upto = min(acknowledged, oldest + _REMOVED_AT_ONCE - 1)
            connection.execute("DELETE FROM event WHERE sequence <= ?", (upto,))
        return False

    def after(self, sequence: int, limit: int) -> tuple[Row, ...]:
        with self.reading() as connection:
            return tuple(tables.rows_after(connection, sequence, limit))

    def states(self) -> tuple[Kept, ...]:
        with self.reading() as connection:
            return tables.read_states(connection)

    def cursors(self, counters: Counters) -> dict[str, int]:
        """Of the configured uplinks. Raises JournalTrouble."""
        with self.reading() as connection:
            kept = tables.read_cursors(connection)
        return {uplink: kept.get(uplink, counters.acknowledged) for uplink in self._uplinks}

    def backlog(self, acknowledged: int) -> Backlog:
        """Counted by number: rows follow each other without holes, save after a damaged file was salvaged."""
        with self.reading() as connection:
            counters = tables.read_counters(connection)
            last = 0 if counters is None else counters.next_sequence - 1
            acknowledged = max(acknowledged, 0 if counters is None else counters.acknowledged)
            oldest = tables.oldest_sequence(connection)
            return Backlog(
                waiting=last - acknowledged,
                acknowledged=0 if oldest is None or oldest > acknowledged else acknowledged - oldest + 1,
                oldest_waiting=next(tables.rows_after(connection, acknowledged, 1), None),
                last_sequence=last,
                bytes_on_disk=bytes_on_disk(self._path),
            )


def released(uplinks: Sequence[str], cursors: Mapping[str, int], counters: Counters) -> int:
    """Every row up to this one is released by all uplinks. It never goes back, not even when another uplink is configured."""
    lowest = min((cursors.get(uplink, counters.acknowledged) for uplink in uplinks), default=0)
    return max(counters.acknowledged, min(lowest, counters.next_sequence - 1))


def _counters(connection: sqlite3.Connection) -> Counters:
    """Raises Damaged."""
    counters = tables.read_counters(connection)
    if counters is None:
        raise Damaged("it was replaced by an empty one")
    return counters


def _fresh(connection: sqlite3.Connection, rows: Sequence[Row], next_sequence: int) -> Sequence[Row]:
    """Those that are not kept yet. A commit that failed may have happened: the same batch is then given again."""
    known = 0
    while known < len(rows) and rows[known].sequence < next_sequence:
        if tables.row_at(connection, rows[known].sequence) != rows[known]:
            raise OutOfOrder(f"sequence {rows[known].sequence} is taken by another event")
        known += 1
    fresh = rows[known:]
    for expected, row in enumerate(fresh, next_sequence):
        if row.sequence != expected:
            raise OutOfOrder(f"sequence {row.sequence} where {expected} comes next")
    return fresh


def _pages_used(connection: sqlite3.Connection) -> int:
    return schema.read_pragma(connection, "page_count") - schema.read_pragma(connection, "freelist_count")


def bytes_on_disk(path: Path) -> int:
    return sum(file.stat().st_size for file in (path, path.with_name(path.name + "-wal")) if file.exists())
