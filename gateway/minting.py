"""Changes become events: numbers, wall time, sessions. Pure: the clock's two readings are handed in.

The number of an event, the session of a bay and the count of its events are confirmed state: what `states` returns is
committed in the same transaction as the events, so that a restart goes on where the last commit ended.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.clock import Stamp, TimeQuality
from gateway.detection.change import BayChange, Change, Kept, Kind, StationChange
from gateway.events import Epoch, Event, event_id

_MINT = "mint/"


@dataclass(frozen=True, slots=True)
class Now:
    """The same moment on all clocks."""

    monotonic_s: float
    wall_s: float
    quality: TimeQuality
    boot_id: str | None = None
    since_boot_ns: int = 0

    @property
    def stamp(self) -> Stamp | None:
        """None where no machine has started: in the replay of a trace."""
        return None if self.boot_id is None else Stamp(self.boot_id, self.since_boot_ns, round(self.wall_s * 1e9), self.quality)

    def wall_of(self, monotonic_s: float) -> float:
        return self.wall_s - (self.monotonic_s - monotonic_s)


@dataclass(slots=True)
class BayCount:
    events: int = 0
    session: str | None = None


class Mint:
    """Numbers events from `next_sequence` on, within one epoch."""

    def __init__(self, gateway: str, epoch: Epoch, next_sequence: int) -> None:
        self.gateway = gateway
        self.epoch = epoch
        self.next_sequence = next_sequence
        self._bays: dict[str, BayCount] = {}

    def events(self, changes: Iterable[Change], now: Now) -> list[Event]:
        return [self._event(change, now) for change in changes]

    def _event(self, change: Change, now: Now) -> Event:
        session = bay_sequence = earliest = latest = correction_of = None
        sequence = self.next_sequence
        self.next_sequence += 1
        if isinstance(change, BayChange):
            count = self._bays.setdefault(change.bay, BayCount())
            count.events += 1
            bay_sequence = count.events
            if change.kind is Kind.PARK_START:
                count.session = event_id(self.gateway, self.epoch, sequence)
            session = count.session
            if change.kind is Kind.CORRECTION:
                correction_of = count.session
            if change.kind in (Kind.PARK_END, Kind.CORRECTION):
                count.session = None
        if isinstance(change, BayChange | StationChange):
            earliest = None if change.earliest_s is None else now.wall_of(change.earliest_s)
            latest = None if change.latest_s is None else now.wall_of(change.latest_s)
        return Event(
            gateway=self.gateway,
            epoch=self.epoch,
            sequence=sequence,
            time_s=now.wall_of(change.onset_s),
            recorded_s=now.wall_of(change.confirmed_s),
            time_quality=now.quality,
            change=change,
            session=session,
            bay_sequence=bay_sequence,
            correction_of=correction_of,
            earliest_wall_s=earliest,
            latest_wall_s=latest,
            stamp=now.stamp,
        )

    def states(self, changes: Iterable[Change]) -> tuple[Kept, ...]:
        """Of the bays that these changes are about."""
        bays = dict.fromkeys(change.bay for change in changes if isinstance(change, BayChange))
        return tuple(
            Kept(f"{_MINT}{bay}", json.dumps([self._bays[bay].events, self._bays[bay].session], separators=(",", ":"))) for bay in bays
        )

    def session(self, bay: str) -> str | None:
        """The session that runs in this bay."""
        count = self._bays.get(bay)
        return None if count is None else count.session

    def restore(self, kept: Kept) -> bool:
        """Whether this state was the mint's."""
        if not kept.subject.startswith(_MINT):
            return False
        events, session = json.loads(kept.state)
        self._bays[kept.subject.removeprefix(_MINT)] = BayCount(int(events), session)
        return True
