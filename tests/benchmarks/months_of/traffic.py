"""What stands in one bay over months, and what happens beside it: stays in the hours in which people park, the same cars again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import exp
from random import Random

from simulators.dipoles import Vector, field_of, scaled
from simulators.fleet import Fleet, parked_of
from simulators.vehicle import Vehicle
from tests.benchmarks.months_of.sites import BaySite, Use

_DAY_S = 86400.0
_FLEET = Fleet(hidden_share=0.002, careless_share=0.005, motorcycles=0.005)
_HOURS = {Use.OFFICE: (6.5, 17.0), Use.CHARGER: (6.0, 23.0), Use.NORMAL: (7.0, 21.0), Use.FORBIDDEN: (7.0, 22.0)}
_AT_NIGHT = 0.04
_STRANGERS = 0.15
_SWAP = 0.05
"""Of departures: the next vehicle waits already."""


@dataclass(frozen=True, slots=True)
class Stay:
    """The vehicle drives in from `arrive_s` to `parked_s`, and out from `depart_s` to `gone_s`."""

    arrive_s: float
    parked_s: float
    depart_s: float
    gone_s: float
    vehicle: Vehicle

    def field(self, share: float) -> Vector:
        """What the sensor feels of it, `share` of its way in."""
        car = self.vehicle
        return field_of(car.dipoles, car.height_m, car.along_m - 4.0 * (1.0 - share), car.across_m)


def stays(seed: int, site: BaySite, until_s: float, heading_deg: float) -> list[Stay]:
    random, found = Random(f"{seed}/stays/{site.name}"), list[Stay]()
    known = [parked_of(random, _FLEET, heading_deg) for _ in range(site.regulars)]
    t = 0.0
    if site.occupied_for_s is not None:
        gone = site.occupied_for_s
        found.append(Stay(-3600.0, -3595.0, gone - 3.0, gone, _vehicle(random, known, heading_deg)))
        t = gone
    for wanted in _arrivals(random, site, until_s):
        arrive = wanted
        if arrive < t:
            continue
        lasts = random.uniform(0.8, 4.5) * _DAY_S if random.random() < site.for_days else _stay_s(random, site)
        while True:
            moving = min(4.5 * exp(random.gauss(0.0, 0.63)), 0.3 * lasts)
            out = min(2.25 * exp(random.gauss(0.0, 0.8)), 13.0)
            found.append(Stay(arrive, arrive + moving, arrive + lasts, arrive + lasts + out, _vehicle(random, known, heading_deg)))
            t = arrive + lasts + out + 20.0
            if random.random() >= _SWAP:
                break
            arrive, lasts = t + random.uniform(0.0, 400.0), _stay_s(random, site)
    return [stay for stay in found if stay.arrive_s < until_s]


def _stay_s(random: Random, site: BaySite) -> float:
    return max(site.stay_median_s * exp(site.stay_spread * random.gauss(0.0, 1.0)), 25.0)


def _arrivals(random: Random, site: BaySite, until_s: float) -> Iterator[float]:
    """Who would like to park; they find the bay empty or not."""
    opens, closes = _HOURS[site.use]
    mean_s = site.stay_median_s * exp(0.5 * site.stay_spread**2)
    free_h = max(closes - opens - site.stays_a_day * mean_s / 3600.0, 2.5)
    per_s = site.stays_a_day / free_h / 3600.0
    t = 0.0
    while t < until_s:
        t += random.expovariate(per_s)
        hour, weekend = t / 3600.0 % 24.0, t // _DAY_S % 7 >= 5
        quiet = not opens <= hour < closes or (site.use is Use.OFFICE and weekend)
        if not quiet or random.random() < _AT_NIGHT:
            yield t


def _vehicle(random: Random, known: list[Vehicle], heading_deg: float) -> Vehicle:
    if not known or random.random() < _STRANGERS:
        return parked_of(random, _FLEET, heading_deg)
    return replace(random.choice(known), along_m=random.gauss(0.0, 0.25), across_m=random.gauss(0.0, 0.15))


@dataclass(frozen=True, slots=True)
class Beside:
    """From `t` on, what stands in the bays on both sides adds so much."""

    t: float
    felt: Vector


def beside(seed: int, site: BaySite, until_s: float, heading_deg: float) -> list[Beside]:
    steps, changes = [Beside(0.0, (0.0, 0.0, 0.0))], list[tuple[float, int, Vector]]()
    for side in (-1, 1):
        other = replace(site, name=f"{site.name}/{side}", occupied_for_s=None)
        for stay in stays(seed, other, until_s, heading_deg):
            car = stay.vehicle
            felt = field_of(car.dipoles, car.height_m, car.along_m, car.across_m + 2.6 * side)
            changes += [(stay.parked_s, side, felt), (stay.gone_s, side, (0.0, 0.0, 0.0))]
    now: dict[int, Vector] = {}
    for t, side, felt in sorted(changes):
        now[side] = felt
        x, y, z = (sum(axis) for axis in zip(*now.values(), strict=True))
        steps.append(Beside(t, (x, y, z)))
    return steps


@dataclass(frozen=True, slots=True)
class Switched:
    """From `t` on, a charger beside or in the bay adds so much."""

    t: float
    felt: Vector


def switching(seed: int, site: BaySite, until_s: float) -> list[Switched]:
    """Hours in which something is charged, here or beside, with its current up and down; then nothing for a while."""
    if not site.disturbed_per_day:
        return []
    random, found, t = Random(f"{seed}/switched/{site.name}"), [Switched(0.0, (0.0, 0.0, 0.0))], 0.0
    axis = (random.uniform(-1.0, 1.0), random.uniform(-1.0, 1.0), random.uniform(-1.0, 1.0))
    full = random.uniform(8.0, 18.0)
    while t < until_s:
        t += random.expovariate(1.0 / 14400.0)
        ends = t + random.expovariate(1.0 / 14400.0)
        strength = full * random.uniform(0.3, 1.0)
        while t < ends:
            found.append(Switched(t, scaled(axis, strength * random.choice((0.0, 0.4, 0.7, 1.0)))))
            t += random.expovariate(2.0 * site.disturbed_per_day / _DAY_S)
        found.append(Switched(ends, (0.0, 0.0, 0.0)))
    return found
