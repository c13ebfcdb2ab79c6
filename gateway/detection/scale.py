"""On which scale a sensor is judged: how many of its units are a µT, the least noise that is believed, the least departures that count.

A trace without a site may hold any scale; a field of three axes gives its unit away by its size (the Earth's is 25 to 65 µT), and that
is used for priors only. A device that keeps a baseline of its own (`absolute`) is judged by the limits of its settings, as it is.
"""

from functools import lru_cache
from math import ceil, log10, sqrt

from config.site import BayDetection
from gateway.detection.conditioning import Vector
from gateway.detection.evidence import Sense

DECISION_SIGMA = 0.12
LEVEL_FLOOR = 3.0
_FLOOR_UT = 0.15
_STRONGEST_EARTH_UT = 250.0
"""More than the Earth and the iron in the ground together: the unit is a smaller one."""
_LEVEL_SHARE = 0.4
"""Of the limits for devices that a site tells of: a bare trace does not say whether these are the counts that those are for."""
_ZERO_SHARE = 0.5
"""Of the limit below which a bay is vacant: a device that says more of an empty bay is not taken at its word."""


def unit_of(value: Vector, axes: int) -> float:
    """How many of the sensor's units are a µT, as far as its own field tells."""
    size = sqrt(sum(each * each for each in value))
    return 10.0 ** max(ceil(log10(size / _STRONGEST_EARTH_UT)), 0) if axes == 3 and size > 0 else 1.0


def floor_of(sense: Sense | None, axes: int, unit: float, sigma: float, *, absolute: bool) -> float:
    """The least noise that is believed: a sensor that always says the same has no sigma of its own."""
    if sense is Sense.DECISION:
        return DECISION_SIGMA
    if absolute:
        return LEVEL_FLOOR
    return in_units(_FLOOR_UT, unit) if axes == 3 else max(1e-3 * sigma, 1e-9)


def least_of(given: BayDetection, sense: Sense | None, axes: int, unit: float, *, configured: bool, quick: bool) -> tuple[float, float]:
    """The least departures that count, from the settings, where they apply to this kind of sensor: those below are no vehicle, and surely
    none; zeros where that is left to the noise."""
    if sense is Sense.LEVEL and configured:
        return level_limits(given, 0.0)
    if sense is Sense.LEVEL and not quick:
        return _LEVEL_SHARE * given.occupied_level, _LEVEL_SHARE * given.vacant_level
    if sense is Sense.FIELD and (axes == 3 or configured):
        return _limits(given.occupied_ut, given.vacant_ut, unit)
    if sense is Sense.DECISION:
        return 0.5, 0.499
    return 0.0, 0.0


@lru_cache(maxsize=64)
def _limits(occupied_ut: float, vacant_ut: float, unit: float) -> tuple[float, float]:
    return in_units(occupied_ut, unit), in_units(vacant_ut, unit)


@lru_cache(maxsize=64)
def in_units(field_ut: float, unit: float) -> float:
    """On the sensor's scale. The same number for nearly all bays, and then the same object: so it weighs nothing."""
    return field_ut * unit


def level_limits(given: BayDetection, zero: float) -> tuple[float, float]:
    """The least departures that count for a device that keeps a baseline of its own, from the `zero` that it says of the empty bay: the
    limits are for what the device says."""
    zero = min(max(zero, 0.0), _ZERO_SHARE * given.vacant_level)
    return given.occupied_level - zero, given.vacant_level - zero
