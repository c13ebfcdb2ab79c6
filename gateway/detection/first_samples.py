"""The first samples of a sensor that nothing is known of: the bay is empty, nobody says more, and once they are quiet that is its field."""

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from gateway.detection.conditioning import Conditioner, Vector

NOISE_PRIOR_UT = 0.4
CALIBRATED_UT = 1.0
"""What a single sample of the field is believed to within."""
_FEW = 3
_LONG_S = 2.0
_LONG_QUICK_S = 0.45
_SPARSE_S = 20.0
_MOST = 60
_QUIETEST = 0.75
"""Three samples that are alike by chance must not make the fourth a vehicle; of a sensor that is quieter it is learned within some more."""


@dataclass(frozen=True, slots=True)
class Sample:
    t: float
    value: Vector
    lag_s: float


@dataclass(frozen=True, slots=True)
class FirstField:
    """`deviation`: how far the empty bay may be off `value`; None: by the noise."""

    value: Vector
    sigma: Vector
    deviation: Vector | None
    since_s: float
    """From when on it is known."""


class FirstSamples:
    __slots__ = ("_samples",)

    def __init__(self) -> None:
        self._samples: list[Sample] = []

    def feed(self, now: float, value: Vector, conditioner: Conditioner, axes: int, unit: float) -> FirstField | None:
        """What they show, once there are enough of them."""
        samples = self._samples
        samples.append(Sample(now, value, conditioner.lag_s))
        if len(samples) > _MOST:
            samples.pop(0)
        if conditioner.quick and not samples[0].lag_s:
            samples.clear()  # What came before its rate was known: the sensor was still waking up.
            return None
        if axes == 3 and len(samples) <= 2 and max(now - samples[0].t, conditioner.interval_s or 0.0) > _SPARSE_S:
            # Who reports so seldom may show a vehicle with its second reading; the noise of three axes is known well enough.
            return FirstField(samples[0].value, (NOISE_PRIOR_UT * unit,) * 3, (CALIBRATED_UT * unit,) * 3, samples[0].t)
        spread = conditioner.spread() if conditioner.quick else 0.0
        if spread:
            if now - samples[0].t < _LONG_QUICK_S:
                return None
            guess = 0.45 * spread
            sigma = (guess, guess, guess)
        else:
            if len(samples) < _FEW or now - samples[0].t < _LONG_S:
                return None
            sigma = self._jitter(axes, unit)
        values = [median(each.value[axis] for each in samples) for axis in range(axes)] + [0.0, 0.0]
        return FirstField((values[0], values[1], values[2]), sigma, None, now)

    def _jitter(self, axes: int, unit: float) -> Vector:
        """From the differences of the first samples; at most what is usual, where the unit is known."""
        first = self._samples[-12:]
        jitter = [0.0, 0.0, 0.0]
        for axis in range(axes):
            steps = sorted(abs(a.value[axis] - b.value[axis]) for a, b in pairwise(first))
            jitter[axis] = 1.1 * sum(steps) / len(steps)
            if axes == 3:
                jitter[axis] = min(max(jitter[axis], _QUIETEST * NOISE_PRIOR_UT * unit), 2.0 * NOISE_PRIOR_UT * unit)
        return jitter[0], jitter[1], jitter[2]
