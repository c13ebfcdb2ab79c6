"""The vehicles of a real street, from motorcycle to bus: two to four dipoles each, partly their own and partly induced by the Earth.

    moment of a part = share * (own * strength * a direction of the vehicle's + (1 - own) * strength * the Earth's direction, scattered)

The Earth's part depends on which way the bay points, the vehicle's own on which way it was driven in. Strengths are fitted so that
parked cars change the field by 7 / 27 / 84 µT (p5, median, p95), as 5,787 labelled steps of deployed detectors do. A hidden car is one
whose field, where it stands, is nearly none (the "critical point" of Daubaras et al.): its axles are felt while they pass over
the sensor, and then they and the floor undo one another.
"""

from dataclasses import dataclass
from math import cos, exp, pi, radians, sin, sqrt
from random import Random

from pydantic import Field

from config.site import Frozen
from simulators.dipoles import Dipole, Vector, field_of, moment_for, plus, scaled
from simulators.vehicle import Kind, Vehicle

EARTH_UT: Vector = (36.37, -2.90, 28.28)
"""North, east, down. World Magnetic Model at 24.8 N 118.6 E, 2026.5."""
_HIDDEN_UT = (0.3, 1.5)
_CARELESS_M = (0.8, 1.5)
"""So far to one side stands who parks badly: 1.0 to 1.7 m from the neighbour's sensor where bays are 2.5 m wide."""


class Fleet(Frozen):
    hidden_share: float = Field(default=0.01, ge=0, le=1, description="Cars whose field, once parked, is that of the empty bay")
    careless_share: float = Field(default=0.03, ge=0, le=1, description="Cars that stand at the edge of their bay")
    motorcycles: float = Field(default=0.02, ge=0, le=1, description="Share of motorcycles among what parks")


@dataclass(frozen=True, slots=True)
class _Build:
    """Strength: of all parts together, median in A·m² and the spread of its logarithm. Parts: where, and which share; of the moments of
    one dipole that are quoted (10 to 120 A·m²) the floor alone would do what all parts do together."""

    strength: tuple[float, float]
    height_m: tuple[float, float]
    parts: tuple[tuple[float, float], ...]


_BUILDS = {
    Kind.MOTORCYCLE: _Build((14.0, 0.3), (0.4, 0.5), ((0.2, 0.7), (-0.5, 0.3))),
    Kind.CAR: _Build((84.0, 0.36), (0.5, 0.62), ((0.0, 0.7), (1.3, 0.18), (-1.3, 0.12))),
    Kind.SUV: _Build((235.0, 0.42), (0.6, 0.8), ((0.0, 0.6), (1.4, 0.2), (-0.7, 0.1), (-1.4, 0.1))),
    Kind.ELECTRIC: _Build((118.0, 0.45), (0.5, 0.62), ((0.0, 0.75), (1.3, 0.13), (-1.4, 0.12))),
    Kind.VAN: _Build((300.0, 0.4), (0.65, 0.85), ((0.2, 0.55), (1.6, 0.2), (-0.8, 0.15), (-1.8, 0.1))),
    Kind.BUS: _Build((3000.0, 0.4), (0.9, 1.2), ((4.5, 0.2), (1.5, 0.15), (-1.5, 0.15), (-4.5, 0.5))),
}
_CARS = ((Kind.CAR, 0.52), (Kind.SUV, 0.27), (Kind.ELECTRIC, 0.16), (Kind.VAN, 0.05))


def earth_along(heading_deg: float) -> Vector:
    """The Earth's field in a bay whose axis points so far from north towards east."""
    north, east, down = EARTH_UT
    c, s = cos(radians(heading_deg)), sin(radians(heading_deg))
    return c * north + s * east, c * east - s * north, down


def parked_of(random: Random, fleet: Fleet, heading_deg: float) -> Vehicle:
    kind = Kind.MOTORCYCLE if random.random() < fleet.motorcycles else _car(random)
    across = random.gauss(0.0, 0.15)
    if random.random() < fleet.careless_share:
        across = random.choice((-1.0, 1.0)) * random.uniform(*_CARELESS_M)
    vehicle = _built(random, kind, heading_deg, random.gauss(0.0, 0.25), across)
    return _hidden(random, vehicle) if random.random() < fleet.hidden_share else vehicle


def crossing_of(random: Random, heading_deg: float) -> Vehicle:
    return _built(random, _car(random), heading_deg, 0.0, random.uniform(-0.8, 0.8))


def bus_of(random: Random, heading_deg: float) -> Vehicle:
    return _built(random, Kind.BUS, heading_deg, 0.0, random.uniform(2.6, 3.6), reach_m=10.0)


def _car(random: Random) -> Kind:
    return random.choices([kind for kind, _ in _CARS], [share for _, share in _CARS])[0]


def _built(random: Random, kind: Kind, heading_deg: float, along_m: float, across_m: float, reach_m: float = 4.0) -> Vehicle:
    build = _BUILDS[kind]
    median, spread = build.strength
    strength = median * exp(random.gauss(0.0, spread))
    own = random.uniform(0.55, 0.85)
    own_way, facing = _direction(random), random.choice((-1.0, 1.0))
    induced = scaled(earth_along(heading_deg), 1.0 / sqrt(sum(axis * axis for axis in EARTH_UT)))
    dipoles = []
    for place_m, share in build.parts:
        way = plus(own_way, scaled(_direction(random), 0.35))
        both = plus(scaled(way, own), scaled(plus(induced, scaled(_direction(random), 0.2)), 1.0 - own))
        dipoles.append(Dipole(facing * place_m, scaled(both, share * strength)))
    return Vehicle(
        kind=kind,
        dipoles=tuple(dipoles),
        height_m=random.uniform(*build.height_m),
        along_m=along_m,
        across_m=across_m,
        reach_m=reach_m,
    )


def _hidden(random: Random, vehicle: Vehicle) -> Vehicle:
    """Its first part, the floor, undoes all but a little of what the others do at the sensor."""
    floor, *others = vehicle.dipoles
    rest = field_of(others, vehicle.height_m, vehicle.along_m, vehicle.across_m)
    left = plus(scaled(_direction(random), random.uniform(*_HIDDEN_UT)), scaled(rest, -1.0))
    undoing = Dipole(floor.along_m, moment_for(left, floor.along_m, vehicle.height_m, vehicle.along_m, vehicle.across_m))
    return Vehicle(
        kind=vehicle.kind,
        dipoles=(undoing, *others),
        height_m=vehicle.height_m,
        along_m=vehicle.along_m,
        across_m=vehicle.across_m,
    )


def _direction(random: Random) -> Vector:
    down, heading = random.uniform(-1.0, 1.0), random.uniform(0.0, 2 * pi)
    flat = sqrt(1.0 - down * down)
    return flat * cos(heading), flat * sin(heading), down
