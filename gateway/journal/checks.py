"""Every row of a journal, held against what was promised: its CRC, its JSON, its id, its link of the chain, no number missing."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.events import sequence_of
from gateway.journal import rows, tables
from gateway.journal.holes import missing
from gateway.journal.row import Row
from gateway.journal.rows import Found
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
    oldest = rows.oldest_sequence(connection)
    after = counters.acknowledged if oldest is None else oldest - 1
    last = max(counters.next_sequence - 1, rows.newest_sequence(connection) or 0)
    found: list[Fault] = []
    lost = missing(_looked_at(rows.scan_found(connection, after), counters.name, found), after, last)
    found += [Fault("backlog.missing" if hole.first < hole.last else "backlog.missing_one", hole.first, hole.last) for hole in lost]
    return tuple(sorted(found, key=lambda fault: fault.sequence)[:_FAULTS_MAX])


def _looked_at(given: Iterable[Found], gateway: str, found: list[Fault]) -> Iterator[Found]:
    """Every row, good or not; what is wrong with one goes into `found`."""
    before: Found | None = None
    for each in given:
        entry = rows.entry_of(each)
        wrong = "backlog.crc" if isinstance(entry, Damaged) else _wrong(entry.row, gateway) or _unchained(before, each)
        if wrong is not None and len(found) < _FAULTS_MAX:
            found.append(Fault(wrong, each[0], each[0]))
        before = None if isinstance(entry, Damaged) else each
        yield each


def _unchained(before: Found | None, found: Found) -> str | None:
    """A row behind a hole or a damaged one can't be judged: what its link follows is not known."""
    sequence, event_class, _, _, _, record, link = found
    if before is None or before[0] != sequence - 1 or record is None:
        return None
    follows = rows.NO_LINK if before[6] is None else before[6]
    return None if rows.linked(follows, sequence, event_class, record) == link else "backlog.chain"


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
