"""Whether a device reports on change: in bursts while something moves, and hardly at all while nothing does.

Of such a device silence is news: nothing has changed since its last report. Of one that is polled it says nothing at all. Which kind
a device is shows in its gaps: a good share of them is many times longer than the short ones, again and again; a polled device has
long gaps only when something is wrong.
"""

_SHORT_S = 5.0
_LONG_S = 30.0
_GAIN = 0.02
_SHARE = 0.03
_LEAST_GAPS = 6
STEADY_S = 12.0
"""After so long without a report of a change, what was reported last stands still."""


class Rhythm:
    __slots__ = ("_gaps", "_last_t", "_long", "_longs", "_short")

    def __init__(self) -> None:
        self._last_t: float | None = None
        self._gaps = self._longs = 0
        self._long = self._short = 0.0

    def feed(self, t: float) -> None:
        last, self._last_t = self._last_t, t
        if last is None:
            return
        gap = t - last
        gain = max(_GAIN, 1.0 / (self._gaps + 1))
        self._gaps += 1
        self._longs += gap > _LONG_S
        self._long += gain * ((gap > _LONG_S) - self._long)
        self._short += gain * ((gap < _SHORT_S) - self._short)

    @property
    def on_change(self) -> bool:
        return self._longs >= _LEAST_GAPS and self._long > _SHARE and self._short > _SHARE
