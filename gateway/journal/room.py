"""Room within the file's cap, or within what the file has where the disk is full. The order of sacrifice:

1. the reserve file (`reserve.py`)
2. released events, the oldest first: they are only a record
3. events of devices (telemetry), the oldest first; a gap event accounts for them
4. never an unreleased event of a bay or a station: new ones wait in memory (`recorder.py`)
"""

import sqlite3
from collections.abc import Sequence

from gateway.journal import rows, schema
from gateway.journal.holes import runs
from gateway.journal.row import Gap
from gateway.journal.tail import Tail

_REMOVED_AT_ONCE = 64
_HEADROOM_PAGES = 16
_TELEMETRY = "SELECT sequence FROM event WHERE sequence > ? AND sequence < ? AND class = 'device' ORDER BY sequence LIMIT ?"


def make_room(
    connection: sqlite3.Connection, tail: Tail, uplinks: Sequence[str], coming_bytes: int, *, disk_full: bool, sacrificed: list[Gap] | None
) -> bool:
    """Until what comes will fit. True when it is still tight. What is sacrificed unreleased is added to `sacrificed`; with None,
    nothing is."""
    limit = schema.read_pragma(connection, "max_page_count")
    if disk_full:
        # The file can't grow: what it has is all there is.
        limit = min(limit, schema.read_pragma(connection, "page_count"))
    headroom = max(_HEADROOM_PAGES, limit // 16) + 2 * coming_bytes // schema.PAGE_BYTES
    while _pages_used(connection) > limit - headroom:
        if _remove_released(connection, tail, uplinks):
            continue
        if sacrificed is None or not _remove_telemetry(connection, tail, uplinks, sacrificed):
            return True
    return False


def _remove_released(connection: sqlite3.Connection, tail: Tail, uplinks: Sequence[str]) -> bool:
    oldest = rows.oldest_sequence(connection)
    # The newest row always stays: next sequence and chain are read off it.
    upto = min(tail.released(uplinks), tail.next_sequence - 2, (oldest or 0) + _REMOVED_AT_ONCE - 1)
    if oldest is None or oldest > upto:
        return False
    _fold_before(connection, tail, uplinks, upto)
    connection.execute("DELETE FROM event WHERE sequence <= ?", (upto,))
    return True


def _remove_telemetry(connection: sqlite3.Connection, tail: Tail, uplinks: Sequence[str], sacrificed: list[Gap]) -> bool:
    bounds = (tail.released(uplinks), tail.next_sequence - 1, _REMOVED_AT_ONCE)
    found = [sequence for (sequence,) in connection.execute(_TELEMETRY, bounds)]
    if not found:
        return False
    _fold_before(connection, tail, uplinks, found[-1])
    connection.executemany("DELETE FROM event WHERE sequence = ?", [(sequence,) for sequence in found])
    # No run that takes in what stays: a gap says of each of its numbers that it will never come.
    sacrificed.append(Gap("storage_full", runs(found)))
    return True


def _fold_before(connection: sqlite3.Connection, tail: Tail, uplinks: Sequence[str], upto: int) -> None:
    """A row that goes may hold states that are nowhere else yet."""
    if upto >= tail.counters.next_sequence:
        tail.fold(connection, uplinks=uplinks)


def _pages_used(connection: sqlite3.Connection) -> int:
    return schema.read_pragma(connection, "page_count") - schema.read_pragma(connection, "freelist_count")
