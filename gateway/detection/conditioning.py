"""Readings to samples: spikes and mains hum taken out, quick sensors averaged over a second. Pure; no scale is assumed.

quick (several readings a second)   means over a second, four a second (`means.py`)
slow                                each reading is a sample; a lone spike is left to the plateau, which wants two that agree
"""

from gateway.detection.means import Means

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
_WAKE_UP_S = 1.8
"""What a sensor needs to settle after it was switched on; quick traces begin with such a transient."""
_STEP = 1.1
"""The usual interval follows the median of the gaps by a tenth a reading: one outage does not change it, a new rate soon does."""
_PAUSE_S = 1.5
_SLEPT_S = 60.0


class Conditioner:
    """One sensor. `interval_s` is its usual interval, learned."""

    __slots__ = ("_axes", "_last_t", "_means", "_woke_s", "interval_s", "lag_s")

    def __init__(self, axes: int, interval_s: float | None = None) -> None:
        self.interval_s = interval_s
        self.lag_s = 0.0
        """The last sample stands for the moment so long before its reading."""
        self._axes = axes
        self._last_t: float | None = None
        self._woke_s = 0.0
        self._means: Means | None = None
        """Only a quick sensor has them."""

    @property
    def quick(self) -> bool:
        return self.interval_s is not None and self.interval_s < QUICK_S

    @property
    def hum(self) -> float:
        """Amplitude of what was nulled, on the sensor's scale."""
        return self._means.hum if self._means is not None and self.quick else 0.0

    def feed(self, t: float, value: Vector, *, measured: bool = True) -> Vector | None:
        """The sample that is ready with this reading; None while a quick sensor's second fills up. What a device has decided, and not
        measured, has no noise, hum or transient to be taken out: each reading is a sample."""
        last, self._last_t = self._last_t, t
        if last is None:
            self._woke_s = t
            return value
        gap = t - last
        usual = self.interval_s
        if usual is None:
            self.interval_s = usual = gap
        elif gap > usual:
            self.interval_s = usual = min(usual * _STEP, gap)
        else:
            self.interval_s = usual = max(usual / _STEP, gap)
        if usual < QUICK_S and measured:
            return self._mean(t, value, gap)
        self.lag_s = 0.0
        if self._means is not None:
            self._means.pause()
        return value

    def _mean(self, t: float, value: Vector, gap: float) -> Vector | None:
        means = self._means
        if means is None:
            means = self._means = Means(self._axes)
        if gap > _PAUSE_S:
            means.restart()
            if gap > _SLEPT_S:
                self._woke_s = t
        if t - self._woke_s < _WAKE_UP_S:
            return None
        mean = means.feed(t, value)
        if mean is not None:
            self.lag_s = means.lag_s
        return mean

    def spread(self) -> float:
        """Standard deviation of the readings of the last second (`means.py`). Zero for sensors that are not quick."""
        return 0.0 if self._means is None else self._means.spread()
