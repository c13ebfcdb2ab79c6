"""How long things last: the explicit durations of the state model, and what they say about a vehicle that is felt now.

Measured on labelled traces (p5, p50, p95): driving over a bay 1.5, 2.4, 3.9 s; driving in 1.6, 4.5, 13.1 s; driving out 0.45,
2.25, 8.3 s. Each is log-normal. What is still felt after `age_s` is the less likely to be a passer-by the longer it lasts, and what
stands still does not pass; both add up as log-odds of parking against passing. Once it is no longer felt as much, its whole duration is
known, and so is what it has left behind.
"""

from math import erfc, log, sqrt

_PASSING_TYPICAL_S = 2.4
_PASSING_SPREAD = 0.36
"""The measured 0.295, wider for what the traces did not have: the slow, and two in a row."""
_PRIOR = log(0.3)
"""Log-odds that what begins to be felt is an arrival: passers-by are the more usual."""
_PARKING_TYPICAL_S = 4.5
_PARKING_SPREAD = 0.65
_SURE = 6.0
_NOISE = 3.7
_ROUND_S = 2.3
"""Six tenths of what ninety-five in a hundred that pass are felt for."""
_NOT_FELT = log(0.2)
"""One axis of a sensor feels one parked vehicle in six or so no more than the empty bay."""
_LEVEL_MAX = 40.0
_STILL_PER_S = 2.8
"""A passer-by that stays within noise for a second, while it is felt, is one in sixteen."""
_STILL_MAX_S = 5.0
_LEAST = 1e-9


def outlasts_passing(age_s: float) -> float:
    """Probability that a passer-by is felt for longer than this."""
    if age_s <= 0.3:
        return 1.0
    return max(0.5 * erfc(log(age_s / _PASSING_TYPICAL_S) / (_PASSING_SPREAD * sqrt(2.0))), _LEAST)


def parking_log_odds(age_s: float, still_s: float) -> float:
    """Parking against passing, of what has been felt for `age_s` and has stood still for the last `still_s`."""
    return _PRIOR - log(outlasts_passing(age_s)) + _STILL_PER_S * min(still_s, _STILL_MAX_S)


def rounded_for(size: float) -> float:
    """For how long a vehicle that passes, and is felt by so many sigmas at the most, seems to stand still: the top of a dipole's field is
    round, and the weaker it is the more of it lies within noise."""
    return _ROUND_S * sqrt(min(_NOISE / max(size, _NOISE), 1.0))


def parked_log_odds(lasted_s: float, square: float) -> float:
    """Parking against passing, of what was felt for `lasted_s` and has left a level whose squared distance from empty is `square`."""
    lasted_s = max(lasted_s, _PASSING_TYPICAL_S)  # What was felt for less is no likelier to have parked.
    passing = log(lasted_s / _PASSING_TYPICAL_S) / _PASSING_SPREAD
    parking = log(lasted_s / _PARKING_TYPICAL_S) / _PARKING_SPREAD
    manoeuvre = 0.5 * (passing * passing - parking * parking) + log(_PASSING_SPREAD / _PARKING_SPREAD)
    return _PRIOR + min(manoeuvre, _SURE) + _NOT_FELT + 0.5 * min(square, _LEVEL_MAX)
