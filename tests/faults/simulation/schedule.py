"""What goes wrong in one simulated hour or day, and when: all of it drawn from the seed, nothing later.

In an hour faults fall between a minute and 54 minutes; the rest is quiet, so that what is still under way must arrive.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from gateway.clock import TimeQuality
from simulators.faults import Cut, DeviceFault, Fault, Late, Noise, Outage, OutageKind, Unplugged
from tests.faults.simulation.clock import WALL_AT_ZERO_S, Phase
from tests.faults.simulation.street import LINES, PAIRS, SINGLE
from tests.faults.simulation.stretch import HOUR, Stretch, drawn_day

FIRST_S = 60.0


class DiskKind(StrEnum):
    FULL = "disk full"
    WRITE_ERROR = "disk EIO on write"
    SYNC_ERROR = "disk EIO on fsync"
    READ_ONLY = "disk read-only"
    SLOW = "disk slow"


class BrokerKind(StrEnum):
    KILLED = "broker killed"
    FROZEN = "broker frozen"
    AWAY = "platform away"


@dataclass(frozen=True, slots=True)
class Span:
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class DiskFault(Span):
    kind: DiskKind
    sync_s: float = 0.0
    """How long each sync takes where the disk is slow."""

    @property
    def may_overwrite(self) -> bool:
        """Of a full disk, three of four: what has its place can be written. A file system that copies on write has no room even for
        that."""
        return int(1000 * self.from_s) % 4 > 0


@dataclass(frozen=True, slots=True)
class BrokerFault(Span):
    kind: BrokerKind


@dataclass(frozen=True, slots=True)
class ByteCut:
    """The connection to the broker is cut once so many more bytes have passed, either way."""

    from_s: float
    octets: int


@dataclass(frozen=True, slots=True)
class Kill:
    """At the n-th call with a side effect on the disk from then on; at once where n is 0. The process is away for a while."""

    at_s: float
    nth_call: int
    away_s: float
    reboot: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    seed: int
    stretch: Stretch
    ack: str
    lines: tuple[Fault, ...]
    outages: tuple[Outage, ...]
    cuts: tuple[ByteCut, ...]
    brokers: tuple[BrokerFault, ...]
    disks: tuple[DiskFault, ...]
    kills: tuple[Kill, ...]
    clock: tuple[Phase, ...]

    def counts(self) -> Counter[str]:
        counts = Counter(f"line {fault.kind}" for fault in self.lines)
        counts.update(f"network {outage.kind.value}" for outage in self.outages)
        counts.update("network cut at a byte" for _ in self.cuts)
        counts.update(fault.kind.value for fault in self.brokers)
        counts.update(fault.kind.value for fault in self.disks)
        counts.update("kill between two calls" if kill.nth_call else "kill at a moment" for kill in self.kills)
        counts.update("reboot" for kill in self.kills if kill.reboot)
        counts.update("clock change" for _ in self.clock[1:])
        counts["never synchronised"] += all(phase.quality is TimeQuality.UNSYNCED for phase in self.clock)
        return +counts


def drawn(seed: int, *, day: bool = False) -> Schedule:
    random = Random(f"{seed}/schedule/day") if day else Random(f"{seed}/schedule")
    return _Drawing(random, drawn_day(random) if day else HOUR).schedule(seed)


class _Drawing:
    """Of one seed, in one order: what is drawn later does not change what was drawn before."""

    def __init__(self, random: Random, stretch: Stretch) -> None:
        self._random = random
        self._stretch = stretch

    def schedule(self, seed: int) -> Schedule:
        random = self._random
        ack = "broker" if random.random() < 0.15 else "platform"
        brokers = tuple(self._brokers())
        if ack == "broker":
            # Its word is durable only as far as it is: a broker that is killed, or that has no subscriber, loses what it took.
            brokers = tuple(fault for fault in brokers if fault.kind is BrokerKind.FROZEN)
        kills = tuple(self._kills())
        return Schedule(
            seed=seed,
            stretch=self._stretch,
            ack=ack,
            lines=tuple(self._lines()),
            outages=tuple(self._outages()),
            cuts=tuple(
                ByteCut(self._moment(), random.choice((1, random.randint(2, 100), random.randint(100, 6000)))) for _ in self._some(4)
            ),
            brokers=brokers,
            disks=tuple(self._disks()),
            kills=kills,
            clock=tuple(self._clock(kills)),
        )

    def _some(self, most: int) -> range:
        return range(sum(self._random.randint(0, most) for _ in range(self._stretch.times)))

    def _moment(self) -> float:
        return self._random.uniform(FIRST_S, self._stretch.last_s)

    def _span(self, shortest_s: float, longest_s: float) -> Span:
        """Short ones as likely as long ones: durations are even on a logarithmic scale."""
        begins = self._moment()
        length = shortest_s * (longest_s * self._stretch.slower / shortest_s) ** self._random.random()
        return Span(round(begins, 3), round(min(begins + length, self._stretch.last_s + 1.0), 3))

    def _lines(self) -> Iterator[Fault]:
        random = self._random
        for _ in self._some(5):
            line = random.choice(LINES)
            kind = random.choice(("cut", "unplugged", "noise", "late", "silent"))
            span = self._span(3, 400)
            if kind == "cut":
                yield Cut(kind="cut", line=line, from_s=span.from_s, to_s=span.to_s)
            elif kind == "unplugged":
                yield Unplugged(kind="unplugged", line=line, from_s=span.from_s, to_s=span.to_s)
            elif kind == "noise":
                flipped, lost, junk = (random.choice((0.0, strength)) for strength in (0.01, 0.005, 0.2))
                # TCP delivers what was sent or nothing: bytes are damaged on pairs alone.
                line = random.choice(PAIRS)
                yield Noise(kind="noise", line=line, from_s=span.from_s, to_s=span.to_s, flipped_bits=flipped, lost_bytes=lost, junk=junk)
            elif kind == "late":
                chance, by_s = random.uniform(0.05, 0.5), random.uniform(0.2, 3.0)
                yield Late(kind="late", line=line, from_s=span.from_s, to_s=span.to_s, chance=chance, by_s=by_s)
            else:
                yield DeviceFault(kind="silent", device=random.choice(SINGLE), from_s=span.from_s, to_s=span.to_s)

    def _outages(self) -> Iterator[Outage]:
        spans = _apart([self._span(2, 500) for _ in self._some(3)])
        for span in spans:
            kind = self._random.choice(list(OutageKind))
            yield Outage(kind=kind, from_s=span.from_s, to_s=span.to_s, delay_s=self._random.uniform(0.1, 4.0))

    def _brokers(self) -> Iterator[BrokerFault]:
        for span in _apart([self._span(1, 200) for _ in self._some(3)]):
            yield BrokerFault(span.from_s, span.to_s, self._random.choice(list(BrokerKind)))

    def _disks(self) -> Iterator[DiskFault]:
        for span in _apart([self._span(1, 120) for _ in self._some(3)]):
            yield DiskFault(span.from_s, span.to_s, self._random.choice(list(DiskKind)), self._random.uniform(0.2, 5.0))

    def _kills(self) -> Iterator[Kill]:
        random, last = self._random, 0.0
        for at in sorted(self._moment() for _ in self._some(5)):
            long_s = 300.0 * self._stretch.slower
            away = random.choice((random.uniform(0.5, 5.0), random.uniform(5.0, 60.0), random.uniform(60.0, long_s)))
            if at > last + 5.0 and at + away < self._stretch.last_s:
                yield Kill(at, random.choice((0, random.randint(1, 12), random.randint(1, 60))), away, random.random() < 0.3)
                last = at + away

    def _clock(self, kills: Sequence[Kill]) -> Iterator[Phase]:
        """The machine knows no date at a start: 1970, or when it was switched off; a time service puts it right, or never does."""
        random, right = self._random, TimeQuality.SYNCED
        served = random.random() < 0.85
        if served and random.random() < 0.6:
            yield Phase(0.0, 0.0, right)
        else:
            yield Phase(0.0, _without_a_date(random, 0.0), TimeQuality.UNSYNCED)
            if served:
                yield Phase(random.uniform(20.0, 900.0), 0.0, right)
        for kill in kills:
            if kill.reboot and random.random() < 0.7:
                yield Phase(kill.at_s, _without_a_date(random, kill.at_s), TimeQuality.UNSYNCED)
                if served:
                    yield Phase(kill.at_s + kill.away_s + random.uniform(5.0, 200.0), 0.0, right)
        for _ in range(random.choice((0, 0, 1, 2))) if served else ():
            # Somebody sets the clock, and the time service puts it right again.
            at, wrong_by_s = self._moment(), random.choice((1, -1)) * random.choice((0.4, 5.0, 3600.0, 56 * 365 * 86400.0))
            yield Phase(at, max(wrong_by_s, -WALL_AT_ZERO_S), right)
            yield Phase(at + random.uniform(1.0, 120.0), 0.0, right)


def _apart(spans: Sequence[Span]) -> list[Span]:
    """In order, and those that overlap an earlier one left out."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda each: each.from_s):
        if not kept or span.from_s > kept[-1].to_s + 1.0:
            kept.append(span)
    return kept


def _without_a_date(random: Random, at_s: float) -> float:
    return random.choice((-WALL_AT_ZERO_S - at_s, -random.uniform(60.0, 30 * 86400.0)))
