"""What has been felt of a vehicle that moves: how strong at the most, for how long, and how much of it may still be felt after it has gone.

    size            in sigmas of a sample
    over an eighth  from the first to the last moment at which it was felt by an eighth of its peak or more: of a vehicle that passes the
                    same time whatever its strength, where the time above the noise grows with it
    tail            a dipole's field falls with the cube of the distance: what a vehicle at even speed leaves behind, at the most

A strong vehicle that passes is felt for many seconds after it has left the bay, and slowly less: its tail is no level.
"""

from array import array

_SHARE = 0.125
_MOST = 240
_SLOWER = 1.5
"""It may drive off so much slower than it came."""
_SHORTEST_S = 0.4
_APART_S = 0.6
_APART_READINGS = 2.5
"""What is felt again after so long is felt anew; where a device reports more rarely than that, a report or two may be missing."""


class Signature:
    """Feed it each sample since something began to be felt; times are those that the samples stand for."""

    __slots__ = ("_apart_s", "_first", "_floor", "_sizes", "_times", "last_s", "peak")

    def __init__(self, floor: float, usual_s: float) -> None:
        """`floor`: what is no noise. `usual_s`: between two readings."""
        self._apart_s = max(_APART_S, _APART_READINGS * usual_s)
        self.peak = 0.0
        self.last_s = 0.0
        self._floor = floor
        self._first = 0
        self._times = array("d")
        self._sizes = array("d")

    @property
    def least(self) -> float:
        """What counts as felt."""
        return max(_SHARE * self.peak, self._floor)

    def feed(self, t: float, size: float) -> None:
        times, sizes = self._times, self._sizes
        if not times:
            self.last_s = t
        if len(times) < _MOST:
            times.append(t)
            sizes.append(size)
        if size > self.peak:
            self.peak = size
            least, first = self.least, self._first
            while first < len(sizes) - 1 and sizes[first] < least:
                first += 1
            self._first = first
            last = len(sizes) - 1
            while last > first and sizes[last] < least:
                last -= 1
            self.last_s = times[last]
        if size >= self.least:
            if t - self.last_s > self._apart_s and self._first < len(times) - 1:
                self._first = len(times) - 1  # Another vehicle, or the same one anew: what is felt from now on counts by itself.
            self.last_s = t

    @property
    def first_s(self) -> float:
        return self._times[self._first] if self._times else 0.0

    @property
    def lasted_s(self) -> float:
        """For how long it was felt by an eighth of its peak or more."""
        return self.last_s - self.first_s

    def over(self, t: float) -> bool:
        """Whether it is not felt any more, or by less than an eighth of its peak."""
        return t > self.last_s

    def tail(self, t: float) -> float:
        """How much of it may still be felt at `t`, in sigmas, if it passed; nothing while it is there."""
        half = max(0.5 * self.lasted_s, _SHORTEST_S)
        after = t - self.last_s
        return self.least * (half * _SLOWER / (half * _SLOWER + after)) ** 3 if after > 0.0 else 0.0
