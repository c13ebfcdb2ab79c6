"""The field of the empty bay, per axis, as it moves with temperature and time. On the sensor's own scale, whatever that is.

    expected = level + slope * warmer + lag * leads          (`warmth.py` says what these two are)

A Kalman filter of three states an axis: `level` wanders slowly, the two others hardly at all. It learns what the empty bay is only
while the bay is surely vacant. A vehicle that stands still adds a constant; what drifts meanwhile is the sensor's own, and is
followed as drift, without becoming any surer of the level. Deployed detectors drift by 1 to 3 µT/°C on their worst axis, as much as
a car in a day, which is why a baseline without temperature does not do.

How much the level wanders is learned as well: where the filter is surprised more often than it expects, it lets the level move more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.detection.conditioning import Vector
from gateway.detection.warmth import Warmth

WALK_PER_S = 1e-4
"""Variance that the level gains in a second, in variances of one sample: a time constant of about two minutes at one a second."""
_SLOPE_WALK_PER_S = 2e-8
_RESTLESS_MAX = 300.0
_SURPRISE_MAX = 9.0
_HELD = 2.0
"""While a vehicle stands there, the level's variance stays above so many variances of a sample: its own field is known no better."""


@dataclass(slots=True)
class AxisBaseline:
    """One axis: three states and the six entries of their covariance, in the sensor's unit and its square."""

    level: float
    slope: float
    lag: float
    ll: float
    ss: float
    gg: float
    ls: float = 0.0
    lg: float = 0.0
    sg: float = 0.0
    restless: float = 1.0
    """By how much the level wanders more than a good sensor's."""

    def variance(self, w: float, d: float) -> float:
        return max(self.ll + w * w * self.ss + d * d * self.gg + 2.0 * (w * self.ls + d * self.lg + w * d * self.sg), 0.0)

    def wait(self, passed_s: float, noise_variance: float, slope_prior: float) -> None:
        """Time passed: what is known grows old."""
        self.ll += WALK_PER_S * self.restless * noise_variance * passed_s
        most = slope_prior * slope_prior
        self.ss = min(self.ss + _SLOPE_WALK_PER_S * most * passed_s, most)
        self.gg = min(self.gg + _SLOPE_WALK_PER_S * most * passed_s, most)

    def learn(self, residual: float, w: float, d: float, noise_variance: float) -> None:
        """`residual`: measured minus expected."""
        level, slope, lag = self.ll + w * self.ls + d * self.lg, self.ls + w * self.ss + d * self.sg, self.lg + w * self.sg + d * self.gg
        total = level + w * slope + d * lag + noise_variance
        surprise = min(residual * residual / total, _SURPRISE_MAX)
        self.restless = min(max(self.restless * (1.0 + 0.05 * (surprise - 1.0)), 0.5), _RESTLESS_MAX)
        gain = residual / total
        self.level += level * gain
        self.slope += slope * gain
        self.lag += lag * gain
        self.ll -= level * level / total
        self.ss -= slope * slope / total
        self.gg -= lag * lag / total
        self.ls -= level * slope / total
        self.lg -= level * lag / total
        self.sg -= slope * lag / total


@dataclass(slots=True)
class Baseline:
    """All axes of one sensor. `reference_c` is the temperature at which `level` holds; None for a sensor without one."""

    axes: list[AxisBaseline]
    reference_c: float | None
    updated_s: float
    slope_prior: float

    @classmethod
    def of(cls, field: Sequence[float], temperature_c: float | None, now: float, deviation: Sequence[float], slope: float) -> "Baseline":
        """A first belief: the bay is empty now and this is its field. `slope`: what it may drift by, per °C."""
        axes = [AxisBaseline(value, 0.0, 0.0, deviation[axis] ** 2, slope**2, slope**2) for axis, value in enumerate(field)]
        return cls(axes, temperature_c, now, slope)

    def moved(self, by: Vector) -> "Baseline":
        """The same, of an empty bay that is so far off it."""
        return replace(self, axes=[replace(axis, level=axis.level + each) for axis, each in zip(self.axes, by, strict=False)])

    def terms(self, warmth: Warmth) -> tuple[float, float]:
        """How warm it is now against the reference, and how far the sensor is behind that."""
        if warmth.now_c is None or self.reference_c is None:
            return 0.0, 0.0
        return warmth.now_c - self.reference_c, warmth.leads_c

    def expected(self, warmth: Warmth) -> Vector:
        axes = self.axes
        if self.reference_c is None or warmth.now_c is None:
            values = [axis.level for axis in axes]
        else:
            w, d = warmth.now_c - self.reference_c, warmth.leads_c
            values = [axis.level + axis.slope * w + axis.lag * d for axis in axes]
        return (values[0], values[1], values[2]) if len(values) == 3 else (values[0], values[1] if len(values) > 1 else 0.0, 0.0)

    def drift(self, w: float, d: float, passed_s: float, sigma: Sequence[float]) -> list[float]:
        """By how much the expectation may have gone wrong, per axis, while it became warmer by `w` and `d`: variances."""
        return [
            max(w * w * axis.ss + d * d * axis.gg + 2.0 * w * d * axis.sg, 0.0) + WALK_PER_S * axis.restless * each * each * passed_s
            for axis, each in zip(self.axes, sigma, strict=False)
        ] + [0.0] * (3 - len(self.axes))

    def variances(self, warmth: Warmth) -> list[float]:
        w, d = self.terms(warmth)
        return [axis.variance(w, d) for axis in self.axes]

    def wait(self, now: float, sigma: Sequence[float]) -> None:
        passed = max(now - self.updated_s, 0.0)
        for axis, each in zip(self.axes, sigma, strict=False):
            axis.wait(passed, each * each, self.slope_prior)
        self.updated_s = now

    def learn(self, residual: Sequence[float], warmth: Warmth, noise: Sequence[float], held: Sequence[float] = ()) -> None:
        """So far off was a mean whose noise has these variances. The bay was surely vacant; or a vehicle stood still in it, and then
        `held` is the noise of a sample."""
        if self.reference_c is None:
            self.reference_c = warmth.now_c
        w, d = self.terms(warmth)
        for axis, value, variance in zip(self.axes, residual, noise, strict=False):
            axis.learn(value, w, d, variance)
        for axis, each in zip(self.axes, held, strict=False):
            axis.ll = max(axis.ll, _HELD * each * each)

    def doubt(self, residual: Sequence[float]) -> None:
        """The bay is known to be empty and yet so far off: the level is less certain than it was thought to be."""
        for axis, value in zip(self.axes, residual, strict=False):
            axis.ll += value * value
