"""What a magnetometer in the surface of a bay feels: the Earth, its own iron, its temperature, vehicles, and noise. In µT.

    field(bay, t) = Earth + hard iron + drift * (T(t) - T(0)) + own vehicle + neighbours' vehicles + passers-by + noise

Vehicles are three dipoles each, B = µ0/4π (3 (m·r̂) r̂ - m) / r³, that move along the bay's axis while the car moves in or out:

    arrival      from START_M to its place, quick at first and slow at the end
    departure    back, slow at first

Axes are those of the sensor: x along the bay, y across, z down. All of it depends on the seed and the time only, so that a
process that begins in the middle feels the same. Sources: World Magnetic Model at 24.8 N 118.6 E, 2026.5; Wahlström and
Gustafsson (dipoles); deployed detectors drift by 1 to 3 µT/°C on their worst axis and jitter by 0.2 to 0.4 µT.
"""

from dataclasses import dataclass
from math import inf, sqrt
from random import Random

from simulators.chance import gauss, key_of
from simulators.plan import Weather
from simulators.street import Street
from simulators.traffic import Passing, Stay
from simulators.vehicle import Vehicle
from simulators.weather import Temperature

Vector = tuple[float, float, float]

EARTH_UT: Vector = (36.37, -2.90, 28.28)
START_M = 2.5
"""So far from its place a car's middle is when its front crosses the edge of the bay."""
BAY_WIDTH_M = 3.2
_PARTS = ((0.0, 1.0), (1.3, 0.4), (-1.3, 0.25))
"""Where in the vehicle, in metres towards its front, and how strong beside the floor: floor, front axle, rear axle."""
_PASSING_M = 4.0
_MU0_4PI = 0.1
"""In µT·m³ for a moment in A·m²."""
_NOISE_PER_S = 20
"""The sensor makes so many measurements a second; two questions within one get the same answer."""
_ZERO: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One sensor, as it was built and put into the ground."""

    hard_iron_ut: Vector
    drift_ut_per_c: Vector
    noise_ut: float


@dataclass(frozen=True, slots=True)
class _Still:
    """Nothing moves near a bay between these two times."""

    from_s: float
    to_s: float
    change_ut: Vector


class Magnetics:
    def __init__(self, street: Street, weather: Weather) -> None:
        self._street = street
        self.temperature = Temperature(street.seed, weather)
        self._nodes = {bay: _node(street.seed, bay) for bay in street.plan.bays}
        self._keys = {bay: [key_of(street.seed, "noise", bay, axis) for axis in "xyz"] for bay in street.plan.bays}
        bays = street.plan.bays
        self._beside = {bay: tuple(bays[n] for n in (index - 1, index + 1) if 0 <= n < len(bays)) for index, bay in enumerate(bays)}
        self._still: dict[str, _Still] = {}
        self._scales: dict[Vehicle, float] = {}

    def field(self, bay: str, t: float) -> Vector:
        """What the sensor measures."""
        x, y, z = self.change(bay, t)
        ex, ey, ez = self.empty_field(bay, t)
        noise, moment = self._nodes[bay].noise_ut, int(t * _NOISE_PER_S)
        kx, ky, kz = self._keys[bay]
        return (
            ex + x + noise * gauss(kx, moment),
            ey + y + noise * gauss(ky, moment),
            ez + z + noise * gauss(kz, moment),
        )

    def empty_field(self, bay: str, t: float) -> Vector:
        """Without vehicles and without noise."""
        node = self._nodes[bay]
        warmer = self.temperature.warmer(t)
        (ix, iy, iz), (dx, dy, dz), (ex, ey, ez) = node.hard_iron_ut, node.drift_ut_per_c, EARTH_UT
        return ex + ix + dx * warmer, ey + iy + dy * warmer, ez + iz + dz * warmer

    def change(self, bay: str, t: float) -> Vector:
        """What vehicles do to the empty field."""
        still = self._still.get(bay)
        if still is not None and still.from_s <= t < still.to_s:
            return still.change_ut
        change, moving = self._change(bay, t)
        if not moving:
            self._still[bay] = _Still(t, self._still_until(bay, t), change)
        return change

    def parked_change(self, stay: Stay) -> Vector:
        """What its vehicle does to its own bay once it stands still."""
        return _scaled(_dipoles(stay.vehicle, stay.vehicle.along_m, stay.vehicle.across_m), self._scale(stay.vehicle))

    def noise_ut(self, bay: str) -> float:
        return self._nodes[bay].noise_ut

    def _change(self, bay: str, t: float) -> tuple[Vector, bool]:
        total, moving = self._of_stay(self._street.stay(bay, t), t, 0.0)
        for index, beside in enumerate(self._beside[bay]):
            side = BAY_WIDTH_M if index or beside > bay else -BAY_WIDTH_M
            coupled, moves = self._of_stay(self._street.stay(beside, t), t, side)
            total, moving = _sum(total, coupled), moving or moves
        passing = self._street.passing(bay, t)
        if passing is not None:
            return _sum(total, _passing(passing, t)), True
        return total, moving

    def _of_stay(self, stay: Stay | None, t: float, side_m: float) -> tuple[Vector, bool]:
        if stay is None or t >= stay.gone_s:
            return _ZERO, False
        vehicle, moving, away = stay.vehicle, True, 0.0
        if t < stay.parked_s:
            left = (stay.parked_s - t) / (stay.parked_s - stay.arrive_s)
            away = START_M * left * left
        elif t >= stay.depart_s:
            done = (t - stay.depart_s) / (stay.gone_s - stay.depart_s)
            away = START_M * done * done
        else:
            moving = False
        change = _dipoles(vehicle, vehicle.along_m - away, vehicle.across_m + side_m)
        return _scaled(change, self._scale(vehicle)), moving

    def _scale(self, vehicle: Vehicle) -> float:
        """A car is felt at least as much as the scenario says, unless it is one of the weak ones."""
        scale = self._scales.get(vehicle)
        if scale is None:
            felt = norm(_dipoles(vehicle, vehicle.along_m, vehicle.across_m))
            scale = 1.0 if vehicle.weak else max(1.0, self._street.plan.cars.weakest_ut / felt)
            self._scales[vehicle] = scale
        return scale

    def _still_until(self, bay: str, t: float) -> float:
        until = inf
        for each in (bay, *self._beside[bay]):
            stay, following = self._street.stay(each, t), self._street.next_stay(each, t)
            if stay is not None and t < stay.depart_s:
                until = min(until, stay.depart_s)
            if following is not None:
                until = min(until, following.arrive_s)
        passing = self._street.next_passing(bay, t)
        return until if passing is None else min(until, passing.begins_s)


def norm(vector: Vector) -> float:
    x, y, z = vector
    return sqrt(x * x + y * y + z * z)


def _node(seed: int, bay: str) -> Node:
    random = Random(f"{seed}/node/{bay}")
    worst = random.randrange(3)
    drift = [random.uniform(1.0, 3.0) if axis == worst else random.uniform(-1.0, 1.0) for axis in range(3)]
    drift[worst] *= random.choice((-1.0, 1.0))
    iron = (random.gauss(0.0, 15.0), random.gauss(0.0, 15.0), random.gauss(0.0, 15.0))
    return Node(hard_iron_ut=iron, drift_ut_per_c=(drift[0], drift[1], drift[2]), noise_ut=random.uniform(0.2, 0.4))


def _passing(passing: Passing, t: float) -> Vector:
    """Straight through, along the street: across the bay's axis for who drives over it, beside it for a bus."""
    done = (t - passing.begins_s) / (passing.ends_s - passing.begins_s)
    vehicle = passing.vehicle
    return _dipoles(vehicle, _PASSING_M * (1.0 - 2.0 * done), vehicle.across_m)


def _dipoles(vehicle: Vehicle, along_m: float, across_m: float) -> Vector:
    """At the sensor, which lies in the bay's middle, below the vehicle."""
    mx, my, mz = vehicle.moment
    bx = by = bz = 0.0
    for place_m, share in _PARTS:
        rx, ry, rz = -(along_m + place_m), -across_m, vehicle.height_m
        square = rx * rx + ry * ry + rz * rz
        strength = _MU0_4PI * share / (square * sqrt(square))
        towards = 3.0 * (mx * rx + my * ry + mz * rz) / square
        bx += strength * (towards * rx - mx)
        by += strength * (towards * ry - my)
        bz += strength * (towards * rz - mz)
    return bx, by, bz


def _sum(one: Vector, other: Vector) -> Vector:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _scaled(vector: Vector, scale: float) -> Vector:
    return vector[0] * scale, vector[1] * scale, vector[2] * scale
