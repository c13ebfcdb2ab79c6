"""How often what a report shows in an empty bay turns out to be something that passes, and no vehicle that parks: counted, for each sensor.

Nodes that report on change differ. Some report only what has stood for seconds; others report what passes as well, and not that it is
gone. Then the next heartbeat shows the bay empty, and no report has told of a departure. A short stay whose departure was lost looks
the same; how often departures are lost is counted too, where they are beyond doubt: after a vehicle that was seen twice.
"""

from array import array
from enum import IntEnum
from struct import Struct

from gateway.detection.rhythm import STEADY_S


class Shown(IntEnum):
    """By which kind of report a vehicle was seen first."""

    REPORT = 0
    """One that a change has caused."""
    BEAT = 1
    """A heartbeat: any moment, and what passes just then."""


_PRIOR = ((0.003, 0.03, 10.0), (0.015, 0.235, 4.0))
"""Of each kind, the shares of what passes and is not told to be gone, and that is, and as how many vehicles they count."""
_LOST, _LOST_OF = 1.5, 10.0
"""Departures that no report told, among so many; counted on from there."""
_LOST_MOST = 0.5
"""Of a device that reports on change."""
_BRIEF = 0.1
"""Of vehicles that park, leave again within seconds of their report: more than that pass."""
_SHORT = 0.1
"""Of vehicles, are seen once before their departure is reported."""
_FADE = 1.0 - 1.0 / 150.0
"""With each vehicle: what was counted long ago fades, for nodes are set anew."""
_MOST = 0.9

Counts = tuple[float, float, float, float]
"""Of vehicles that were seen first by one kind of report: all, those whose departure was reported after one sample, those of them that
were gone within seconds, those that the next heartbeat did not show any more."""

_COUNTS = Struct("4d")

NONE_COUNTED = (0.0,) * 10
"""What `kept` says of a sensor that nothing is known of."""


class Passers:
    """Feed it every sample of a sensor that reports on change: whether it shows a vehicle, and by which kind of report."""

    __slots__ = ("_counts", "_departures", "_looks", "_lost", "_shown", "_since_s")

    def __init__(self) -> None:
        self._counts = array("d", (0.0,) * 8)
        """The four of what a report showed first, and the four of what a heartbeat did."""
        self._departures = self._lost = 0.0
        self._shown = Shown.BEAT
        self._looks = 0
        self._since_s = 0.0

    def feed(self, t: float, by: Shown, *, vehicle: bool) -> None:
        if vehicle:
            if not self._looks:
                self._shown, self._since_s = by, t
            self._looks += 1
            if self._looks == 2:
                self._count(short=False, brief=False, gone=False)
        elif self._looks:
            if self._looks == 1:
                self._count(short=by is Shown.REPORT, brief=by is Shown.REPORT and t - self._since_s < STEADY_S, gone=by is Shown.BEAT)
            else:
                self._depart(lost=by is Shown.BEAT)
            self._looks = 0

    def forget(self) -> None:
        """What comes next is not to be compared with what came last."""
        self._looks = 0

    @property
    def lost(self) -> float:
        """The share of departures that only a heartbeat shows."""
        return min((self._lost + _LOST) / (self._departures + _LOST_OF), _LOST_MOST)

    def passing(self, by: Shown) -> float:
        """The probability that what such a report shows in an empty bay only passes."""
        lingers, brief = self._shares(by)
        return min(lingers + brief, _MOST)

    def lingering(self, by: Shown) -> float:
        """The same once some seconds have gone by without a report that it is gone."""
        lingers, brief = self._shares(by)
        return min(lingers / max(1.0 - brief, 1.0 - _MOST), _MOST)

    @property
    def passed(self) -> float:
        """The probability that what one sample showed, and the heartbeat after it does not, has passed; else it parked, and no report told
        that it left."""
        _, short, brief, gone = self._counts_of(self._shown)
        lingering, _, weight = _PRIOR[self._shown]
        odds = self.lost / (1.0 - self.lost)
        parked, passing = odds * (short - brief), lingering * weight
        return (max(gone - parked, 0.0) + passing) / (max(gone, parked) + odds * _SHORT * weight + passing)

    def _shares(self, by: Shown) -> tuple[float, float]:
        total, short, brief, gone = self._counts_of(by)
        lingering, briefly, weight = _PRIOR[by]
        total, lost = total + weight, self.lost
        # Short stays whose departure was lost are as many more as departures are lost.
        gone = max(gone - (short - brief) * lost / (1.0 - lost), 0.0)
        brief = max(brief - _BRIEF * total, 0.0)
        return (gone + lingering * weight) / total, (brief + briefly * weight) / total

    def _count(self, *, short: bool, brief: bool, gone: bool) -> None:
        total, shorts, briefs, gones = self._counts_of(self._shown)
        counts = (_FADE * total + 1.0, _FADE * shorts + short, _FADE * briefs + brief, _FADE * gones + gone)
        _COUNTS.pack_into(self._counts, self._shown * _COUNTS.size, *counts)

    def _counts_of(self, by: Shown) -> Counts:
        return _COUNTS.unpack_from(self._counts, by * _COUNTS.size)

    def _depart(self, *, lost: bool) -> None:
        self._departures, self._lost = _FADE * self._departures + 1.0, _FADE * self._lost + lost

    def kept(self) -> tuple[float, ...]:
        return (*self._counts, self._departures, self._lost)

    def resume(self, kept: tuple[float, ...]) -> None:
        *counts, self._departures, self._lost = kept
        self._counts = array("d", counts)
