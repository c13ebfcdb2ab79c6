"""What this bay looks like when it is empty, and how far a sample is from that: residuals, and the scale to judge them by.

A field departs from its baseline, a level from zero, a decision from "no". Without a calibration the first quiet samples are taken
for the empty bay (`first_samples.py`): a detector is put into service over an empty bay, as its makers ask. Its scale: `scale.py`.
"""

from collections.abc import Sequence
from math import inf

from config.site import BayDetection, FieldVector
from gateway.detection.baseline import Baseline
from gateway.detection.conditioning import Conditioner, Vector
from gateway.detection.evidence import Kind, Sense
from gateway.detection.first_samples import CALIBRATED_UT, NOISE_PRIOR_UT, FirstSamples
from gateway.detection.noise import Noise
from gateway.detection.scale import DECISION_SIGMA, LEVEL_FLOOR, floor_of, in_units, least_of, level_limits, unit_of
from gateway.detection.warmth import Warmth
from gateway.detection.whitening import Whitening

STIRRED = (14.0, 16.5, 18.5)
"""Squared distance in sigmas beyond which a sample is no noise, for one, two and three axes."""
_LEARN_S = 5.0
_LONG_S = 3600.0
_REFRESH_S = 30.0
_SLOPE_PRIOR_UT = 1.5
_SLOPE_PRIOR_SIGMAS = 4.0
_LEVEL_DEVIATION = 20.0


