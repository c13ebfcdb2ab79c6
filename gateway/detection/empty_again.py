"""Whether a bay that a vehicle has stood in looks empty: as far as the baseline, unlearned drift and neighbours let that be told."""

from collections.abc import Iterable

from gateway.detection.conditioning import Vector
from gateway.detection.track import Track
from gateway.detection.undone import undone

NEAR = 0.3
"""Nearer to empty than to the vehicle by this, in squares."""
_NEAR_SHARE = 0.09
"""Of the parked vehicle's squared distance: what is left, at 30 % of its field, is drift that has not been learned."""
_DRIFT_SQUARE = 200.0
"""But not what is so far beyond all that is known to be uncertain: a strong vehicle that was parked anew is felt as much."""
_BEYOND_SHARE = 0.25
"""Beyond the empty bay, seen from the vehicle: its approach was learned as the empty bay of a quick sensor that had seen hardly more."""
_YOUNG_S = 30.0


def empty_again(z: Vector, square: float, level: Vector, shifted: Vector, absorbed: Iterable[Vector], track: Track) -> bool:
    """`level`: the vehicle's. `shifted`: by how much neighbours have moved the field since it came. `absorbed`: steps that were taken into
    the empty field before."""
    empty = track.empty
    if empty.absolute:
        return abs(z[0]) <= empty.least[1]
    if square <= empty.stirred and square <= NEAR * empty.whitening.square(level):
        return True
    from_empty, from_level = track.apart(z, _ZERO), track.apart(z, level)
    if from_empty <= NEAR * from_level:
        if from_empty <= _share(z, level, track) * track.apart(level, _ZERO) and square <= _DRIFT_SQUARE:
            return True
        far = z[0] * z[0] + z[1] * z[1] + z[2] * z[2]
        if far < empty.least[1] ** 2:
            return True
    if undone(z, absorbed, min(2.0 * empty.stirred, NEAR * from_level), track):
        return True
    from_shifted = track.apart(z, shifted)
    return shifted != _ZERO and from_shifted <= NEAR * from_level and from_shifted <= 2.0 * empty.stirred


def _share(z: Vector, level: Vector, track: Track) -> float:
    beyond = z[0] * level[0] + z[1] * level[1] + z[2] * level[2] < 0.0
    young = track.conditioner.quick and track.empty.axes < 3 and track.empty.seen_s < _YOUNG_S
    return _BEYOND_SHARE if beyond and young else _NEAR_SHARE


_ZERO: Vector = (0.0, 0.0, 0.0)
