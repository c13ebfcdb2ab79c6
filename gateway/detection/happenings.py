"""What a sample can mean, seen from one account: a branch for each, with its probability.

same        nothing has happened but noise and drift; drift of a parked vehicle's field is the sensor's own and moves `empty` as well
jumped      something beside the bay has moved the field by little: a neighbour, which may also leave again
arrived     a vehicle stands there; its field may be anything that vehicles have
departed    the field is the empty bay's
shifted     the vehicle stands otherwise
swapped     it left and another came, and no sample lies between
passing     the sample shows something that moves: it says nothing
relaid      the bay is empty, and the sensor lies otherwise than it did: what it feels of the empty bay is another field for good
"""

from collections.abc import Iterator
from math import exp, log, pi

from gateway.detection.account import Account, Scale, Step
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
_BRIEF = 4
"""Samples for which what stops beside a parked vehicle is felt."""
_MOVES = 2
"""Samples since a jump within which it may go on."""
_JUMP_UT, _FAR_UT = 1.5, 4.5
_PASSING = 0.008
_PASSING_REPORTED = 0.003
"""A device that reports what has changed for some seconds seldom reports what passes; but a manoeuvre takes longer than that."""
_DEPARTED_INTO_JUMP = 0.1
_RELAID_PER_S = 1.5e-8
"""Sensors are taken out and put in again, hit, or have iron laid beside them once in some years; no vehicle explains what follows."""
_RELAID_UT = 20.0
_WANDERS = 0.01
"""Of a sample's noise: by so much what stands there wanders from one to the next, whatever the drift says. Sure of what was long ago, an
account would lose within an hour to one that knows nothing and fits what is seen."""
_UNSEEN = 1.0
"""And by so much while a vehicle stood there."""


def branches(was: Account, z: Vector, at: Scale) -> Iterator[Account]:
    """All that this sample can mean."""
    change, passing = _change(at), _PASSING_REPORTED if at.on_change else _PASSING
    if was.steps and at.t - was.steps[-1].latest_s < _NEXT_S:
        change *= _NEXT
    large, jump = _large(was, z, at), (_JUMP_UT * at.unit) ** 2
    yield _passed(was, z, at, log(passing))
    yield _moved_beside(was, z, at, log(_JUMPED), _stood(was), jump)
    if was.beside is not None and not (was.occupied and was.looks > _BRIEF and _far(was.stands, was.beside, at)):
        yield _moved_beside(was, z, at, log(_JUMPED_BACK), was.beside, 0.0)
    if large and at.rare and not at.often:
        yield _relaid(was, z, at, log(_RELAID_PER_S * at.apart_s * (change if was.occupied else 1.0)))
    if not was.occupied:
        yield _same(was, z, at, log(1.0 - change - passing - _JUMPED))
        if large:
            yield _arrived(was, z, at, log(change))
        return
    shift = _SETTLING if _settles(was, at) else min(max(_SHIFT_PER_S * at.apart_s, _SHIFT_LEAST), _SETTLING)
    yield _same(was, z, at, log(1.0 - change - passing - _JUMPED - 0.5 * shift))
    yield _departed(was, z, at, log(change), 0.0)
    yield _departed(was, z, at, log(change * _DEPARTED_INTO_JUMP), jump)
    if large:
        yield _shifted(was, z, at, log(shift))
        swapped = _SWAPPED_SEEN if at.on_change else _SWAPPED_SHARE * min(at.apart_s / 600.0, 1.0)
        yield _swapped(was, z, at, log(change * swapped))


def goes_on(was: Account, z: Vector, at: Scale) -> Account:
    """As if nothing has happened."""
    return _same(was, z, at, 0.0)


def _change(at: Scale) -> float:
    """Probability of an arrival, or of a departure, since the last sample."""
    most = min(1.0 - exp(-at.apart_s / _STAY_S), _CHANGE_MOST)
    return max(most, _CHANGE_LEAST) if at.on_change and not at.disturbed else max(most, 1e-4)


def _settles(was: Account, at: Scale) -> bool:
    """Whether the vehicle that stands there has come so lately that it may still be moving."""
    return at.t - was.arrived_s < _SETTLING_S


def _stood(was: Account) -> Vector:
    """What stood here before something moved that may still be moving: two jumps at once are one, and a larger one."""
    if was.beside is not None and was.looks <= _MOVES:
        return was.beside
    return was.stands if was.occupied else was.empty


def _large(was: Account, z: Vector, at: Scale) -> bool:
    """Whether a vehicle may be what makes the field differ so much from the empty bay's."""
    return sum((z[axis] - was.empty[axis]) ** 2 for axis in range(at.axes)) >= at.least


