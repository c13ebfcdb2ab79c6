"""Whether a device reports on change: as soon as something has moved, and else only now and then, to show that it lives.

Of such a device silence is news: nothing has changed since its last report. Of one that is polled it says nothing at all. Which kind
a device is shows in a report that comes long before its time and tells a change: a polled device has one rhythm, and gaps longer than
that where readings were lost; none is shorter.
"""

from array import array
from statistics import median

from gateway.detection.heartbeat import WHOLE, Heartbeat

_LONG_S = 60.0
"""Of a device that is polled every 10 s, six polls in a row are lost before a gap is as long."""
_SHORT_S = 20.0
_EARLY = 0.3
"""Of the usual gap; losses make gaps longer, and seldom so many of them."""
_SHORTER = 0.45
"""Of the shortest of some gaps: losses make none shorter."""
_SOME, _CLEARLY = 3, 0.8
_NEAR = 0.01
"""Where the shortest of some is a whole multiple of what came now, it was the others that lost readings."""
_USUAL_OF = 8
_NEXT_S, _SOON_S = 3.0, 15.0
"""So long after a report that tells of a manoeuvre the next one tells how it ended; no heartbeat comes so late."""
_AS_IF_GAPS = 50
"""What another process had learned counts as much as so many reports."""
_LONG_SHARE = 0.03
_GAIN = 0.02
_FADE = 0.98
STEADY_S = 12.0
"""A device that reports on change says so once it has lasted, so long after it began at the most: after so long without a report, what was
reported last stands still."""


_NONE_YET = array("d")
"""Shared by all, and never added to."""


class Rhythm:
    __slots__ = ("_early", "_gaps", "_heartbeat", "_last_t", "_long", "_recent", "lost_s", "on_change", "out_of_turn")

    def __init__(self, interval_s: float | None = None) -> None:
        """`interval_s`: how often the site says that it is read; a device that reports on change shows by that that it lives."""
        self.on_change = False
        self.out_of_turn = False
        """Whether the last report is no heartbeat: the device itself says that something has changed, just now."""
        self.lost_s: float | None = None
        """When it sent a report that was lost, and that told how the change of the one before ended; the last is the heartbeat after it."""
        self._last_t: float | None = None
        self._heartbeat: Heartbeat | None = None
        self._gaps = 0
        self._long = self._early = 0.0
        self._recent = _NONE_YET
        if interval_s is not None and interval_s > _LONG_S:
            self._expect(interval_s)

    @property
    def beat_s(self) -> float | None:
        """Its heartbeat, of a device that reports on change."""
        return self._heartbeat.every_s if self.on_change and self._heartbeat is not None else None

    @property
    def goes_on(self) -> bool:
        """Whether its heartbeat goes on in its own time, whatever else it reports."""
        return self._heartbeat is not None and self._heartbeat.goes_on

    def resume(self, beat_s: float) -> None:
        """Go on with what another process had learned of a device that reports on change."""
        self.on_change, self._gaps, self._long, self._early = True, _AS_IF_GAPS, 1.0, 1.0
        self._expect(beat_s)

    def _expect(self, beat_s: float) -> None:
        self._heartbeat, self._recent = Heartbeat(beat_s, known=True), array("d", (beat_s,))

    def feed(self, t: float, *, changed: bool) -> None:
        """`changed`: this reading tells something that the one before did not."""
        last, self._last_t = self._last_t, t
        if last is None:
            return
        gap = t - last
        if self._gaps < _AS_IF_GAPS:
            self._gaps += 1  # More of them change nothing.
        if gap <= _SHORT_S and not self._recent:
            return  # As of a device that is polled each second, which is most of them: nothing else has changed.
        self._long += max(_GAIN, 1.0 / self._gaps) * ((gap > _LONG_S) - self._long)
        early = changed and bool(self._recent) and (gap < self._time_s() or self._clearly_early(gap) or self._before_its_turn(gap))
        self._take_turn(t, last, gap)
        self._early = _FADE * self._early + early
        self.on_change = self._long > _LONG_SHARE and self._early >= 1.0 - _FADE

    def _take_turn(self, t: float, last: float, gap: float) -> None:
        """Whether this report is a heartbeat, and what it tells of one that was lost."""
        heartbeat, was_out = self._heartbeat, self.out_of_turn
        if gap > _SHORT_S:
            self._recent = array("d", (*self._recent[1 - _USUAL_OF :], gap))
        if heartbeat is None:
            self._heartbeat = Heartbeat(gap)
            return
        sent_s = t - heartbeat.every_s
        late = self.on_change and was_out and not heartbeat.goes_on and _NEXT_S < sent_s - last < _SOON_S
        self.lost_s = sent_s if late else None
        self.out_of_turn = gap <= _SHORT_S or not heartbeat.in_turn(t, last, reported=was_out)
        if gap > _SHORT_S:
            heartbeat.follow(gap)

    def _clearly_early(self, gap: float) -> bool:
        if len(self._recent) < _SOME:
            return False
        share = gap / min(self._recent)
        return share < _CLEARLY and all(abs(share - whole) > _NEAR for whole in WHOLE)

    def _before_its_turn(self, gap: float) -> bool:
        return gap > _LONG_S and self._heartbeat is not None and self._heartbeat.before_its_turn(gap)

    def _time_s(self) -> float:
        """A report that comes sooner after another has not waited for its time."""
        recent = self._recent
        shortest = _SHORTER * min(recent) if len(recent) > 1 else 0.0
        return max(_SHORT_S, shortest, _EARLY * median(recent))
