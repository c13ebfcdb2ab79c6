"""What a sample can mean, seen from one account: a branch for each, with its probability.

same        nothing has happened but noise and drift; drift of a parked vehicle's field is the sensor's own and moves `empty` as well
jumped      something beside the bay has moved the field by little: a neighbour, which may also leave again
arrived     a vehicle stands there; its field may be anything that vehicles have
departed    the field is the empty bay's
shifted     the vehicle stands otherwise
swapped     it left and another came, and no sample lies between
passing     the sample shows something that moves: it says nothing
relaid      the bay is empty, and the sensor lies otherwise than it did: what it feels of the empty bay is another field for good

What an account is after each, and how well the sample fits that: `aftermath.py`.
"""

from collections.abc import Iterator
from math import exp, log

from gateway.detection.account import JUMP_UT, Account, Scale
from gateway.detection.aftermath import (
    arrived,
    departed,
    far,
    moved_beside,
    passed,
    relaid,
    same,
    settles,
    shifted,
    swapped,
    under_way,
)
from gateway.detection.conditioning import Vector

_STAY_S = 3600.0
"""Vehicles stay, and bays stay empty, for about an hour on average."""
_CHANGE_LEAST = 0.1
"""Of what a device reports on change."""
_CHANGE_MOST = 0.3
_NEXT_S, _NEXT = 4.0, 0.0005
"""So soon after one change there is hardly ever another: a vehicle has to drive out or in first."""
_SHORTEST_STAY_S = 9.0
"""From the report of an arrival to that of a departure: who is gone sooner has passed. One stay of a hundred takes 14 s (Melbourne)."""
_CHANGE_MOVING = 0.1
"""What was felt to move a moment ago may have been the vehicle that comes, or leaves: of ten that do, a sample shows some on their way."""
_SWAPPED_SHARE = 0.3
"""Of the departures that no sample followed before the next arrival, among samples ten minutes apart."""
_SWAPPED_SEEN = 0.01
_SHIFT_PER_S = 0.1 / 3600.0
_SHIFT_LEAST = 1e-4
_SHIFTS_ON_CABLE = 0.1
"""A vehicle that is charged hangs on its cable: it is seldom parked anew, and what looks like it is the bay that it has left."""
_SETTLING = 0.3
_JUMPED, _JUMPED_S = 0.03, 300.0
"""Something beside the bay that is felt moves once in some hours: the sooner the next sample comes, the less probably it has. What a device
reports on its own has changed."""
_JUMPED_BACK = 0.1
_BRIEF = 4
"""Samples for which what stops beside a parked vehicle is felt."""
_MOVES = 2
"""Samples since a jump within which it may go on."""
_PASSING = 0.008
_PASSING_REPORTED = 0.003
"""A device that reports what has changed for some seconds seldom reports what passes; but a manoeuvre takes longer than that."""
_NOTHING_REPORTED = 0.1
"""A device seldom reports a change where there is none: of two accounts the one with a change is so much more probable then."""
_DEPARTED_INTO_JUMP = 0.1
_RELAID_PER_S = 1.5e-8
"""Sensors are taken out and put in again, hit, or have iron laid beside them once in some years; no vehicle explains what follows."""


def branches(was: Account, z: Vector, at: Scale) -> Iterator[Account]:
    """All that this sample can mean."""
    unmoved, seldom = _unmoved(at), 1.0 if at.on_change or at.rare else min(at.apart_s / _JUMPED_S, 1.0)
    jumped, back = _JUMPED * seldom, _JUMPED_BACK * (1.0 if was.looks <= _BRIEF else seldom)
    change, passing = _change(at), _PASSING_REPORTED if at.on_change else _PASSING
    if at.caused and not was.occupied:
        passing = change * at.passes / (1.0 - at.passes)
    if (was.steps and at.t - was.steps[-1].latest_s < _NEXT_S) or _has_just_come(was, at):
        change *= _NEXT
    elif under_way(was, at) is not None:
        change = max(change, _CHANGE_MOVING)
    large, jump = _large(was, z, at), (JUMP_UT * at.unit) ** 2
    yield passed(was, z, at, log(passing))
    yield moved_beside(was, z, at, log(jumped), _stood(was), jump)
    if was.beside is not None and not (was.occupied and was.looks > _BRIEF and far(was.stands, was.beside, at)):
        yield moved_beside(was, z, at, log(back), was.beside, 0.0)
    if large and at.rare and not at.often:
        yield relaid(was, z, at, log(_RELAID_PER_S * at.apart_s * (change if was.occupied else 1.0)))
    if not was.occupied:
        yield same(was, z, at, unmoved + log(max(1.0 - change - passing - jumped, _JUMPED)))
        if large:
            yield arrived(was, z, at, log(change))
        return
    shift = _SETTLING if settles(was, at) else min(max(_SHIFT_PER_S * at.apart_s, _SHIFT_LEAST), _SETTLING)
    if at.disturbed:
        shift *= _SHIFTS_ON_CABLE
    yield same(was, z, at, unmoved + log(1.0 - change - passing - jumped - 0.5 * shift))
    yield departed(was, z, at, log(change), 0.0)
    yield departed(was, z, at, log(change * _DEPARTED_INTO_JUMP), jump)
    if large:
        yield shifted(was, z, at, log(shift))
        between = _SWAPPED_SEEN if at.on_change else _SWAPPED_SHARE * min(at.apart_s / 600.0, 1.0)
        yield swapped(was, z, at, log(change * between))


def goes_on(was: Account, z: Vector, at: Scale) -> Account:
    """As if nothing has happened."""
    return same(was, z, at, 0.0)


def _has_just_come(was: Account, at: Scale) -> bool:
    """But where a report shows another vehicle, that may be the first one on its way out."""
    return was.occupied and len(was.steps) < 2 and at.t - was.arrived_s < _SHORTEST_STAY_S


def _change(at: Scale) -> float:
    """Probability of an arrival, or of a departure, since the last sample."""
    most = min(1.0 - exp(-at.apart_s / _STAY_S), _CHANGE_MOST)
    return max(most, _CHANGE_LEAST) if at.on_change and not at.disturbed else max(most, 1e-4)


def _unmoved(at: Scale) -> float:
    """Log-odds, by when it came, that a report tells of no change: a heartbeat tells of one only where the report of it was lost."""
    if not at.caused:
        return 0.0
    return log(_NOTHING_REPORTED) if at.reported else -log(at.lost)


def _stood(was: Account) -> Vector:
    """What stood here before something moved that may still be moving: two jumps at once are one, and a larger one."""
    if was.beside is not None and was.looks <= _MOVES:
        return was.beside
    return was.stands if was.occupied else was.empty


def _large(was: Account, z: Vector, at: Scale) -> bool:
    """Whether a vehicle may be what makes the field differ so much from the empty bay's."""
    return sum((z[axis] - was.empty[axis]) ** 2 for axis in range(at.axes)) >= at.least
