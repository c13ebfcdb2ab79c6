"""What was told of a bay: its changes, from the detectors themselves or from the events that `replay` printed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.detection.change import BayChange, Kind, Occupancy


class Says(StrEnum):
    START = "start"
    END = "end"
    LOST = "lost"
    KNOWN = "known"


_SAYS = {
    Kind.PARK_START: Says.START,
    Kind.PARK_END: Says.END,
    Kind.CORRECTION: Says.KNOWN,
    Kind.COMMS_LOST: Says.LOST,
    Kind.COMMS_RESTORED: Says.KNOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`onset_s` is the moment that is billed, `confirmed_s` when it was certain. `occupied` is the state from then on."""

    bay: str
    says: Says
    onset_s: float
    confirmed_s: float
    confidence: float
    occupied: bool


def told_of(change: BayChange) -> Told | None:
    """None for what does not change a bay's state."""
    says = _SAYS.get(change.kind)
    if says is None:
        return None
    return Told(
        bay=change.bay,
        says=says,
        onset_s=change.onset_s,
        confirmed_s=change.confirmed_s,
        confidence=change.confidence,
        occupied=change.state is Occupancy.OCCUPIED,
    )


class EventFault(Exception):
    """A line that is no event."""

    def __init__(self, number: int) -> None:
        super().__init__(f"line {number}")
        self.number = number


def read_events(lines: Iterable[str]) -> list[Told]:
    """Of bays, in the order of the file. Raises EventFault."""
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            told = _event(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError):
            raise EventFault(number) from None
        if told is not None:
            found.append(told)
    return found


def _event(event: Mapping[str, Any]) -> Told | None:
    kind = Kind(event["type"].removeprefix("kerbgate."))
    says = _SAYS.get(kind)
    if says is None:
        return None
    data = event["data"]
    return Told(
        bay=event["subject"].removeprefix("bay/"),
        says=says,
        onset_s=float(data["onset_s"]),
        confirmed_s=float(data["confirmed_s"]),
        confidence=float(data["confidence"]),
        occupied=data["state"] == Occupancy.OCCUPIED.value,
    )
