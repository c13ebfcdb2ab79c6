"""What can be read of a damaged journal goes into a new one: the counters, the unacknowledged events, the states."""

import json
import sqlite3
from contextlib import suppress
from pathlib import Path

from gateway.journal import tables
from gateway.journal.tables import Counters
from gateway.journal.trouble import Damaged, JournalTrouble, trouble_of

_SMALLEST_ROW_BYTES = 32


def salvage(damaged: sqlite3.Connection, new: sqlite3.Connection, gateway: str, path: Path) -> None:
    """Row by row: one that can't be read is left out, and is missed by its number later. Raises JournalTrouble."""
    try:
        damaged.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error as error:
        if isinstance(trouble := trouble_of(error, path), JournalTrouble):
            raise trouble from error
        return
    counters = _counters(damaged, path)
    if counters is None:
        return
    if counters.name != gateway:
        raise JournalTrouble("journal.other_gateway", path=str(path), found=counters.name, gateway=gateway)
    new.execute("BEGIN IMMEDIATE")
    tables.write_counters(new, counters)
    for sequence in range(counters.acknowledged + 1, counters.next_sequence):
        # One by its number at a time: a scan would end at the first page that is damaged.
        with suppress(sqlite3.DatabaseError, Damaged):
            row = tables.row_at(damaged, sequence)
            if row is not None:
                tables.insert_row(new, row)
    with suppress(sqlite3.DatabaseError, Damaged):
        # Without them every uplink begins where all had released: what is sent again says so by its id.
        tables.write_cursors(new, tables.read_cursors(damaged))
    with suppress(sqlite3.DatabaseError):
        for kept in tables.scan_states(damaged):
            if not isinstance(kept, Damaged):
                tables.write_state(new, kept)
    new.execute("COMMIT")


def _counters(damaged: sqlite3.Connection, path: Path) -> Counters | None:
    """As they were kept; else as the events tell. Acknowledged events are then sent again: their ids say so to whoever has them."""
    with suppress(sqlite3.DatabaseError, Damaged):
        if (found := tables.read_counters(damaged)) is not None:
            return found
    with suppress(sqlite3.DatabaseError, Damaged, ValueError, KeyError):
        first, last = damaged.execute("SELECT MIN(sequence), MAX(sequence) FROM event").fetchone()
        if first is not None and last - first <= path.stat().st_size // _SMALLEST_ROW_BYTES:
            row = tables.row_at(damaged, last)
            if row is not None:
                name, epoch, _ = json.loads(row.body)["id"].split("/")
                return Counters(name, int(epoch.partition("-")[0]), last + 1, first - 1)
    return None
