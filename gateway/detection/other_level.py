"""The field stands on another level than the parked vehicle's and the bay is not empty: has another vehicle come, or was it never one?

another    it went through the empty bay's, or readings are so far apart that they may have missed it, and is felt otherwise now
visited    something weak stood there, then something far stronger, and now the weak one again as it was
between    the parked vehicle's level, then something weak, and now another strong one: the weak one was the empty bay
"""

from gateway.detection.conditioning import Vector, minus, squared
from gateway.detection.disturbance import CROSSED_S, Disturbance
from gateway.detection.track import Track

_EMPTY_S = 0.8
_APART = 150.0
_SHARE = 0.25
_UNSEEN_S = 30.0
"""Readings farther apart than this can miss the empty bay between two vehicles."""
_WEAK, _STRONGER = 2.5, 3.0
_STRONGER_BEFORE, _STRONGER_SOON, _SOON_S = 1.5, 2.0, 60.0
"""Who comes within a minute after another has left takes his place; who moves within his bay does so after a while again, if at all."""
_HARDLY, _SHARE_SOON = 0.3, 0.05
"""As little of both is what a bay is empty by: then it need not be felt as differently, for many vehicles look much alike."""


def another(mean: Vector, level: Vector, disturbance: Disturbance, track: Track) -> float | None:
    """When another vehicle than that of `level` has come, where `mean` is another's."""
    long_s = CROSSED_S if track.conditioner.quick else _EMPTY_S
    # What stands there now may itself have looked empty in single samples.
    before = track.plateau.since_s > disturbance.empty_last_s
    seen_empty = disturbance.empty_readings >= 2 and disturbance.empty_s >= long_s and before
    through_empty = seen_empty or (track.slow and disturbance.empty_readings > 0)
    apart = track.apart(mean, level)
    other = apart > _APART and apart > _SHARE * max(track.apart(level, _ZERO), track.apart(mean, _ZERO))
    unseen = track.usual_s > _UNSEEN_S and other
    if not track.is_vehicle(mean, track.plateau.count) or not ((through_empty and apart > 4.0 * track.empty.stirred) or unseen):
        return None
    return disturbance.after_empty_s if through_empty else track.plateau.since_s


def visited(mean: Vector, level: Vector, before: Vector, track: Track) -> bool:
    """No two vehicles stand in one bay, so the weak one is the empty bay, off by what a neighbour or a mistake has left."""
    least = track.empty.least[0]
    if not least or track.apart(mean, before) > 4.0 * track.empty.stirred:
        return False
    weak = squared(mean)
    return weak < (_WEAK * least) ** 2 and squared(minus(level, mean)) > _STRONGER**2 * max(weak, least * least)


def between(mean: Vector, level: Vector, before: Vector, stood_s: float, track: Track) -> bool:
    """Whether the vehicle of `before` had left when `level` stood there, off the empty bay by what neighbours and drift have left, and that
    of `mean` has come, which is not it. `stood_s`: for how long it stood there."""
    least = track.empty.least[0]
    weak = squared(level)
    if not least or weak >= (_WEAK * least) ** 2:
        return False
    soon, far = stood_s <= _SOON_S, max(weak, least * least)
    if squared(minus(before, level)) <= _STRONGER_BEFORE**2 * far:
        return False
    if squared(minus(mean, level)) <= (_STRONGER_SOON if soon else _STRONGER) ** 2 * far:
        return False
    hardly = soon and weak <= _HARDLY**2 * min(squared(before), squared(mean))
    apart, most = track.apart(mean, before), max(track.apart(before, _ZERO), track.apart(mean, _ZERO))
    return apart > _APART and apart > (_SHARE_SOON if hardly else _SHARE) * most


_ZERO: Vector = (0.0, 0.0, 0.0)
