"""Reads and writes of the small tables, each row with its CRC. Nothing here begins or ends a transaction."""

import sqlite3
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass

from gateway.detection.change import Kept
from gateway.journal.row import Anchor
from gateway.journal.schema import crc
from gateway.journal.trouble import Damaged

_ANCHORS_MAX = 512


@dataclass(frozen=True, slots=True)
class Counters:
    """The row of table `gateway`: what was true when the events before `next_sequence` were folded into the tables."""

    name: str
    epoch: int
    next_sequence: int
    acknowledged: int
    closed: bool = False
    """Whether the last start ended in order, and everything was folded."""

    @property
    def crc(self) -> int:
        # As version 1 made it, which knew nothing of `closed`.
        values = (self.name, self.epoch, self.next_sequence, self.acknowledged)
        return crc(*values, 1) if self.closed else crc(*values)


def read_counters(connection: sqlite3.Connection, version: int = 2) -> Counters | None:
    """None in a file that was made and not used yet. Raises Damaged."""
    closed = "0" if version == 1 else "closed"
    found = connection.execute(f"SELECT name, epoch, next_sequence, acknowledged, {closed}, crc FROM gateway WHERE id = 1").fetchone()  # noqa: S608
    if found is None:
        if connection.execute("SELECT EXISTS (SELECT 1 FROM event)").fetchone()[0]:
            raise Damaged("the row of table gateway is gone")
        return None
    *values, closed, kept_crc = found
    name, epoch, next_sequence, acknowledged = values
    counters = Counters(name, epoch, next_sequence, acknowledged, closed == 1)
    if counters.crc != kept_crc:
        raise Damaged("the row of table gateway fails its CRC")
    return counters


def write_counters(connection: sqlite3.Connection, counters: Counters) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO gateway (id, name, epoch, next_sequence, acknowledged, closed, crc) VALUES (1, ?, ?, ?, ?, ?, ?)",
        (counters.name, counters.epoch, counters.next_sequence, counters.acknowledged, int(counters.closed), counters.crc),
    )


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


def scan_dead_letters(connection: sqlite3.Connection) -> Generator[tuple[str, int, str], None, None]:
    """Uplink, sequence and reason; one that fails its CRC is left out: it would keep another event from being sent again."""
    with closing(connection.execute("SELECT uplink, sequence, why, crc FROM dead_letter")) as cursor:
        for uplink, sequence, why, kept_crc in cursor:
            if crc(uplink, sequence, why) == kept_crc:
                yield uplink, sequence, why


def read_dead_letters(connection: sqlite3.Connection, uplink: str, first: int, last: int) -> frozenset[int]:
    """Sequences that this uplink's platform never took; one whose row is damaged counts too."""
    statement = "SELECT sequence FROM dead_letter WHERE uplink = ? AND sequence BETWEEN ? AND ?"
    return frozenset(sequence for (sequence,) in connection.execute(statement, (uplink, first, last)).fetchall())


def write_states(connection: sqlite3.Connection, states: Iterable[Kept]) -> None:
    rows = [(kept.subject, kept.state, crc(kept.subject, kept.state)) for kept in states]
    connection.executemany("INSERT OR REPLACE INTO state VALUES (?, ?, ?)", rows)


def scan_states(connection: sqlite3.Connection) -> Generator[Kept | Damaged, None, None]:
    with closing(connection.execute("SELECT subject, state, crc FROM state ORDER BY subject")) as cursor:
        for subject, state, kept_crc in cursor:
            sound = crc(subject, state) == kept_crc
            yield Kept(subject, state) if sound else Damaged(f"the state of {subject} fails its CRC")


def read_states(connection: sqlite3.Connection) -> tuple[Kept, ...]:
    """Raises Damaged."""
    states = []
    for found in list(scan_states(connection)):
        if isinstance(found, Damaged):
            raise found
        states.append(found)
    return tuple(states)


def write_anchors(connection: sqlite3.Connection, anchors: Iterable[Anchor]) -> None:
    for anchor in anchors:
        values = (anchor.boot_id, anchor.since_boot_ns, anchor.wall_ns, int(anchor.trusted))
        connection.execute("INSERT INTO anchor (boot_id, boot_ns, wall_ns, trusted, crc) VALUES (?, ?, ?, ?, ?)", (*values, crc(*values)))
        connection.execute("DELETE FROM anchor WHERE number <= (SELECT MAX(number) FROM anchor) - ?", (_ANCHORS_MAX,))


def read_anchors(connection: sqlite3.Connection) -> tuple[Anchor, ...]:
    """In the order in which they were written. One that fails its CRC is left out: it dates nothing."""
    found = connection.execute("SELECT boot_id, boot_ns, wall_ns, trusted, crc FROM anchor ORDER BY number").fetchall()
    return tuple(
        Anchor(boot_id, boot_ns, wall_ns, bool(trusted))
        for boot_id, boot_ns, wall_ns, trusted, kept_crc in found
        if crc(boot_id, boot_ns, wall_ns, trusted) == kept_crc
    )
