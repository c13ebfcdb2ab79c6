"""What the journal keeps: rows of events, confirmed states, and what it found when it was opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.clock import Stamp
from gateway.detection.change import Kept
from gateway.events import Epoch
from gateway.journal.trouble import JournalTrouble

UPLINK = "platform"
"""The name of an only uplink that the site gives none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event as it is kept. `body` is its native CloudEvents JSON (`uplink/encodings/cloudevents.py`)."""

    sequence: int
    event_class: str
    subject: str
    body: str
    stamp: Stamp | None = None
    """When it was minted; None for a row of version 1."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """One moment on the clock since a boot and on the wall clock; `trusted` where that one was to be believed."""

    boot_id: str
    since_boot_ns: int
    wall_ns: int
    trusted: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """What goes into one transaction: events in order, and the states that they lead to. Any of them may be empty."""

    rows: tuple[Row, ...]
    states: tuple[Kept, ...]
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order, and which of them the uplink that asks is done with: its broker would never take them."""

    rows: tuple[Row, ...]
    buried: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Missing:
    """Numbers of events that were given out and are not in the file, both ends included."""

    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Gap:
    """What a gap event has to tell."""

    cause: str
    """`storage_full` or `journal_damaged`."""
    missing: tuple[Missing, ...]
    """In order, one run or more: what stands between two runs is there."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a start finds: where to go on."""

    epoch: Epoch
    next_sequence: int
    acknowledged: int
    """Every sequence up to this one is released by all uplinks; 0 when none is."""
    states: tuple[Kept, ...]
    quarantined: Path | None = None
    """Where a damaged file was set aside at this start. What could be read of it is in the new one."""
    missing: tuple[Missing, ...] = ()
    """Unacknowledged numbers that are lost, and that no gap event accounts for yet."""
    cursors: Mapping[str, int] = field(default_factory=dict)
    """Up to where each configured uplink has acknowledged; one that is new begins at `acknowledged`."""
    anchors: tuple[Anchor, ...] = ()
    clean: bool = True
    """Whether the last start that the file knows ended with `close`. Otherwise, events behind the last one may be lost."""
    last_epoch: int = 0
    """Of that start."""
    last_stamp: Stamp | None = None
    """Of the newest event."""
    trouble: JournalTrouble | None = None
    """What keeps the file from being written now; the daemon goes on all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Counts for people and for the snapshot."""

    waiting: int
    acknowledged: int
    oldest_waiting: Row | None
    last_sequence: int
    bytes_on_disk: int
