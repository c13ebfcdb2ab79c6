"""What one node sends in months, packet by packet, and whether a vehicle stood there: a report each ten minutes and on change.

The node decides for itself what is a change. It sees nine in ten arrivals and departures, some of them twice or in the middle of the
manoeuvre, sends a report of something that passes now and then, and one each time a charger switches. Packets are lost, twice as many
under a vehicle; silences come over it. Ageing, remanence of the iron around it and the bays beside move its empty field by little.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from math import exp
from random import Random
from typing import Protocol

from drivers.reading import Reading
from simulators.dipoles import Vector, norm, plus, scaled
from simulators.fleet import Fleet, crossing_of, earth_along, parked_of
from tests.benchmarks.months_of.sites import BaySite
from tests.benchmarks.months_of.traffic import Beside, Stay, Switched, beside, stays, switching
from tests.benchmarks.months_of.weather import Warmth, warmth

_DAY_S, _BEAT_S = 86400.0, 600.0
_SEEN, _TWICE, _WITHIN, _PASSERS_PER_DAY, _PASSES = 0.9, 0.25, 0.06, 2.0, 0.002
_IRON_UT = (62.0, 160.0)


@dataclass(frozen=True, slots=True)
class Row:
    reading: Reading
    occupied: bool


class Stayed(Protocol):
    """When a vehicle came and left, as `traffic.Stay` has it."""

    @property
    def arrive_s(self) -> float: ...
    @property
    def parked_s(self) -> float: ...
    @property
    def depart_s(self) -> float: ...
    @property
    def gone_s(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Months:
    """`name`: the bay's."""

    name: str
    rows: list[Row]
    stays: Sequence[Stayed]
    until_s: float


@dataclass(frozen=True, slots=True)
class _Sent:
    t: float
    share: float | None = None
    """Of its way in, of the vehicle that moves just then."""
    passer: bool = False


def months(seed: int, site: BaySite, days: float, counts_per_ut: float = 1.0) -> Months:
    until_s = days * _DAY_S
    heading = Random(f"{seed}/heading/{site.name}").uniform(0.0, 360.0)
    parked = stays(seed, site, until_s, heading)
    node = _Node(seed, site, heading, parked, warmth(seed, site, until_s, parked), until_s)
    rows = [node.row(sent, counts_per_ut) for sent in _arriving(seed, site, parked, node.switched, until_s)]
    return Months(site.name, rows, parked, until_s)


class _Node:
    def __init__(self, seed: int, site: BaySite, heading: float, parked: list[Stay], warm: Warmth, until_s: float) -> None:
        self.random = Random(f"{seed}/node/{site.name}")
        self.site, self.heading, self.stays, self.warm = site, heading, parked, warm
        self.switched = switching(seed, site, until_s)
        self.beside = beside(seed, site, until_s, heading)
        self.reseated_s = 0.47 * until_s if site.reseated else until_s
        earth = earth_along(heading)
        self.empty = _of_size(self.random, earth, self.random.uniform(*_IRON_UT))
        self.other = plus(self.empty, scaled(_direction(self.random), self.random.uniform(15.0, 40.0)))
        self.aged: Vector = (0.0, 0.0, 0.0)
        self.left: Vector = (0.0, 0.0, 0.0)
        self.last_s, self.last_stay = 0.0, -1
        self.reference_c = warm.inside(0.0)
        self.begins = [stay.arrive_s for stay in parked]

    def row(self, sent: _Sent, counts_per_ut: float) -> Row:
        t, random = sent.t, self.random
        index = bisect_right(self.begins, t) - 1
        self._age(t, index)
        stay = self.stays[index] if index >= 0 and t < self.stays[index].gone_s else None
        felt = plus(_latest(self.beside, t), _latest(self.switched, t))
        if stay is not None:
            felt = plus(felt, stay.field(1.0 if sent.share is None else sent.share))
        if sent.passer and stay is None:
            passer = crossing_of(random, self.heading)
            felt = plus(felt, scaled(parked_of(random, Fleet(), self.heading).parked_field, random.uniform(0.2, 1.0)))
            felt = plus(felt, scaled(passer.parked_field, 0.2))
        warmer = self.warm.inside(t) - self.reference_c
        bend = self.site.curve_ut_per_c2 * warmer
        drift = scaled(self.site.drift_ut_per_c, warmer)
        field = plus(plus(self.empty if t < self.reseated_s else self.other, plus(self.aged, self.left)), plus(felt, drift))
        x, y, z = (round((axis + bend * warmer + random.gauss(0.0, self.site.noise_ut)) * 10.0) / 10.0 * counts_per_ut for axis in field)
        step = self.site.thermometer_step_c
        says = round((self.warm.thermometer(t) + random.gauss(0.0, 0.05)) / step) * step
        return Row(Reading(device=self.site.name, t=t, x_ut=x, y_ut=y, z_ut=z, temperature_c=says), stay is not None)

    def _age(self, t: float, index: int) -> None:
        days = (t - self.last_s) / _DAY_S
        self.aged = plus(self.aged, scaled(_noise(self.random), 0.15 * days**0.5))
        if index > self.last_stay:
            self.left = plus(scaled(self.left, 0.7), scaled(_noise(self.random), 0.15))
        self.last_s, self.last_stay = t, index


