"""How much a sensor jitters, per axis, learned from the sensor itself: the scale in which everything else is judged.

The median of the absolute difference of samples a second or more apart is followed step by step (each difference moves it by a
fixed ratio up or down), so that a car, which moves the field for some seconds, hardly counts, whatever its size; a sensor that
really becomes noisier is followed within a minute. No unit is assumed. For Gaussian noise sigma = median / (0.6745 * sqrt 2).
"""

from gateway.detection.conditioning import Vector

_SIGMA_OF_MEDIAN = 1.0 / (0.6745 * 1.41421356)
_APART_S = 0.95
_QUICK_STEPS = 12
_LONGEST_S = 1800.0


class Noise:
    """`sigma` are standard deviations of one sample, per axis; an axis that the sensor does not have stays at one."""

    __slots__ = ("_floor", "_last", "_last_t", "axes", "sigma", "steps")

    def __init__(self, axes: int, first: Vector, floor: float) -> None:
        self.axes = axes
        self._floor = floor
        self.sigma = [max(first[axis], floor) if axis < axes else 1.0 for axis in range(3)]
        self.steps = 0
        self._last: Vector | None = None
        self._last_t = 0.0

    def feed(self, t: float, value: Vector) -> bool:
        """Whether the scale has moved."""
        last = self._last
        if last is None:
            self._last, self._last_t = value, t
            return False
        apart = t - self._last_t
        if apart < _APART_S:
            return False
        self._last, self._last_t = value, t
        if apart > _LONGEST_S:
            return False
        self.steps += 1
        up = 1.22 if self.steps < _QUICK_STEPS else 1.03
        sigma, floor = self.sigma, self._floor
        for axis in range(self.axes):
            now = sigma[axis]
            if abs(value[axis] - last[axis]) * _SIGMA_OF_MEDIAN > now:
                sigma[axis] = now * up
            else:
                now /= up
                sigma[axis] = max(floor, now)
        return True

    def pause(self) -> None:
        """The next sample is not to be compared with the last one."""
        self._last = None
