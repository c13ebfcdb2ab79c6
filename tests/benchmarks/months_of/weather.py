"""How warm it is from September to April in one bay: the street, what drifts in the sensor, and what its thermometer says.

On a grid of five minutes. A year's wave, fronts of days, a day's wave and sun that are flat in winter, clouds; the shade of whoever parks
there. The sensor's inside and its thermometer follow the street with a lag each, which is what makes a drift look like hysteresis.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from simulators.chance import key_of
from simulators.quantity import Floats
from tests.benchmarks.months_of.sites import BaySite
from tests.benchmarks.months_of.traffic import Stay

_GRID_S, _DAY_S = 300.0, 86400.0
_SHADE_S = 1200.0
_FROM_DAY = 244
"""Of the year: the first of September."""


@dataclass(frozen=True, slots=True)
class Warmth:
    times: Floats
    inside_c: Floats
    thermometer_c: Floats

    def inside(self, t: float) -> float:
        return float(np.interp(t, self.times, self.inside_c))

    def thermometer(self, t: float) -> float:
        return float(np.interp(t, self.times, self.thermometer_c))


def warmth(seed: int, site: BaySite, until_s: float, stays: Sequence[Stay]) -> Warmth:
    times = np.arange(0.0, until_s + 2 * _GRID_S, _GRID_S)
    day, hour = _FROM_DAY + times / _DAY_S, times / 3600.0 % 24.0
    summer = 0.5 - 0.5 * np.cos(2 * np.pi * (day - 20.0) / 365.0)
    air = 1.0 + 17.0 * summer + _wandering(seed, times.size, 2.5 * _DAY_S, 3.2) + _wandering(seed + 1, times.size, 2700.0, 0.5)
    clear = 1.0 / (1.0 + np.exp(-_wandering(seed + 2, times.size, 0.7 * _DAY_S, 1.5)))
    air = air + (1.5 + 4.5 * summer) * (0.4 + 0.6 * clear) * np.sin(2 * np.pi * (hour - 9.5) / 24.0)
    height = np.maximum(np.sin(2 * np.pi * (hour - 6.0) / 24.0) - 0.55 * (1.0 - summer), 0.0)
    light = site.sun_c * clear * height * _shade(times, stays)
    street = air + light
    return Warmth(times, _lagged(street, site.inside_lag_s), _lagged(street, site.thermometer_lag_s))


def _wandering(seed: int, size: int, memory_s: float, deviation: float) -> Floats:
    """Of all bays alike."""
    steps = np.random.default_rng(key_of(seed, "weather")).normal(0.0, 1.0, size)
    keeps = exp(-_GRID_S / memory_s)
    found: Floats = deviation * (1.0 - keeps * keeps) ** 0.5 * _recursive(steps, keeps)
    return found


def _lagged(values: Floats, lag_s: float) -> Floats:
    keeps = exp(-_GRID_S / lag_s)
    found: Floats = values[0] + (1.0 - keeps) * _recursive(values - values[0], keeps)
    return found


def _recursive(values: Floats, keeps: float) -> Floats:
    found, now = np.empty(values.size), 0.0
    for index, value in enumerate(values.tolist()):
        now = keeps * now + value
        found[index] = now
    return found


def _shade(times: Floats, stays: Sequence[Stay]) -> Floats:
    """1 in the light, less under a vehicle."""
    lit = np.ones(times.size)
    for stay in stays:
        first, last = times.searchsorted((stay.parked_s, stay.gone_s))
        lit[first:last] = 0.0
    return np.clip(_lagged(lit, _SHADE_S), 0.0, 1.0)
