"""What a vehicle has left behind that is no longer felt as it was while it moved: it parked, or it passed.

On one axis a parked vehicle is often felt no more than the empty bay, or by less than one sample shows. What tells then is how long it
moved (`duration.py`) and the level in which the field stands since, against all that moves a level where nobody has parked: noise, the
baseline's own uncertainty, the tail of what passed, and what the null leaves of the hum.
"""

from gateway.detection.conditioning import Vector
from gateway.detection.duration import parked_log_odds
from gateway.detection.signature import Signature
from gateway.detection.track import Track

_SMEARED_S = 0.5
"""Means over a second make everything longer."""
_LEAST_PEAK = 10.0
"""In sigmas; how long something weaker was felt says little."""
_HUM_LEFT = 0.03
_PEAK_LEFT = 0.01
"""A level of a hundredth of what was felt may be what other vehicles' tails have left in the baseline."""


def left_behind(signature: Signature, track: Track) -> float:
    """Log-odds that it parked. The field stands on a plateau."""
    lasted_s = signature.lasted_s - _SMEARED_S if signature.peak >= _LEAST_PEAK else 0.0
    return parked_log_odds(lasted_s, standing(track.plateau.mean, track.plateau.weight, signature, track))


def standing(level: Vector, count: int, signature: Signature, track: Track) -> float:
    """Squared distance from empty, in sigmas of all that moves a level where nobody has parked."""
    empty = track.empty
    square, far = empty.plateau_square(level, count), level[0] * level[0] + level[1] * level[1] + level[2] * level[2]
    if square <= 0.0 or far <= 0.0:
        return 0.0
    left = signature.tail(track.t - track.lag_s) ** 2 + (_PEAK_LEFT * signature.peak) ** 2
    moves = left * far / max(empty.whitening.square(level), 1e-9) + (_HUM_LEFT * track.conditioner.hum) ** 2
    return square / (1.0 + moves * square / far)
