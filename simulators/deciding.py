"""A device that decides by itself: what it says of its bay over a day, late as such devices are, and sometimes wrong.

an arrival is told 2 to 8 s after it began, a departure 1 to 6 s after its end, each told twice in a while (it flickers)
one drive-over in fifty is told as a car for a few seconds
"""

from random import Random

import numpy as np

from simulators.quantity import Floats
from simulators.street import Street

_LATE_S, _GONE_LATE_S = (2.0, 8.0), (1.0, 6.0)
_FLICKERS, _MISTAKEN = 0.05, 0.02


def decisions(street: Street, bay: str, times: Floats) -> Floats:
    """1.0 where it says occupied."""
    random = Random(f"{street.seed}/decides/{bay}")
    said = np.zeros(times.size)
    if not times.size:
        return said
    for stay in street.stays(bay, times[0], times[-1]):
        from_s = min(stay.arrive_s + random.uniform(*_LATE_S), stay.depart_s)
        to_s = stay.gone_s + random.uniform(*_GONE_LATE_S)
        _set(said, times, from_s, to_s, 1.0)
        if random.random() < _FLICKERS:
            blink = from_s + random.uniform(1.0, 4.0)
            _set(said, times, blink, min(blink + random.uniform(1.0, 3.0), to_s), 0.0)
    for passing in street.passings(bay, times[0], times[-1]):
        if abs(passing.vehicle.across_m) < 1.0 and random.random() < _MISTAKEN:
            _set(said, times, passing.ends_s, passing.ends_s + random.uniform(1.0, 4.0), 1.0)
    return said


def _set(said: Floats, times: Floats, from_s: float, to_s: float, value: float) -> None:
    first, last = times.searchsorted((from_s, to_s))
    said[first:last] = value
