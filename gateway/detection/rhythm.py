"""Whether a device reports on change: in bursts while something moves, and hardly at all while nothing does.

Of such a device silence is news: nothing has changed since its last report. Of one that is polled it says nothing at all. Which kind
a device is shows in its gaps: a good share of them is many times longer than the short ones, again and again; a polled device has
long gaps only when something is wrong. Short is not very short: a node that reports what has stayed for some seconds, so that it
sends one report for a vehicle and no burst, has gaps of five seconds and more; and a gap far below the usual one is short whatever it is,
for losses make gaps longer only.
"""

from statistics import median

_SHORT_S = 20.0
_SHORT_SHARE = 0.3
"""Of the usual gap, among those that are not short by themselves."""
_LONG_S = 60.0
"""Of a device that is polled every 10 s, six polls in a row are lost before a gap is as long."""
_GAIN = 0.02
_SHARE = 0.03
_LEAST_GAPS = 6
_LEAST_SHORT = 2
_USUAL_OF = 5
STEADY_S = 12.0
"""After so long without a report of a change, what was reported last stands still."""


class Rhythm:
    __slots__ = ("_gaps", "_last_t", "_long", "_longs", "_recent", "_short", "_shorts")

    def __init__(self) -> None:
        self._last_t: float | None = None
        self._gaps = self._longs = self._shorts = 0
        self._long = self._short = 0.0
        self._recent: tuple[float, ...] = ()

    def feed(self, t: float) -> None:
        last, self._last_t = self._last_t, t
        if last is None:
            return
        gap = t - last
        short = gap < _SHORT_S
        if not short:
            self._recent = (*self._recent[1 - _USUAL_OF :], gap)
            short = len(self._recent) == _USUAL_OF and gap < _SHORT_SHARE * median(self._recent)
        gain = max(_GAIN, 1.0 / (self._gaps + 1))
        self._gaps += 1
        self._longs += gap > _LONG_S
        self._shorts += short
        self._long += gain * ((gap > _LONG_S) - self._long)
        self._short += gain * (short - self._short)

    @property
    def on_change(self) -> bool:
        enough = self._longs >= _LEAST_GAPS and self._shorts >= _LEAST_SHORT
        return enough and self._long > _SHARE and self._short > _SHARE
