"""What is felt as a parked vehicle is, and is none: the tail of one that passed, drift, a bus beside the bay, a wrong first look."""

from gateway.detection.conditioning import Vector, squared
from gateway.detection.presence import LONG_S, Presence
from gateway.detection.track import Track

_CLEAR = 1.5
"""What stands there is felt so many times as much as the tail of what has passed."""
_CREPT_SHARE = 0.25
"""Squared: by less than half of its level."""
_WEAK_TIMES = 1.6
_FIRST_LOOK_S, _FIRST_LOOK_STILL_S = 1.5, 0.5


def tail(presence: Presence, level: Vector, track: Track) -> bool:
    """Whether a vehicle that passed would be felt as much."""
    return track.empty.whitening.square(level) < (_CLEAR * presence.signature.tail(track.t - track.lag_s)) ** 2


def crept(presence: Presence, level: Vector, track: Track) -> bool:
    """Whether most of the level had come to be longer ago than a vehicle takes to come, and as slowly: drift, or hum that is slow."""
    if track.empty.absolute:
        return False  # What drifts, the device has taken away itself.
    moved_s = presence.high_s if presence.high_s is not None else track.t
    before = presence.before(moved_s - LONG_S)
    return before is not None and track.apart(level, before) < _CREPT_SHARE * track.apart(level, _ZERO)


def weak(level: Vector, track: Track) -> bool:
    """Whether it is so little that a bus that stops beside the bay is felt as much."""
    if track.empty.absolute:
        return False
    return squared(level) < (_WEAK_TIMES * track.empty.least[0]) ** 2


def first_look(still_s: float, track: Track) -> bool:
    """Whether it has stood there since the bay was first looked at: no vehicle comes in so little time, the first look was wrong."""
    begun_s = track.empty.begun_s
    return (
        track.conditioner.quick
        and begun_s is not None
        and still_s >= _FIRST_LOOK_STILL_S
        and track.plateau.since_s - begun_s < _FIRST_LOOK_S
    )


_ZERO: Vector = (0.0, 0.0, 0.0)
