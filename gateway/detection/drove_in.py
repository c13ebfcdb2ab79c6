"""Whether what is felt less than neighbours and buses may be is a vehicle all the same: by how it came, of which three axes show the way.

What comes to stand beside the bay is felt the more the nearer it comes: on its way the field is never much farther from where it comes
to rest than the empty bay is. What drives over the sensor, one axle after the other, swings about: four weak vehicles in ten were on their
way a third farther off than that, and no neighbour was. How far, and how much is left, are the log-odds, fitted to some hundred
simulated manoeuvres of either kind; they include how much more often a neighbour moves.
"""

from math import log, sqrt

from gateway.detection import beside
from gateway.detection.conditioning import Vector, minus, squared
from gateway.detection.presence import LONG_S, Presence
from gateway.detection.track import Track

_AT_LEAST = 1.1
"""What is just felt as much as the weakest vehicles and came straight to its level."""
_LEVEL = 6.0
_SWING, _SWING_MOST = 10.0, 1.5
_READINGS, _STILL_S = 4, 18.0
"""Most buses that stop beside a bay, and swing as much, have gone by then."""
_NOT_BESIDE = 5.0
"""What the bays on either side have not felt is no neighbour's. It still may stand in the lane."""


def drove_in(presence: Presence, level: Vector, still_s: float, track: Track) -> float | None:
    """Log-odds of a vehicle in this bay against a neighbour's; None where nothing tells."""
    empty, plateau = track.empty, track.plateau
    least, none = empty.least
    if empty.axes < 3 or not least or still_s < _STILL_S or plateau.count < _READINGS:
        return None
    far = sqrt(squared(level))
    if not none < far < least or empty.plateau_square(level, plateau.weight) < track.level_square:
        return None
    # What stood there before anything stirred did not come with it, and what was felt before for longer than a manoeuvre lasts has moved
    # the field by itself.
    if not 0.0 <= plateau.since_s - presence.since_s <= LONG_S:
        return None
    furthest = max((sqrt(squared(minus(z, level))) for at, z in presence.was if at <= plateau.since_s), default=0.0)
    swing = min(max(furthest / far, 1.0), _SWING_MOST)
    ours = _NOT_BESIDE if beside.quiet(level, presence.since_s, track) else 0.0
    return _AT_LEAST + _LEVEL * log(far / least) + _SWING * log(swing) + ours
