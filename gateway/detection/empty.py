"""What this bay looks like when it is empty, and how far a sample is from that: residuals, and the scale to judge them by.

A field departs from its baseline, a level from zero, a decision from "no". Without a calibration the first quiet samples are taken
for the empty bay: a detector is put into service over an empty bay, as its makers ask. A trace without a site may hold any scale;
a field of three axes gives its unit away by its size (the Earth's is 25 to 65 µT), and that is used for priors only.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, inf, log10, sqrt
from statistics import median

from config.site import BayDetection, FieldVector
from gateway.detection.baseline import Baseline
from gateway.detection.conditioning import Conditioner, Sample, Vector
from gateway.detection.evidence import Measured, Sense
from gateway.detection.noise import Noise
from gateway.detection.warmth import Warmth
from gateway.detection.whitening import Whitening

STIRRED = (14.0, 16.5, 18.5)
"""Squared distance in sigmas beyond which a sample is no noise, for one, two and three axes."""
_FIRST_SAMPLES = 3
_FIRST_S = 2.0
_FIRST_QUICK_S = 0.45
_SPARSE_S = 20.0
_LEARN_S = 5.0
_LONG_S = 3600.0
_REFRESH_S = 30.0
_SLOPE_PRIOR_UT = 1.5
_SLOPE_PRIOR_SIGMAS = 4.0
_NOISE_PRIOR_UT = 0.4
_QUIETEST = 0.75
"""Three samples that are alike by chance must not make the fourth a vehicle; of a sensor that is quieter it is learned within some more."""
_STRONGEST_EARTH_UT = 250.0
"""More than the Earth and the iron in the ground together: the unit is a smaller one."""
_CALIBRATED_UT = 1.0
_DECISION_SIGMA = 0.12
_LEVEL_DEVIATION = 20.0
_LEVEL_FLOOR = 3.0
_LEVEL_SHARE = 0.4
"""Of the limits for devices that a site tells of: a bare trace does not say whether these are the counts that those are for."""


class EmptyBay:
    """Of one device. Feed it every sample; while `baseline` is None there is nothing to compare with yet."""

    __slots__ = (
        "_calibration",
        "_count",
        "_first",
        "_learn_s",
        "_next_learn_s",
        "_next_refresh_s",
        "_settings",
        "_sum",
        "assumed",
        "axes",
        "baseline",
        "begun_s",
        "configured",
        "least",
        "noise",
        "quick",
        "seen_s",
        "sense",
        "stirred",
        "unit",
        "warmth",
        "whitening",
    )

    def __init__(self, settings: BayDetection, empty_field: FieldVector | None, *, configured: bool) -> None:
        self._settings = settings
        self.configured = configured
        self.sense: Sense | None = None
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
        self._first: list[Sample] = []
        self._sum = [0.0, 0.0, 0.0]
        self._count = 0
        self._learn_s = self._next_learn_s = self._next_refresh_s = 0.0

    def takes(self, what: Measured) -> bool:
        """Whether this is the same kind of measurement as before; if not, everything begins anew."""
        if what.sense is self.sense and what.axes == self.axes:
            return True
        same = self.baseline is not None and len(self.baseline.axes) == what.axes and self.sense in (None, what.sense)
        self.sense, self.axes = what.sense, what.axes
        self.stirred = STIRRED[what.axes - 1]
        self._first.clear()
        if not same:
            self.baseline = None
        return False

    def resume(
        self, sense: Sense, unit: float, temperature_c: float | None, baseline: Baseline, sigma: Sequence[float], missed: Sequence[float]
    ) -> None:
        """Go on with what another process had learned."""
        self.sense, self.axes, self.unit = sense, len(baseline.axes), unit
        self.warmth.resume(temperature_c)
        self.stirred = STIRRED[self.axes - 1]
        if sense is Sense.DECISION:
            self._begin_deciding(baseline.updated_s)
            return
        self._start((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (sigma[0], sigma[1], sigma[2]), self._floor(max(sigma)), baseline.updated_s)
        self.begun_s, self.seen_s = baseline.updated_s - _LONG_S, _LONG_S
        self.baseline = baseline
        self.whitening.missed = list(missed)
        self._next_refresh_s = -inf

    def _floor(self, sigma: float) -> float:
        """The least noise that is believed: a sensor that always says the same has no sigma of its own."""
        if self.sense is Sense.DECISION:
            return _DECISION_SIGMA
        if self.absolute:
            return _LEVEL_FLOOR
        return 0.15 * self.unit if self.axes == 3 else max(1e-3 * sigma, 1e-9)

    def residual(self, sample: Sample, conditioner: Conditioner) -> Vector | None:
        """Measured minus expected; None while the empty field is still being learned."""
        baseline = self.baseline
        if baseline is None:
            baseline = self._begin(sample, conditioner)
            if baseline is None:
                return None
        x, y, z = sample.value
        ex, ey, ez = baseline.expected(self.warmth)
        if sample.t >= self._next_refresh_s:
            self._refresh(sample.t)
        return x - ex, y - ey, z - ez

    def _begin(self, sample: Sample, conditioner: Conditioner) -> Baseline | None:
        now, self.quick = sample.t, conditioner.quick
        if self.sense is Sense.DECISION:
            return self._begin_deciding(now)
        if self.absolute:
            return self._start((0.0, 0.0, 0.0), (_LEVEL_DEVIATION,) * 3, (2 * _LEVEL_FLOOR,) * 3, _LEVEL_FLOOR, now)
        self._scale(sample.value)
        given = self._calibration
        if given is not None and self.axes == 3 and self.sense is Sense.FIELD:
            started = self._start(
                (given.x_ut, given.y_ut, given.z_ut), (_CALIBRATED_UT,) * 3, (_NOISE_PRIOR_UT,) * 3, self._floor(0.0), now
            )
            if given.temperature_c is not None:
                started.reference_c = given.temperature_c
            return started
        return self._learn_first(sample, conditioner)

    def _begin_deciding(self, now: float) -> Baseline:
        return self._start((0.0, 0.0, 0.0), (0.01,) * 3, (_DECISION_SIGMA,) * 3, _DECISION_SIGMA, now)

    def _learn_first(self, sample: Sample, conditioner: Conditioner) -> Baseline | None:
        """The bay is empty, nobody says more: its first quiet samples are its field."""
        now, first = sample.t, self._first
        first.append(sample)
        if len(first) > 60:
            first.pop(0)
        if conditioner.quick and not first[0].lag_s:
            first.clear()  # What came before its rate was known: the sensor was still waking up.
            return None
        if self.axes == 3 and len(first) == 2 and now - first[0].t > _SPARSE_S:
            # Who reports so seldom may show a vehicle with its second reading; the noise of three axes is known well enough.
            started = self._start(
                first[0].value, (_CALIBRATED_UT * self.unit,) * 3, (_NOISE_PRIOR_UT * self.unit,) * 3, self._floor(0.0), now
            )
            self.assumed = True
            return started
        spread = conditioner.spread() if conditioner.quick else 0.0
        if spread:
            if now - first[0].t < _FIRST_QUICK_S:
                return None
            guess = 0.45 * spread
            sigma = (guess, guess, guess)
        else:
            if len(first) < _FIRST_SAMPLES or now - first[0].t < _FIRST_S:
                return None
            sigma = self._jitter()
        values = [median(each.value[axis] for each in first) for axis in range(self.axes)] + [0.0, 0.0]
        floor = max(self._floor(max(sigma)), 0.0 if self.axes == 3 else 1e-4 * abs(values[0]))
        deviation = (max(sigma[0], floor), max(sigma[1], floor), max(sigma[2], floor))
        started = self._start((values[0], values[1], values[2]), deviation, deviation, floor, now)
        self.assumed = True
        return started

    def _jitter(self) -> Vector:
        """From the differences of the first samples; at most what is usual, where the unit is known."""
        first = self._first[-12:]
        jitter = [0.0, 0.0, 0.0]
        for axis in range(self.axes):
            steps = sorted(abs(a.value[axis] - b.value[axis]) for a, b in pairwise(first))
            jitter[axis] = 1.1 * sum(steps) / len(steps)
            if self.axes == 3:
                jitter[axis] = min(max(jitter[axis], _QUIETEST * _NOISE_PRIOR_UT * self.unit), 2.0 * _NOISE_PRIOR_UT * self.unit)
        return jitter[0], jitter[1], jitter[2]

    def _scale(self, value: Vector) -> None:
        size = sqrt(sum(each * each for each in value))
        self.unit = 10.0 ** max(ceil(log10(size / _STRONGEST_EARTH_UT)), 0) if self.axes == 3 and size > 0 else 1.0

    def _start(self, value: Vector, deviation: Vector, sigma: Vector, floor: float, now: float) -> Baseline:
        axes = self.axes
        slope = _SLOPE_PRIOR_UT * self.unit if self.axes == 3 else _SLOPE_PRIOR_SIGMAS * sigma[0]
        self.baseline = Baseline.of(value[:axes], self.warmth.now_c, now, deviation, 0.0 if self.sense is Sense.DECISION else slope)
        self.noise = Noise(axes, sigma, floor)
        self.whitening = Whitening(axes)
        self.begun_s, self.seen_s = now, 0.0
        self._first.clear()
        self.assumed = False
        self.judge_by()
        self._refresh(now)
        return self.baseline

    @property
    def half_way(self) -> float:
        """Nearer to what a vehicle departs by at the least than to what surely is none; zero where that is left to the noise."""
        return 0.5 * (self.least[0] + self.least[1])

    def judge_by(self) -> None:
        """The least departures that count, from the settings, where they apply to this kind of sensor."""
        given = self._settings
        if self.absolute:
            self.least = (given.occupied_level, given.vacant_level)
        elif self.sense is Sense.LEVEL and not self.quick:
            self.least = (_LEVEL_SHARE * given.occupied_level, _LEVEL_SHARE * given.vacant_level)
        elif self.sense is Sense.FIELD and (self.axes == 3 or self.configured):
            self.least = (given.occupied_ut * self.unit, given.vacant_ut * self.unit)
        elif self.sense is Sense.DECISION:
            self.least = (0.5, 0.499)
        else:
            self.least = (0.0, 0.0)

    def _refresh(self, now: float) -> None:
        assert self.baseline is not None
        self._next_refresh_s = now + _REFRESH_S
        if self.sense is not Sense.DECISION:
            # A device that decides by itself has no field that wanders, and nothing is learned of it that would make it sure again.
            self.baseline.wait(now, self.noise.sigma)
        self.whitening.refresh(self.noise.sigma, self.baseline.variances(self.warmth))

    def learn(self, residual: Vector, now: float, *, vacant: bool = True) -> Vector | None:
        """The bay is surely vacant in this sample, or a vehicle stands still in it and this is how far it has drifted.

        Samples are taken together for a while: one step of the filter for all. Returns by how much the expectation moved.
        """
        if self.sense is Sense.DECISION:
            return None
        total = self._sum
        total[0] += residual[0]
        total[1] += residual[1]
        total[2] += residual[2]
        self._count += 1
        if now < self._next_learn_s:
            return None
        baseline, count, sigma = self.baseline, self._count, self.noise.sigma
        assert baseline is not None
        self._next_learn_s = now + min(_LEARN_S, 0.25 * (now - (self.begun_s if self.begun_s is not None else now)))
        mean = (total[0] / count, total[1] / count, total[2] / count)
        self.drop()
        passed_s = now - baseline.updated_s
        baseline.wait(now, sigma)
        if vacant:
            self.seen_s += min(passed_s, _LEARN_S)
            self.whitening.learn(mean, sigma)
        x, y, z = baseline.expected(self.warmth)
        noise = self.noise.learned_from(count)
        baseline.learn(mean, self.warmth, noise, () if vacant else sigma)
        after = baseline.expected(self.warmth)
        self._next_refresh_s = now + _REFRESH_S
        self.whitening.refresh(sigma, baseline.variances(self.warmth))
        return after[0] - x, after[1] - y, after[2] - z

    @property
    def absolute(self) -> bool:
        """Whether the device keeps a baseline of its own: what it says is judged by the limits of the settings, as it is."""
        return self.sense is Sense.LEVEL and self.configured

    def drop(self) -> None:
        """What was not learned yet is not to be: a vehicle may have been in it already."""
        self._sum = [0.0, 0.0, 0.0]
        self._count = 0

    def anchor(self, residual: Vector, now: float, readings: int) -> Vector:
        """The bay is known to be empty and yet so far off: take that for its field. Returns by how much the expectation moved."""
        if self.sense is Sense.DECISION or self.baseline is None or self.absolute:
            return 0.0, 0.0, 0.0
        self.drop()
        baseline = self.baseline
        baseline.wait(now, self.noise.sigma)
        baseline.doubt(residual)
        x, y, z = baseline.expected(self.warmth)
        count = max(min(readings, 8), 1)
        baseline.learn(residual, self.warmth, self.noise.learned_from(count))
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