class EmptyBay:
    """Of one device. Feed it every sample; while `baseline` is None there is nothing to compare with yet."""

    __slots__ = (
        "_calibration",
        "_count",
        "_first",
        "_next_learn_s",
        "_next_refresh_s",
        "_settings",
        "_sum_x",
        "_sum_y",
        "_sum_z",
        "absolute",
        "assumed",
        "axes",
        "baseline",
        "begun_s",
        "configured",
        "decides",
        "least",
        "noise",
        "quick",
        "seen_s",
        "sense",
        "senses_field",
        "stirred",
        "unit",
        "warmth",
        "whitening",
    )

    def __init__(self, settings: BayDetection, empty_field: FieldVector | None, *, configured: bool) -> None:
        self._settings = settings
        self.configured = configured
        self.sense: Sense | None = None
        self.senses_field = self.decides = self.absolute = False
        """What the sense comes to: asked at every reading, and to look up a member of an enum costs more than all else of the question.
        `absolute`: the device keeps a baseline of its own, and what it says is judged by the limits of the settings, as it is."""
        self.axes = 0
        self.baseline: Baseline | None = None
        self.noise = Noise(1, (1.0, 1.0, 1.0), 0.0)
        self.whitening = Whitening(1)
        self.warmth = Warmth()
        self.stirred = STIRRED[0]
        self.unit = 1.0
        """How many of the sensor's units are a µT, as far as its own field tells."""
        self.least = (0.0, 0.0)
        """Departures below these are no vehicle, and surely none, whatever the noise is; on the sensor's scale."""
        self.quick = False
        self.assumed = False
        """Whether the baseline was taken from the first samples: the bay is empty then by assumption."""
        self.begun_s: float | None = None
        self.seen_s = 0.0
        """For how long the bay was surely vacant and its field was learned."""
        self._calibration = empty_field
        self._first: FirstSamples | None = None
        """While the first samples are looked at."""
        self._sum_x = self._sum_y = self._sum_z = 0.0
        self._count = 0
        self._next_learn_s = self._next_refresh_s = 0.0

    def takes(self, what: Kind) -> bool:
        """Whether this is the same kind of measurement as before; if not, everything begins anew."""
        if what.sense is self.sense and what.axes == self.axes:
            return True
        same = self.baseline is not None and self.baseline.count == what.axes and self.sense in (None, what.sense)
        self._take(what.sense, what.axes)
        self._first = None
        if not same:
            self.baseline = None
        return False

    def _take(self, sense: Sense, axes: int) -> None:
        self.sense, self.axes, self.stirred = sense, axes, STIRRED[axes - 1]
        self.senses_field, self.decides = sense is Sense.FIELD, sense is Sense.DECISION
        self.absolute = sense is Sense.LEVEL and self.configured

    def resume(
        self, sense: Sense, unit: float, temperature_c: float | None, baseline: Baseline, sigma: Sequence[float], missed: Sequence[float]
    ) -> None:
        """Go on with what another process had learned."""
        self._take(sense, baseline.count)
        self.unit = unit
        self.warmth.resume(temperature_c)
        if self.decides:
            self._begin_deciding(baseline.updated_s)
            return
        self._start((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (sigma[0], sigma[1], sigma[2]), self._floor(max(sigma)), baseline.updated_s)
        self.begun_s, self.seen_s = baseline.updated_s - _LONG_S, _LONG_S
        self.baseline = baseline
        if self.absolute:
            self.least = level_limits(self._settings, baseline.expected(self.warmth)[0])
        self.whitening.resume(missed)
        self._next_refresh_s = -inf

    def _floor(self, sigma: float) -> float:
        return floor_of(self.sense, self.axes, self.unit, sigma, absolute=self.absolute)

    def residual(self, now: float, value: Vector, conditioner: Conditioner) -> Vector | None:
        """Measured minus expected; None while the empty field is still being learned."""
        baseline = self.baseline
        if baseline is None:
            baseline = self._begin(now, value, conditioner)
            if baseline is None:
                return None
        x, y, z = value
        ex, ey, ez = baseline.expected(self.warmth)
        if now >= self._next_refresh_s:
            self._refresh(now)
        return x - ex, y - ey, z - ez

    def _begin(self, now: float, value: Vector, conditioner: Conditioner) -> Baseline | None:
        self.quick = conditioner.quick
        if self.decides:
            return self._begin_deciding(now)
        if self.absolute:
            return self._start((0.0, 0.0, 0.0), (_LEVEL_DEVIATION,) * 3, (2 * LEVEL_FLOOR,) * 3, LEVEL_FLOOR, now)
        self.unit = unit_of(value, self.axes)
        given = self._calibration
        if given is not None and self.axes == 3 and self.sense is Sense.FIELD:
            started = self._start((given.x_ut, given.y_ut, given.z_ut), (CALIBRATED_UT,) * 3, (NOISE_PRIOR_UT,) * 3, self._floor(0.0), now)
            if given.temperature_c is not None:
                started.reference_c = given.temperature_c
            return started
        return self._learn_first(now, value, conditioner)

    def _begin_deciding(self, now: float) -> Baseline:
        return self._start((0.0, 0.0, 0.0), (0.01,) * 3, (DECISION_SIGMA,) * 3, DECISION_SIGMA, now)

    def _learn_first(self, now: float, value: Vector, conditioner: Conditioner) -> Baseline | None:
        if self._first is None:
            self._first = FirstSamples()
        first = self._first.feed(now, value, conditioner, self.axes, self.unit)
        if first is None:
            return None
        if first.deviation is not None:
            started = self._start(first.value, first.deviation, first.sigma, self._floor(0.0), now)
        else:
            sigma = first.sigma
            floor = max(self._floor(max(sigma)), 0.0 if self.axes == 3 else 1e-4 * abs(first.value[0]))
            deviation = (max(sigma[0], floor), max(sigma[1], floor), max(sigma[2], floor))
            started = self._start(first.value, deviation, deviation, floor, now)
        self.assumed = True
        self.begun_s = first.since_s
        return started

    def _start(self, value: Vector, deviation: Vector, sigma: Vector, floor: float, now: float) -> Baseline:
        axes = self.axes
        slope = in_units(_SLOPE_PRIOR_UT, self.unit) if self.axes == 3 else _SLOPE_PRIOR_SIGMAS * sigma[0]
        self.baseline = Baseline.of(value[:axes], self.warmth.now_c, now, deviation, 0.0 if self.decides else slope)
        self.noise = Noise(axes, sigma, floor)
        self.whitening = Whitening(axes)
        self.begun_s, self.seen_s = now, 0.0
        self._first = None
        self.assumed = False
        self.least = least_of(self._settings, self.sense, axes, self.unit, configured=self.configured, quick=self.quick)
        self._refresh(now)
        return self.baseline

    @property
    def half_way(self) -> float:
        """Nearer to what a vehicle departs by at the least than to what surely is none; zero where that is left to the noise."""
        return 0.5 * (self.least[0] + self.least[1])

    def _refresh(self, now: float) -> None:
        assert self.baseline is not None
        self._next_refresh_s = now + _REFRESH_S
        if not self.decides:
            # A device that decides by itself has no field that wanders, and nothing is learned of it that would make it sure again.
            self.baseline.wait(now, self.noise.sigma)
        self.whitening.refresh(self.noise.sigma, self.baseline.variances(self.warmth))

    def learn(self, residual: Vector, now: float, *, vacant: bool = True) -> Vector | None:
        """The bay is surely vacant in this sample, or a vehicle stands still in it and this is how far it has drifted.

        Samples are taken together for a while: one step of the filter for all. Returns by how much the expectation moved.
        """
        if self.decides:
            return None
        self._sum_x += residual[0]
        self._sum_y += residual[1]
        self._sum_z += residual[2]
        self._count += 1
        if now < self._next_learn_s:
            return None
        baseline, count, sigma = self.baseline, self._count, self.noise.sigma
        assert baseline is not None
        self._next_learn_s = now + min(_LEARN_S, 0.25 * (now - (self.begun_s if self.begun_s is not None else now)))
        mean = (self._sum_x / count, self._sum_y / count, self._sum_z / count)
        self.drop()
        passed_s = now - baseline.updated_s
        if vacant:
            self.seen_s += min(passed_s, _LEARN_S)
            self.whitening.learn(mean, sigma)
        x, y, z = baseline.expected(self.warmth)
        noise = self.noise.learned_from(count)
        baseline.learn(now, mean, self.warmth, sigma, noise, held=not vacant)
        after = baseline.expected(self.warmth)
        self._next_refresh_s = now + _REFRESH_S
        self.whitening.refresh(sigma, baseline.variances(self.warmth))
        if self.absolute:
            self.least = level_limits(self._settings, after[0])
        return after[0] - x, after[1] - y, after[2] - z

    def drop(self) -> None:
        """What was not learned yet is not to be: a vehicle may have been in it already."""
        self._sum_x = self._sum_y = self._sum_z = 0.0
        self._count = 0

    def anchor(self, residual: Vector, now: float, readings: int) -> Vector:
        """The bay is known to be empty and yet so far off: take that for its field. Returns by how much the expectation moved."""
        if self.decides or self.baseline is None or self.absolute:
            return 0.0, 0.0, 0.0
        self.drop()
        baseline = self.baseline
        baseline.wait(now, self.noise.sigma)
        baseline.doubt(residual)
        x, y, z = baseline.expected(self.warmth)
        count = max(min(readings, 8), 1)
        baseline.learn(now, residual, self.warmth, self.noise.sigma, self.noise.learned_from(count))
        self._refresh(now)
        after = baseline.expected(self.warmth)
        return after[0] - x, after[1] - y, after[2] - z

    def plateau_square(self, mean: Vector, count: int) -> float:
        """Squared distance from empty, in sigmas, of the mean of so many samples."""
        if self.baseline is None:
            return 0.0
        variances, missed, noise = self.baseline.variances(self.warmth), self.whitening.missed, self.noise
        count = max(min(count, 6), 1)
        return sum(mean[axis] ** 2 / (noise.of_mean(axis, count) + variances[axis] + missed[axis]) for axis in range(self.axes))
