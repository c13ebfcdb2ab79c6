"""One account of what has happened in a bay that is seen only now and then, and how it goes on with the next sample.

    vacant      the field is that of the empty bay, `empty`
    occupied    it is that of a vehicle that stands there, `stands`; the empty bay is remembered, and grows uncertain

Everything is a residual against the shared baseline, per axis with its variance. What a sample can mean:

    same        nothing has happened but noise and drift; drift of a parked vehicle's field is the sensor's own and moves `empty` as well
    jumped      something beside the bay has moved the field by little: a neighbour, which may also leave again
    arrived     a vehicle stands there; its field may be anything that vehicles have
    departed    the field is the empty bay's
    shifted     the vehicle stands otherwise
    swapped     it left and another came, and no sample lies between
    passing     the sample shows something that moves: it says nothing
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, log, pi

from gateway.detection.conditioning import Vector
from gateway.detection.vehicle_prior import log_density

_LOG_2PI = log(2.0 * pi)
_STAY_S = 3600.0
"""Vehicles stay, and bays stay empty, for about an hour on average."""
_CHANGE_LEAST = 0.1
"""Of what a device reports on change."""
_CHANGE_MOST = 0.3
_SEEN = 2
_NEXT_S, _NEXT = 4.0, 0.0005
"""So soon after one change there is hardly ever another: a vehicle has to drive out or in first."""
_SWAPPED_SHARE = 0.3
"""Of the departures that no sample followed before the next arrival, among samples ten minutes apart."""
_SWAPPED_SEEN = 0.01
_SHIFT_PER_S = 0.1 / 3600.0
_SHIFT_LEAST = 1e-4
_SETTLING_S = 30.0
_SETTLING = 0.3
_JUMPED = 0.03
_JUMPED_BACK = 0.1
_JUMP_UT = 1.5
_PASSING = 0.008
_PASSING_REPORTED = 0.003
"""A device that reports what has changed for some seconds seldom reports what passes; but a manoeuvre takes longer than that."""
_DEPARTED_INTO_JUMP = 0.1


@dataclass(frozen=True, slots=True)
class Step:
    """A change of occupancy within an account. It lies between the two samples `earliest_s` (None: unknown) and `latest_s`."""

    occupied: bool
    earliest_s: float | None
    latest_s: float
    wrong: bool = False
    """What was told before is not what happened: there was no such change; only now it is known."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What all accounts of a sensor share at a sample."""

    axes: int
    unit: float
    noise: tuple[float, float, float]
    """Variances of one sample."""
    drift: tuple[float, float, float]
    """By how much the expectation may have gone wrong since the last sample: variances."""
    least: float
    """Squared: a smaller departure is no vehicle."""
    apart_s: float
    on_change: bool
    seen_until_s: float | None
    """The last moment before this sample at which nothing had changed yet."""
    t: float

    @property
    def change(self) -> float:
        """Probability of an arrival, or of a departure, since the last sample."""
        most = min(1.0 - exp(-self.apart_s / _STAY_S), _CHANGE_MOST)
        return max(most, _CHANGE_LEAST) if self.on_change else max(most, 1e-4)


