"""How much a sensor jitters, per axis, learned from the sensor itself: the scale in which everything else is judged.

    quick     from one second to the next: what a mean over several samples takes away
    wander    over a quarter of a minute to a minute, beyond that: mains hum whose alias is slow, and all else that comes and goes; no mean
              takes it away

Of each the median of the absolute difference of samples so far apart is followed step by step (each difference moves it by a fixed
ratio up or down), so that a car, which moves the field for some seconds, hardly counts, whatever its size; a sensor that really
becomes noisier is followed within a minute. No unit is assumed. For Gaussian noise sigma = median / (0.6745 * sqrt 2).
"""

from array import array
from math import inf, sqrt

from gateway.detection.conditioning import Vector

_SIGMA_OF_MEDIAN = 1.0 / (0.6745 * 1.41421356)
_APART_S = 0.95
_QUICK_STEPS = 12
_USUAL_STEP = 1.03
_LEAP = 4.0
_NEAR_S = 5.0
"""From one second to the next, a difference so many times the noise may be a vehicle's: it counts as one, and no more, also while the
noise is hardly known."""
_LONGEST_S = 1800.0
_FAR_S = (13.0, 29.0, 47.0, 71.0, 131.0)
"""By turns: hum that comes back after one of them does not come back after all."""
_FAR_LONGEST_S = 240.0
_FAR_STEPS = 3
"""Before that a car that has just come may be among them: what swings is not known yet."""
_CHANCE = 1.7
"""So much more than from second to second may be an error of the two estimates, or drift that the baseline follows."""
_SWING = 0.7
"""What swings stays within 1.4 of its own standard deviations, and a difference of two moments is more than that."""

_ALIKE = 4.0
"""So many means in a row, five seconds apart, say the same of what swings within a minute."""


class Noise:
    """`sigma` are standard deviations of one sample, per axis; an axis that the sensor does not have stays at one."""

    __slots__ = (
        "_far",
        "_far_begun",
        "_far_from_s",
        "_far_steps",
        "_floor",
        "_last",
        "_last_t",
        "_steps",
        "axes",
        "quick",
        "sigma",
        "wander",
    )

    def __init__(self, axes: int, first: Vector, floor: float) -> None:
        self.axes = axes
        self._floor = floor
        x, y, z = first
        self.quick: Vector = (max(x, floor), max(y, floor) if axes > 1 else 1.0, max(z, floor) if axes > 2 else 1.0)
        self.sigma = self.quick
        self.wander = _STILL
        self._steps = self._far_steps = 0
        self._last: Vector | None = None
        self._last_t = self._far_from_s = 0.0
        self._far_begun = False
        self._far = array("d", (*self.quick, *_STILL))
        """The scale of samples far apart, and the one that the next is compared with: packed, for they are seldom looked at."""

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
        up = _USUAL_STEP
        if self._steps < _QUICK_STEPS:
            self._steps += 1
            up = 1.22 if self._steps < _QUICK_STEPS else _USUAL_STEP
        self.quick = self._stepped(self.quick, last, value, up, _LEAP if apart < _NEAR_S else inf, up)
        if apart < _FAR_S[0]:
            self._feed_far(t, value)
        self.sigma = self.quick if self.wander is _STILL else _together(self.quick, self.wander)
        return True

    def _feed_far(self, t: float, value: Vector) -> None:
        begun, apart = self._far_begun, t - self._far_from_s
        if begun and apart < _FAR_S[self._far_steps % len(_FAR_S)]:
            return
        x, y, z, *before = self._far
        scale = x, y, z
        if begun and apart <= _FAR_LONGEST_S:
            self._far_steps += 1
            up = 1.22 if self._far_steps < _QUICK_STEPS else 1.15
            scale = self._stepped(scale, (before[0], before[1], before[2]), value, up, inf, 1.04)
            self._follow_wander(scale)
        self._far_begun, self._far_from_s = True, t
        self._far[:] = array("d", (*scale, *value))

    def _follow_wander(self, far: Vector) -> None:
        if self._far_steps >= _FAR_STEPS:
            x, y, z = map(_wander, far, self.quick)
            axes = self.axes
            self.wander = (x, y if axes > 1 else 0.0, z if axes > 2 else 0.0) if x or (y and axes > 1) or (z and axes > 2) else _STILL

    def _stepped(self, scale: Vector, one: Vector, other: Vector, up: float, leap: float, down: float) -> Vector:
        x, y, z = scale
        floor, axes = self._floor, self.axes
        x = _step(x, other[0] - one[0], up, leap, down, floor)
        if axes > 1:
            y = _step(y, other[1] - one[1], up, leap, down, floor)
        if axes > 2:
            z = _step(z, other[2] - one[2], up, leap, down, floor)
        return x, y, z

    def of_mean(self, axis: int, count: int) -> float:
        """Variance of the mean of so many samples that follow each other."""
        quick, slow = self.quick[axis], self.wander[axis]
        return quick * quick / count + slow * slow

    def learned_from(self, count: int) -> Vector:
        """Variances of such a mean, to a filter that takes each for independent of the last: those of a swing are not."""
        (x, y, z), (a, b, c) = self.quick, self.wander
        return x * x / count + _ALIKE * a * a, y * y / count + _ALIKE * b * b, z * z / count + _ALIKE * c * c

    def moved(self) -> None:
        """Something has moved at once: what differs from before is no swing."""
        self._far_begun = False

    def pause(self) -> None:
        """The next sample is not to be compared with the last one."""
        self._last, self._far_begun = None, False


_STILL: Vector = (0.0, 0.0, 0.0)


def _step(now: float, by: float, up: float, leap: float, down: float, floor: float) -> float:
    """The scale of one axis after a difference: a fixed ratio up or down."""
    apart = abs(by) * _SIGMA_OF_MEDIAN
    if apart > now:
        return now * (up if apart < leap * now else min(up, _USUAL_STEP))
    now /= down
    if now > floor:
        return now
    return floor


def _wander(far: float, quick: float) -> float:
    beyond = far**2 - (_CHANCE * quick) ** 2
    return _SWING * sqrt(beyond) if beyond > 0.0 else 0.0


def _together(quick: Vector, wander: Vector) -> Vector:
    """Where nothing wanders the square root of the square would not be quite the same."""
    x, y, z = quick
    a, b, c = wander
    return sqrt(x * x + a * a) if a else x, sqrt(y * y + b * b) if b else y, sqrt(z * z + c * c) if c else z
