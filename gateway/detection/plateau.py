"""A plateau: samples that agree with each other. What stands still, whatever it is, makes one; what moves does not.

A sample that does not agree is held back; only when the next one disagrees as well has the plateau ended, and a new one begins
with those that agree. So no single reading, however wrong, begins, ends or shifts anything.
"""

from gateway.detection.conditioning import Vector

_MEMORY = 24
_RECENT = 0.4
_SLOPE = 0.3
_SOME = 4


class Plateau:
    """Values are residuals. `weights` are one over the variance of a sample, per axis."""

    __slots__ = ("_held", "_held_t", "before", "count", "last_t", "mean", "recent", "since_s")

    def __init__(self) -> None:
        self.mean: Vector = (0.0, 0.0, 0.0)
        self.recent: Vector = (0.0, 0.0, 0.0)
        """The mean of the last few: where it runs away from the mean, this is no plateau but a slope."""
        self.before: Vector = (0.0, 0.0, 0.0)
        """Where the last plateau of some length stood."""
        self.count = 0
        self.since_s = 0.0
        self.last_t = 0.0
        self._held: Vector | None = None
        self._held_t = 0.0

    @property
    def age_s(self) -> float:
        return self.last_t - self.since_s if self.count else 0.0

    @property
    def stood(self) -> Vector:
        """Where the field stands, or has stood last."""
        return self.mean if self.count >= _SOME else self.before

    @property
    def weight(self) -> int:
        """How many independent samples its mean is worth: those of one second overlap."""
        return min(self.count, 1 + int(self.last_t - self.since_s))

    def feed(self, t: float, value: Vector, weights: Vector, far: float) -> bool:
        """Whether it joined. `far` is the squared distance, in sigmas, beyond which a sample disagrees."""
        if not self.count:
            self._begin(t, value)
            return True
        x, y, z = self.mean
        dx, dy, dz = value[0] - x, value[1] - y, value[2] - z
        if dx * dx * weights[0] + dy * dy * weights[1] + dz * dz * weights[2] <= far:
            count = self.count = self.count + 1
            gain = 1.0 / (min(_MEMORY, count))
            self.mean = (x + gain * dx, y + gain * dy, z + gain * dz)
            self.last_t = t
            self._held = None
            rx, ry, rz = self.recent
            rx, ry, rz = self.recent = (rx + _RECENT * (value[0] - rx), ry + _RECENT * (value[1] - ry), rz + _RECENT * (value[2] - rz))
            dx, dy, dz = rx - x, ry - y, rz - z
            if count > 3 and dx * dx * weights[0] + dy * dy * weights[1] + dz * dz * weights[2] > _SLOPE * far:
                self._begin(t, self.recent)
            return True
        held = self._held
        if held is None:
            self._held, self._held_t = value, t
            return False
        dx, dy, dz = value[0] - held[0], value[1] - held[1], value[2] - held[2]
        if dx * dx * weights[0] + dy * dy * weights[1] + dz * dz * weights[2] <= 2.0 * far:
            self._begin(self._held_t, held)
            self.count = 2
            self.mean = ((held[0] + value[0]) / 2, (held[1] + value[1]) / 2, (held[2] + value[2]) / 2)
            self.recent = self.mean
            self.last_t = t
        else:
            self._begin(t, value)
        return False

    def _begin(self, t: float, value: Vector) -> None:
        if self.count >= _SOME:
            self.before = self.mean
        self.mean = self.recent = value
        self.count, self.since_s, self.last_t, self._held = 1, t, t, None

    def shift(self, by: Vector) -> None:
        """The expectation has moved by `by`: residuals are smaller by so much."""
        x, y, z = self.mean
        self.mean = (x - by[0], y - by[1], z - by[2])
        x, y, z = self.recent
        self.recent = (x - by[0], y - by[1], z - by[2])
        x, y, z = self.before
        self.before = (x - by[0], y - by[1], z - by[2])
        if self._held is not None:
            x, y, z = self._held
            self._held = (x - by[0], y - by[1], z - by[2])

    def forget(self) -> None:
        self.count, self._held = 0, None