@dataclass(frozen=True, slots=True)
class Account:
    weight: float
    """Log-probability, up to what is common to all."""
    occupied: bool
    empty: Vector
    empty_variance: Vector
    stands: Vector
    stands_variance: Vector
    beside: Vector | None
    """What stood here looked like before something beside it moved."""
    arrived_s: float
    looks: int
    """Samples that have agreed since its last step."""
    steps: tuple[Step, ...]
    """What has not been told yet."""

    def goes_on(self, z: Vector, at: Scale) -> "Account":
        """As if nothing has happened."""
        return self._same(z, at, 0.0)

    def distance(self, z: Vector, at: Scale) -> float:
        """Squared, in sigmas, from what it expects."""
        mean, variance = (self.stands, self.stands_variance) if self.occupied else (self.empty, self.empty_variance)
        return sum((z[axis] - mean[axis]) ** 2 / (variance[axis] + at.drift[axis] + at.noise[axis]) for axis in range(at.axes))

    def branches(self, z: Vector, at: Scale) -> Iterator["Account"]:
        """All that this sample can mean."""
        change, passing = at.change, _PASSING_REPORTED if at.on_change else _PASSING
        if self.steps and at.t - self.steps[-1].latest_s < _NEXT_S:
            change *= _NEXT
        yield self._passed(z, at, log(passing))
        yield self._jumped(z, at, log(_JUMPED))
        if self.beside is not None:
            yield self._back(z, at, self.beside, log(_JUMPED_BACK))
        if not self.occupied:
            yield self._same(z, at, log(1.0 - change - passing - _JUMPED))
            if self._large(z, at):
                yield self._arrived(z, at, log(change))
            return
        settling = at.t - self.arrived_s < _SETTLING_S
        shift = _SETTLING if settling else max(_SHIFT_PER_S * at.apart_s, _SHIFT_LEAST)
        yield self._same(z, at, log(1.0 - change - passing - _JUMPED - 0.5 * shift))
        if self._large(z, at):
            yield self._shifted(z, at, log(shift))
        swapped = _SWAPPED_SEEN if at.on_change else _SWAPPED_SHARE * min(max(at.apart_s, 1.0) / 600.0, 1.0)
        yield self._departed(z, at, log(change), 0.0)
        yield self._departed(z, at, log(change * _DEPARTED_INTO_JUMP), (_JUMP_UT * at.unit) ** 2)
        if self._large(z, at):
            yield self._swapped(z, at, log(change * swapped))

    def _large(self, z: Vector, at: Scale) -> bool:
        """Whether a vehicle may be what makes the field differ so much from the empty bay's."""
        return sum((z[axis] - self.empty[axis]) ** 2 for axis in range(at.axes)) >= at.least

    # One of these each.

    def _same(self, z: Vector, at: Scale, prior: float) -> "Account":
        if not self.occupied:
            empty, variance, fits, _ = _update(self.empty, self.empty_variance, z, at, 0.0)
            return self._with(prior + fits, empty=empty, empty_variance=variance, looks=self.looks + 1)
        stands, variance, fits, moved = _update(self.stands, self.stands_variance, z, at, 0.0)
        ex, ey, ez = self.empty
        return self._with(
            prior + fits,
            empty=(ex + moved[0], ey + moved[1], ez + moved[2]),
            empty_variance=_grown(self.empty_variance, at, 0.1),
            stands=stands,
            stands_variance=variance,
            looks=self.looks + 1,
        )

    def _jumped(self, z: Vector, at: Scale, prior: float) -> "Account":
        jump = (_JUMP_UT * at.unit) ** 2
        if not self.occupied:
            empty, variance, fits, _ = _update(self.empty, self.empty_variance, z, at, jump)
            return self._with(prior + fits, empty=empty, empty_variance=variance, beside=self.empty, looks=1)
        stands, variance, fits, (x, y, w) = _update(self.stands, self.stands_variance, z, at, jump)
        # It may have been the vehicle itself, and surely was while it has hardly arrived; else what was beside it is now in both fields.
        half = 0.0 if at.t - self.arrived_s < _SETTLING_S else 0.5
        ex, ey, ez = self.empty
        vx, vy, vz = _grown(self.empty_variance, at, 1.0)
        return self._with(
            prior + fits,
            empty=(ex + half * x, ey + half * y, ez + half * w),
            empty_variance=(vx + (half * x) ** 2, vy + (half * y) ** 2, vz + (half * w) ** 2),
            stands=stands,
            stands_variance=variance,
            beside=self.stands,
            looks=1,
        )

    def _back(self, z: Vector, at: Scale, before: Vector, prior: float) -> "Account":
        if not self.occupied:
            empty, variance, fits, _ = _update(before, self.empty_variance, z, at, 0.0)
            return self._with(prior + fits, empty=empty, empty_variance=variance, beside=self.empty, looks=1)
        stands, variance, fits, _ = _update(before, self.stands_variance, z, at, 0.0)
        half = 0.0 if at.t - self.arrived_s < _SETTLING_S else 0.5
        ex, ey, ez = self.empty
        x, y, w = stands[0] - self.stands[0], stands[1] - self.stands[1], stands[2] - self.stands[2]
        vx, vy, vz = _grown(self.empty_variance, at, 1.0)
        return self._with(
            prior + fits,
            empty=(ex + half * x, ey + half * y, ez + half * w),
            empty_variance=(vx, vy, vz),
            stands=stands,
            stands_variance=variance,
            beside=self.stands,
            looks=1,
        )

    def _passed(self, z: Vector, at: Scale, prior: float) -> "Account":
        fits = self._vehicle(z, at)
        return self._with(
            prior + fits,
            empty_variance=_grown(self.empty_variance, at, 1.0),
            stands_variance=_grown(self.stands_variance, at, 1.0),
            looks=self.looks,
        )

    def _arrived(self, z: Vector, at: Scale, prior: float) -> "Account":
        return self._with(
            prior + self._vehicle(z, at),
            occupied=True,
            empty_variance=_grown(self.empty_variance, at, 1.0),
            stands=z,
            stands_variance=at.noise,
            arrived_s=at.t,
            looks=1,
            steps=(*self.steps, Step(True, at.seen_until_s, at.t)),
        )

    def _departed(self, z: Vector, at: Scale, prior: float, jump: float) -> "Account":
        mean, variance, fits, _ = _update(self.empty, self.empty_variance, z, at, jump)
        return self._with(
            prior + fits,
            occupied=False,
            empty=mean,
            empty_variance=variance,
            looks=1,
            steps=self._left(at),
        )

    def _left(self, at: Scale) -> tuple[Step, ...]:
        """No single reading makes an event: a vehicle that was seen once is none that came and went."""
        if self.looks < _SEEN and self.steps and self.steps[-1].occupied:
            return self.steps[:-1]
        return (*self.steps, Step(False, at.seen_until_s, at.t))

    def _shifted(self, z: Vector, at: Scale, prior: float) -> "Account":
        size = sum((self.stands[axis] - self.empty[axis]) ** 2 for axis in range(at.axes)) ** 0.5
        settling = at.t - self.arrived_s < _SETTLING_S
        fits = self._vehicle(z, at)
        if not settling:
            scale = 0.4 * size + 2.0 * at.unit
            fits = -0.5 * sum(((z[axis] - self.stands[axis]) / scale) ** 2 + _LOG_2PI + 2.0 * log(scale) for axis in range(at.axes))
        return self._with(prior + fits, empty_variance=_grown(self.empty_variance, at, 1.0), stands=z, stands_variance=at.noise, looks=1)

    def _swapped(self, z: Vector, at: Scale, prior: float) -> "Account":
        return self._with(
            prior + self._vehicle(z, at),
            empty_variance=_grown(self.empty_variance, at, 1.0),
            stands=z,
            stands_variance=at.noise,
            arrived_s=at.t,
            looks=1,
            steps=(*self.steps, Step(False, at.seen_until_s, at.t), Step(True, at.seen_until_s, at.t)),
        )

    def _vehicle(self, z: Vector, at: Scale) -> float:
        square = sum(
            (z[axis] - self.empty[axis]) ** 2 + self.empty_variance[axis] + at.drift[axis] + at.noise[axis] for axis in range(at.axes)
        )
        return log_density(square, at.axes, at.unit)

    def _with(
        self,
        gained: float,
        *,
        occupied: bool | None = None,
        empty: Vector | None = None,
        empty_variance: Vector | None = None,
        stands: Vector | None = None,
        stands_variance: Vector | None = None,
        beside: Vector | None = None,
        arrived_s: float | None = None,
        looks: int,
        steps: tuple[Step, ...] | None = None,
    ) -> "Account":
        return Account(
            self.weight + gained,
            self.occupied if occupied is None else occupied,
            self.empty if empty is None else empty,
            self.empty_variance if empty_variance is None else empty_variance,
            self.stands if stands is None else stands,
            self.stands_variance if stands_variance is None else stands_variance,
            beside if beside is not None else self.beside if occupied is None else None,
            self.arrived_s if arrived_s is None else arrived_s,
            looks,
            self.steps if steps is None else steps,
        )


def _grown(variance: Vector, at: Scale, share: float) -> Vector:
    x, y, z = at.drift
    return variance[0] + share * x, variance[1] + share * y, variance[2] + share * z


def _update(mean: Vector, variance: Vector, z: Vector, at: Scale, jump: float) -> tuple[Vector, Vector, float, Vector]:
    """Mean and variance after the sample, its log-density, and by how much the mean has moved."""
    means, variances, moved, fits = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 0.0
    for axis in range(at.axes):
        before = variance[axis] + at.drift[axis] + jump
        total = before + at.noise[axis]
        off = z[axis] - mean[axis]
        gain = before / total
        moved[axis] = gain * off
        means[axis] = mean[axis] + moved[axis]
        variances[axis] = before * (1.0 - gain)
        fits -= 0.5 * (off * off / total + log(total) + _LOG_2PI)
    return (means[0], means[1], means[2]), (variances[0], variances[1], variances[2]), fits, (moved[0], moved[1], moved[2])
