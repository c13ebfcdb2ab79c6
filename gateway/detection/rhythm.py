"""Whether a device reports on change: as soon as something has moved, and else only now and then, to show that it lives.

Of such a device silence is news: nothing has changed since its last report. Of one that is polled it says nothing at all. Which kind
a device is shows in a report that comes long before its time and tells a change: a polled device has one rhythm, and gaps longer than
that where readings were lost; none is shorter.
"""

_LONG_S = 60.0
"""Of a device that is polled every 10 s, six polls in a row are lost before a gap is as long."""
_EARLY = 0.7
"""Of the longest gap: a report that comes sooner has not waited for its time."""
_LONG_SHARE = 0.03
_GAIN = 0.02
_FADE = 0.98
STEADY_S = 12.0
"""After so long without a report of a change, what was reported last stands still."""


class Rhythm:
    __slots__ = ("_gaps", "_last_t", "_long", "_longest_s", "_told", "on_change")

    def __init__(self) -> None:
        self.on_change = False
        self._last_t: float | None = None
        self._gaps = 0
        self._long = self._longest_s = 0.0
        self._told = 0.0

    def feed(self, t: float, *, changed: bool) -> None:
        """`changed`: this reading tells something that the one before did not."""
        last, self._last_t = self._last_t, t
        if last is None:
            return
        gap = t - last
        self._gaps += 1
        self._long += max(_GAIN, 1.0 / self._gaps) * ((gap > _LONG_S) - self._long)
        early = self._longest_s > _LONG_S and gap < _EARLY * self._longest_s
        self._longest_s = max(gap, self._longest_s * _FADE)
        self._told = _FADE * self._told + (early and changed)
        self.on_change = self._long > _LONG_SHARE and self._told >= 1.0 - _FADE
