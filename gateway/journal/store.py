"""The journal's file, seen from its one thread. Everything here blocks; `journal.py` is the asynchronous side.

One transaction holds events, the states that they lead to, the next sequence and the cursors of acknowledgements. A row is
inserted once, and removed only when it is released and its space is needed: the oldest first, in ranges (`room.py`).
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path

from gateway.detection.change import Kept
from gateway.journal import rows, tables
from gateway.journal.holes import accounting, missing
from gateway.journal.journal_file import JournalFile
from gateway.journal.reserve import Reserve
from gateway.journal.room import make_room
from gateway.journal.row import Anchor, Backlog, Batch, Gap, Missing, Page, Row
from gateway.journal.tables import Counters
from gateway.journal.tail import OutOfOrder, Tail, read_tail
from gateway.journal.trouble import Damaged, JournalTrouble

__all__ = ["JournalTrouble", "OutOfOrder", "Store"]

_FOLD_EVENTS = 256


class Store:
    """Knows what the file ends with, and keeps to the order of it."""

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        path: Path,
        max_mb: int,
        uplinks: Sequence[str] = (),
        set_aside: Callable[[], object] | None = None,
    ) -> None:
        """`uplinks` must all have released a row before it may go. `connect` and `set_aside` as for JournalFile."""
        self._file = JournalFile(connect, path, set_aside, self._forget)
        self._tail: Tail | None = None
        self._path = path
        self._max_mb = max_mb
        self._uplinks = tuple(uplinks)
        self._gateway: str | None = None
        self._epoch = 0
        self._next_sequence = 1
        self._reserve = Reserve(path, max_mb)
        self._disk_full = False
        self.gaps: list[Gap] = []
        """What was lost or sacrificed while it was used, and must be told. Whoever tells it takes it out."""

    def connection(self) -> AbstractContextManager[sqlite3.Connection]:
        """For something that either happens or raises JournalTrouble or Damaged."""
        return self._file.connection()

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """For something that either happens or raises JournalTrouble."""
        return self._file.reading()

    def _forget(self) -> None:
        self._tail = None

    def _known_tail(self, connection: sqlite3.Connection) -> Tail:
        """Raises Damaged."""
        if self._tail is None:
            self._tail = read_tail(connection)
        if self._tail is None:
            if self._gateway is None or self._next_sequence > 1:
                raise Damaged("it was replaced by an empty one")
            self._tail = Tail(Counters(self._gateway, 0, 1, 0), 1, rows.NO_LINK)
        # Numbers that were confirmed are never given again, whatever became of their rows.
        self._tail.next_sequence = max(self._tail.next_sequence, self._next_sequence)
        if self._file.incomplete:
            self._file.incomplete = False
            self._miss(connection, self._tail)
        return self._tail

    def _miss(self, connection: sqlite3.Connection, tail: Tail) -> None:
        released = tail.released(self._uplinks)
        with closing(rows.scan_found(connection, released)) as found:
            self.gaps += [Gap("journal_damaged", (hole,)) for hole in missing(found, released, tail.next_sequence - 1)]

    def close(self) -> None:
        """In order: all is folded, and the log goes into the file, so that one file is all there is."""
        if self._file.is_open and self._tail is not None:
            with suppress(JournalTrouble), self._file.transaction(self.reading()) as connection:
                self._known_tail(connection).fold(connection, uplinks=self._uplinks, closed=True)
        self.drop()

    def drop(self) -> None:
        """As by a kill: the log stays beside the file."""
        self._file.close()

    def go_on(self, gateway: str, epoch: int, next_sequence: int) -> None:
        """What a start has decided: the first transaction keeps the epoch, so that no id of it is ever told before."""
        self._gateway, self._epoch, self._next_sequence = gateway, epoch, next_sequence

    def begin(self) -> None:
        """Keep the epoch at once. Raises JournalTrouble, Damaged."""
        with self._file.transaction(self.connection()) as connection:
            self._known_tail(connection).fold(connection, epoch=self._epoch, uplinks=self._uplinks)

    def next_epoch(self, ahead: int, beyond: int) -> int:
        """Another epoch within this start, later than `beyond`, kept before anything is given an id of it. Raises JournalTrouble."""
        with self._file.transaction(self.reading()) as connection:
            tail = self._known_tail(connection)
            epoch = max(self._epoch, tail.counters.epoch, beyond) + ahead
            tail.fold(connection, epoch=epoch, uplinks=self._uplinks)
        self._epoch = epoch
        return epoch

    def bury(self, uplink: str, sequence: int, why: str) -> None:
        """Raises JournalTrouble."""
        with self._file.transaction(self.reading()) as connection:
            tables.write_dead_letter(connection, uplink, sequence, why)

    def buried(self, uplink: str, first: int, last: int) -> frozenset[int]:
        """Raises JournalTrouble."""
        with self.reading() as connection:
            return tables.read_dead_letters(connection, uplink, first, last)

    def commit(self, batches: Sequence[Batch], cursors: Mapping[str, int]) -> list[OutOfOrder | None]:
        """All of these in one transaction, and the cursors. What comes back says which batch was out of order and is not kept."""
        outcome = self._commit_somehow(batches, cursors)
        self._reserve.hold()
        self._disk_full = self._disk_full and not self._reserve.held
        return outcome

    def _commit_somehow(self, batches: Sequence[Batch], cursors: Mapping[str, int]) -> list[OutOfOrder | None]:
        if not self._disk_full:
            try:
                return self._commit(batches, cursors, sacrifice=True)
            except JournalTrouble as trouble:
                if trouble.sentence != "journal.disk_full":
                    raise
            self._reserve.release()
            self._disk_full = True
        # From here on without asking the disk for more than the file has, and nothing unreleased goes before that was tried.
        try:
            return self._commit(batches, cursors, sacrifice=False)
        except JournalTrouble as trouble:
            if trouble.sentence != "journal.disk_full":
                raise
        return self._commit(batches, cursors, sacrifice=True)

    def _commit(self, batches: Sequence[Batch], cursors: Mapping[str, int], *, sacrifice: bool) -> list[OutOfOrder | None]:
        outcome: list[OutOfOrder | None] = []
        gaps: list[Gap] = []
        tight = False
        try:
            with self._file.transaction(self.reading()) as connection:
                tail = self._known_tail(connection)
                if tail.counters.epoch < self._epoch:
                    tail.fold(connection, epoch=self._epoch, uplinks=self._uplinks)
                tail.cursors |= cursors
                before = tail.next_sequence
                coming = sum(len(row.body) for batch in batches for row in batch.rows)
                sacrificed = gaps if sacrifice else None
                tight = make_room(connection, tail, self._uplinks, coming, disk_full=self._disk_full, sacrificed=sacrificed)
                for batch in batches:
                    try:
                        tail.append(connection, batch)
                    except OutOfOrder as error:
                        outcome.append(error)
                        continue
                    tables.write_anchors(connection, batch.anchors)
                    outcome.append(None)
                if tail.unfolded >= _FOLD_EVENTS or (cursors and tail.next_sequence == before):
                    tail.fold(connection, uplinks=self._uplinks)
        except JournalTrouble as trouble:
            if tight and not self._disk_full and trouble.sentence == "journal.disk_full":
                raise JournalTrouble("journal.full", path=str(self._path), max_mb=self._max_mb) from trouble
            raise
        self._next_sequence = tail.next_sequence
        self.gaps += gaps
        return outcome

    def after(self, sequence: int, limit: int) -> tuple[Row, ...]:
        with self.reading() as connection:
            return tuple(rows.rows_after(connection, sequence, limit))

    def page(self, uplink: str, after: int, limit: int) -> Page:
        """Raises JournalTrouble."""
        with self.reading() as connection:
            found = tuple(rows.rows_after(connection, after, limit))
            buried = tables.read_dead_letters(connection, uplink, found[0].sequence, found[-1].sequence) if found else frozenset[int]()
            return Page(found, buried)

    def accounting(self, missing: Sequence[Missing], after: int, upto: int) -> tuple[Row, ...]:
        """The gap events between these two, excluding `after`, that account for any of these numbers. Raises JournalTrouble."""
        with self.reading() as connection:
            return accounting(connection, missing, after, upto)

    def states(self) -> tuple[Kept, ...]:
        """Raises JournalTrouble."""
        with self.reading() as connection:
            kept = {each.subject: each for each in tables.read_states(connection)}
            return tuple((kept | self._known_tail(connection).states).values())

    def anchors(self) -> tuple[Anchor, ...]:
        with self.reading() as connection:
            return tables.read_anchors(connection)

    def backlog(self, acknowledged: int) -> Backlog:
        """Counted by number: rows follow each other without holes, save after a damaged file was salvaged."""
        with self.reading() as connection:
            tail = self._tail or read_tail(connection)
            last = 0 if tail is None else tail.next_sequence - 1
            acknowledged = max(acknowledged, 0 if tail is None else tail.released(tuple(tail.cursors)))
            oldest = rows.oldest_sequence(connection)
            return Backlog(
                waiting=last - acknowledged,
                acknowledged=0 if oldest is None or oldest > acknowledged else acknowledged - oldest + 1,
                oldest_waiting=next(rows.rows_after(connection, acknowledged, 1), None),
                last_sequence=last,
                bytes_on_disk=bytes_on_disk(self._path),
            )


def bytes_on_disk(path: Path) -> int:
    return sum(file.stat().st_size for file in (path, path.with_name(path.name + "-wal")) if file.exists())
