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
_STRONGER_BEFORE, _STRONGER_AFTER, _SOON_S = 1.5, 2.0, 60.0
"""Who comes within a minute after another has left takes his place; who moves within his bay does so after a while again, if at all."""
_LITTLE = 1.5
"""Of the least field of a vehicle: drift and neighbours leave so much now and then, and hardly anybody is felt as little as he parks."""
_HARDLY, _SHARE_SOON = 0.3, 0.05
"""As little of both is what a bay is empty by: then it need not be felt as differently, for many vehicles look much alike."""


def another(mean: Vector, level: Vector, disturbance: Disturbance, track: Track) -> float | None:
    """When another vehicle than that of `level` has come, where `mean` is another's."""
    long_s = CROSSED_S if track.conditioner.quick else _EMPTY_S
    # What stands there now may itself have looked empty in single samples.
    before = track.plateau.since_s > disturbance.empty_last_s
    seen_empty = disturbance.empty_readings >= 2 and disturbance.empty_s >= long_s and before
    through_empty = seen_empty or (track.slow and disturbance.empty_readings > 0)
    unseen = track.usual_s > _UNSEEN_S and _otherwise(mean, level, _SHARE, track)
    through = through_empty and track.apart(mean, level) > 4.0 * track.empty.stirred
    if not track.is_vehicle(mean, track.plateau.count) or not (through or unseen):
        return None
    return disturbance.after_empty_s if through_empty else track.plateau.since_s


def visited(mean: Vector, level: Vector, before: Vector, track: Track) -> bool:
    """No two vehicles stand in one bay, so the weak one is the empty bay, off by what a neighbour or a mistake has left."""
    return track.apart(mean, before) <= 4.0 * track.empty.stirred and _far_from(mean, level, _STRONGER, track.empty.least[0], track)


def between(mean: Vector, level: Vector, before: Vector, stood_s: float, track: Track) -> bool:
    """Whether the vehicle of `before` had left when `level` stood there, off the empty bay by what neighbours and drift have left, and that
    of `mean` has come, which is not it. `stood_s`: for how long it stood there."""
    soon, least = stood_s <= _SOON_S, track.empty.half_way
    stronger = _STRONGER_AFTER if soon or squared(level) < (_LITTLE * track.empty.least[0]) ** 2 else _STRONGER
    if not _far_from(level, before, _STRONGER_BEFORE, least, track) or not _far_from(level, mean, stronger, least, track):
        return False
    hardly = soon and squared(level) <= _HARDLY**2 * min(squared(before), squared(mean))
    return _otherwise(mean, before, _SHARE_SOON if hardly else _SHARE, track)


def _far_from(weak: Vector, strong: Vector, times: float, least: float, track: Track) -> bool:
    """Whether the one is as little as the weakest vehicles, and the other so many times as far from it, or as `least`."""
    size = squared(weak)
    return size < (_WEAK * track.empty.least[0]) ** 2 and squared(minus(strong, weak)) > times**2 * max(size, least * least)


def _otherwise(one: Vector, other: Vector, share: float, track: Track) -> bool:
    """Whether two vehicles are felt too differently to be one, by a `share` of the stronger in squares."""
    apart = track.apart(one, other)
    return apart > _APART and apart > share * max(track.apart(one, _ZERO), track.apart(other, _ZERO))


_ZERO: Vector = (0.0, 0.0, 0.0)