def _same(was: Account, z: Vector, at: Scale, prior: float) -> Account:
    if not was.occupied:
        mean, variance, fits = _update(was.empty, _wandered(was.empty_variance, at), z, at, 0.0)
        return was.then(prior + fits, empty=mean, empty_variance=variance, looks=was.looks + 1)
    wandered = _wandered(was.stands_variance, at)
    stands, variance, fits = _update(was.stands, wandered, z, at, 0.0)
    empty, empty_variance, tied = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    for axis in range(at.axes):
        both = was.tied[axis] + at.drift[axis]
        total = wandered[axis] + at.drift[axis] + at.noise[axis]
        empty[axis] = was.empty[axis] + both / total * (z[axis] - was.stands[axis])
        empty_variance[axis] = was.empty_variance[axis] + at.drift[axis] - both * both / total
        tied[axis] = both * at.noise[axis] / total
    return was.then(
        prior + fits,
        empty=(empty[0], empty[1], empty[2]),
        empty_variance=(empty_variance[0], empty_variance[1], empty_variance[2]),
        stands=stands,
        stands_variance=variance,
        tied=(tied[0], tied[1], tied[2]),
        looks=was.looks + 1,
    )


def _moved_beside(was: Account, z: Vector, at: Scale, prior: float, before: Vector, jump: float) -> Account:
    """The field has jumped by a little from `before`, or, where `jump` is zero, gone back to what it was then."""
    if not was.occupied:
        empty, variance, fits = _update(before, was.empty_variance, z, at, jump)
        return was.then(prior + fits, empty=empty, empty_variance=variance, beside=before if jump else was.empty, looks=1)
    stands, variance, fits = _update(before, was.stands_variance, z, at, jump)
    # It may have been the vehicle itself, and surely was while it has hardly arrived; else what was beside it is now in both fields.
    half = 0.0 if _settles(was, at) or (not jump and _far(was.stands, before, at)) else 0.5
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
        beside=before if jump else was.stands,
        looks=1,
    )


def _passed(was: Account, z: Vector, at: Scale, prior: float) -> Account:
    fits = _vehicle(was, z, at)
    return was.then(
        prior + fits,
        empty_variance=_grown(was.empty_variance, at),
        stands_variance=_grown(was.stands_variance, at),
        tied=_grown(was.tied, at),
        looks=was.looks,
    )


def _arrived(was: Account, z: Vector, at: Scale, prior: float) -> Account:
    return was.then(
        prior + _vehicle(was, z, at),
        occupied=True,
        empty_variance=_grown(was.empty_variance, at),
        stands=z,
        stands_variance=at.noise,
        arrived_s=at.t,
        looks=1,
        steps=(*was.steps, Step(True, at.seen_until_s, at.t)),
    )


def _departed(was: Account, z: Vector, at: Scale, prior: float, jump: float) -> Account:
    # What was held of the empty bay while nobody saw it is no surer than a look at it.
    mean, variance, fits = _update(was.empty, _wandered(was.empty_variance, at, _UNSEEN), z, at, jump)
    return was.then(
        prior + fits,
        occupied=False,
        empty=mean,
        empty_variance=variance,
        looks=1,
        steps=_left(was, at),
    )


def _left(was: Account, at: Scale) -> tuple[Step, ...]:
    """No single reading makes an event: a vehicle that was seen once is none that came and went."""
    if was.looks < _SEEN and was.steps and was.steps[-1].occupied:
        return was.steps[:-1]
    return (*was.steps, Step(False, at.seen_until_s, at.t))


def _shifted(was: Account, z: Vector, at: Scale, prior: float) -> Account:
    if _settles(was, at):
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


def _far(one: Vector, other: Vector, at: Scale) -> bool:
    """Whether it was more than something beside the bay: the vehicle itself, or what stopped beside it for some samples."""
    return sum((one[axis] - other[axis]) ** 2 for axis in range(at.axes)) > (_FAR_UT * at.unit) ** 2


def _swapped(was: Account, z: Vector, at: Scale, prior: float) -> Account:
    return was.then(
        prior + _vehicle(was, z, at),
        empty_variance=_grown(was.empty_variance, at),
        stands=z,
        stands_variance=at.noise,
        arrived_s=at.t,
        looks=1,
        steps=(*was.steps, Step(False, at.seen_until_s, at.t), Step(True, at.seen_until_s, at.t)),
    )


def _relaid(was: Account, z: Vector, at: Scale, prior: float) -> Account:
    spread = (_RELAID_UT * at.unit) ** 2
    _, _, fits = _update(was.empty, was.empty_variance, z, at, spread)
    if not was.occupied:
        return was.then(prior + fits, empty=z, empty_variance=at.noise, looks=1)
    return was.then(prior + fits, occupied=False, empty=z, empty_variance=at.noise, looks=1, steps=_left(was, at))


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
