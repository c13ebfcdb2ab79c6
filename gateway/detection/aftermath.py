"""What an account is after each thing that may have happened (`happenings.py`), and how well the sample fits that.

Fields are Gaussian about what is expected, a vehicle's is anything that vehicles have (`vehicle_prior.py`). `prior` is a log-probability.
"""

from math import log, pi

from gateway.detection.account import Account, Between, Scale, Step
from gateway.detection.conditioning import Vector, minus
from gateway.detection.vehicle_prior import log_density

_LOG_2PI = log(2.0 * pi)
_SEEN = 2
_SETTLING_S = 30.0
ONE_MANOEUVRE_S = 45.0
"""What was felt to move and what stands so much later are one, where a few readings between them were lost."""
_FAR_UT = 4.5
_RELAID_UT = 20.0
_WANDERS = 0.01
"""Of a sample's noise: by so much what stands there wanders from one to the next, whatever the drift says. Sure of what was long ago, an
account would lose within an hour to one that knows nothing and fits what is seen. It is the sensor that wanders: the empty bay beneath a
vehicle does by as much."""
_UNSEEN = 1.0
"""And by so much while a vehicle stood there."""
_FAINT, _NO_VEHICLE = 0.5, 0.5
"""Of the least field of a vehicle, squared: what has turned out to be less is none, with each look at it by so much, in log-odds."""


def same(was: Account, z: Vector, at: Scale, prior: float) -> Account:
    if not was.occupied:
        mean, variance, fits = _update(was.empty, _wandered(was.empty_variance, at), z, at, 0.0)
        return was.then(prior + fits, empty=mean, empty_variance=variance, looks=was.looks + 1)
    wandered = _wandered(was.stands_variance, at)
    stands, variance, fits = _update(was.stands, wandered, z, at, 0.0)
    empty, empty_variance, tied = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    for axis in range(at.axes):
        moved = at.drift[axis] + _WANDERS * at.noise[axis]
        both = was.tied[axis] + moved
        total = wandered[axis] + at.drift[axis] + at.noise[axis]
        empty[axis] = was.empty[axis] + both / total * (z[axis] - was.stands[axis])
        empty_variance[axis] = was.empty_variance[axis] + moved - both * both / total
        tied[axis] = both * at.noise[axis] / total
    size = sum((stands[axis] - empty[axis]) ** 2 + empty_variance[axis] for axis in range(at.axes))
    return was.then(
        prior + fits - (_NO_VEHICLE if size < _FAINT * at.least else 0.0),
        empty=(empty[0], empty[1], empty[2]),
        empty_variance=(empty_variance[0], empty_variance[1], empty_variance[2]),
        stands=stands,
        stands_variance=variance,
        tied=(tied[0], tied[1], tied[2]),
        looks=was.looks + 1,
    )


def moved_beside(was: Account, z: Vector, at: Scale, prior: float, before: Vector, jump: float) -> Account:
    """The field has jumped by a little from `before`, or, where `jump` is zero, gone back to what it was then."""
    if not was.occupied:
        empty, variance, fits = _update(before, was.empty_variance, z, at, jump)
        beside = before if jump else was.empty
        return was.then(prior + fits, empty=empty, empty_variance=variance, beside=beside, looks=1, jumped=minus(empty, beside))
    stands, variance, fits = _update(before, was.stands_variance, z, at, jump)
    beside = before if jump else was.stands
    # It may have been the vehicle itself, and surely was while it has hardly arrived, or where it is more than what is beside a bay; else
    # what is beside it is in both fields for as long as it is there.
    half = 0.0 if settles(was, at) or far(was.stands, stands if jump else before, at) else 0.5
    x, y, w = half * (stands[0] - was.stands[0]), half * (stands[1] - was.stands[1]), half * (stands[2] - was.stands[2])
    doubt = 1.0 if jump else 0.0
    ex, ey, ez = was.empty
    vx, vy, vz = _grown(was.empty_variance, at)
    return was.then(
        prior + fits,
        empty=(ex + x, ey + y, ez + w),
        empty_variance=(vx + doubt * x * x, vy + doubt * y * y, vz + doubt * w * w),
        stands=stands,
        stands_variance=variance,
        beside=beside,
        looks=1,
        jumped=minus(stands, beside),
    )


def passed(was: Account, z: Vector, at: Scale, prior: float) -> Account:
    fits = _vehicle(was, z, at)
    if was.occupied:
        # What passes beside a vehicle adds to it; what is on its way out is felt otherwise altogether.
        beside = sum((z[axis] - was.stands[axis]) ** 2 + was.stands_variance[axis] + at.noise[axis] for axis in range(at.axes))
        fits = max(fits, log_density(beside, at.axes, at.unit)) - log(2.0)
    return was.then(
        prior + fits,
        empty_variance=_grown(was.empty_variance, at),
        stands_variance=_grown(was.stands_variance, at),
        tied=_grown(was.tied, at),
        looks=was.looks,
        moving=_moves(was, at),
    )


