"""Events and their ids: what a Change becomes once it is given a number.

    id = {gateway}/{epoch}/{sequence}     e.g. jj-0007/0000000017-9f3a/0000000000018234

An epoch is one start of the daemon: a counter kept in the journal and a random part, so that no id is ever used twice even
when a disk was rolled back. The sequence goes on across epochs.
"""

from dataclasses import dataclass

from gateway.clock import Stamp, TimeQuality
from gateway.detection.change import Change

SEQUENCE_DIGITS = 16
EPOCH_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Epoch:
    """One start of the daemon."""

    number: int
    salt: str
    """Four hexadecimal digits."""

    def __str__(self) -> str:
        return f"{self.number:0{EPOCH_DIGITS}d}-{self.salt}"


def sequence_text(sequence: int) -> str:
    """Zero-padded, so that it orders as text (CloudEvents extension `sequence`)."""
    return f"{sequence:0{SEQUENCE_DIGITS}d}"


def event_id(gateway: str, epoch: Epoch, sequence: int) -> str:
    return f"{gateway}/{epoch}/{sequence_text(sequence)}"


def sequence_of(identifier: str) -> int:
    """The sequence in an event id. Raises ValueError for anything that is not one."""
    parts = identifier.rsplit("/", 2)
    if len(parts) != 3 or not (parts[2].isascii() and parts[2].isdigit()):
        raise ValueError(f"not an event id: {identifier!r}")
    return int(parts[2])


def epoch_number_of(identifier: str) -> int:
    """The counter of the epoch in an event id. Raises ValueError for anything that is not one."""
    parts = identifier.rsplit("/", 2)
    number = parts[1].partition("-")[0] if len(parts) == 3 else ""
    if not (number.isascii() and number.isdigit()):
        raise ValueError(f"not an event id: {identifier!r}")
    return int(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact, numbered and dated. `time_s` is the onset in wall time, `recorded_s` when it was certain (Unix seconds)."""

    gateway: str
    epoch: Epoch
    sequence: int
    time_s: float
    recorded_s: float
    time_quality: TimeQuality
    change: Change
    session: str | None = None
    """Ties a park_start to its park_end: the id of the start."""
    bay_sequence: int | None = None
    correction_of: str | None = None
    """The id of the event that this one corrects."""
    earliest_wall_s: float | None = None
    latest_wall_s: float | None = None
    stamp: Stamp | None = None
    """When it was minted, on clocks that outlive the process."""

    @property
    def id(self) -> str:
        return event_id(self.gateway, self.epoch, self.sequence)

    @property
    def subject(self) -> str:
        return subject_of(self.change, self.gateway)


def subject_of(change: Change, gateway: str) -> str:
    """`bay/…`, `station/…`, `device/…` or `gateway/…`."""
    kind = change.kind.subject_class
    name = getattr(change, kind, gateway) if kind in ("bay", "station", "device") else gateway
    return f"{kind}/{name}"
