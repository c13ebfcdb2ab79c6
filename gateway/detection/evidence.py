"""What one reading says about a bay, on the device's own scale: a field of one to three axes, a level, a distance, or a decision."""

from dataclasses import dataclass
from enum import StrEnum

from drivers.reading import Reading
from gateway.detection.conditioning import Vector


class Sense(StrEnum):
    """By what a device tells occupancy."""

    FIELD = "field"
    LEVEL = "level"
    DISTANCE = "distance"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a device measures. There are six of them, shared by all readings: the same kind is the same object."""

    sense: Sense
    axes: int


_DECISION = Kind(Sense.DECISION, 1)
_LEVEL = Kind(Sense.LEVEL, 1)
_DISTANCE = Kind(Sense.DISTANCE, 1)
_FIELD = (Kind(Sense.FIELD, 1), Kind(Sense.FIELD, 2), Kind(Sense.FIELD, 3))
_FIELD_3 = _FIELD[2]

Measured = tuple[Kind, Vector]
"""Axes that the device does not have are zero."""

_MOST = 1e9
"""In whatever unit, nothing that stands in a bay is felt as more: it is no measurement, and its square would be none either."""


def measured(reading: Reading) -> Measured | None:
    """What a detector can use of a reading; the device's own decision goes before its level, the level before a field."""
    what = _told(reading)
    if what is None:
        return None
    x, y, z = what[1]
    # Each axis by itself: `max` of numbers among which one is NaN depends on their order.
    return what if -_MOST <= x <= _MOST and -_MOST <= y <= _MOST and -_MOST <= z <= _MOST else None


def _told(reading: Reading) -> Measured | None:
    if reading.occupied is not None:
        return _DECISION, (float(reading.occupied), 0.0, 0.0)
    if reading.level is not None:
        return _LEVEL, (reading.level, 0.0, 0.0)
    x, y, z = reading.x_ut, reading.y_ut, reading.z_ut
    if x is not None and y is not None and z is not None:
        return _FIELD_3, (x, y, z)
    axes = [value for value in (x, y, z) if value is not None]
    if not axes and reading.b_ut is not None:
        axes = [reading.b_ut]
    if axes:
        return _FIELD[len(axes) - 1], (axes[0], axes[1] if len(axes) > 1 else 0.0, 0.0)
    if reading.distance_mm is not None:
        return _DISTANCE, (reading.distance_mm, 0.0, 0.0)
    return None
