"""Where a vehicle is: legs in which it moves, one after the other, and between them it stands. A pure function of the time.

    arrival       BRAKING    quick at first, slow at the end      from the edge of the bay to its place
    departure     STARTING   slow at first                        and out again
    passing       STEADY                                          straight through
    shuffling     EASING     slow at both ends                    from one place in the bay to another

A leg is evaluated for one moment or for an array of them.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from math import inf

from simulators.dipoles import field_of
from simulators.quantity import Q
from simulators.vehicle import Vehicle

Place = tuple[float, float]
"""Along and across, in metres, from the bay's middle."""


class Pace(Enum):
    STEADY = "steady"
    BRAKING = "braking"
    STARTING = "starting"
    EASING = "easing"


@dataclass(frozen=True, slots=True)
class Leg:
    begins_s: float
    ends_s: float
    start: Place
    end: Place
    pace: Pace

    def place(self, t: Q) -> tuple[Q, Q]:
        """Within the leg."""
        done = (t - self.begins_s) / (self.ends_s - self.begins_s)
        if self.pace is Pace.BRAKING:
            left = 1.0 - done
            done = 1.0 - left * left
        elif self.pace is Pace.STARTING:
            done = done * done
        elif self.pace is Pace.EASING:
            done = done * done * (3.0 - 2.0 * done)
        along, across = self.start[0], self.start[1]
        return along + (self.end[0] - along) * done, across + (self.end[1] - across) * done


@dataclass(frozen=True, slots=True)
class Track:
    """A vehicle that is there from the beginning of the first leg to the end of the last. Legs do not overlap."""

    vehicle: Vehicle
    legs: tuple[Leg, ...]

    @property
    def begins_s(self) -> float:
        return self.legs[0].begins_s

    @property
    def ends_s(self) -> float:
        return self.legs[-1].ends_s

    def leg(self, t: float) -> Leg | None:
        """The last leg that has begun at `t`."""
        index = bisect_right(self.legs, t, key=lambda leg: leg.begins_s)
        return self.legs[index - 1] if index else None

    def place(self, t: float) -> tuple[Place, bool] | None:
        """Where it is, and whether it moves there; None where it isn't there at all."""
        leg = self.leg(t)
        if leg is None or t >= self.ends_s:
            return None
        return (leg.place(t), True) if t < leg.ends_s else (leg.end, False)

    def moves_after(self, t: float) -> float:
        """When the next leg begins, inf for never."""
        return next((leg.begins_s for leg in self.legs if leg.begins_s > t), inf)

    def pieces(self) -> Iterator[tuple[float, float, Leg | Place]]:
        """From when to when it moves on a leg, or stands at a place."""
        before: Leg | None = None
        for leg in self.legs:
            if before is not None and before.ends_s < leg.begins_s:
                yield before.ends_s, leg.begins_s, before.end
            yield leg.begins_s, leg.ends_s, leg
            before = leg

    def felt(self, along_m: Q, across_m: Q) -> tuple[Q, Q, Q]:
        """The field at a sensor so far from the vehicle's middle."""
        return field_of(self.vehicle.dipoles, self.vehicle.height_m, along_m, across_m)
