"""What comes and goes, without end: cars of one bay, passers-by of one bay, bikes of one place at a pile. Seeded generators.

What is off in an easy street (swaps, shuffling, a real fleet) draws from chance of its own, so that a street stays what it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from math import exp
from random import Random

from simulators.dwell import Dwell, drawn_s
from simulators.fleet import bus_of, crossing_of, parked_of
from simulators.manoeuvres import passing_track, stay_track
from simulators.plan import Bikes, Cars, Span, StationPlan
from simulators.track import Track
from simulators.vehicle import Vehicle, bus, crossing_vehicle, parked_vehicle

_PASSING_S = (1.5, 4.0)
_BUS_S = Span(typical_s=3.5, spread=0.3, shortest_s=1.5, longest_s=12)
_BUS_STOPS_S = (5.0, 20.0)
_MOVING_SHARE = 0.3
"""Of a short stay or gap, at the most so much is manoeuvre."""
_SHORTEST_S = {Dwell.STAY: 15.0, Dwell.GAP: 8.0}
"""Of Melbourne's. What is shorter there may well be a sensor's flicker; here each is a car that really stands, and a bay really empty."""
_SHUFFLE_APART_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    bay: str
    arrive_s: float
    parked_s: float
    depart_s: float
    gone_s: float
    vehicle: Vehicle
    track: Track
    swapped_in: bool = False
    """It came so soon after the last one that a swap was meant."""

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
    track: Track


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
    deviation = random.gauss(0.0, 1.0)
    spread = span.spread_below if deviation < 0 and span.spread_below is not None else span.spread
    return min(max(span.typical_s * exp(spread * deviation), span.shortest_s), span.longest_s)


def _lasts(random: Random, span: Span | str, dwell: Dwell) -> float:
    return _drawn(random, span) if isinstance(span, Span) else max(drawn_s(random, dwell), _SHORTEST_S[dwell])


def stays_of(seed: int, bay: str, cars: Cars) -> Iterator[Stay]:
    random, more = Random(f"{seed}/stays/{bay}"), Random(f"{seed}/more/{bay}")
    if random.random() < cars.occupied_at_start:
        whole = _lasts(random, cars.stay, Dwell.STAY)
        depart = max(whole * random.random(), cars.first_move_s)
        arrive = depart - max(whole, depart + cars.slowest_move_s)
    else:
        arrive = cars.first_move_s + _lasts(random, cars.gap, Dwell.GAP) * random.random()
        depart = arrive + _lasts(random, cars.stay, Dwell.STAY)
    swapped = False
    while True:
        gap = _lasts(random, cars.gap, Dwell.GAP)
        moving_in = min(_drawn(random, cars.arrival), cars.slowest_move_s, _MOVING_SHARE * (depart - arrive))
        moving_out = min(_drawn(random, cars.departure), cars.slowest_move_s)
        if cars.swap_share and more.random() < cars.swap_share:
            gap, swaps = moving_out + more.uniform(*cars.swap_s), True
        else:
            moving_out, swaps = min(moving_out, _MOVING_SHARE * gap), False
        vehicle = _parked(random, cars)
        moments = (arrive, arrive + moving_in, depart, depart + moving_out)
        track = stay_track(vehicle, moments, _shuffles(more, cars, arrive + moving_in, depart))
        yield Stay(
            bay=bay,
            arrive_s=arrive,
            parked_s=arrive + moving_in,
            depart_s=depart,
            gone_s=depart + moving_out,
            vehicle=vehicle,
            track=track,
            swapped_in=swapped,
        )
        arrive, swapped = depart + gap, swaps
        depart = arrive + _lasts(random, cars.stay, Dwell.STAY)


def _parked(random: Random, cars: Cars) -> Vehicle:
    if cars.fleet is not None:
        return parked_of(random, cars.fleet, cars.heading_deg)
    return parked_vehicle(random, cars.weak_share, cars.weakest_ut)


def _crossing(random: Random, cars: Cars) -> Vehicle:
    return crossing_vehicle(random) if cars.fleet is None else crossing_of(random, cars.heading_deg)


def _shuffles(random: Random, cars: Cars, from_s: float, to_s: float) -> list[tuple[float, float, float]]:
    """Begin, end, and how far along: of the moves of a parked car within its bay."""
    moves: list[tuple[float, float, float]] = []
    t = from_s
    while cars.shuffles_per_h > 0:
        t += _SHUFFLE_APART_S + random.expovariate(cars.shuffles_per_h / 3600.0)
        ends_s = t + random.uniform(1.5, 6.0)
        if ends_s + _SHUFFLE_APART_S > to_s:
            break
        moves.append((t, ends_s, random.choice((-1.0, 1.0)) * random.uniform(0.15, 0.7)))
        t = ends_s
    return moves


def passings_of(seed: int, bay: str, place: int, cars: Cars) -> Iterator[Passing]:
    """`place`: which bay of the street it is."""
    over = _poisson(Random(f"{seed}/over/{bay}"), bay, cars.drive_overs_per_h, cars)
    if cars.fleet is None:
        buses = _poisson(Random(f"{seed}/bus/{bay}"), bay, cars.buses_per_h, cars, is_bus=True)
    else:
        buses = _buses_in_the_lane(Random(f"{seed}/lane"), bay, place, cars)
    return merge(over, buses, key=lambda passing: passing.begins_s)


def _poisson(random: Random, bay: str, per_h: float, cars: Cars, *, is_bus: bool = False) -> Iterator[Passing]:
    t = cars.first_move_s
    while per_h > 0:
        t += random.expovariate(per_h / 3600.0)
        ends_s = t + (random.uniform(*_PASSING_S) if is_bus or cars.drive_over is None else _drawn(random, cars.drive_over))
        vehicle = bus(random) if is_bus else _crossing(random, cars)
        yield Passing(bay=bay, begins_s=t, ends_s=ends_s, vehicle=vehicle, track=passing_track(vehicle, t, ends_s))
        t = ends_s


def _buses_in_the_lane(random: Random, bay: str, place: int, cars: Cars) -> Iterator[Passing]:
    """The same buses for every bay of the street, one bay after the other."""
    t = cars.first_move_s
    while cars.buses_per_h > 0:
        t += random.expovariate(cars.buses_per_h / 3600.0)
        lasts, vehicle = _drawn(random, _BUS_S), bus_of(random, cars.heading_deg)
        stops = random.uniform(*_BUS_STOPS_S) if random.random() < cars.bus_stop_share else 0.0
        speed = 2.0 * vehicle.reach_m / lasts
        begins_s = t + place * cars.bay_width_m / speed
        track = passing_track(vehicle, begins_s, begins_s + lasts, stops)
        yield Passing(bay=bay, begins_s=begins_s, ends_s=track.ends_s, vehicle=vehicle, track=track)
        t += lasts + stops + 100 * cars.bay_width_m / speed


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
