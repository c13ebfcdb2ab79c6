"""One snapshot of the whole gateway: what the demo, the local socket and the platform's `snap` topics show can't disagree.

For each device it shows the stages: polled, decoded, settled, journalled, acknowledged; the first one that lags is where to look.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from json import dumps

from drivers.counters import BusCounters
from drivers.quarantine import Quarantined
from drivers.reading import Reading
from gateway.clock import rfc3339
from gateway.detection.change import Occupancy
from gateway.detection.detectors import Detectors
from gateway.detection.work_list import Work
from gateway.line_status import BusStatus, bus_status
from gateway.minting import Now

PARTS = ("bay", "station", "device")
"""Of a snapshot; each is a retained message of its own."""
LOCAL_PARTS = (*PARTS, "bus", "work")
"""What the local socket shows: what the lines have seen, and what a crew should do, is for those who stand before the gateway."""
_KEYS = {"bus": "buses", "work": "work"}


@dataclass(slots=True)
class Stages:
    """Counts since the start, of one device."""

    polled: int = 0
    """Readings of any kind, silence included."""
    decoded: int = 0
    """Readings that may be believed."""
    settled: int = 0
    """Changes that its bay or station made of them, and its own."""
    journalled: int = 0
    last_sequence: int = 0
    last_trusted_s: float | None = None
    cause: str | None = None

    def count(self, reading: Reading) -> None:
        self.polled += 1
        self.cause = reading.cause
        if reading.trusted:
            self.decoded += 1
            self.last_trusted_s = reading.t


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Registers of a device that are not asked for, why, and for how much longer: an expiry, never an exclusion."""

    table: str
    address: int
    count: int
    cause: str
    for_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    device: str
    polled: int
    decoded: int
    settled: int
    journalled: int
    acknowledged: bool
    """Whether everything that was journalled of it is acknowledged."""
    age_s: float | None
    """Since the last reading that may be believed."""
    fault: str | None
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BayStatus:
    bay: str
    state: Occupancy
    """As the events say."""
    likely: Occupancy
    """What most likely stands there now, also where that is not sure enough for an event."""
    since: str | None
    session: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationStatus:
    station: str
    total: int
    capacity: int | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkStatus:
    """A device that somebody should look at."""

    device: str
    watches: str | None
    """Its bay or station."""
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The present state of everything at `time`; never billable."""

    gateway: str
    time: str
    last_sequence: int
    """Events up to this one are contained in the states."""
    bays: tuple[BayStatus, ...]
    stations: tuple[StationStatus, ...]
    devices: tuple[DeviceStatus, ...]
    buses: tuple[BusStatus, ...] = ()
    work: tuple[WorkStatus, ...] = ()
    """The most urgent first."""

    def body(self, part: str) -> str:
        """All of one part; `part` is one of LOCAL_PARTS."""
        return dumps(self._head() | {_KEYS.get(part, f"{part}s"): self._entries(part)}, separators=(",", ":"), ensure_ascii=False)

    def pages(self, part: str, bytes_max: int) -> tuple[str, ...]:
        """The retained messages of one `snap` topic: one, as a rule; where it would be larger than that, several that say so."""
        whole = self.body(part)
        if len(whole.encode()) <= bytes_max:
            return (whole,)
        head = self._head() | {"page": 9999, "pages": 9999}
        room = bytes_max - len(dumps(head | {f"{part}s": []}, separators=(",", ":"), ensure_ascii=False).encode())
        pages: list[list[object]] = [[]]
        left = room
        for entry in self._entries(part):
            size = len(dumps(entry, separators=(",", ":"), ensure_ascii=False).encode()) + 1
            if size > left and pages[-1]:
                pages.append([])
                left = room
            pages[-1].append(entry)
            left -= size
        return tuple(
            dumps(head | {"page": number, "pages": len(pages), f"{part}s": page}, separators=(",", ":"), ensure_ascii=False)
            for number, page in enumerate(pages, 1)
        )

    def _head(self) -> dict[str, object]:
        return {"gateway": self.gateway, "time": self.time, "billable": False, "last_sequence": self.last_sequence}

    def _entries(self, part: str) -> list[dict[str, object]]:
        parts: dict[str, tuple[BayStatus | StationStatus | DeviceStatus | BusStatus | WorkStatus, ...]]
        parts = {"bay": self.bays, "station": self.stations, "device": self.devices, "bus": self.buses, "work": self.work}
        return [asdict(entry) for entry in parts[part]]


def snapshot(
    gateway: str,
    detectors: Detectors,
    stages: Iterable[tuple[str, Stages]],
    sessions: Iterable[tuple[str, str | None]],
    now: Now,
    *,
    last_sequence: int,
    acknowledged: int,
    quarantined: Iterable[Quarantined] = (),
    counters: Iterable[BusCounters] = (),
    work: Iterable[Work] = (),
) -> Snapshot:
    running = dict(sessions)
    held = tuple(quarantined)
    return Snapshot(
        gateway=gateway,
        time=rfc3339(now.wall_s),
        last_sequence=last_sequence,
        bays=tuple(
            BayStatus(
                bay=name,
                state=machine.state,
                likely=machine.likely,
                since=None if machine.since_s is None else rfc3339(now.wall_of(machine.since_s)),
                session=running.get(name),
            )
            for name, machine in detectors.bays.items()
        ),
        stations=tuple(
            StationStatus(station=name, total=machine.total, capacity=machine.capacity, tags=machine.present)
            for name, machine in detectors.stations.items()
        ),
        devices=tuple(
            DeviceStatus(
                device=name,
                polled=stage.polled,
                decoded=stage.decoded,
                settled=stage.settled,
                journalled=stage.journalled,
                acknowledged=stage.last_sequence <= acknowledged,
                age_s=None if stage.last_trusted_s is None else round(now.monotonic_s - stage.last_trusted_s, 3),
                fault=detectors.devices[name].cause if name in detectors.devices else stage.cause,
                left_out=tuple(_left_out(each, now) for each in held if name in each.devices),
            )
            for name, stage in stages
        ),
        buses=tuple(bus_status(counted) for counted in counters),
        work=tuple(WorkStatus(device=each.device, watches=detectors.watched_by(each.device), causes=each.causes) for each in work),
    )


def _left_out(held: Quarantined, now: Now) -> LeftOut:
    return LeftOut(
        table=held.table,
        address=held.address,
        count=held.count,
        cause=f"refused_{held.code}",
        for_s=round(held.until - now.monotonic_s, 1),
    )
