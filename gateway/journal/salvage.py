"""What can be read of a damaged journal goes into a new one: the counters, the events, the states, row by row.

All that is not released comes first, oldest first; then the record of what was, newest first, as far as the time of a start allows:
the rest of it stays in the file that is set aside.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from gateway.journal import rows, tables
from gateway.journal.rows import NO_LINK, Found
from gateway.journal.tables import Counters
from gateway.journal.tail import Tail
from gateway.journal.trouble import Damaged, JournalTrouble, trouble_of

_SMALLEST_ROW_BYTES = 32
_RECORD_EVENTS_MAX = 50_000
_BEYOND_MAX = 1024
"""How far behind the last fold events are looked for: it is folded every 256, and a commit may bring more."""


class Salvage:
    """Of one damaged file, whatever version it is of."""

    def __init__(self, damaged: sqlite3.Connection) -> None:
        self._damaged = damaged
        columns: set[str] = set()
        with suppress(sqlite3.DatabaseError):
            columns = {name for _, name, *_ in damaged.execute("PRAGMA table_info(event)")}
        self.version = 2 if "record" in columns else 1

    def found(self, sequence: int) -> Found | None:
        """None where it can't be read or is damaged. One by its number at a time: a scan would end at the first damaged page."""
        with suppress(sqlite3.DatabaseError):
            if (read := rows.found_at(self._damaged, sequence, self.version)) is None:
                return None
            found = rows.without_unused(read)
            if not isinstance(rows.entry_of(found), Damaged):
                return found
        return None

    def counters(self, path: Path) -> Counters | None:
        """As they were kept; else as the events tell. Released events are then sent again: their ids say so to whoever has them."""
        with suppress(sqlite3.DatabaseError, Damaged):
            if (kept := tables.read_counters(self._damaged, self.version)) is not None:
                return kept
        with suppress(sqlite3.DatabaseError):
            first, last = self._damaged.execute("SELECT MIN(sequence), MAX(sequence) FROM event").fetchone()
            if first is not None and last - first <= path.stat().st_size // _SMALLEST_ROW_BYTES:
                for sequence in range(last, first - 1, -1):
                    if (name_and_epoch := self._name_and_epoch(sequence)) is not None:
                        # The newest events still hold the states that they led to.
                        return Counters(*name_and_epoch, max(first, last + 1 - _BEYOND_MAX), first - 1)
        return None

    def _name_and_epoch(self, sequence: int) -> tuple[str, int] | None:
        found = self.found(sequence)
        entry = None if found is None else rows.entry_of(found)
        if entry is None or isinstance(entry, Damaged):
            return None
        with suppress(ValueError, IndexError):
            name, epoch, _ = entry.row.body.split('"id":"', 1)[1].split('"', 1)[0].split("/")
            return name, int(epoch.partition("-")[0])
        return None

    def newest(self, counters: Counters) -> int:
        """The last number that an event was found with, or was given out to for sure."""
        newest = counters.next_sequence - 1
        with suppress(sqlite3.DatabaseError):
            newest = max(newest, min(rows.newest_sequence(self._damaged) or 0, newest + _BEYOND_MAX))
        for sequence in range(newest + 1, counters.next_sequence + _BEYOND_MAX):
            if self.found(sequence) is not None:
                newest = sequence
        return newest

    def cursors(self) -> dict[str, int]:
        # Without them every uplink begins where all had released: what is sent again says so by its id.
        with suppress(sqlite3.DatabaseError, Damaged):
            return tables.read_cursors(self._damaged)
        return {}

    def copy_small_tables(self, new: sqlite3.Connection) -> None:
        with suppress(sqlite3.DatabaseError):
            tables.write_anchors(new, tables.read_anchors(self._damaged))
        with suppress(sqlite3.DatabaseError):
            for kept in tables.scan_states(self._damaged):
                if not isinstance(kept, Damaged):
                    tables.write_states(new, (kept,))
        with suppress(sqlite3.DatabaseError):
            for uplink, sequence, why in tables.scan_dead_letters(self._damaged):
                tables.write_dead_letter(new, uplink, sequence, why)


def salvage(damaged: sqlite3.Connection, new: sqlite3.Connection, gateway: str, path: Path) -> None:
    """Row by row: one that can't be read is left out, and is missed by its number later. Raises JournalTrouble."""
    try:
        damaged.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error as error:
        if isinstance(trouble := trouble_of(error, path), JournalTrouble):
            raise trouble from error
        return
    source = Salvage(damaged)
    counters = source.counters(path)
    if counters is None:
        return
    if counters.name != gateway:
        raise JournalTrouble("journal.other_gateway", path=str(path), found=counters.name, gateway=gateway)
    new.execute("BEGIN IMMEDIATE")
    source.copy_small_tables(new)
    newest = source.newest(counters)
    tail = Tail(replace(counters, closed=False), newest + 1, NO_LINK, cursors=source.cursors())
    _copy(source, new, tail, range(counters.acknowledged + 1, newest + 1))
    oldest = max(1, counters.acknowledged + 1 - _RECORD_EVENTS_MAX)
    _copy(source, new, tail, range(counters.acknowledged, oldest - 1, -1))
    tail.fold(new)
    new.execute("COMMIT")


def _copy(source: Salvage, new: sqlite3.Connection, tail: Tail, sequences: Iterable[int]) -> None:
    folded = tail.counters.next_sequence
    for sequence in sequences:
        found = source.found(sequence)
        if found is None:
            continue
        rows.copy_row(new, found)
        if sequence >= folded:
            entry = rows.sound(rows.entry_of(found))
            tail.states |= {kept.subject: kept for kept in entry.states}
            tail.cursors |= dict(entry.cursors)
