"""The field of the empty bay, per axis, as it moves with temperature and time.

    expected = level + slope * (temperature - reference)

A two-state Kalman filter an axis: `level` wanders slowly, `slope` hardly at all. It learns only while the bay is surely
vacant; while a vehicle stands there, temperature goes on moving the expectation and the uncertainty grows with every degree
that the slope has not been learned for. Deployed detectors drift by 1 to 3 µT/°C on their worst axis, as much as a car in a
day, which is why a baseline without temperature does not do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

NOISE_UT = 0.4
"""Standard deviation of one reading of a deployed detector."""
_LEVEL_WALK_UT2_PER_S = 1e-5
"""Gives the level a time constant of about two minutes at one reading a second; a manoeuvre lasts seconds."""
_SLOPE_WALK_PER_S = 1e-9
SLOPE_PRIOR_UT_PER_C = 1.5
_LEVEL_VARIANCE_MAX = 400.0


@dataclass(slots=True)
class AxisBaseline:
    """One axis. Variances are of `level` (µT²), of `slope` and between the two."""

    level_ut: float
    slope_ut_per_c: float = 0.0
    level_variance: float = 1.0
    slope_variance: float = SLOPE_PRIOR_UT_PER_C**2
    covariance: float = 0.0

    def expected(self, warmer_c: float) -> float:
        return self.level_ut + self.slope_ut_per_c * warmer_c

    def variance(self, warmer_c: float) -> float:
        return self.level_variance + 2 * warmer_c * self.covariance + warmer_c * warmer_c * self.slope_variance

    def wait(self, passed_s: float) -> None:
        """Time passed: what is known grows old."""
        self.level_variance = min(self.level_variance + _LEVEL_WALK_UT2_PER_S * passed_s, _LEVEL_VARIANCE_MAX)
        self.slope_variance = min(self.slope_variance + _SLOPE_WALK_PER_S * passed_s, SLOPE_PRIOR_UT_PER_C**2)

    def learn(self, measured_ut: float, warmer_c: float) -> None:
        residual = measured_ut - self.expected(warmer_c)
        level_gain = self.level_variance + warmer_c * self.covariance
        slope_gain = self.covariance + warmer_c * self.slope_variance
        total = level_gain + warmer_c * slope_gain + NOISE_UT**2
        self.level_ut += level_gain / total * residual
        self.slope_ut_per_c += slope_gain / total * residual
        self.level_variance -= level_gain * level_gain / total
        self.covariance -= level_gain * slope_gain / total
        self.slope_variance -= slope_gain * slope_gain / total


@dataclass(slots=True)
class Baseline:
    """All axes of one detector. `reference_c` is the temperature at which `level` holds; None for a sensor without one."""

    axes: list[AxisBaseline]
    reference_c: float | None
    updated_s: float

    @classmethod
    def of(cls, field_ut: Sequence[float], temperature_c: float | None, now: float, deviation_ut: float = 1.0) -> "Baseline":
        """A first belief: the bay is empty now and this is its field."""
        return cls([AxisBaseline(value, level_variance=deviation_ut**2) for value in field_ut], temperature_c, now)

    def _warmer(self, temperature_c: float | None) -> float:
        return 0.0 if temperature_c is None or self.reference_c is None else temperature_c - self.reference_c

    def residual(self, field_ut: Sequence[float], temperature_c: float | None) -> tuple[float, ...]:
        """Measured minus expected, per axis, µT."""
        warmer = self._warmer(temperature_c)
        return tuple(value - axis.expected(warmer) for value, axis in zip(field_ut, self.axes, strict=True))

    def deviation(self, temperature_c: float | None) -> float:
        """Standard deviation of the expectation over all axes, µT."""
        warmer = self._warmer(temperature_c)
        return sqrt(sum(max(axis.variance(warmer), 0.0) for axis in self.axes))

    def expected(self, temperature_c: float | None) -> tuple[float, ...]:
        warmer = self._warmer(temperature_c)
        return tuple(axis.expected(warmer) for axis in self.axes)

    def wait(self, now: float) -> None:
        passed = max(now - self.updated_s, 0.0)
        for axis in self.axes:
            axis.wait(passed)
        self.updated_s = now

    def learn(self, field_ut: Sequence[float], temperature_c: float | None) -> None:
        """The bay is surely vacant: this is its field."""
        if self.reference_c is None and temperature_c is not None:
            self.reference_c = temperature_c
        warmer = self._warmer(temperature_c)
        for value, axis in zip(field_ut, self.axes, strict=True):
            axis.learn(value, warmer)
