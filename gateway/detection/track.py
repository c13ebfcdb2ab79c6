"""One device's readings as numbers to judge: the residual against the empty bay, how far that is, and the plateau it stands on.

reading -> conditioning -> residual (baseline, temperature) -> whitened square, plateau, noise
"""

from collections.abc import Sequence
from math import sqrt

from config.site import BayDetection, FieldVector
from drivers.reading import Reading
from gateway.detection.baseline import Baseline
from gateway.detection.conditioning import Conditioner, Vector, minus, squared
from gateway.detection.empty import EmptyBay
from gateway.detection.evidence import Sense, measured
from gateway.detection.plateau import Plateau
from gateway.detection.rhythm import STEADY_S, Rhythm
from gateway.detection.stirring import Stirring

_HALTS_S = 1.0
"""A quick sensor gives four samples a second, unless readings are lost."""
SLOW_S = 5.0
"""Samples farther apart do not show a manoeuvre."""
_CHANGED = 4.0
_AGREE = (14.0, 18.0, 21.0)
_LEVEL = (20.0, 23.0, 26.0)
"""Squared distance of a plateau that a vehicle must have, in sigmas, for one, two and three axes."""
_ONLY: tuple[Vector, Vector, Vector] = ((1.0, 0.0, 0.0), (1.0, 1.0, 0.0), (1.0, 1.0, 1.0))
"""Weights of so many axes, before their noise is known."""
_ZERO: Vector = (0.0, 0.0, 0.0)