def arrived(was: Account, z: Vector, at: Scale, prior: float) -> Account:
    return was.then(
        prior + _vehicle(was, z, at),
        occupied=True,
        empty_variance=_grown(was.empty_variance, at),
        stands=z,
        stands_variance=at.noise,
        arrived_s=at.changed_by_s,
        looks=1,
        steps=(*was.steps, Step(True, *_moves(was, at))),
    )


def departed(was: Account, z: Vector, at: Scale, prior: float, jump: float) -> Account:
    # What was held of the empty bay while nobody saw it is no surer than a look at it.
    mean, variance, fits = _update(was.empty, _wandered(was.empty_variance, at, _UNSEEN), z, at, jump)
    return was.then(
        prior + fits,
        occupied=False,
        empty=mean,
        empty_variance=variance,
        looks=1,
        steps=_left(was, at),
        jumped=minus(mean, was.empty) if jump else None,
    )


def _left(was: Account, at: Scale) -> tuple[Step, ...]:
    """No single reading makes an event: a vehicle that was seen once is none that came and went."""
    if was.looks < _SEEN and was.steps and was.steps[-1].occupied:
        return was.steps[:-1]
    return (*was.steps, Step(False, *_moves(was, at)))


def under_way(was: Account, at: Scale) -> Between | None:
    """Between which samples that began which was felt to move a moment ago."""
    return was.moving if was.moving is not None and at.changed_by_s - was.moving[1] < ONE_MANOEUVRE_S else None


def _moves(was: Account, at: Scale) -> Between:
    """Between which samples what changes now began to: what was felt to move a moment ago was this."""
    return under_way(was, at) or (at.seen_until_s, at.changed_by_s)


def shifted(was: Account, z: Vector, at: Scale, prior: float) -> Account:
    if settles(was, at):
        fits = _vehicle(was, z, at)
    else:
        size = sum((was.stands[axis] - was.empty[axis]) ** 2 for axis in range(at.axes)) ** 0.5
        scale = 0.4 * size + 2.0 * at.unit
        fits = -0.5 * sum(((z[axis] - was.stands[axis]) / scale) ** 2 + _LOG_2PI + 2.0 * log(scale) for axis in range(at.axes))
    return was.then(
        prior + fits,
        empty_variance=_grown(was.empty_variance, at),
        stands=z,
        stands_variance=at.noise,
        beside=None if at.rare else was.stands,
        looks=1,
    )


def swapped(was: Account, z: Vector, at: Scale, prior: float) -> Account:
    between = _moves(was, at)
    return was.then(
        prior + _vehicle(was, z, at),
        empty_variance=_grown(was.empty_variance, at),
        stands=z,
        stands_variance=at.noise,
        arrived_s=at.changed_by_s,
        looks=1,
        steps=(*was.steps, Step(False, *between), Step(True, *between)),
    )


def relaid(was: Account, z: Vector, at: Scale, prior: float) -> Account:
    spread = (_RELAID_UT * at.unit) ** 2
    _, _, fits = _update(was.empty, was.empty_variance, z, at, spread)
    if not was.occupied:
        return was.then(prior + fits, empty=z, empty_variance=at.noise, looks=1)
    return was.then(prior + fits, occupied=False, empty=z, empty_variance=at.noise, looks=1, steps=_left(was, at))


def settles(was: Account, at: Scale) -> bool:
    """Whether the vehicle that stands there has come so lately that it may still be moving."""
    return at.t - was.arrived_s < _SETTLING_S


def far(one: Vector, other: Vector, at: Scale) -> bool:
    """Whether it was more than something beside the bay: the vehicle itself, or what stopped beside it for some samples."""
    return sum((one[axis] - other[axis]) ** 2 for axis in range(at.axes)) > (_FAR_UT * at.unit) ** 2


def _vehicle(was: Account, z: Vector, at: Scale) -> float:
    square = sum((z[axis] - was.empty[axis]) ** 2 + was.empty_variance[axis] + at.drift[axis] + at.noise[axis] for axis in range(at.axes))
    return log_density(square, at.axes, at.unit)


def _grown(variance: Vector, at: Scale) -> Vector:
    x, y, z = at.drift
    return variance[0] + x, variance[1] + y, variance[2] + z


def _wandered(variance: Vector, at: Scale, by: float = _WANDERS) -> Vector:
    x, y, z = at.noise
    return variance[0] + by * x, variance[1] + by * y, variance[2] + by * z


def _update(mean: Vector, variance: Vector, z: Vector, at: Scale, jump: float) -> tuple[Vector, Vector, float]:
    """Mean and variance after the sample, and its log-density."""
    means, variances, fits = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 0.0
    for axis in range(at.axes):
        before = variance[axis] + at.drift[axis] + jump
        total = before + at.noise[axis]
        off = z[axis] - mean[axis]
        gain = before / total
        means[axis] = mean[axis] + gain * off
        variances[axis] = before * (1.0 - gain)
        fits -= 0.5 * (off * off / total + log(total) + _LOG_2PI)
    return (means[0], means[1], means[2]), (variances[0], variances[1], variances[2]), fits
