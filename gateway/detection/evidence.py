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
class Measured:
    sense: Sense
    axes: int
    value: Vector
    """Axes that the device does not have are zero."""


_MOST = 1e9
"""In whatever unit, nothing that stands in a bay is felt as more: it is no measurement, and its square would be none either."""


def measured(reading: Reading) -> Measured | None:
    """What a detector can use of a reading; the device's own decision goes before its level, the level before a field."""
    what = _told(reading)
    return what if what is not None and all(abs(each) <= _MOST for each in what.value) else None


def _told(reading: Reading) -> Measured | None:
    if reading.occupied is not None:
        return Measured(Sense.DECISION, 1, (float(reading.occupied), 0.0, 0.0))
    if reading.level is not None:
        return Measured(Sense.LEVEL, 1, (reading.level, 0.0, 0.0))
    x, y, z = reading.x_ut, reading.y_ut, reading.z_ut
    if x is not None and y is not None and z is not None:
        return Measured(Sense.FIELD, 3, (x, y, z))
    axes = [value for value in (x, y, z) if value is not None]
    if not axes and reading.b_ut is not None:
        axes = [reading.b_ut]
    if axes:
        return Measured(Sense.FIELD, len(axes), (axes[0], axes[1] if len(axes) > 1 else 0.0, 0.0))
    if reading.distance_mm is not None:
        return Measured(Sense.DISTANCE, 1, (reading.distance_mm, 0.0, 0.0))
    return None
