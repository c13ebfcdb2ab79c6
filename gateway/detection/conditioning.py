"""Readings to samples: spikes and mains hum taken out, quick sensors averaged over a second. Pure; no scale is assumed.

    quick (several readings a second)   spike out -> hum nulled -> mean over one second, four samples a second
    slow                                each reading is a sample; a lone spike is left to the plateau, which wants two that agree

Hum is what 50 or 60 Hz becomes under the sensor's sampling, at a frequency that nobody told us. A sinusoid obeys
x[n+1] + x[n-1] = c x[n] with c = 2 cos(w); c is learned from the readings themselves by least squares with forgetting, and

    y[n] = (x[n+1] - c x[n] + x[n-1]) / (2 - c)

has a zero at that frequency and leaves a constant as it is. The mean over a second takes most of what is left.
"""

from collections import deque
from dataclasses import dataclass
from math import sqrt
from statistics import median

Vector = tuple[float, float, float]
"""A field; sensors with fewer axes leave the last ones zero."""


def minus(one: Vector, other: Vector) -> Vector:
    return one[0] - other[0], one[1] - other[1], one[2] - other[2]


def squared(of: Vector) -> float:
    """Its length, squared, on the sensor's scale."""
    x, y, z = of
    return x * x + y * y + z * z


QUICK_S = 0.45
"""Readings closer together than this are averaged."""
WINDOW_S = 1.0
_EVERY_S = 0.25
_WAKE_UP_S = 1.8
"""What a sensor needs to settle after it was switched on; quick traces begin with such a transient."""
_FORGET = 0.995
_C_MAX = 1.0
"""Hum below a sixth of the sampling rate is left to the mean: nulling it would amplify noise."""
_USUAL_MAX = 3.0
_KNOWN = 10.0
"""Before so many differences none of them is large."""
_SPIKE = 6.0
_ROUGH_READINGS = 8
"""Before that, a crest of the hum may stand alone: three readings to a turn of it are usual."""
_OF_MEDIAN = 1.4826
_STEP = 1.1
"""The usual interval follows the median of the gaps by a tenth a reading: one outage does not change it, a new rate soon does."""
_PAUSE_S = 1.5
_SLEPT_S = 60.0


@dataclass(frozen=True, slots=True)
class Sample:
    t: float
    value: Vector
    lag_s: float
    """The value stands for the moment `t - lag_s`."""


