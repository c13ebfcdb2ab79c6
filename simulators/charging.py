"""A charger beside the bay: while an electric car takes current, its field is felt and steps up and down with the current.

Deployed charging bays sent 128 changes a day where their neighbours sent 10 to 16; that it is the current is unverified.
"""

from dataclasses import dataclass
from random import Random

from simulators.chance import key_of, unit
from simulators.dipoles import Vector
from simulators.quantity import Floats, Q, whole
from simulators.traffic import Stay
from simulators.vehicle import Kind

_PLUGGED_S, _UNPLUGGED_S = 40.0, 15.0
"""After it stands, and before it leaves."""
_ZERO: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Charging:
    field_ut: Vector
    """Of the full current."""
    steps_s: float
    """Between two currents."""
    key: int

    def felt(self, stay: Stay | None, t: float) -> Vector:
        if stay is None or not self._from_s(stay) <= t < stay.depart_s - _UNPLUGGED_S:
            return _ZERO
        current = self._current(t)
        return self.field_ut[0] * current, self.field_ut[1] * current, self.field_ut[2] * current

    def over(self, stay: Stay, times: Floats) -> tuple[Floats, Floats, Floats]:
        on = (times >= self._from_s(stay)) & (times < stay.depart_s - _UNPLUGGED_S)
        current = self._current(times) * on
        return self.field_ut[0] * current, self.field_ut[1] * current, self.field_ut[2] * current

    def _from_s(self, stay: Stay) -> float:
        return stay.parked_s + _PLUGGED_S if stay.vehicle.kind is Kind.ELECTRIC else float("inf")

    def _current(self, t: Q) -> Q:
        return unit(self.key, whole(t / self.steps_s))


def charging_of(seed: int, bay: str, share: float) -> Charging | None:
    random = Random(f"{seed}/charger/{bay}")
    if random.random() >= share:
        return None
    strength = random.uniform(1.0, 6.0)
    field = (strength * random.uniform(-1, 1), strength * random.uniform(-1, 1), strength * random.uniform(-1, 1))
    return Charging(field, random.uniform(60.0, 400.0), key_of(seed, "current", bay))
