"""The field of the empty bay, per axis, as it moves with temperature and time. On the sensor's own scale, whatever that is.

    expected = level + slope * warmer + lag * leads          (`warmth.py` says what these two are)

A Kalman filter of three states an axis (`axis_baseline.py`): `level` wanders slowly, the two others hardly at all. It learns what the
empty bay is only while the bay is surely vacant. A vehicle that stands still adds a constant; what drifts meanwhile is the sensor's own,
and is followed as drift, without becoming any surer of the level. Deployed detectors drift by 1 to 3 µT/°C on their worst axis, as much
as a car in a day, which is why a baseline without temperature does not do.

How much the level wanders is learned as well: where the filter is surprised more often than it expects, it lets the level move more.
"""

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from math import inf
from struct import Struct
from typing import Any

from gateway.detection.axis_baseline import AxisBaseline, Numbers, doubted, drifted, learned, variance, waited
from gateway.detection.conditioning import Vector
from gateway.detection.warmth import Warmth

_HELD = 2.0
"""While a vehicle stands there, the level's variance stays above so many variances of a sample: its own field is known no better."""
_AXES = 3
_NUMBERS = len(AxisBaseline._fields)
_ALL = Struct(f"{_AXES * _NUMBERS}d")
_STATES = Struct(f"3d{8 * (_NUMBERS - 3)}x" * _AXES)
"""Level, slope and lag of each axis, without their covariance."""
_MISSING = tuple([(0.0,) * _NUMBERS] * (_AXES - count) for count in range(_AXES + 1))
"""Axes that a sensor of so many does not have."""


class Baseline:
    """All axes of one sensor. `reference_c` is the temperature at which `level` holds; None for a sensor without one.

    The numbers of all axes lie side by side in one array, for a bay has thirty of them: as objects they would weigh four times as much."""

    __slots__ = ("_numbers", "count", "reference_c", "slope_prior", "updated_s")

    def __init__(self, axes: Sequence[AxisBaseline], reference_c: float | None, updated_s: float, slope_prior: float) -> None:
        self.count = len(axes)
        self._numbers = array("d", tuple(chain(*axes, *_MISSING[self.count])))
        self.reference_c = reference_c
        self.updated_s = updated_s
        self.slope_prior = slope_prior

    @classmethod
    def of(cls, field: Sequence[float], temperature_c: float | None, now: float, deviation: Sequence[float], slope: float) -> "Baseline":
        """A first belief: the bay is empty now and this is its field. `slope`: what it may drift by, per °C."""
        axes = [AxisBaseline(value, 0.0, 0.0, deviation[axis] ** 2, slope**2, slope**2) for axis, value in enumerate(field)]
        return cls(axes, temperature_c, now, slope)

    @property
    def axes(self) -> tuple[AxisBaseline, ...]:
        """What is known of each."""
        return tuple(map(AxisBaseline._make, self._axes()))

    def moved(self, by: Vector) -> "Baseline":
        """The same, of an empty bay that is so far off it."""
        axes = [axis.moved(each) for axis, each in zip(self.axes, by, strict=False)]
        return Baseline(axes, self.reference_c, self.updated_s, self.slope_prior)

    def terms(self, warmth: Warmth) -> tuple[float, float]:
        """How warm it is now against the reference, and how far the sensor is behind that."""
        now, reference = warmth.now_c, self.reference_c
        return (0.0, 0.0) if now is None or reference is None else (now - reference, warmth.leads_c)

    def expected(self, warmth: Warmth) -> Vector:
        x, by_x, lag_x, y, by_y, lag_y, z, by_z, lag_z = _STATES.unpack_from(self._numbers)
        now, reference = warmth.now_c, self.reference_c
        w, d = (0.0, 0.0) if now is None or reference is None else (now - reference, warmth.leads_c)
        return x + by_x * w + lag_x * d, y + by_y * w + lag_y * d, z + by_z * w + lag_z * d

    def drift(self, w: float, d: float, passed_s: float, sigma: Sequence[float]) -> Vector:
        """By how much the expectation may have gone wrong, per axis, while it became warmer by `w` and `d`: variances."""
        drifts = [drifted(axis, w, d, passed_s, each) for axis, each in zip(self._axes(), sigma, strict=False)] + [0.0, 0.0]
        return drifts[0], drifts[1], drifts[2]

    def variances(self, warmth: Warmth) -> list[float]:
        w, d = self.terms(warmth)
        return [variance(axis, w, d) for axis in self._axes()]

    def wait(self, now: float, sigma: Sequence[float]) -> None:
        """Time passed; `sigma` is the noise of a sample."""
        passed_s = self._passed_s(now)
        self._pack([waited(axis, passed_s, each * each, self.slope_prior) for axis, each in zip(self._axes(), sigma, strict=False)])

    def learn(
        self, now: float, residual: Sequence[float], warmth: Warmth, sigma: Sequence[float], noise: Sequence[float], *, held: bool = False
    ) -> None:
        """Time passed, and so far off was a mean whose noise has these variances. The bay was surely vacant; or a vehicle stood still in
        it and `held` its level."""
        if self.reference_c is None:
            self.reference_c = warmth.now_c
        w, d = self.terms(warmth)
        passed_s, known = self._passed_s(now), []
        for index, axis in enumerate(self._axes()):
            variance_of = sigma[index] * sigma[index]
            grown = waited(axis, passed_s, variance_of, self.slope_prior)
            known.append(learned(grown, residual[index], w, d, noise[index], _HELD * variance_of if held else -inf))
        self._pack(known)

    def doubt(self, residual: Sequence[float]) -> None:
        """The bay is known to be empty and yet so far off: the level is less certain than it was thought to be."""
        self._pack([doubted(axis, value) for axis, value in zip(self._axes(), residual, strict=False)])

    def _passed_s(self, now: float) -> float:
        passed_s, self.updated_s = max(now - self.updated_s, 0.0), now
        return passed_s

    def _axes(self) -> Sequence[Numbers]:
        """The numbers of each. All at once: to unpack one axis takes half as long as all of them."""
        numbers: tuple[Any, ...] = _ALL.unpack_from(self._numbers)
        return (numbers[:_NUMBERS], numbers[_NUMBERS : 2 * _NUMBERS], numbers[2 * _NUMBERS :])[: self.count]

    def _pack(self, axes: Iterable[Numbers]) -> None:
        _ALL.pack_into(self._numbers, 0, *chain(*axes, *_MISSING[self.count]))
