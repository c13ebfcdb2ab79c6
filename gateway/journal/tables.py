"""Reads and writes of single rows, each with its CRC. Nothing here begins or ends a transaction."""

import json
import sqlite3
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TypeVar

from gateway.detection.change import Kept, Kind
from gateway.journal.row import Missing, Row
from gateway.journal.schema import crc
from gateway.journal.trouble import Damaged

T = TypeVar("T")

_ROW_AT = "SELECT sequence, class, subject, body, crc FROM event WHERE sequence = ?"
_ROWS_AFTER = "SELECT sequence, class, subject, body, crc FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?"


@dataclass(frozen=True, slots=True)
class Counters:
    """The row of table `gateway`."""

    name: str
    epoch: int
    next_sequence: int
    acknowledged: int


def read_counters(connection: sqlite3.Connection) -> Counters | None:
    """None in a file that was made and not used yet. Raises Damaged."""
    found = connection.execute("SELECT name, epoch, next_sequence, acknowledged, crc FROM gateway WHERE id = 1").fetchone()
    if found is None:
        if connection.execute("SELECT EXISTS (SELECT 1 FROM event)").fetchone()[0]:
            raise Damaged("the row of table gateway is gone")
        return None
    *values, kept_crc = found
    if crc(*values) != kept_crc:
        raise Damaged("the row of table gateway fails its CRC")
    return Counters(*values)


def write_counters(connection: sqlite3.Connection, counters: Counters) -> None:
    values = (counters.name, counters.epoch, counters.next_sequence, counters.acknowledged)
    connection.execute("INSERT OR REPLACE INTO gateway VALUES (1, ?, ?, ?, ?, ?)", (*values, crc(*values)))


def read_cursors(connection: sqlite3.Connection) -> dict[str, int]:
    """Up to where each uplink's platform has acknowledged. Raises Damaged."""
    cursors = {}
    for uplink, acknowledged, kept_crc in connection.execute("SELECT uplink, acknowledged, crc FROM cursor").fetchall():
        if crc(uplink, acknowledged) != kept_crc:
            raise Damaged(f"the cursor of the uplink {uplink} fails its CRC")
        cursors[uplink] = acknowledged
    return cursors


def write_cursors(connection: sqlite3.Connection, cursors: Mapping[str, int]) -> None:
    rows = [(uplink, acknowledged, crc(uplink, acknowledged)) for uplink, acknowledged in cursors.items()]
    connection.executemany("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)", rows)


def write_dead_letter(connection: sqlite3.Connection, uplink: str, sequence: int, why: str) -> None:
    connection.execute("INSERT OR REPLACE INTO dead_letter VALUES (?, ?, ?, ?)", (uplink, sequence, why, crc(uplink, sequence, why)))


def insert_row(connection: sqlite3.Connection, row: Row) -> None:
    values = (row.sequence, row.event_class, row.subject, row.body)
    connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?)", (*values, crc(*values)))


def _row(found: tuple[int, str, str, str, int]) -> Row | Damaged:
    if crc(*found[:4]) != found[4]:
        return Damaged(f"the event with sequence {found[0]} fails its CRC", found[0])
    return Row(*found[:4])


def row_at(connection: sqlite3.Connection, sequence: int) -> Row | None:
    """Raises Damaged."""
    found = connection.execute(_ROW_AT, (sequence,)).fetchone()
    return None if found is None else _sound(_row(found))


def scan_rows(connection: sqlite3.Connection, after: int, limit: int = -1) -> Generator[Row | Damaged, None, None]:
    """In order, damaged ones in their place."""
    # A cursor that an error's traceback still holds would keep the file open, and locked.
    with closing(connection.execute(_ROWS_AFTER, (after, limit))) as cursor:
        yield from map(_row, cursor)


def rows_after(connection: sqlite3.Connection, sequence: int, limit: int = -1) -> Generator[Row, None, None]:
    """In order. Raises Damaged at the first row that is."""
    with closing(scan_rows(connection, sequence, limit)) as found:
        yield from map(_sound, found)


def _sound(found: T | Damaged) -> T:
    if isinstance(found, Damaged):
        raise found
    return found


def write_state(connection: sqlite3.Connection, kept: Kept) -> None:
    connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?, ?)", (kept.subject, kept.state, crc(kept.subject, kept.state)))


def _state(found: tuple[str, str, int]) -> Kept | Damaged:
    subject, state, kept_crc = found
    return Kept(subject, state) if crc(subject, state) == kept_crc else Damaged(f"the state of {subject} fails its CRC")


def scan_states(connection: sqlite3.Connection) -> Generator[Kept | Damaged, None, None]:
    with closing(connection.execute("SELECT subject, state, crc FROM state ORDER BY subject")) as cursor:
        yield from map(_state, cursor)


def read_states(connection: sqlite3.Connection) -> tuple[Kept, ...]:
    """Raises Damaged."""
    return tuple(_sound(found) for found in list(scan_states(connection)))


def oldest_sequence(connection: sqlite3.Connection) -> int | None:
    found: int | None = connection.execute("SELECT MIN(sequence) FROM event").fetchone()[0]
    return found


def missing(rows: Iterable[Row], after: int, upto: int) -> tuple[Missing, ...]:
    """Numbers between these two, excluding `after`, that no row has and that no gap event among the rows accounts for."""
    holes: list[Missing] = []
    accounted: list[Missing] = []
    expected = after + 1
    for row in rows:
        if row.sequence > expected:
            holes.append(Missing(expected, row.sequence - 1))
        expected = row.sequence + 1
        if row.event_class == "gateway":
            accounted += _accounted(row)
    if expected <= upto:
        holes.append(Missing(expected, upto))
    for gap in accounted:
        holes = [rest for hole in holes for rest in _without(hole, gap)]
    return tuple(holes)


def _accounted(row: Row) -> list[Missing]:
    try:
        event = json.loads(row.body)
    except ValueError:
        return []  # `checks.py` tells of it.
    if event.get("type") != f"kerbgate.{Kind.GATEWAY_GAP.value}":
        return []
    first, last = event["data"].get("first_sequence"), event["data"].get("last_sequence")
    return [Missing(first, last)] if isinstance(first, int) and isinstance(last, int) else []


def _without(hole: Missing, gap: Missing) -> list[Missing]:
    if gap.last < hole.first or gap.first > hole.last:
        return [hole]
    left = [replace(hole, last=gap.first - 1)] if gap.first > hole.first else []
    right = [replace(hole, first=gap.last + 1)] if gap.last < hole.last else []
    return left + right
