"""One fence station: scans of its piles in, bikes and counts out. The machine contract: feed, deadline, tick.

A bike is a tag, known at the station and not at a pile: two piles hear one bike, and which of them hears it best changes by
chance. A bike is present once it was seen for `present_s` and in two scans; it has left when piles that can hear it have
scanned without it for `gone_s`. A pile that does not answer proves nothing: no bike ever leaves because a pile fell silent.
A pile without a reader that only tells whether its place is taken counts one bike without a name.
"""

from dataclasses import dataclass, field

from config.site import Operator, StationDetection
from drivers.reading import Reading, Sighting
from gateway.detection.change import Kind, OperatorCount, Reason, StationChange
from gateway.detection.kept_station import KeptBike, KeptStation

_LEAST_SCANS = 2
_LEAST_MISSES = 3
_FIRST_SCANS = 3
"""One scan in ten misses a bike: what a pile hears in its first scans may have stood there before the first."""
_BIKES_MAX = 512
"""Tags kept a station; beyond that new ones are not taken on, for a station is no warehouse and a radio can be flooded."""
_NAMELESS = "@"
_UNHEARD_DBM = -200.0


@dataclass(slots=True)
class Bike:
    """One tag at this station. `pile` is the one that heard it best last."""

    tag: str
    first_s: float
    last_s: float
    pile: str
    rssi_dbm: float
    scans: int = 1
    misses: int = 0
    present: bool = False
    reason: Reason = Reason.DEVICE
    unseen: Reason | None = None
    """Why nobody could see whether it still stands here; None once it was seen again."""
    came_after_s: float | None = None
    """Where its coming was not seen: the last scan that surely was without it."""


