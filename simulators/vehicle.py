"""What a vehicle is to a magnetometer: a few dipoles in its floor, and where it comes to stand.

Moments (A·m²) are priors fitted to measured steps: small cars 15 to 40, SUVs and vans 40 to 120, electric cars 20 to 80,
buses and trucks 300 to 1500. Here the direction is any and the same in all of a vehicle; `fleet.py` has harder ones.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import cos, pi, sin, sqrt
from random import Random

from simulators.dipoles import Dipole, field_of, norm, scaled


class Kind(StrEnum):
    CAR = "car"
    SUV = "suv"
    ELECTRIC = "electric"
    VAN = "van"
    MOTORCYCLE = "motorcycle"
    BUS = "bus"


_MOMENTS = {Kind.CAR: (15.0, 40.0), Kind.SUV: (40.0, 120.0), Kind.ELECTRIC: (20.0, 80.0), Kind.BUS: (300.0, 1500.0)}
_HEIGHTS = {Kind.CAR: (0.5, 0.6), Kind.SUV: (0.6, 0.9), Kind.ELECTRIC: (0.5, 0.65), Kind.BUS: (0.9, 1.2)}
_WEAK = (0.15, 0.4)
"""Of its kind's strength, where a car is a weak one: aluminium, or a moment that the Earth's undoes."""
_PARKED = (Kind.CAR, Kind.CAR, Kind.CAR, Kind.SUV, Kind.ELECTRIC)
_PARTS = ((0.0, 1.0), (1.3, 0.4), (-1.3, 0.25))
"""Where in the vehicle, in metres towards its front, and how strong beside the floor: floor, front axle, rear axle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """`along_m` and `across_m` say how far from the bay's middle it stands, in metres."""

    kind: Kind
    dipoles: tuple[Dipole, ...]
    height_m: float
    along_m: float
    across_m: float
    reach_m: float = 4.0
    """A passer-by is felt from so far before the bay to so far behind it."""

    @property
    def parked_field(self) -> tuple[float, float, float]:
        """At its own bay's sensor, where it stands, µT."""
        return field_of(self.dipoles, self.height_m, self.along_m, self.across_m)


def parked_vehicle(random: Random, weak_share: float, weakest_ut: float) -> Vehicle:
    """It is felt by `weakest_ut` at the least, unless it is one of the weak ones."""
    weak = random.random() < weak_share
    strength = random.uniform(*_WEAK) if weak else 1.0
    vehicle = _drawn(random, random.choice(_PARKED), strength, random.gauss(0.0, 0.2), random.gauss(0.0, 0.12))
    scale = 1.0 if weak else max(1.0, weakest_ut / norm(vehicle.parked_field))
    return vehicle if scale == 1.0 else stronger(vehicle, scale)


def stronger(vehicle: Vehicle, scale: float) -> Vehicle:
    return replace(vehicle, dipoles=tuple(Dipole(part.along_m, scaled(part.moment, scale)) for part in vehicle.dipoles))


def crossing_vehicle(random: Random) -> Vehicle:
    return _drawn(random, random.choice(_PARKED), 1.0, 0.0, random.uniform(-0.8, 0.8))


def bus(random: Random) -> Vehicle:
    return _drawn(random, Kind.BUS, 1.0, 0.0, random.uniform(2.6, 3.6))


def _drawn(random: Random, kind: Kind, share: float, along_m: float, across_m: float) -> Vehicle:
    strength = share * random.uniform(*_MOMENTS[kind])
    down = random.uniform(-1.0, 1.0)
    heading = random.uniform(0.0, 2 * pi)
    flat = sqrt(1.0 - down * down)
    moment = (strength * flat * cos(heading), strength * flat * sin(heading), strength * down)
    height = random.uniform(*_HEIGHTS[kind])
    dipoles = tuple(Dipole(place_m, scaled(moment, of_floor)) for place_m, of_floor in _PARTS)
    return Vehicle(kind=kind, dipoles=dipoles, height_m=height, along_m=along_m, across_m=across_m)