class Track:
    """After `feed` says True: `t`, `z` (residual), `square` (whitened), `plateau` are those of the new sample."""

    __slots__ = (
        "_agree",
        "_level",
        "_value",
        "beside",
        "conditioner",
        "empty",
        "enclosed",
        "lag_s",
        "level_square",
        "plateau",
        "rhythm",
        "sensed",
        "slow",
        "sparse",
        "square",
        "stirring",
        "t",
        "usual_s",
        "weights",
        "z",
    )

    def __init__(self, settings: BayDetection, empty_field: FieldVector | None, interval_s: float | None) -> None:
        """`interval_s`: how often the site says that it is read; None where that must be learned."""
        self.empty = EmptyBay(settings, empty_field, configured=interval_s is not None)
        self.conditioner = Conditioner(1, interval_s)
        self.plateau = Plateau()
        self.rhythm = Rhythm(interval_s)
        self.weights = _ONLY[0]
        """One over the variance of a sample, per axis."""
        self.usual_s = 0.0
        """Between two readings; zero while it is not known."""
        self.slow = False
        self.sparse = False
        """Whether its samples show what stands there, and no manoeuvre."""
        self.t = self.lag_s = self.square = 0.0
        self.z = self._value = _ZERO
        """Residual, and as it was measured, where that is compared with what comes next."""
        self.sensed = False
        self.beside: tuple[Track, ...] = ()
        """Those of the bays beside this one."""
        self.enclosed = False
        """Whether they are of every bay that lies beside this one, as far as anybody says."""
        self.stirring = Stirring()
        self._agree = _AGREE[0]
        self.level_square = _LEVEL[0]

    def feed(self, reading: Reading, now: float) -> bool:
        """Whether there is a sample to judge."""
        what = measured(reading)
        if what is None:
            return False
        kind, value = what
        empty, conditioner, plateau = self.empty, self.conditioner, self.plateau
        if reading.temperature_c is not None:
            empty.warmth.feed(now, reading.temperature_c)
        if not empty.takes(kind):
            self._of_axes(kind.axes, conditioner.interval_s)
            conditioner = self.conditioner
        self.rhythm.feed(now, changed=self.slow and self.sensed and self.apart(value, self._value) > _CHANGED * empty.stirred)
        sample = conditioner.feed(now, value, measured=not empty.decides)
        self._reckon()
        if self.slow or sample is None:
            self._value = value
        if sample is None:
            return False
        residual = empty.residual(now, sample, conditioner)
        if residual is None:
            return False
        self.sensed = True
        noise = empty.noise
        if (not empty.decides and not self.sparse and noise.feed(now, residual)) or not plateau.count:
            self._weigh()
        self.t, self.z, self.lag_s = now, residual, conditioner.lag_s
        self.square = empty.whitening.square(residual)
        if not plateau.feed(now, residual, self.weights, self._agree):
            self.stirring.feed(now, self.in_ut(minus(residual, plateau.stood)))
            noise.moved()
        return True

    def _reckon(self) -> None:
        """How often it reports decides which way it is judged; that is asked a dozen times a reading and changes hardly ever."""
        usual_s = self.conditioner.interval_s or 0.0
        self.usual_s, self.slow = usual_s, usual_s > SLOW_S
        self.sparse = self.slow and self.empty.senses_field

    def steady(self) -> None:
        """Of a sparse device: what stands there is what stood there before, so that the difference is noise."""
        if self.empty.noise.feed(self.t, self.z):
            self._weigh()

    def seen_until(self, steady_s: float | None) -> float | None:
        """Up to when nothing had changed before this sample. A device that reports on change has seen it until just now; but where a
        report was lost, and the heartbeat after it is what tells of the change, nobody knows since when."""
        rhythm = self.rhythm
        if steady_s is None or not rhythm.on_change or rhythm.lost_s is not None or (rhythm.goes_on and not rhythm.out_of_turn):
            return steady_s
        return max(steady_s, self.t - STEADY_S)

    def repeat(self, now: float) -> None:
        """The device has not reported any change: its last value is the present one."""
        self.t = now
        self.plateau.feed(now, self.z, self.weights, self._agree)

    def glimpse(self, now: float) -> Vector | None:
        """What the last reading alone shows of a quick sensor of which most are lost, so that there has been no sample for a while; None
        where samples come, or its hum is more than a reading tells."""
        if now - self.t < _HALTS_S:
            return None
        baseline = self.empty.baseline
        if baseline is None or self.conditioner.hum > self.empty.least[1]:
            return None
        return minus(self._value, baseline.expected(self.empty.warmth))

    def in_ut(self, field: Vector) -> float:
        return sqrt(squared(field)) / self.empty.unit

    def rebase(self, off: Vector) -> None:
        """The empty bay is known to be so far off the baseline."""
        if self.empty.baseline is None:
            return
        self.empty.baseline = self.empty.baseline.moved(off)
        self.plateau.shift(off)
        self.z = minus(self.z, off)
        self.square = self.empty.whitening.square(self.z)

    def pause(self) -> None:
        """Nothing was seen for long: what comes next is compared with the empty bay only."""
        self.plateau.forget()
        self.empty.noise.pause()

    def resume(
        self,
        sense: Sense,
        unit: float,
        temperature_c: float | None,
        baseline: Baseline,
        sigma: Sequence[float],
        missed: Sequence[float],
        interval_s: float | None,
    ) -> None:
        """Go on with what another process had learned of this sensor."""
        self.empty.resume(sense, unit, temperature_c, baseline, sigma, missed)
        self._of_axes(baseline.count, interval_s)
        self._weigh()

    def _of_axes(self, axes: int, interval_s: float | None = None) -> None:
        self.conditioner = Conditioner(axes, interval_s)
        self._reckon()
        self.plateau.forget()
        self.weights = _ONLY[axes - 1]
        self._agree, self.level_square = _AGREE[axes - 1], _LEVEL[axes - 1]

    def _weigh(self) -> None:
        (x, y, z), axes = self.empty.noise.sigma, self.empty.axes
        self.weights = (1.0 / (x * x), 1.0 / (y * y) if axes > 1 else 0.0, 1.0 / (z * z) if axes > 2 else 0.0)

    def apart(self, one: Vector, other: Vector) -> float:
        """Squared distance in sigmas of noise alone."""
        x, y, z = one[0] - other[0], one[1] - other[1], one[2] - other[2]
        weights = self.weights
        return x * x * weights[0] + y * y * weights[1] + z * z * weights[2]

    def is_vehicle(self, residual: Vector, count: int) -> bool:
        """Whether a plateau here, or one sample, is a vehicle's by its level."""
        least = self.empty.least[0]
        far = residual[0] * residual[0] + residual[1] * residual[1] + residual[2] * residual[2]
        return far >= least * least and self.empty.plateau_square(residual, count) >= self.level_square

    def anchor(self, residual: Vector, readings: int) -> None:
        """This is the empty bay."""
        self.plateau.shift(self.empty.anchor(residual, self.t, readings))
