"""The escape from a stuck state: a bay that is believed occupied, and whose "vehicle" comes back again and again.

Vehicles differ from each other by tens of sigmas; the empty bay is always the same. Where the baseline is wrong (a sensor that was
re-seated, a disturbance that was learned, a car that stood there when the sensor was put into service), the real empty bay
is told as a vehicle of its own, between others. A level that was held three times, with other levels between, while nothing like the
supposed empty bay was seen, is the empty bay.
"""

from gateway.detection.conditioning import Vector, minus, squared

_VISITS = 3
LEAST_S = 60.0
"""A level that was held for less is no visit."""
_TOGETHER_S = 900.0
_LEVELS_MAX = 6
_OTHER_SHARE = 0.3
_ZERO: Vector = (0.0, 0.0, 0.0)


class Level:
    __slots__ = ("held_s", "mean", "visits")

    def __init__(self, mean: Vector, held_s: float) -> None:
        self.mean, self.held_s, self.visits = mean, held_s, 1


class Recurrence:
    """Feed it each level that was held while the bay was believed occupied; where it is seen vacant, a new one begins."""

    __slots__ = ("_last", "_others", "levels")

    def __init__(self, others: int = 1) -> None:
        """`others`: so many different levels must have been held between its visits."""
        self.levels: tuple[Level, ...] = ()
        self._last: Level | None = None
        self._others = others

    def feed(self, mean: Vector, held_s: float, weights: Vector, near: float, empty: Vector = _ZERO) -> Vector | None:
        """The level that must be the empty bay's, where there is one. `near`: squared distance in sigmas that counts as the same;
        `empty`: what is believed to be the empty bay."""
        if held_s < LEAST_S:
            return None
        for level in self.levels:
            if _square(mean, level.mean, weights) <= near:
                level.held_s += held_s
                if level is not self._last and self._last is not None and _another(level, self._last, empty):
                    level.visits += 1
                level.mean, self._last = mean, level
                often = level.visits >= _VISITS and level.held_s >= _TOGETHER_S
                return mean if often and sum(_another(level, other, empty) for other in self.levels) >= self._others else None
        # Between two visits a vehicle must have come or gone: what neighbours add to a parked one is little beside it.
        level = Level(mean, held_s)
        self.levels = (*self.levels[1 - _LEVELS_MAX :], level)
        self._last = level
        return None

    def shift(self, by: Vector) -> None:
        """All is now seen from there."""
        for level in self.levels:
            level.mean = minus(level.mean, by)


def _another(level: Level, other: Level, empty: Vector) -> bool:
    """Whether the other is another vehicle, and not this level with a neighbour beside it."""
    return squared(minus(level.mean, other.mean)) > _OTHER_SHARE * squared(minus(level.mean, empty))


def _square(one: Vector, other: Vector, weights: Vector) -> float:
    return sum(weight * (a - b) ** 2 for weight, a, b in zip(weights, one, other, strict=True))
