"""All machines of one site behind one machine: each reading goes to the bay or station of its device, and to its health.

The machine contract: feed, deadline, tick. Beside it, `kept` gives the state that must be committed with a change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from config.site import Bay, Site, Station
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Change, DeviceChange, Kept, StationChange
from gateway.detection.health import HealthMachine
from gateway.detection.kept_bay import KeptBay
from gateway.detection.kept_station import KeptStation
from gateway.detection.silence import Silence
from gateway.detection.station import StationMachine


@dataclass(frozen=True, slots=True)
class Polled:
    """A device as the detectors know it. `interval_s` is None where no site says it (a bare trace)."""

    device: str
    interval_s: float | None


class Detectors:
    """Built from a site; `now` is the start on the monotonic clock."""

    def __init__(self, site: Site, polled: Sequence[Polled], now: float) -> None:
        intervals = {each.device: each.interval_s for each in polled}
        self.bays: dict[str, BayMachine] = {bay.id: _bay_machine(bay, site, intervals.get(bay.device), now) for bay in site.bays}
        self.stations: dict[str, StationMachine] = {station.id: _station_machine(station, site) for station in site.stations}
        self.devices: dict[str, HealthMachine] = {
            each.device: HealthMachine(each.device, Silence(site.detection.silent_s, each.interval_s, now)) for each in polled
        }
        self._bay_of = {bay.device: self.bays[bay.id] for bay in site.bays}
        self._station_of = {pile: self.stations[station.id] for station in site.stations for pile in station.piles}
        self._next_s: float | None = now
        self.unkept: set[str] = set()
        """Bays that became known without a change: they too must be kept, or a restart would not know them."""

    def feed(self, reading: Reading, now: float) -> list[Change]:
        """What this reading changes. A device that nothing is bound to is watched for its health alone."""
        changes: list[Change] = []
        bay = self._bay_of.get(reading.device)
        if bay is not None:
            known = bay.settled
            changes += bay.feed(reading, now)
            if bay.settled and not known:
                self.unkept.add(bay.bay)
            self._wake_at(bay.deadline())
        station = self._station_of.get(reading.device)
        if station is not None:
            changes += station.feed(reading, now)
        device = self.devices.get(reading.device)
        if device is not None:
            changes += device.feed(reading, now)
            self._wake_at(device.deadline())
        return changes

    def deadline(self) -> float | None:
        """Never later than the true one; may be earlier, for readings push deadlines out and that is not worth a search each time."""
        return self._next_s

    def tick(self, now: float) -> list[Change]:
        if self._next_s is None or now < self._next_s:
            return []
        changes: list[Change] = []
        self._next_s = None
        for bay in self.bays.values():
            changes += bay.tick(now)
            self._wake_at(bay.deadline())
        for device in self.devices.values():
            changes += device.tick(now)
            self._wake_at(device.deadline())
        return changes

    def _wake_at(self, deadline: float | None) -> None:
        if deadline is not None and (self._next_s is None or deadline < self._next_s):
            self._next_s = deadline

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
                self.bays[name].restore(KeptBay.from_text(kept.state, moved_s))
            elif kind == "station" and name in self.stations:
                self.stations[name].restore(KeptStation.from_text(kept.state, moved_s))
            elif kind == "device" and name in self.devices:
                self.devices[name].restore(kept.state)
            else:
                return False
        except (KeyError, TypeError, ValueError):
            return False
        return True


def _bay_machine(bay: Bay, site: Site, interval_s: float | None, now: float) -> BayMachine:
    settings = bay.detection or site.detection
    return BayMachine(bay.id, settings, now=now, interval_s=interval_s, empty_field=bay.empty_field)


def _station_machine(station: Station, site: Site) -> StationMachine:
    settings = station.detection or site.station_detection
    return StationMachine(station.id, settings, station.capacity, site.operators)
