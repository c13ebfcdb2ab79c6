"""What happens to a sensor itself: it is moved, stuck, overdriven, or under water. A pure function of the seed and the time.

    tampered     somebody lies a magnet or a phone on it: another field on top, for minutes
    reseated     it is taken out and put back: for a minute anything, and turned about the vertical ever after; |B| is the same
    frozen       its bus hangs: the same raw value again and again
    saturated    an axis stands at the end of its range
    flooded      water in the housing: noise five times as large, and a wander of some µT

Which and when: so many a day on average, seeded. Once it is told as a fault, a detector must not believe it; after it, it must.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import cos, pi, sin
from random import Random

from simulators.chance import gauss, key_of
from simulators.dipoles import Vector
from simulators.quantity import Q, sine, whole

_LASTS_S = {
    "tampered": (120.0, 1200.0),
    "reseated": (40.0, 90.0),
    "frozen": (300.0, 3600.0),
    "saturated": (300.0, 3600.0),
    "flooded": (3600.0, 4 * 3600.0),
}
_SATURATED_UT = 1e5
_FLOOD_NOISE_UT, _FLOOD_WANDER_UT = 1.5, 6.0
_HANDLED_UT = 25.0


class TroubleKind(StrEnum):
    TAMPERED = "tampered"
    RESEATED = "reseated"
    FROZEN = "frozen"
    SATURATED = "saturated"
    FLOODED = "flooded"


@dataclass(frozen=True, slots=True)
class Trouble:
    """`yaw` is how far the sensor has been turned by all re-seatings up to and with this one, in radians."""

    kind: TroubleKind
    begins_s: float
    ends_s: float
    field_ut: Vector
    yaw: float
    key: int

    def turned(self, field: tuple[Q, Q, Q]) -> tuple[Q, Q, Q]:
        """As the sensor lies from its begin on."""
        if not self.yaw:
            return field
        x, y, z = field
        return cos(self.yaw) * x + sin(self.yaw) * y, cos(self.yaw) * y - sin(self.yaw) * x, z

    def spoilt(self, field: tuple[Q, Q, Q], t: Q) -> tuple[Q, Q, Q]:
        """The field that it measures while it lasts; a frozen one is held by the caller."""
        x, y, z = field
        ox, oy, oz = self.field_ut
        match self.kind:
            case TroubleKind.TAMPERED:
                return x + ox, y + oy, z + oz
            case TroubleKind.RESEATED:
                shaken = _HANDLED_UT * gauss(self.key, whole(t * 2.0))
                return x + shaken, y - shaken, z + 0.5 * shaken
            case TroubleKind.SATURATED:
                return x + 0.0, y + 0.0, z + _SATURATED_UT
            case TroubleKind.FLOODED:
                moment = whole(t * 20.0)
                wander = _FLOOD_WANDER_UT * sine(2 * pi * (t - self.begins_s) / 5000.0)
                noise = _FLOOD_NOISE_UT * gauss(self.key, moment)
                return x + noise + wander, y - noise + 0.5 * wander, z + noise * 0.7 - wander
            case TroubleKind.FROZEN:
                return field


def troubles_of(seed: int, bay: str, per_day: float) -> Iterator[Trouble]:
    random = Random(f"{seed}/troubles/{bay}")
    t, yaw = 0.0, 0.0
    while per_day > 0:
        t += random.expovariate(per_day / 86400.0)
        kind = random.choice(list(TroubleKind))
        ends_s = t + random.uniform(*_LASTS_S[kind])
        field = (random.uniform(-60.0, 60.0), random.uniform(-60.0, 60.0), random.uniform(30.0, 100.0))
        if kind is TroubleKind.RESEATED:
            yaw += random.choice((-1.0, 1.0)) * random.uniform(0.3, 1.5)
        yield Trouble(kind, t, ends_s, field, yaw, key_of(seed, "trouble", bay, t))
        t = ends_s
