"""How long a simulated run lasts, how often its devices are read, and how densely it is strewn with faults.

An hour is dense: devices are read every eight seconds, and something breaks every few minutes. A day is what a site is: read every
minute or every ten, with fewer faults that last longer, and on a part of the days read as often as in an hour.
"""

from dataclasses import dataclass
from random import Random

_QUICK_S = 8.0
_HOUR_S = 3600.0
_DAY_S = 86400.0
_DAYS = ((_QUICK_S, 6, 1), (60.0, 3, 6), (120.0, 2, 5), (300.0, 1, 5), (600.0, 1, 3))
"""Poll period, how often an hour's faults are drawn, and how many of twenty days are such."""


@dataclass(frozen=True, slots=True)
class Stretch:
    length_s: float
    poll_s: float
    times: int
    """So many hours' worth of faults."""

    @property
    def slower(self) -> float:
        """Than in an hour, by as much go stays and faults: less than in proportion, or a day of ten-minute polls would be empty."""
        return float((self.poll_s / _QUICK_S) ** 0.75)

    @property
    def last_s(self) -> float:
        """The rest is quiet, so that what is still under way must arrive."""
        return self.length_s - 360.0 * max(1.0, 0.5 * self.poll_s / _QUICK_S)

    @property
    def judged_until_s(self) -> float:
        """What changes later in the street may not have been decided at the end."""
        return self.length_s - 7.5 * self.poll_s

    @property
    def silent_s(self) -> float:
        """A bay of which nothing was heard for so long is unknown."""
        return 5 * self.poll_s


HOUR = Stretch(_HOUR_S, _QUICK_S, 1)


def drawn_day(random: Random) -> Stretch:
    poll_s, times = random.choices([(poll_s, times) for poll_s, times, _ in _DAYS], [days for *_, days in _DAYS])[0]
    return Stretch(_DAY_S, poll_s, times)