def _arriving(seed: int, site: BaySite, parked: list[Stay], switched: list[Switched], until_s: float) -> Iterator[_Sent]:
    random = Random(f"{seed}/lost/{site.name}")
    silent = list(_silences(Random(f"{seed}/silent/{site.name}"), site, until_s))
    sent = merge(
        _beats(Random(f"{seed}/beats/{site.name}"), until_s),
        sorted(_changes(Random(f"{seed}/changes/{site.name}"), parked, switched, until_s), key=lambda each: each.t),
        key=lambda each: each.t,
    )
    begins, last_s = [stay.arrive_s for stay in parked], -1.0
    for each in sent:
        index = bisect_right(begins, each.t) - 1
        under = index >= 0 and each.t < parked[index].gone_s
        gone = bisect_right(silent, (each.t, until_s)) - 1
        lost = random.random() < site.loss * (1.4 if under else 0.7) or (gone >= 0 and each.t < silent[gone][1])
        if not lost and each.t - last_s >= 1.0:
            last_s = each.t
            yield each


def _beats(random: Random, until_s: float) -> Iterator[_Sent]:
    t = random.uniform(0.0, _BEAT_S)
    while t < until_s:
        yield _Sent(round(t, 1), passer=random.random() < _PASSES)
        t += _BEAT_S + random.uniform(-2.0, 2.0)


def _changes(random: Random, parked: list[Stay], switched: list[Switched], until_s: float) -> Iterator[_Sent]:
    for stay in parked:
        for moved_s, ends_s in ((stay.arrive_s, stay.parked_s), (stay.depart_s, stay.gone_s)):
            if moved_s < 0 or random.random() > _SEEN:
                continue
            if random.random() < _WITHIN:
                yield _Sent(0.5 * (moved_s + ends_s), share=random.uniform(0.5, 0.95))
            t = ends_s + random.uniform(1.0, 22.0)
            yield _Sent(t)
            if random.random() < _TWICE:
                yield _Sent(t + random.uniform(4.0, 40.0))
    for each in switched:
        yield _Sent(each.t + random.uniform(1.0, 8.0))
    t = random.expovariate(_PASSERS_PER_DAY / _DAY_S)
    while t < until_s:
        yield _Sent(t, passer=random.random() < 0.5)
        t += random.expovariate(_PASSERS_PER_DAY / _DAY_S)


def _silences(random: Random, site: BaySite, until_s: float) -> Iterator[tuple[float, float]]:
    t = random.expovariate(site.silences_per_day / _DAY_S)
    while t < until_s:
        lasts = min(site.silence_s * exp(random.gauss(0.0, 0.6)), 12960.0)
        if site.off_for_s is not None and t < 0.5 * until_s <= t + lasts + _DAY_S:
            lasts = site.off_for_s
        yield t, t + lasts
        t += lasts + random.expovariate(site.silences_per_day / _DAY_S)


def _latest(steps: list[Beside] | list[Switched], t: float) -> Vector:
    index = bisect_right(steps, t, key=lambda each: each.t) - 1
    return steps[index].felt if index >= 0 else (0.0, 0.0, 0.0)


def _noise(random: Random) -> Vector:
    return random.gauss(0.0, 1.0), random.gauss(0.0, 1.0), random.gauss(0.0, 1.0)


def _direction(random: Random) -> Vector:
    noise = _noise(random)
    return scaled(noise, 1.0 / norm(noise))


def _of_size(random: Random, earth: Vector, size: float) -> Vector:
    """The Earth and the iron in the ground, together of this size."""
    both = plus(earth, scaled(_direction(random), 0.8 * size))
    return scaled(both, size / norm(both))
