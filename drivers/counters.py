"""What a bus has seen, counted: for people, metrics and the support bundle. Snapshots are frozen."""

from collections import deque
from dataclasses import dataclass, field

from drivers.device import BusDevice
from drivers.errors import AnswerMismatched, FrameCorrupt, UnitRefused, UnitSilent, WireError
from drivers.quarantine import Quarantined
from drivers.standing import State

_LAST = 128
"""Percentiles are those of the last exchanges, not of the whole life: a line that grew worse must show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Of the last exchanges, in milliseconds; None before the first."""

    last_ms: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCounters:
    """Exchanges that concerned one device; those shared by several devices count for each of them."""

    device: str
    unit: int
    sub_unit: int | None
    state: State
    requests: int
    answers: int
    timeouts: int
    corrupt: int
    mismatched: int
    refused: int
    late: int
    """Intact answers of its unit that came after the timeout: the timeout may be too short."""
    round_trip: Spread
    """From the end of the request to the end of the answer."""
    lateness: Spread
    """Of its polls, behind the time at which they were due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCounters:
    up: bool
    opened: int
    last_error: WireError | None
    stray_octets: int
    """Bytes that came when nobody had asked: noise, or late answers."""
    skipped_polls: int
    """Polls that were left out because the line was too slow for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BusCounters:
    bus: str
    link: LinkCounters
    devices: tuple[DeviceCounters, ...]
    quarantined: tuple[Quarantined, ...]


@dataclass(slots=True)
class Tally:
    """Counts of one device while they grow."""

    requests: int = 0
    answers: int = 0
    timeouts: int = 0
    corrupt: int = 0
    mismatched: int = 0
    refused: int = 0
    late: int = 0
    round_trips_s: deque[float] = field(default_factory=lambda: deque(maxlen=_LAST))
    lateness_s: deque[float] = field(default_factory=lambda: deque(maxlen=_LAST))

    def answered(self, round_trip_s: float) -> None:
        self.answers += 1
        self.round_trips_s.append(round_trip_s)

    def failed(self, error: WireError) -> None:
        match error:
            case UnitSilent():
                self.timeouts += 1
            case FrameCorrupt():
                self.corrupt += 1
            case AnswerMismatched():
                self.mismatched += 1
            case UnitRefused():
                self.refused += 1

    def snapshot(self, device: BusDevice, state: State) -> DeviceCounters:
        return DeviceCounters(
            device=device.name,
            unit=device.unit,
            sub_unit=device.sub_unit,
            state=state,
            requests=self.requests,
            answers=self.answers,
            timeouts=self.timeouts,
            corrupt=self.corrupt,
            mismatched=self.mismatched,
            refused=self.refused,
            late=self.late,
            round_trip=_spread(self.round_trips_s),
            lateness=_spread(self.lateness_s),
        )


def _spread(seconds: deque[float]) -> Spread:
    if not seconds:
        return Spread()
    ordered = sorted(seconds)
    return Spread(
        last_ms=seconds[-1] * 1000,
        p50_ms=ordered[(len(ordered) - 1) // 2] * 1000,
        p95_ms=ordered[-(-(len(ordered) - 1) * 95 // 100)] * 1000,
    )
