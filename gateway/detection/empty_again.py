"""Whether a bay that a vehicle has stood in looks empty: as far as the baseline, unlearned drift and neighbours let that be told."""

from collections.abc import Iterable
from math import inf

from gateway.detection.conditioning import Vector, squared
from gateway.detection.track import Track
from gateway.detection.undone import undone

NEAR = 0.3
"""Nearer to empty than to the vehicle by this, in squares."""
NEAR_SHARE = 0.09
"""Of the parked vehicle's squared distance: what is left, at 30 % of its field, is drift that has not been learned."""
DRIFT_SQUARE = 200.0
"""But not what is so far beyond all that is known to be uncertain: a strong vehicle that was parked anew is felt as much."""
_ANEW_SHARE = 0.0064
"""Squared: who is parked anew keeps a twelfth of its field at the least, for nobody moves so far within a bay that it is gone."""
_BEYOND_SHARE, _BEYOND_SQUARE = 0.5, 300.0
"""Beyond the empty bay, seen from the vehicle: its approach was learned as the empty bay of a quick sensor that had seen hardly more."""
_YOUNG_S = 30.0
_FADED_STILL_S = 3.0
_FADED_TIMES = 5.0
_FADED_SHARE = 0.05


def empty_again(z: Vector, square: float, level: Vector, shifted: Vector, absorbed: Iterable[Vector], since_s: float, track: Track) -> bool:
    """`level`: the vehicle's. `shifted`: by how much neighbours have moved the field since it came. `absorbed`: steps that were taken into
    the empty field before. `since_s`: when it came; -inf where nobody saw it."""
    empty = track.empty
    if empty.absolute:
        return abs(z[0]) <= empty.least[1]
    if square <= empty.stirred and square <= NEAR * empty.whitening.square(level):
        return True
    from_empty, from_level = track.apart(z, _ZERO), track.apart(z, level)
    if from_empty <= NEAR * from_level and _left(z, square, from_empty / max(track.apart(level, _ZERO), 1e-9), level, since_s, track):
        return True
    if undone(z, absorbed, min(2.0 * empty.stirred, NEAR * from_level), track):
        return True
    from_shifted = track.apart(z, shifted)
    return shifted != _ZERO and from_shifted <= NEAR * from_level and from_shifted <= 2.0 * empty.stirred


def faded(strongest: float, track: Track) -> bool:
    """Whether a vehicle that was `strongest`, in squared sigmas, is gone, so slowly that its level was followed all the way."""
    plateau = track.plateau
    if not track.conditioner.quick or track.empty.axes == 3 or plateau.age_s < _FADED_STILL_S or plateau.last_t != track.t:
        return False
    stirred = track.empty.stirred
    if strongest <= _FADED_TIMES * stirred or track.apart(plateau.mean, _ZERO) > _FADED_SHARE * strongest:
        return False
    return track.empty.plateau_square(plateau.mean, 2) <= stirred


def _left(z: Vector, square: float, share: float, level: Vector, since_s: float, track: Track) -> bool:
    """Whether what is left of the vehicle, by this share of its squared distance, is drift, a neighbour or the baseline's own mistake."""
    far, least = squared(z), track.empty.least
    if far < least[1] ** 2:
        return True
    if share <= NEAR_SHARE:
        if least[0]:
            # While it stands there drift is followed, and no sensor leaps by what a vehicle is felt: it was parked anew. What is less than
            # any vehicle, or than what is left of this one wherever it stands in the bay, is none.
            if far < max(least[0] ** 2, _ANEW_SHARE * squared(level)):
                return True
            anew = square >= track.level_square and since_s > -inf
            return not anew and square <= DRIFT_SQUARE
        if square <= DRIFT_SQUARE:
            return True
    return share <= _BEYOND_SHARE and square <= _BEYOND_SQUARE and _beyond(z, level, track)


def _beyond(z: Vector, level: Vector, track: Track) -> bool:
    """Whether it lies on the other side of an empty bay that has hardly been seen."""
    young = track.conditioner.quick and track.empty.axes < 3 and track.empty.seen_s < _YOUNG_S
    return young and z[0] * level[0] + z[1] * level[1] + z[2] * level[2] < 0.0


_ZERO: Vector = (0.0, 0.0, 0.0)
