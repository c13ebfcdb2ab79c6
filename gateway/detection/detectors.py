"""All machines of one site behind one machine: each reading goes to the bay or station of its device, and to its health.

The machine contract: feed, deadline, tick. Beside it, `kept` gives the state that must be committed with a change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from config.site import Bay, BayPolicy, Site, Station
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Change, DeviceChange, Kept, Occupancy, StationChange
from gateway.detection.fused import FusedBay
from gateway.detection.health import HealthMachine
from gateway.detection.kept_station import KeptStation
from gateway.detection.policy import under
from gateway.detection.silence import Silence
from gateway.detection.station import StationMachine
from gateway.detection.work_list import Work, work_list

_OCCUPIED = Occupancy.OCCUPIED


@dataclass(frozen=True, slots=True)
class Polled:
    """A device as the detectors know it. `interval_s` is None where no site says it (a bare trace)."""

    device: str
    interval_s: float | None


@dataclass(frozen=True, slots=True)
class _Bound:
    """What the readings of one device go to."""

    bay: BayMachine | FusedBay | None
    policy: BayPolicy
    station: StationMachine | None
    health: HealthMachine | None


class Detectors:
    """Built from a site; `now` is the start on the monotonic clock."""

    def __init__(self, site: Site, polled: Sequence[Polled], now: float) -> None:
        intervals = {each.device: each.interval_s for each in polled}
        self.bays: dict[str, BayMachine | FusedBay] = {bay.id: _bay_machine(bay, site, intervals, now) for bay in site.bays}
        _set_side_by_side(site.bays, self.bays)
        self.stations: dict[str, StationMachine] = {station.id: _station_machine(station, site) for station in site.stations}
        self.devices: dict[str, HealthMachine] = {
            each.device: HealthMachine(each.device, Silence(site.detection.silent_s, each.interval_s, now)) for each in polled
        }
        for bay in site.bays:
            for device, machine in zip(bay.watched_by, self.bays[bay.id].machines, strict=True):
                if device in self.devices:
                    self.devices[device].bay = machine
        self._policies = {bay.id: bay.policy or site.policy for bay in site.bays}
        self._bound = self._bound_of(site)
        self._next_s: float | None = now
        self.unkept: set[str] = set()
        """Bays that became known without a change: they too must be kept, or a restart would not know them."""

    def feed(self, reading: Reading, now: float) -> list[Change]:
        """What this reading changes. A device that nothing is bound to is watched for its health alone."""
        bound = self._bound.get(reading.device)
        if bound is None:
            return []
        changes: list[Change] = []
        bay = bound.bay
        if bay is not None:
            known, began_s = bay.settled, _began_s(bay)
            told = bay.feed(reading, now)
            if told:
                changes += under(bound.policy, told, began_s)
            if not known and bay.settled:
                self.unkept.add(bay.bay)
            self._wake_at(bay.deadline())
        if bound.station is not None:
            changes += bound.station.feed(reading, now)
        if bound.health is not None:
            changes += bound.health.feed(reading, now)
            self._wake_at(bound.health.deadline())
        return changes

    def _bound_of(self, site: Site) -> dict[str, _Bound]:
        bays = {device: bay.id for bay in site.bays for device in bay.watched_by}
        stations = {pile: self.stations[station.id] for station in site.stations for pile in station.piles}
        return {
            device: _Bound(
                self.bays[bays[device]] if device in bays else None,
                self._policies[bays[device]] if device in bays else site.policy,
                stations.get(device),
                self.devices.get(device),
            )
            for device in dict.fromkeys((*bays, *stations, *self.devices))
        }

    def deadline(self) -> float | None:
        """Never later than the true one; may be earlier, for readings push deadlines out and that is not worth a search each time."""
        return self._next_s

    def tick(self, now: float) -> list[Change]:
        if self._next_s is None or now < self._next_s:
            return []
        changes: list[Change] = []
        self._next_s = None
        for bay in self.bays.values():
            began_s = _began_s(bay)
            changes += under(self._policies[bay.bay], bay.tick(now), began_s)
            self._wake_at(bay.deadline())
        for device in self.devices.values():
            changes += device.tick(now)
            self._wake_at(device.deadline())
        return changes

    def _wake_at(self, deadline: float | None) -> None:
        if deadline is not None and (self._next_s is None or deadline < self._next_s):
            self._next_s = deadline

    def work_list(self) -> tuple[Work, ...]:
        """The devices that a crew should look at, the most urgent first."""
        return work_list((name, device.causes) for name, device in self.devices.items())

    def watched_by(self, device: str) -> str | None:
        """The bay or the station that this device watches; None where it is bound to neither."""
        bound = self._bound.get(device)
        if bound is None:
            return None
        if bound.bay is not None:
            return bound.bay.bay
        return None if bound.station is None else bound.station.station

    # What survives a restart.

    def kept(self, changes: Iterable[Change]) -> tuple[Kept, ...]:
        """The states that these changes lead to, each subject once, and those that were not kept yet."""
        subjects = {f"bay/{bay}": Kept(f"bay/{bay}", self.bays[bay].kept().as_text()) for bay in sorted(self.unkept)}
        self.unkept.clear()
        for change in changes:
            match change:
                case BayChange(bay=bay):
                    subjects[f"bay/{bay}"] = Kept(f"bay/{bay}", self.bays[bay].kept().as_text())
                case StationChange(station=station):
                    subjects[f"station/{station}"] = Kept(f"station/{station}", self.stations[station].kept().as_text())
                case DeviceChange(device=device):
                    subjects[f"device/{device}"] = Kept(f"device/{device}", self.devices[device].kept())
                case _:
                    pass
        return tuple(subjects.values())

    def kept_bays(self) -> tuple[Kept, ...]:
        """All bays as they are now: baselines move without any change."""
        return tuple(Kept(f"bay/{name}", machine.kept().as_text()) for name, machine in self.bays.items() if machine.settled)

    def restore(self, kept: Kept, moved_s: float) -> bool:
        """Whether the state was taken over: not one of a subject that the site no longer has, nor one that cannot be read."""
        kind, _, name = kept.subject.partition("/")
        try:
            if kind == "bay" and name in self.bays:
                self.bays[name].restore_text(kept.state, moved_s)
            elif kind == "station" and name in self.stations:
                self.stations[name].restore(KeptStation.from_text(kept.state, moved_s))
            elif kind == "device" and name in self.devices:
                self.devices[name].restore(kept.state)
            else:
                return False
        except (KeyError, TypeError, ValueError):
            return False
        return True


def _began_s(bay: BayMachine | FusedBay) -> float | None:
    """The onset of the stay that runs; None where none does, or nobody saw it begin."""
    return bay.since_s if bay.believed is _OCCUPIED else None


def _bay_machine(bay: Bay, site: Site, intervals: Mapping[str, float | None], now: float) -> BayMachine | FusedBay:
    settings = bay.detection or site.detection
    machines = {
        device: BayMachine(bay.id, settings, now=now, interval_s=intervals.get(device), empty_field=bay.empty_field)
        for device in bay.watched_by
    }
    return FusedBay(bay.id, machines) if len(machines) > 1 else next(iter(machines.values()))


def _set_side_by_side(bays: Sequence[Bay], machines: Mapping[str, BayMachine | FusedBay]) -> None:
    """What is felt in one bay may be a vehicle in the next: each machine's tracks know those beside it."""
    for index, bay in enumerate(bays):
        if bay.neighbours is not None:
            names: Sequence[str] = bay.neighbours
        else:
            names = [bays[beside].id for beside in (index - 1, index + 1) if 0 <= beside < len(bays)]
        watched = [name for name in names if name in machines]
        tracks = tuple(machine.track for name in watched for machine in machines[name].machines)
        for machine in machines[bay.id].machines:
            # In a list without neighbours the first and the last have something beside them that nobody names.
            machine.track.beside, machine.track.enclosed = tracks, len(watched) > (0 if bay.neighbours is not None else 1)


def _station_machine(station: Station, site: Site) -> StationMachine:
    settings = station.detection or site.station_detection
    return StationMachine(station.id, settings, station.capacity, site.operators)
