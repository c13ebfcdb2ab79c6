"""What a vehicle is to a magnetometer: a few dipoles in its floor, and where it comes to stand.

Moments (A·m²) are priors fitted to measured steps: small cars 15 to 40, SUVs and vans 40 to 120, electric cars 20 to 80,
buses and trucks 300 to 1500. The direction is partly the vehicle's own and partly induced, hence any.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import cos, pi, sin, sqrt
from random import Random


class Kind(StrEnum):
    CAR = "car"
    SUV = "suv"
    ELECTRIC = "electric"
    BUS = "bus"


_MOMENTS = {Kind.CAR: (15.0, 40.0), Kind.SUV: (40.0, 120.0), Kind.ELECTRIC: (20.0, 80.0), Kind.BUS: (300.0, 1500.0)}
_HEIGHTS = {Kind.CAR: (0.5, 0.6), Kind.SUV: (0.6, 0.9), Kind.ELECTRIC: (0.5, 0.65), Kind.BUS: (0.9, 1.2)}
_WEAK = (0.15, 0.4)
"""Of its kind's strength, where a car is a weak one: aluminium, or a moment that the Earth's undoes."""
_PARKED = (Kind.CAR, Kind.CAR, Kind.CAR, Kind.SUV, Kind.ELECTRIC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """`along` and `across` say how far from the bay's middle it stands, in metres; `moment` is that of its floor, A·m²."""

    kind: Kind
    moment: tuple[float, float, float]
    height_m: float
    along_m: float
    across_m: float
    weak: bool
    """Whether it may be felt less than the scenario's weakest."""


def parked_vehicle(random: Random, weak_share: float) -> Vehicle:
    weak = random.random() < weak_share
    strength = random.uniform(*_WEAK) if weak else 1.0
    return _drawn(random, random.choice(_PARKED), strength, random.gauss(0.0, 0.2), random.gauss(0.0, 0.12), weak=weak)


def crossing_vehicle(random: Random) -> Vehicle:
    return _drawn(random, random.choice(_PARKED), 1.0, 0.0, random.uniform(-0.8, 0.8), weak=True)


def bus(random: Random) -> Vehicle:
    return _drawn(random, Kind.BUS, 1.0, 0.0, random.uniform(2.6, 3.6), weak=True)


def _drawn(random: Random, kind: Kind, share: float, along_m: float, across_m: float, *, weak: bool) -> Vehicle:
    strength = share * random.uniform(*_MOMENTS[kind])
    down = random.uniform(-1.0, 1.0)
    heading = random.uniform(0.0, 2 * pi)
    flat = sqrt(1.0 - down * down)
    moment = (strength * flat * cos(heading), strength * flat * sin(heading), strength * down)
    height = random.uniform(*_HEIGHTS[kind])
    return Vehicle(kind=kind, moment=moment, height_m=height, along_m=along_m, across_m=across_m, weak=weak)
