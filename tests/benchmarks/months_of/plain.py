"""The three plain detectors that others are compared with on months of rows. What they say of a row they say with that row.

    fixed    the first rows are the empty bay, for good
    ema      the empty bay follows what is not a vehicle, with a time constant of hours
    rls      recursive least squares on 1, temperature and its change, an axis each, learning what is not a vehicle

All judge the size of the departure, with hysteresis. The limits are usual ones, not fitted to any rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import exp, sqrt

import numpy as np

from drivers.reading import Reading
from simulators.quantity import Floats

_OCCUPIED_UT, _VACANT_UT = 8.0, 5.0
_FIRST = 6
_FOLLOWS_S = 3 * 3600.0
_FORGETS = 0.998


@dataclass(slots=True)
class Plain:
    """`follows_s` None: never."""

    follows_s: float | None = None
    occupied: bool = False
    _empty: Floats = field(default_factory=lambda: np.zeros(3))
    _rows: int = 0
    _last_s: float = 0.0

    def feed(self, reading: Reading) -> bool:
        field_ut = _field(reading)
        self._rows += 1
        if self._rows <= _FIRST:
            self._empty += (field_ut - self._empty) / self._rows
            self._last_s = reading.t
            return False
        self.occupied = _judged(field_ut - self._empty, self.occupied)
        if self.follows_s is not None and not self.occupied:
            self._empty += (1.0 - exp(-(reading.t - self._last_s) / self.follows_s)) * (field_ut - self._empty)
        self._last_s = reading.t
        return self.occupied


@dataclass(slots=True)
class Rls:
    occupied: bool = False
    _weights: Floats = field(default_factory=lambda: np.zeros((3, 3)))
    _covariance: Floats = field(default_factory=lambda: np.diag([1e4, 4.0, 4.0]))
    _rows: int = 0
    _last_c: float = 0.0
    _reference_c: float = 0.0
    _change_c: float = 0.0

    def feed(self, reading: Reading) -> bool:
        warm = reading.temperature_c
        assert warm is not None
        if not self._rows:
            self._reference_c = self._last_c = warm
        self._change_c += 0.3 * (warm - self._last_c - self._change_c)
        self._last_c = warm
        self._rows += 1
        terms = np.array([1.0, (warm - self._reference_c) / 10.0, self._change_c])
        residual = _field(reading) - self._weights @ terms
        self.occupied = self._rows > _FIRST and _judged(residual, self.occupied)
        if not self.occupied:
            gain = self._covariance @ terms / (_FORGETS + terms @ self._covariance @ terms)
            self._weights += np.outer(residual, gain)
            self._covariance = np.minimum((self._covariance - np.outer(gain, terms @ self._covariance)) / _FORGETS, 1e4)
        return self.occupied


def _field(reading: Reading) -> Floats:
    return np.array([reading.x_ut, reading.y_ut, reading.z_ut], dtype=np.float64)


def _judged(departure: Floats, occupied: bool) -> bool:
    return sqrt(float(departure @ departure)) >= (_VACANT_UT if occupied else _OCCUPIED_UT)


PLAIN: dict[str, Callable[[], Plain | Rls]] = {"fixed": Plain, "ema": lambda: Plain(_FOLLOWS_S), "rls": Rls}
