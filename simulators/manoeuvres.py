"""The tracks of what drives: in, within and out of a bay, and past it."""

from collections.abc import Sequence

from simulators.track import Leg, Pace, Place, Track
from simulators.vehicle import Vehicle

START_M = 2.5
"""So far from its place a car's middle is when its front crosses the edge of the bay."""


def stay_track(vehicle: Vehicle, moments: tuple[float, float, float, float], shuffles: Sequence[tuple[float, float, float]]) -> Track:
    """`moments`: it arrives, stands, departs, is gone. `shuffles`: begin, end, and how far along it moves."""
    arrive_s, parked_s, depart_s, gone_s = moments
    place: Place = (vehicle.along_m, vehicle.across_m)
    legs = [Leg(arrive_s, parked_s, (place[0] - START_M, place[1]), place, Pace.BRAKING)]
    for begins_s, ends_s, by_m in shuffles:
        # It stays within its bay: who stands forward already moves back.
        moved: Place = (place[0] + by_m if abs(place[0] + by_m) < 0.9 else place[0] - by_m, place[1])
        legs.append(Leg(begins_s, ends_s, place, moved, Pace.EASING))
        place = moved
    legs.append(Leg(depart_s, gone_s, place, (place[0] - START_M, place[1]), Pace.STARTING))
    return Track(vehicle, tuple(legs))


def passing_track(vehicle: Vehicle, begins_s: float, ends_s: float, stops_s: float = 0.0) -> Track:
    """Straight through, along the street: across the bay's axis for who drives over it, beside it for a bus."""
    reach, across = vehicle.reach_m, vehicle.across_m
    if not stops_s:
        return Track(vehicle, (Leg(begins_s, ends_s, (reach, across), (-reach, across), Pace.STEADY),))
    stands_s = (begins_s + ends_s) / 2
    return Track(
        vehicle,
        (
            Leg(begins_s, stands_s, (reach, across), (0.0, across), Pace.BRAKING),
            Leg(stands_s + stops_s, ends_s + stops_s, (0.0, across), (-reach, across), Pace.STARTING),
        ),
    )
