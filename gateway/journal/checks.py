"""Every row of a journal, held against what was promised: its CRC, its JSON, its id, and no number missing."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.events import sequence_of
from gateway.journal import tables
from gateway.journal.row import Row
from gateway.journal.trouble import Damaged

_FAULTS_MAX = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """`sequence` is the row's, or the first that is missing; `last` where several in a row are."""

    sentence: str
    sequence: int
    last: int


def faults(connection: sqlite3.Connection) -> tuple[Fault, ...]:
    """The first hundred, in order. Raises sqlite3.Error where pages can't be read, Damaged where the counters can't."""
    counters = tables.read_counters(connection)
    if counters is None:
        return ()
    oldest = tables.oldest_sequence(connection)
    after = counters.acknowledged if oldest is None else oldest - 1
    found: list[Fault] = []
    missing = tables.missing(_present(connection, after, counters.name, found), after, counters.next_sequence - 1)
    found += [Fault("backlog.missing" if hole.first < hole.last else "backlog.missing_one", hole.first, hole.last) for hole in missing]
    return tuple(sorted(found, key=lambda fault: fault.sequence)[:_FAULTS_MAX])


def _present(connection: sqlite3.Connection, after: int, gateway: str, found: list[Fault]) -> Iterator[Row]:
    """Every row, good or not; what is wrong with one goes into `found`."""
    for row in tables.scan_rows(connection, after):
        wrong = "backlog.crc" if isinstance(row, Damaged) else _wrong(row, gateway)
        if wrong is not None and len(found) < _FAULTS_MAX:
            found.append(Fault(wrong, row.sequence, row.sequence))
        yield Row(row.sequence, "", "", "") if isinstance(row, Damaged) else row


def _wrong(row: Row, gateway: str) -> str | None:
    try:
        event = json.loads(row.body)
        identifier = event["id"]
    except (ValueError, TypeError, KeyError):
        return "backlog.json"
    if not isinstance(identifier, str) or not identifier.startswith(gateway + "/"):
        return "backlog.id"
    try:
        return None if sequence_of(identifier) == row.sequence else "backlog.id"
    except ValueError:
        return "backlog.id"
