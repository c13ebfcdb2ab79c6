"""What comes and goes, without end: cars of one bay, passers-by of one bay, bikes of one place at a pile. Seeded generators."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from math import exp
from random import Random

from simulators.plan import Bikes, Cars, Span, StationPlan
from simulators.vehicle import Vehicle, bus, crossing_vehicle, parked_vehicle

_ARRIVAL_S = Span(typical_s=4.5, spread=0.63, shortest_s=1.6)
_DEPARTURE_S = Span(typical_s=2.25, spread=0.8, shortest_s=0.5)
_PASSING_S = (1.5, 4.0)
_MOVING_SHARE = 0.3
"""Of a short stay or gap, at the most so much is manoeuvre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    bay: str
    arrive_s: float
    parked_s: float
    depart_s: float
    gone_s: float
    vehicle: Vehicle

    @property
    def begins_s(self) -> float:
        return self.arrive_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Something that disturbs a bay and does not park there."""

    bay: str
    begins_s: float
    ends_s: float
    vehicle: Vehicle


@dataclass(frozen=True, slots=True, kw_only=True)
class BikeStay:
    station: str
    pile: str
    place: int
    """Which of the pile's places."""
    tag: str
    operator: str
    arrive_s: float
    leave_s: float

    @property
    def begins_s(self) -> float:
        return self.arrive_s


def _drawn(random: Random, span: Span) -> float:
    return min(max(span.typical_s * exp(random.gauss(0.0, span.spread)), span.shortest_s), span.longest_s)


def stays_of(seed: int, bay: str, cars: Cars) -> Iterator[Stay]:
    random = Random(f"{seed}/stays/{bay}")
    if random.random() < cars.occupied_at_start:
        whole = _drawn(random, cars.stay)
        depart = max(whole * random.random(), cars.first_move_s)
        arrive = depart - max(whole, depart + cars.slowest_move_s)
    else:
        arrive = cars.first_move_s + _drawn(random, cars.gap) * random.random()
        depart = arrive + _drawn(random, cars.stay)
    while True:
        gap = _drawn(random, cars.gap)
        moving_in = min(_drawn(random, _ARRIVAL_S), cars.slowest_move_s, _MOVING_SHARE * (depart - arrive))
        moving_out = min(_drawn(random, _DEPARTURE_S), cars.slowest_move_s, _MOVING_SHARE * gap)
        vehicle = parked_vehicle(random, cars.weak_share)
        yield Stay(bay=bay, arrive_s=arrive, parked_s=arrive + moving_in, depart_s=depart, gone_s=depart + moving_out, vehicle=vehicle)
        arrive = depart + gap
        depart = arrive + _drawn(random, cars.stay)


def passings_of(seed: int, bay: str, cars: Cars) -> Iterator[Passing]:
    over = _poisson(Random(f"{seed}/over/{bay}"), bay, cars.drive_overs_per_h, cars.first_move_s, is_bus=False)
    buses = _poisson(Random(f"{seed}/bus/{bay}"), bay, cars.buses_per_h, cars.first_move_s, is_bus=True)
    return merge(over, buses, key=lambda passing: passing.begins_s)


def _poisson(random: Random, bay: str, per_h: float, begins_s: float, *, is_bus: bool) -> Iterator[Passing]:
    t = begins_s
    while per_h > 0:
        t += random.expovariate(per_h / 3600.0)
        ends_s = t + random.uniform(*_PASSING_S)
        yield Passing(bay=bay, begins_s=t, ends_s=ends_s, vehicle=bus(random) if is_bus else crossing_vehicle(random))
        t = ends_s


def bike_stays_of(seed: int, station: StationPlan, index: int, place: int, bikes: Bikes) -> Iterator[BikeStay]:
    pile = station.piles[index]
    random = Random(f"{seed}/bikes/{pile}/{place}")
    if random.random() < bikes.present_at_start:
        whole = _drawn(random, bikes.stay)
        leave = max(whole * random.random(), bikes.first_move_s)
        arrive = min(leave - whole, -1.0)
    else:
        arrive = bikes.first_move_s + _drawn(random, bikes.gap) * random.random()
        leave = arrive + _drawn(random, bikes.stay)
    operator, tag = bikes.operators[0], ""
    while True:
        if not tag or random.random() >= bikes.comes_back:
            operator = random.choice(bikes.operators)
            free = 16 - len(operator.tag_prefix)
            tag = operator.tag_prefix[:16] + f"{random.getrandbits(64):016X}"[:free]
        yield BikeStay(station=station.name, pile=pile, place=place, tag=tag, operator=operator.name, arrive_s=arrive, leave_s=leave)
        arrive = leave + _drawn(random, bikes.gap)
        leave = arrive + _drawn(random, bikes.stay)