class Conditioner:
    """One sensor. `interval_s` is its usual interval, learned."""

    __slots__ = (
        "_ac",
        "_ac2",
        "_axes",
        "_c",
        "_last_t",
        "_next_t",
        "_past",
        "_power",
        "_product",
        "_rough",
        "_seen",
        "_sums",
        "_weight",
        "_window",
        "_woke_s",
        "interval_s",
    )

    def __init__(self, axes: int) -> None:
        self.interval_s: float | None = None
        self._axes = axes
        self._last_t: float | None = None
        self._woke_s = 0.0
        self._restart()
        self._power = self._product = self._weight = 0.0
        self._c = -0.6
        self._rough = [0.0, 0.0, 0.0]
        self._seen = 0

    def _restart(self) -> None:
        self._past: deque[tuple[float, list[float]]] | None = None
        self._window: deque[tuple[float, list[float]]] | None = None
        self._sums = [0.0, 0.0, 0.0]
        self._next_t = 0.0

    @property
    def quick(self) -> bool:
        return self.interval_s is not None and self.interval_s < QUICK_S

    @property
    def hum(self) -> float:
        """Amplitude of what was nulled, on the sensor's scale."""
        # The differences of a sinusoid are larger than itself by 2 sin(w/2), the square of which is 2 - c, and theirs once more.
        return sqrt(2.0 * self._power / self._weight) / (2.0 - self._c) if self.quick and self._weight else 0.0

    def feed(self, t: float, value: Vector, *, measured: bool = True) -> Sample | None:
        """The sample that is ready with this reading; None while a quick sensor's second fills up. What a device has decided, and not
        measured, has no noise, hum or transient to be taken out: each reading is a sample."""
        last, self._last_t = self._last_t, t
        if last is None:
            self._woke_s = t
            return Sample(t, value, 0.0)
        gap = t - last
        usual = self.interval_s
        if usual is None:
            self.interval_s = usual = gap
        elif gap > usual:
            usual = self.interval_s = min(usual * _STEP, gap)
        else:
            usual = self.interval_s = max(usual / _STEP, gap)
        if usual >= QUICK_S or not measured:
            if self._window:
                self._restart()
            return Sample(t, value, 0.0)
        if gap > _PAUSE_S:
            self._restart()
            if gap > _SLEPT_S:
                self._woke_s = t
        if t - self._woke_s < _WAKE_UP_S:
            return None
        return self._quick(t, value)

    def spread(self) -> float:
        """Standard deviation of the readings of the last second, hum nulled, as their median deviation tells it: a spike or what is left of
        waking up counts for little. Zero for sensors that are not quick."""
        if self._window is None or len(self._window) < 3:
            return 0.0
        count = len(self._window)
        total = 0.0
        for axis in range(self._axes):
            mean = median(values[axis] for _, values in self._window)
            total += (_OF_MEDIAN * median(abs(values[axis] - mean) for _, values in self._window)) ** 2
        return sqrt(total * count / (count - 1) / self._axes)

    def _quick(self, t: float, value: Vector) -> Sample | None:
        if self._past is None or self._window is None:
            self._past, self._window = deque(maxlen=5), deque()
        past, axes = self._past, self._axes
        past.append((t, list(value[:axes])))
        if len(past) < 5:
            return None
        before, middle, after = past[1][1], past[2][1], past[3][1]
        self._seen += 1
        known, gain = self._seen > _ROUGH_READINGS, max(0.02, 1.0 / self._seen)
        # A spike stands alone: both neighbours are on the same side of it, and further away than this sensor is rough.
        for axis in range(axes):
            a, b, c = before[axis], middle[axis], after[axis]
            out = b - max(a, c) if b > a and b > c else b - min(a, c) if b < a and b < c else 0.0
            size = abs(out)
            rough = self._rough[axis]
            if known and size > _SPIKE * rough and size > 2.0 * abs(a - c):
                middle[axis] = 0.5 * (a + c)
            self._rough[axis] = rough + gain * (min(size, 4.0 * rough) if known else size) - gain * rough
        before, middle = past[0][1], past[1][1]
        after = past[2][1]
        c = self._c
        nulled = [(before[axis] - c * middle[axis] + after[axis]) / (2.0 - c) for axis in range(axes)]
        window, sums = self._window, self._sums
        when = past[1][0]
        window.append((when, nulled))
        count = len(window)
        for axis in range(axes):
            sums[axis] += nulled[axis]
        while when - window[0][0] >= WINDOW_S:
            _, old = window.popleft()  # Sums of floats keep an error of 1e-16 a reading: nothing, over the years of a sensor.
            count -= 1
            for axis in range(axes):
                sums[axis] -= old[axis]
        self._follow_hum(past)
        if t < self._next_t or when - window[0][0] < 0.7 * WINDOW_S:
            return None
        self._next_t = t + _EVERY_S - 0.01
        mean_of = [total / count for total in sums] + [0.0, 0.0]
        return Sample(t, (mean_of[0], mean_of[1], mean_of[2]) if axes == 3 else _padded(mean_of, axes), t - 0.5 * (when + window[0][0]))

    def _follow_hum(self, past: deque[tuple[float, list[float]]]) -> None:
        """Differences of differences obey the same recurrence and hold hardly anything of what vehicles do; of a large one only a part
        counts."""
        one, two, three, four, five = past[0][1], past[1][1], past[2][1], past[3][1], past[4][1]
        usual = self._power / self._weight if self._weight > _KNOWN else 0.0
        self._power *= _FORGET
        self._product *= _FORGET
        self._weight *= _FORGET
        for axis in range(self._axes):
            middle = four[axis] - 2.0 * three[axis] + two[axis]
            power = middle * middle
            beside = five[axis] - 2.0 * four[axis] + 2.0 * three[axis] - 2.0 * two[axis] + one[axis]
            product = middle * beside
            if 0.0 < _USUAL_MAX * usual < power:
                share = _USUAL_MAX * usual / power
                power, product = power * share, product * share
            self._power += power
            self._product += product
            self._weight += 1.0
        if self._power > 0.0:
            self._c = min(max(self._product / self._power, -1.9), _C_MAX)


def _padded(values: list[float], axes: int) -> Vector:
    return values[0], values[1] if axes > 1 else 0.0, 0.0