@dataclass(slots=True)
class StationMachine:
    """Feed it the readings of its piles, in order of time."""

    station: str
    settings: StationDetection
    capacity: int | None = None
    operators: tuple[Operator, ...] = ()
    known_until_s: float | None = None
    """The last scan that is known of, also from before a restart; None at the very first start."""
    _bikes: dict[str, Bike] = field(default_factory=dict)
    _scans: dict[str, int] = field(default_factory=dict)
    _unseen_since_s: float | None = None
    _scanned_s: dict[str, float] = field(default_factory=dict)
    _holes: dict[str, float] = field(default_factory=dict)
    """Of piles that were silent, when they were heard last before."""
    _over: bool = False

    def restore(self, kept: KeptStation) -> None:
        """Bikes that stood here before the restart stand here until piles have scanned without them."""
        self.known_until_s = self._unseen_since_s = kept.known_until_s
        self._over = kept.over
        for bike in kept.bikes:
            self._bikes[bike.tag] = Bike(
                bike.tag,
                bike.first_s,
                bike.last_s,
                bike.pile,
                -200.0,
                scans=_LEAST_SCANS,
                present=True,
                reason=Reason.RESTART,
                unseen=Reason.RESTART,
            )

    def kept(self) -> KeptStation:
        bikes = tuple(KeptBike(bike.tag, bike.first_s, bike.last_s, bike.pile) for bike in self._bikes.values() if bike.present)
        return KeptStation(over=self._over, known_until_s=self.known_until_s, bikes=bikes)

    @property
    def present(self) -> tuple[str, ...]:
        """Tags of the bikes that stand here."""
        return tuple(bike.tag for bike in self._bikes.values() if bike.present)

    @property
    def total(self) -> int:
        return sum(bike.present for bike in self._bikes.values())

    # The machine contract.

    def feed(self, reading: Reading, now: float) -> list[StationChange]:
        if not reading.trusted:
            return []
        heard = self._heard(reading)
        if heard is None:
            return []
        self._note_silence(reading.device, now)
        scans = self._scans[reading.device] = self._scans.get(reading.device, 0) + 1
        for sighting in heard:
            self._see(sighting, reading.device, now, unseen=scans <= _FIRST_SCANS)
        names = {sighting.tag for sighting in heard}
        for bike in self._bikes.values():
            if bike.pile == reading.device and bike.tag not in names:
                bike.misses += 1
        self.known_until_s = now
        return self._arrivals(now) + self._leavings(now)

    def _note_silence(self, pile: str, now: float) -> None:
        """A pile that was silent has seen neither who came nor who left meanwhile."""
        before = self._scanned_s.get(pile)
        self._scanned_s[pile] = now
        if before is None or now - before < self.settings.silent_s:
            return
        self._holes[pile], self._scans[pile] = before, 0
        for bike in self._bikes.values():
            if bike.pile == pile and bike.unseen is None:
                bike.unseen = Reason.RECOVERED

    def deadline(self) -> float | None:
        """Only a scan can tell anything: time alone changes nothing here."""
        return None

    def tick(self, now: float) -> list[StationChange]:  # noqa: ARG002
        return []

    # What was heard.

    def _heard(self, reading: Reading) -> tuple[Sighting, ...] | None:
        if reading.sightings is not None:
            weakest = self.settings.weakest_dbm
            return tuple(sighting for sighting in reading.sightings if sighting.rssi_dbm is None or sighting.rssi_dbm >= weakest)
        if reading.occupied is not None:
            return (Sighting(_NAMELESS + reading.device),) if reading.occupied else ()
        return None

    def _see(self, sighting: Sighting, pile: str, now: float, *, unseen: bool) -> None:
        """`unseen` is whether it may have come before this pile was listened to."""
        rssi = 0.0 if sighting.rssi_dbm is None else sighting.rssi_dbm
        bike = self._bikes.get(sighting.tag)
        if bike is None:
            if len(self._bikes) < _BIKES_MAX:
                known_s = self._holes.get(pile, self._unseen_since_s)
                reason = Reason.DEVICE if not unseen else Reason.RECOVERED if pile in self._holes else Reason.RESTART
                self._bikes[sighting.tag] = Bike(sighting.tag, now, now, pile, rssi, reason=reason, came_after_s=known_s)
            return
        if pile == bike.pile or rssi > bike.rssi_dbm or bike.misses:
            bike.pile, bike.rssi_dbm = pile, rssi
        bike.last_s, bike.misses, bike.unseen = now, 0, None
        bike.scans += 1

    # What is told.

    def _arrivals(self, now: float) -> list[StationChange]:
        changes: list[StationChange] = []
        for bike in self._bikes.values():
            if bike.present or bike.scans < _LEAST_SCANS or now - bike.first_s < self.settings.present_s or bike.last_s < now:
                continue
            bike.present = True
            bounds = (None, None) if bike.reason is Reason.DEVICE else (bike.came_after_s, bike.first_s)
            changes.append(self._bike_change(Kind.BIKE_ARRIVED, bike, bike.first_s, now, *bounds))
            changes += self._count(bike.first_s, now, bike.reason)
            bike.reason = Reason.DEVICE
        return changes

    def _leavings(self, now: float) -> list[StationChange]:
        changes: list[StationChange] = []
        gone = [bike for bike in self._bikes.values() if bike.misses >= _LEAST_MISSES and now - bike.last_s >= self.settings.gone_s]
        for bike in gone:
            del self._bikes[bike.tag]
            if not bike.present:
                continue
            bike.reason = bike.unseen or Reason.TIMEOUT
            bounds = (None, None) if bike.unseen is None else (bike.last_s, now)
            changes.append(self._bike_change(Kind.BIKE_LEFT, bike, bike.last_s, now, *bounds))
            changes += self._count(bike.last_s, now, bike.reason)
        return changes

    def _bike_change(
        self, kind: Kind, bike: Bike, onset_s: float, now: float, earliest_s: float | None = None, latest_s: float | None = None
    ) -> StationChange:
        return StationChange(
            station=self.station,
            kind=kind,
            onset_s=onset_s,
            confirmed_s=now,
            reason=bike.reason,
            tag=None if bike.tag.startswith(_NAMELESS) else bike.tag,
            operator=self._operator(bike.tag),
            earliest_s=earliest_s,
            latest_s=latest_s,
        )

    def _count(self, onset_s: float, now: float, reason: Reason) -> list[StationChange]:
        kinds = [Kind.COUNT_CHANGED]
        over = self.capacity is not None and self.total > self.capacity
        if over is not self._over:
            kinds.append(Kind.OVER_CAPACITY if over else Kind.CAPACITY_CLEARED)
            self._over = over
        return [
            StationChange(
                station=self.station,
                kind=kind,
                onset_s=onset_s,
                confirmed_s=now,
                reason=reason,
                total=self.total,
                by_operator=self.by_operator(),
                capacity=self.capacity,
            )
            for kind in kinds
        ]

    def by_operator(self) -> tuple[OperatorCount, ...]:
        """Bikes present per operator, those of unknown operators under "", in the order of the names."""
        counts: dict[str, int] = {}
        for bike in self._bikes.values():
            if bike.present:
                name = self._operator(bike.tag) or ""
                counts[name] = counts.get(name, 0) + 1
        return tuple(OperatorCount(name, counts[name]) for name in sorted(counts))

    def _operator(self, tag: str) -> str | None:
        return next((operator.name for operator in self.operators if tag.startswith(operator.tag_prefix)), None)
