"""The truth: which vehicle stands in which bay and which bike at which pile, over time. A pure function of a seed and a plan.

Time is street time, seconds from zero. `arrive_s` is the moment at which a car begins to move in (its front crosses the edge of
the bay), `depart_s` the moment at which it begins to move out: these two are what is billed. It stands still from `parked_s`
and is out of the bay at `gone_s`. A car or a bike that stood there before zero has arrived at a negative time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import inf, nextafter

from simulators.plan import Plan
from simulators.timeline import Timeline
from simulators.traffic import BikeStay, Passing, Stay, bike_stays_of, passings_of, stays_of
from simulators.vehicle import Vehicle

LONGEST_PASSING_S = 60.0
"""Nothing takes longer to pass."""


class What(StrEnum):
    ARRIVED = "arrived"
    LEFT = "left"


@dataclass(frozen=True, slots=True, order=True)
class TruthEvent:
    """One fact. `bay` or `station`, `pile` and `tag` are set."""

    t: float
    who: str
    """bay/… or station/…/TAG"""
    what: What
    bay: str | None = None
    station: str | None = None
    pile: str | None = None
    tag: str | None = None
    operator: str | None = None


class Street:
    def __init__(self, seed: int, plan: Plan) -> None:
        self.seed = seed
        self.plan = plan
        self._stays = {bay: Timeline(stays_of(seed, bay, plan.cars)) for bay in plan.bays}
        self._passings = {bay: Timeline(passings_of(seed, bay, place, plan.cars)) for place, bay in enumerate(plan.bays)}
        self._piles: dict[str, tuple[Timeline[BikeStay], ...]] = {}
        for station in plan.stations:
            for index, pile in enumerate(station.piles):
                places = range(plan.bikes.per_pile)
                self._piles[pile] = tuple(Timeline(bike_stays_of(seed, station, index, place, plan.bikes)) for place in places)

    # Cars.

    def stay(self, bay: str, t: float) -> Stay | None:
        """The stay that has begun last at `t`; its car may be gone."""
        return self._stays[bay].latest(t)

    def next_stay(self, bay: str, t: float) -> Stay | None:
        return self._stays[bay].following(t)

    def parked(self, bay: str, t: float) -> Vehicle | None:
        """From the moment at which a car begins to move in to that at which it begins to move out."""
        stay = self._stays[bay].latest(t)
        return stay.vehicle if stay is not None and t < stay.depart_s else None

    def passing(self, bay: str, t: float) -> Passing | None:
        """What passes at `t`. Drive-overs need an empty bay, and what would pass during a manoeuvre is left to harder streets."""
        passing = self.passings_at(bay, t)
        return passing[-1] if passing else None

    def passings_at(self, bay: str, t: float) -> list[Passing]:
        """All that pass at `t`, in the order in which they began: a bus may, while another begins or something behind it is held back."""
        return [each for each in self.passings(bay, t - LONGEST_PASSING_S, t) if t < each.ends_s]

    def next_passing(self, bay: str, t: float) -> Passing | None:
        """The first that could begin after `t`."""
        return self._passings[bay].following(t)

    def stays(self, bay: str, after_s: float, until_s: float) -> list[Stay]:
        """The one that had begun last at `after_s`, and all that begin later."""
        return self._stays[bay].between(after_s, until_s)

    def passings(self, bay: str, after_s: float, until_s: float) -> list[Passing]:
        """All that begin between the two."""
        return [each for each in self._passings[bay].between(after_s, until_s) if each.begins_s > after_s and self._calm(each)]

    def _calm(self, passing: Passing) -> bool:
        begins, calm = passing.begins_s, self.plan.cars.calm_s
        over = abs(passing.vehicle.across_m) < 1.0
        if not calm and not over:
            return True
        last = self._passings[passing.bay].latest(nextafter(begins, -inf))
        if last is not None and begins < last.ends_s + calm:
            return False
        before, after = self._stays[passing.bay].latest(begins), self._stays[passing.bay].following(begins)
        if before is not None and over and begins < before.gone_s:
            return False
        moments = () if before is None else (before.arrive_s, before.parked_s, before.depart_s, before.gone_s)
        coming = () if after is None else (after.arrive_s,)
        return not any(begins - calm < moment < passing.ends_s + calm for moment in (*moments, *coming))

    # Bikes.

    def bikes_at(self, pile: str, t: float) -> tuple[BikeStay, ...]:
        """The bikes that stand at a pile."""
        found = (place.latest(t) for place in self._piles[pile])
        return tuple(stay for stay in found if stay is not None and t < stay.leave_s)

    def bikes_at_station(self, station: str, t: float) -> tuple[BikeStay, ...]:
        plan = next(each for each in self.plan.stations if each.name == station)
        return tuple(stay for pile in plan.piles for stay in self.bikes_at(pile, t))

    # The truth as a list.

    def truth(self, until_s: float = 3600.0, after_s: float = -inf) -> tuple[TruthEvent, ...]:
        """What happens after `after_s` and until `until_s`, in the order of time; by default from the arrivals before zero on."""
        events = [event for bay in self._stays for event in self._of_bay(bay, after_s, until_s)]
        events += [event for pile in self._piles for event in self._of_pile(pile, after_s, until_s)]
        return tuple(sorted(event for event in events if after_s < event.t <= until_s))

    def _of_bay(self, bay: str, after_s: float, until_s: float) -> Iterator[TruthEvent]:
        for stay in self._stays[bay].between(after_s, until_s):
            yield TruthEvent(stay.arrive_s, f"bay/{bay}", What.ARRIVED, bay=bay)
            yield TruthEvent(stay.depart_s, f"bay/{bay}", What.LEFT, bay=bay)

    def _of_pile(self, pile: str, after_s: float, until_s: float) -> Iterator[TruthEvent]:
        for place in self._piles[pile]:
            for stay in place.between(after_s, until_s):
                for t, what in ((stay.arrive_s, What.ARRIVED), (stay.leave_s, What.LEFT)):
                    who = f"station/{stay.station}/{stay.tag}"
                    yield TruthEvent(t, who, what, station=stay.station, pile=pile, tag=stay.tag, operator=stay.operator)
