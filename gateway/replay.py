"""A trace to events: the detectors and the mint, with the trace's own time and no randomness. The same trace, the same bytes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from config.site import Bay, BayDetection, BayPolicy, Site, StationDetection
from drivers.reading import Reading
from gateway.clock import TimeQuality
from gateway.detection.change import BayChange
from gateway.detection.detectors import Detectors, Polled
from gateway.detection.explaining import Explainer, Explanation
from gateway.events import Epoch, Event
from gateway.minting import Mint, Now
from gateway.trace import Header, TraceFault, parse_line

GATEWAY = "replay"
_EPOCH = Epoch(1, "0000")


@dataclass(frozen=True, slots=True)
class Line:
    """A reading and the line of the trace that it stands in."""

    number: int
    reading: Reading


class BadLine(Exception):
    def __init__(self, number: int, fault: TraceFault) -> None:
        super().__init__(f"line {number}: {fault.sentence}")
        self.number = number
        self.fault = fault


@dataclass(slots=True)
class TraceReader:
    """Lines to readings, in order of t. `torn` says that the last line had no end and was left out: a recorder was cut off."""

    wall_at_zero_s: float = 0.0
    torn: bool = False

    def readings(self, lines: Iterable[str]) -> Iterator[Line]:
        """Raises BadLine."""
        last_t: float | None = None
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                entry = parse_line(line)
            except TraceFault as fault:
                if not line.endswith("\n") and fault.sentence == "trace.not_json":
                    self.torn = True
                    return
                raise BadLine(number, fault) from None
            if isinstance(entry, Header):
                self.wall_at_zero_s = entry.wall_s
                continue
            if last_t is not None and entry.t < last_t:
                raise BadLine(number, TraceFault("trace.order", t=entry.t, last=last_t))
            last_t = entry.t
            yield Line(number, entry)


def bays_of(devices: Sequence[str]) -> Site:
    """Without a configuration every device is a bay of its own, with default settings and whatever name it has."""
    bays = tuple(
        # Nobody says which bays lie side by side.
        Bay.model_construct(id=device, device=device, devices=(), neighbours=(), label=None, empty_field=None, detection=None, policy=None)
        for device in dict.fromkeys(devices)
    )
    return Site.model_construct(
        gateway=GATEWAY,
        buses=(),
        devices=(),
        bays=bays,
        stations=(),
        operators=(),
        detection=BayDetection(),
        policy=BayPolicy(),
        station_detection=StationDetection(),
    )


def replay(
    site: Site,
    polled: Sequence[Polled],
    reader: TraceReader,
    lines: Iterable[str],
    explained: Callable[[Explanation], None] | None = None,
) -> Iterator[Event]:
    """Events in order; `explained` is told why, before each event of a bay with one device. Raises BadLine."""
    explainers: dict[str, Explainer] = {}
    bay_of: dict[str, str] = {}
    detectors: Detectors | None = None
    mint = Mint(site.gateway, _EPOCH, 1)

    def at(t: float) -> Now:
        return Now(t, reader.wall_at_zero_s + t, TimeQuality.SYNCED)

    for line in reader.readings(lines):
        now = line.reading.t
        if detectors is None:
            detectors = Detectors(site, polled, now)
            if explained is not None:
                explainers = {machine.bay: Explainer(machine) for bay in detectors.bays.values() for machine in bay.machines[:1]}
                bay_of = {device: bay.id for bay in site.bays for device in bay.watched_by}
        while (due := detectors.deadline()) is not None and due < now:
            yield from mint.events(detectors.tick(due), at(due))
        changes = detectors.feed(line.reading, now)
        explainer = explainers.get(bay_of.get(line.reading.device, ""))
        if explained is not None and explainer is not None:
            for explanation in explainer.feed([change for change in changes if isinstance(change, BayChange)]):
                explained(explanation)
        yield from mint.events(changes, at(now))
