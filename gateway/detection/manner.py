"""An arrival that is told by how the vehicle came, for its level alone does not tell: three ways, and how sure each is.

left behind    a quick sensor of one or two axes: how long it moved, and what the field stands at since (`left_behind.py`)
heavy          one or two axes, once a second: something heavy moved over the sensor and has not left it as it was
drove in       three axes: it is felt less than most vehicles are, and swung about the sensor on its way (`drove_in.py`)
"""

from math import exp

from gateway.detection.drove_in import drove_in
from gateway.detection.presence import Presence
from gateway.detection.track import Track

CONFIRM = 4.6
"""Log-odds at which an arrival is told: 0.99."""
_CALM_S = 1.2
_HEAVY_PEAK = 300.0
_HEAVY_STILL_S = 5.0
_HEAVY_READINGS = 4
_HEAVY_TIMES = 5.0
"""The axles of a vehicle that parks here are felt more than what is left of it in the end; a neighbour's never are."""
_HEAVY_SHARE = 0.2
_HEAVY_SURER = 1.6
_HEAVY_CONFIDENCE = 0.75
LEFT_STILL_S = 1.0
_LEFT_SURE_S = 2.5
LEFT_LONG_S = 8.0
_LEFT_PEAK = 10.0
_LEFT_CONFIRM = 1.8
"""Log-odds at which an arrival is told that hardly left a level: 0.86. Who is asked to pay for it can see that."""
_WANDERS_S = 240.0
"""So long an empty bay must have been seen before it is known how its field wanders: with the hum's slow alias, a sun that comes out."""
_DROVE_IN = 1.0
"""Log-odds at which a weak vehicle is told by how it came: 0.73, which is not billed without a look."""


def quick_and_few(track: Track) -> bool:
    """A sensor of one or two axes whose samples show how long something moved."""
    return track.conditioner.quick and track.empty.axes < 3


def clear_move(presence: Presence) -> bool:
    """Whether it was felt so much while it moved that it pays to wait for what it leaves behind."""
    return presence.signature.peak >= _LEFT_PEAK


def waits(presence: Presence, still_s: float, track: Track) -> bool:
    """Whether what is nearly the empty bay's field again must be watched longer, because it may be what a vehicle has left behind."""
    if presence.calm_s is None:
        return False
    calm_s = track.t - presence.calm_s
    if quick_and_few(track):
        return still_s < _LEFT_SURE_S and calm_s < LEFT_LONG_S and clear_move(presence)
    if presence.peak < _HEAVY_PEAK or track.slow or track.empty.axes == 3:
        return False
    return calm_s < _HEAVY_STILL_S + 1.0 and not _stands(track, presence.calm_s)


def left(log_odds: float, presence: Presence, still_s: float) -> float | None:
    """How sure it is of what was left behind; None where not sure enough, or where what moved was hardly felt: a field that wanders is
    felt as much, and for as long."""
    enough = log_odds >= (CONFIRM if still_s < _LEFT_SURE_S else _LEFT_CONFIRM)
    return sure(log_odds) if enough and clear_move(presence) else None


def heavy(presence: Presence, track: Track) -> float | None:
    """Hardly any level, but something heavy moved over the sensor and has not left it as it was.

    For sensors with fewer than three axes: one axis in seven misses a vehicle's level, three axes together one in 170, and there
    what looks like this is far more often the neighbour's.
    """
    plateau, empty = track.plateau, track.empty
    since = presence.since_s if presence.calm_s is None else presence.calm_s
    if track.slow or presence.peak < _HEAVY_PEAK or empty.axes == 3 or not _stands(track, since):
        return None
    square = empty.plateau_square(plateau.mean, plateau.weight)
    if sum(axis * axis for axis in plateau.mean) < (_HEAVY_SHARE * empty.least[0]) ** 2:
        return None
    if square < _HEAVY_SURER * track.level_square or presence.peak < _HEAVY_TIMES * empty.whitening.square(plateau.mean):
        return None
    return _HEAVY_CONFIDENCE


def weakly(presence: Presence, still_s: float, track: Track) -> float | None:
    """It is felt less than a vehicle usually is, and came as only a vehicle does."""
    if track.empty.seen_s < _WANDERS_S:
        return None
    log_odds = drove_in(presence, track.plateau.mean, still_s, track)
    return None if log_odds is None or log_odds < _DROVE_IN else sure(log_odds)


def _stands(track: Track, since_s: float) -> bool:
    plateau = track.plateau
    enough = plateau.count >= _HEAVY_READINGS and plateau.age_s >= _HEAVY_STILL_S
    return enough and plateau.last_t == track.t and plateau.since_s >= since_s - _CALM_S


def sure(log_odds: float) -> float:
    """The probability; as good as one from 30 on."""
    return 1.0 / (1.0 + exp(-min(log_odds, 30.0)))
