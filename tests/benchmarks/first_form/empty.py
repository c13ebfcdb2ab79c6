"""How far a reading is from the empty bay: the departure, a vector on the device's own scale, and the limits to judge it by.

A field departs from its baseline, a level from zero, a decision from "no". Without a calibration the first quiet readings of
a field are taken for the empty bay: a detector is put into service over an empty bay, as its makers ask.
"""

from collections import deque
from math import hypot, sqrt

from drivers.reading import Reading
from tests.benchmarks.first_form.baseline import NOISE_UT, Baseline
from tests.benchmarks.first_form.evidence import Limits, Measured, Sense
from tests.benchmarks.first_form.settings import BayDetection, FieldVector

_QUIET_READINGS = 3
_QUIET_S = 2.0
_STIRRED_UT = 4.5 * NOISE_UT
_STIRRED_LEVEL_SHARE = 0.4
_WIDEST = 2.0
"""An uncertain baseline widens the limits to twice themselves at the most: rather an early answer than none."""
_CALIBRATED_UT = 1.0


class EmptyBay:
    """What this bay looks like when it is empty. Feed it every trusted reading; it answers with the departure."""

    def __init__(self, settings: BayDetection, empty_field: FieldVector | None) -> None:
        self.settings = settings
        self.sense: Sense | None = None
        self.baseline: Baseline | None = None
        self.temperature_c: float | None = None
        self._calibration = empty_field
        self._quiet: deque[tuple[float, tuple[float, ...]]] = deque(maxlen=64)

    def departure(self, reading: Reading, what: Measured, now: float) -> tuple[float, ...] | None:
        """The departure from empty; None while the empty field is still being learned."""
        if reading.temperature_c is not None:
            self.temperature_c = reading.temperature_c
        if what.sense is not self.sense:
            self.sense = what.sense
            self._quiet.clear()
        if what.sense is not Sense.FIELD:
            return what.values
        if self.baseline is None or len(self.baseline.axes) != len(what.values):
            self.baseline = self._begin(what.values, now)
        if self.baseline is None:
            return None
        self.baseline.wait(now)
        return self.baseline.residual(what.values, self.temperature_c)

    def _begin(self, field_ut: tuple[float, ...], now: float) -> Baseline | None:
        given = self._calibration
        if given is not None and len(field_ut) == 3:
            warm = self.temperature_c if given.temperature_c is None else given.temperature_c
            return Baseline.of((given.x_ut, given.y_ut, given.z_ut), warm, now, _CALIBRATED_UT)
        self._quiet.append((now, field_ut))
        while self._quiet and len(self._quiet[0][1]) != len(field_ut):
            self._quiet.popleft()
        mean = tuple(sum(axis) / len(self._quiet) for axis in zip(*(values for _, values in self._quiet), strict=True))
        if any(distance(values, mean) > _STIRRED_UT for _, values in self._quiet):
            self._quiet.popleft()
            return None
        if len(self._quiet) < _QUIET_READINGS or now - self._quiet[0][0] < _QUIET_S:
            return None
        return Baseline.of(mean, self.temperature_c, now, NOISE_UT)

    def learn(self, what: Measured) -> None:
        """The bay is surely vacant in this reading."""
        if what.sense is Sense.FIELD and self.baseline is not None:
            self.baseline.learn(what.values, self.temperature_c)

    def limits(self, parked: tuple[float, ...] | None) -> Limits:
        """`parked` is the steady departure of the vehicle that stands there, where one does."""
        if self.sense is Sense.DECISION:
            return Limits(0.5, 0.499, 0.25)
        if self.sense is Sense.LEVEL:
            given = self.settings
            return Limits(given.occupied_level, given.vacant_level, given.vacant_level * _STIRRED_LEVEL_SHARE)
        occupied, vacant = self.settings.occupied_ut, self.settings.vacant_ut
        unsure = 0.0 if self.baseline is None else self.baseline.deviation(self.temperature_c)
        wide_occupied = min(max(occupied, 3.0 * unsure), _WIDEST * occupied)
        wide_vacant = min(max(vacant, 2.5 * unsure), _WIDEST * vacant)
        if parked is not None:
            # Where a strong field stood, half of it gone and the rest within the drift not yet learned is an empty bay.
            wide_vacant = max(vacant, min(2.5 * unsure, 0.5 * norm(parked)))
        return Limits(max(wide_occupied, wide_vacant), wide_vacant, _STIRRED_UT)


def norm(vector: tuple[float, ...]) -> float:
    return hypot(*vector)


def distance(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return sqrt(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)))
