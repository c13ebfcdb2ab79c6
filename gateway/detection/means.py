"""Means over a second of a quick sensor, four a second: lone spikes taken out and mains hum nulled before.

Hum is what 50 or 60 Hz becomes under the sensor's sampling, at a frequency that nobody told us. A sinusoid obeys
x[n+1] + x[n-1] = c x[n] with c = 2 cos(w); c is learned from the readings themselves by least squares with forgetting, and

    y[n] = (x[n+1] - c x[n] + x[n-1]) / (2 - c)

has a zero at that frequency and leaves a constant as it is. The mean over a second takes most of what is left.
"""

from array import array
from collections.abc import Sequence
from math import sqrt
from statistics import median

WINDOW_S = 1.0
_EVERY_S = 0.25
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
_PAST = 5
"""Readings that a spike, the null and what is learned of the hum are told from."""


class Means:
    """Of one sensor. Readings and what is left of them once the hum is nulled lie in rows, the time first and then each axis: as Python's
    own numbers, in tuples, they would weigh six times as much."""

    __slots__ = ("_axes", "_c", "_next_t", "_past", "_power", "_product", "_rough", "_row", "_seen", "_sums", "_weight", "_window", "lag_s")

    def __init__(self, axes: int) -> None:
        self._axes = axes
        self._row = axes + 1
        self._past = array("d")
        self._window = array("d")
        self._sums = array("d", (0.0,) * axes)
        self._rough = array("d", (0.0,) * axes)
        self._next_t = 0.0
        self._power = self._product = self._weight = 0.0
        self._c = -0.6
        self._seen = 0
        self.lag_s = 0.0
        """The last mean stands for the moment so long before its last reading."""

    def restart(self) -> None:
        """What comes next does not follow on what came last; what was learned of the sensor stays."""
        del self._past[:], self._window[:]
        self._sums = array("d", (0.0,) * self._axes)
        self._next_t = 0.0

    def pause(self) -> None:
        """The sensor is not quick any more."""
        if self._window:
            self.restart()

    @property
    def hum(self) -> float:
        """Amplitude of what was nulled, on the sensor's scale."""
        # The differences of a sinusoid are larger than itself by 2 sin(w/2), the square of which is 2 - c, and theirs once more.
        return sqrt(2.0 * self._power / self._weight) / (2.0 - self._c) if self._weight else 0.0

    def spread(self) -> float:
        """Standard deviation of the readings of the last second, hum nulled, as their median deviation tells it: a spike or what is left of
        waking up counts for little. Zero while there are too few."""
        count = len(self._window) // self._row
        if count < 3:
            return 0.0
        total = 0.0
        for axis in range(self._axes):
            values = self._window[axis + 1 :: self._row]
            mean = median(values)
            total += (_OF_MEDIAN * median(abs(value - mean) for value in values)) ** 2
        return sqrt(total * count / (count - 1) / self._axes)

    def feed(self, t: float, value: Sequence[float]) -> tuple[float, float, float] | None:
        """The mean that is ready with this reading, if one is."""
        past, axes, row = self._past, self._axes, self._row
        past.append(t)
        past.extend(value[:axes])
        if len(past) > _PAST * row:
            del past[:row]
        if len(past) < _PAST * row:
            return None
        window, sums, when = self._window, self._sums, past[row]
        window.append(when)
        self._seen += 1
        usual = self._power / self._weight if self._weight > _KNOWN else 0.0
        c, self._power, self._product, self._weight = self._c, self._power * _FORGET, self._product * _FORGET, self._weight * _FORGET
        for axis in range(axes):
            five = past[axis + 1 :: row]
            self._despike(axis, five)
            past[axis + 1 + 2 * row] = five[2]
            nulled = (five[0] - c * five[1] + five[2]) / (2.0 - c)
            window.append(nulled)
            sums[axis] += nulled
            self._follow_hum(five, usual)
        if self._power > 0.0:
            self._c = min(max(self._product / self._power, -1.9), _C_MAX)
        while when - window[0] >= WINDOW_S:
            for axis in range(axes):
                sums[axis] -= window[axis + 1]  # Sums of floats keep an error of 1e-16 a reading: nothing, over the years of a sensor.
            del window[:row]
        if t < self._next_t or when - window[0] < 0.7 * WINDOW_S:
            return None
        self._next_t = t + _EVERY_S - 0.01
        self.lag_s = t - 0.5 * (when + window[0])
        count = len(window) // row
        return sums[0] / count, sums[1] / count if axes > 1 else 0.0, sums[2] / count if axes > 2 else 0.0

    def _despike(self, axis: int, five: "array[float]") -> None:
        """A spike stands alone: both neighbours are on the same side of it, and further away than this sensor is rough."""
        a, b, c = five[1], five[2], five[3]
        out = b - max(a, c) if b > a and b > c else b - min(a, c) if b < a and b < c else 0.0
        size, rough, known = abs(out), self._rough[axis], self._seen > _ROUGH_READINGS
        if known and size > _SPIKE * rough and size > 2.0 * abs(a - c):
            five[2] = 0.5 * (a + c)
        gain = max(0.02, 1.0 / self._seen)
        self._rough[axis] = rough + gain * (min(size, 4.0 * rough) if known else size) - gain * rough

    def _follow_hum(self, five: "array[float]", usual: float) -> None:
        """Differences of differences obey the same recurrence and hold hardly anything of what vehicles do; of a large one only a part
        counts."""
        one, two, three, four, last = five
        middle = four - 2.0 * three + two
        power = middle * middle
        product = middle * (last - 2.0 * four + 2.0 * three - 2.0 * two + one)
        if 0.0 < _USUAL_MAX * usual < power:
            share = _USUAL_MAX * usual / power
            power, product = power * share, product * share
        self._power += power
        self._product += product
        self._weight += 1.0
