"""Numbers that were given out and are not there, less those that a gap event accounts for."""

import json
from collections.abc import Iterable
from dataclasses import replace

from gateway.detection.change import Kind
from gateway.journal.row import Missing
from gateway.journal.rows import Found, entry_of
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


def _accounted(found: Found) -> list[Missing]:
    entry = entry_of(found)
    if isinstance(entry, Damaged):
        return []
    try:
        event = json.loads(entry.row.body)
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
