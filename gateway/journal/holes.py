"""Numbers that were given out and are not there, less those that a gap event accounts for."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.detection.change import Kind
from gateway.journal.row import Missing, Row
from gateway.journal.rows import Found, entry_of, row_at
from gateway.journal.trouble import Damaged


def missing(found: Iterable[Found], after: int, upto: int) -> tuple[Missing, ...]:
    """Numbers between these two, excluding `after`, that no row has and that no gap event among the rows accounts for."""
    holes: list[Missing] = []
    accounted: list[Missing] = []
    expected = after + 1
    for each in found:
        sequence, event_class = each[0], each[1]
        if sequence > expected:
            holes.append(Missing(expected, sequence - 1))
        expected = sequence + 1
        if event_class == "gateway":
            accounted += _accounted(each)
    if expected <= upto:
        holes.append(Missing(expected, upto))
    for gap in accounted:
        holes = [rest for hole in holes for rest in _without(hole, gap)]
    return tuple(holes)


def runs(numbers: Iterable[int]) -> tuple[Missing, ...]:
    """Rising numbers, those that follow one another together."""
    found: list[Missing] = []
    for number in numbers:
        if found and found[-1].last == number - 1:
            found[-1] = replace(found[-1], last=number)
        else:
            found.append(Missing(number, number))
    return tuple(found)


def accounted_by(row: Row) -> tuple[Missing, ...]:
    """The numbers of which this event says that they will never come; none unless it is a gap event."""
    try:
        event = json.loads(row.body)
    except ValueError:
        return ()  # `checks.py` tells of it.
    if event.get("type") != f"kerbgate.{Kind.GATEWAY_GAP.value}":
        return ()
    data = event["data"]
    given = data.get("ranges") or [[data.get("first_sequence"), data.get("last_sequence")]]
    return tuple(Missing(first, last) for first, last in given if isinstance(first, int) and isinstance(last, int))


def accounting(connection: sqlite3.Connection, missing: Sequence[Missing], after: int, upto: int) -> tuple[Row, ...]:
    """The gap events between these two, excluding `after`, that account for any of these numbers. Raises Damaged."""
    statement = "SELECT sequence FROM event WHERE sequence > ? AND sequence <= ? AND class = 'gateway' ORDER BY sequence"
    numbers = [sequence for (sequence,) in connection.execute(statement, (after, upto))]
    rows = [row for number in numbers if (row := row_at(connection, number)) is not None]
    return tuple(row for row in rows if any(_overlap(gap, hole) for gap in accounted_by(row) for hole in missing))


def _overlap(one: Missing, other: Missing) -> bool:
    return one.first <= other.last and one.last >= other.first


def _accounted(found: Found) -> tuple[Missing, ...]:
    entry = entry_of(found)
    return () if isinstance(entry, Damaged) else accounted_by(entry.row)


def _without(hole: Missing, gap: Missing) -> list[Missing]:
    if gap.last < hole.first or gap.first > hole.last:
        return [hole]
    left = [replace(hole, last=gap.first - 1)] if gap.first > hole.first else []
    right = [replace(hole, first=gap.last + 1)] if gap.last < hole.last else []
    return left + right
