"""Readings that came in good order and must not be believed all the same: a frozen bus, an axis at the end of its range.

A sensor with noise that says exactly the same again and again is not measuring. How much repetition is too much depends on the
sensor: one whose counts are coarse repeats itself by chance, one that never did so for a thousand readings does not.
"""

from dataclasses import replace

from drivers.reading import Quality, Reading

_FROZEN_READINGS = 25
_FROZEN_S = 20.0
_TIMES_ITS_LONGEST = 4
_SATURATED_UT = 2000.0
"""Forty times the Earth's field, in whatever unit the sensor has."""
_LEARNED_READINGS = 100


class Sanity:
    """Of one device. `check` gives the reading back, marked bad with its cause where it must not be believed."""

    __slots__ = ("_longest", "_readings", "_same", "_same_since_s", "_value")

    def __init__(self) -> None:
        self._value: int | None = None
        """A hash of the last one, which weighs a quarter of it."""
        self._same = 0
        self._same_since_s = 0.0
        self._longest = 1
        self._readings = 0

    def check(self, reading: Reading, now: float, unit: float) -> Reading:
        x, y, z, b = reading.x_ut, reading.y_ut, reading.z_ut, reading.b_ut
        if (x is None and b is None) or not reading.trusted:
            return reading
        value = hash((x, y, z, b))
        if self._readings <= _LEARNED_READINGS:
            self._readings += 1
        if value == self._value:
            self._same += 1
            if self._frozen(now):
                return replace(reading, quality=Quality.BAD, cause="frozen")
        else:
            if self._same > self._longest and not self._frozen(now):
                self._longest = self._same
            self._value, self._same, self._same_since_s = value, 0, now
        if y is None or z is None or x is None:
            return reading
        most = _SATURATED_UT * unit
        if -most <= x <= most and -most <= y <= most and -most <= z <= most:
            return reading
        # What is no number is not beyond anything: that it is no measurement either, `evidence.py` sees.
        if max(abs(x), abs(y), abs(z)) > most:
            return replace(reading, quality=Quality.BAD, cause="saturated")
        return reading

    def _frozen(self, now: float) -> bool:
        enough = max(_FROZEN_READINGS, _TIMES_ITS_LONGEST * self._longest)
        return self._same >= enough and now - self._same_since_s >= _FROZEN_S and self._readings > _LEARNED_READINGS
