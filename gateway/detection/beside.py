"""What the bays beside one have felt at the same time: one vehicle is felt in several, and most of all in its own.

Of 12,107 manoeuvres of neighbours in simulated streets, bays 2.5 to 3 m wide, 1,950 were felt by 1 µT and more in the bay beside. A
neighbour is felt there by 0.03 of what its own bay feels, and by 0.085 at the most; one in a thousand parks so badly that it is felt as
much in both. Of two vehicles that moved in two bays at once one was felt as differently in seven of ninety-three.
"""

from math import log, sqrt

from gateway.detection.account import JUMP_UT
from gateway.detection.conditioning import Vector, minus, squared
from gateway.detection.presence import Presence
from gateway.detection.track import SLOW_S, Track

_LOUDER = 7.0
_QUIET = 0.5
_AT_ONCE_S = 3.0
"""The samples of two bays are so far apart, and some are lost."""
_DRIVES_PAST_S, _AS_MUCH = 12.0, 4.0
_ALREADY = 0.5
_MOVED_THERE = 2.8
_NOTHING_MOVED, _NOTHING_REPORTED = -4.2, -2.0
"""Log-odds for something beside. A report of a change may be lost, and what is polled shows where it stands with the next sample."""
_FELT_BESIDE = 0.03
"""Of what its own bay feels of a neighbour, on an axis."""
_BEATS = 2.5


def explained(presence: Presence, level: Vector, from_s: float, until_s: float, track: Track) -> bool:
    """Whether a bay beside this one has felt far more of what moved here between the two: one vehicle, and it is not ours."""
    if not track.empty.senses_field:
        return False
    size_ut = track.in_ut(level)
    if track.stirring.within(from_s, until_s):
        size_ut = max(size_ut, track.stirring.size_ut)
    return any(
        _comparable(other, track)
        and other.stirring.size_ut > _LOUDER * size_ut
        and other.stirring.within(from_s - _AT_ONCE_S, until_s + _AT_ONCE_S)
        and not _already(presence, level, other.stirring.from_s)
        for other in track.beside
    )


def _already(presence: Presence, level: Vector, moved_s: float) -> bool:
    """Whether it was felt here before anything moved there."""
    before = presence.before(moved_s)
    return before is not None and sqrt(squared(minus(before, level))) < _ALREADY * sqrt(squared(level))


def quiet(level: Vector, from_s: float, track: Track) -> bool:
    """Whether all bays beside this one are watched as it is and none has felt half of this since: it is not theirs."""
    if not track.enclosed:
        return False
    most = _QUIET * track.in_ut(level)
    return all(
        _comparable(other, track)
        and not other.slow
        and track.t - other.t < SLOW_S
        and (other.stirring.until_s < from_s - SLOW_S or other.stirring.size_ut < most)
        for other in track.beside
    )


def along_the_lane(level: Vector, track: Track) -> bool:
    """Whether a bay beside has just felt about as much: what drives past is felt in each, and what parks in one."""
    size_ut = track.in_ut(level)
    return any(
        _comparable(other, track)
        and track.t - other.stirring.until_s < _DRIVES_PAST_S
        and size_ut < _AS_MUCH * other.stirring.size_ut < _AS_MUCH**2 * size_ut
        for other in track.beside
    )


def _comparable(other: Track, track: Track) -> bool:
    return other.empty.senses_field and other.empty.axes == track.empty.axes


def log_odds(moved: Vector, from_s: float, shown_s: float, track: Track) -> float:
    """Of a bay that is seen now and then: by how much more probable it is that something beside it has `moved` its field, after `from_s`
    and as the sample at `shown_s` showed, now that there has been time for the bays beside to show it too."""
    if squared(moved) < track.empty.least[1] ** 2:
        return 0.0  # No vehicle is felt as little in its own bay; other things than neighbours move the field by so much, too.
    size_ut = track.in_ut(moved)
    moved_there = [
        other.stirring.size_ut for other in track.beside if _comparable(other, track) and other.stirring.until_s >= from_s - _AT_ONCE_S
    ]
    loudest = max(moved_there, default=0.0)
    if loudest > _LOUDER * size_ut:
        # Between two reports of a device that reports on change there is time for other things to have moved as well.
        return _MOVED_THERE + (0.0 if track.rhythm.on_change else _as_much(size_ut, loudest, track.empty.axes))
    if not track.enclosed or not all(_comparable(other, track) and _was_heard(other, shown_s) for other in track.beside):
        return 0.0
    if any(size > _QUIET * size_ut for size in moved_there):
        return 0.0
    return _NOTHING_REPORTED if any(other.rhythm.on_change for other in track.beside) else _NOTHING_MOVED


def _as_much(size_ut: float, moved_there_ut: float, axes: int) -> float:
    """By how much more that is to be expected of a neighbour that was felt as much in its own bay than of any."""
    expected_ut = max(_FELT_BESIDE * moved_there_ut, JUMP_UT)
    nearer = 0.5 * size_ut * size_ut * (1.0 / JUMP_UT**2 - 1.0 / expected_ut**2)
    return max(nearer - axes * log(expected_ut / JUMP_UT), 0.0)


def _was_heard(other: Track, since_s: float) -> bool:
    beat_s = other.rhythm.beat_s
    return other.t >= since_s if beat_s is None else other.t > since_s - _BEATS * beat_s
