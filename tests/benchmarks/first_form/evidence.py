"""What one reading says about a bay: how far it is from empty, on the device's own scale, with limits that belong to it.

Four kinds of devices, one shape: a field in µT against a baseline, a level in counts, a device that decides by itself.
"""

from dataclasses import dataclass
from enum import StrEnum

from drivers.reading import Reading


class Sense(StrEnum):
    """By what a device tells occupancy; fixed by its first reading."""

    FIELD = "field"
    LEVEL = "level"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Measured:
    sense: Sense
    values: tuple[float, ...]
    """Field per axis (µT), or one level (counts), or one 0/1."""


def measured(reading: Reading) -> Measured | None:
    """What a detector can use of a reading; the device's own decision goes before its level, the level before a field."""
    if reading.occupied is not None:
        return Measured(Sense.DECISION, (float(reading.occupied),))
    if reading.level is not None:
        return Measured(Sense.LEVEL, (reading.level,))
    axes = tuple(value for value in (reading.x_ut, reading.y_ut, reading.z_ut) if value is not None)
    if axes:
        return Measured(Sense.FIELD, axes)
    if reading.b_ut is not None:
        return Measured(Sense.FIELD, (reading.b_ut,))
    return None


@dataclass(frozen=True, slots=True)
class Limits:
    """Hysteresis: at or above `occupied` a vehicle, at or below `vacant` none, between them as before."""

    occupied: float
    vacant: float
    stirred: float
    """The least departure from a steady value that is more than noise: where a change begins."""
