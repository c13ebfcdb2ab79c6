"""Whether a device reports on change: as soon as something has moved, and else only now and then, to show that it lives.

Of such a device silence is news: nothing has changed since its last report. Of one that is polled it says nothing at all. Which kind
a device is shows in a report that comes long before its time and tells a change: a polled device has one rhythm, and gaps longer than
that where readings were lost; none is shorter.
"""

from array import array
from statistics import median

_LONG_S = 60.0
"""Of a device that is polled every 10 s, six polls in a row are lost before a gap is as long."""
_SHORT_S = 20.0
_EARLY = 0.3
"""Of the usual gap; losses make gaps longer, and seldom so many of them."""
_SHORTER = 0.45
"""Of the shortest of some gaps: losses make none shorter."""
_SOME, _CLEARLY, _WHOLE = 3, 0.8, (1 / 2, 2 / 3, 3 / 4, 4 / 5, 5 / 6)
_BEFORE_TURN = 0.95
"""Of a beat that has come twice: no losses make a gap shorter by so little, unless both were whole multiples of a shorter one."""
_NEAR = 0.01
"""Where the shortest of some is a whole multiple of what came now, it was the others that lost readings."""
_USUAL_OF = 8
_TURNS_OF, _TURN_NEAR = 4, 0.01
"""A heartbeat comes a whole number of beats after one of the last reports, give or take so much of one at the most."""
_EXACT_S, _DEVIATIONS, _WANDERS = 0.5, 4.0, 0.2
"""Usually it comes far nearer: as near as heartbeats have been. Of 600 s, six seconds about each of four reports are 8 % of all moments."""
_NEXT_S, _SOON_S = 3.0, 15.0
"""So long after a report that tells of a manoeuvre the next one tells how it ended; no heartbeat comes so late."""
_SURE = 3
"""Heartbeats after a report that is none, each of which shows whether it began anew with that."""
_VOTES = 12
_KNOWN = 2
"""Votes with which a gap is the beat, and not two gaps that happen to be alike."""
_IN_A_ROW = 6
"""Gaps that make a shorter beat of a known one. Of a sensor whose hum alone makes it report each minute, two in a row are often alike."""
_AS_IF_GAPS = 50
"""What another process had learned counts as much as so many reports."""
_LONG_SHARE = 0.03
_GAIN = 0.02
_FADE = 0.98
STEADY_S = 12.0
"""After so long without a report of a change, what was reported last stands still."""


_NONE_YET = array("d")
"""Shared by all, and never added to."""


class Rhythm:
    __slots__ = (
        "_beat_s",
        "_came",
        "_deviates_s",
        "_early",
        "_gaps",
        "_goes_on",
        "_known",
        "_last_t",
        "_long",
        "_recent",
        "_rival_s",
        "_rivals",
        "_votes",
        "lost_s",
        "on_change",
        "out_of_turn",
    )

    def __init__(self, interval_s: float | None = None) -> None:
        """`interval_s`: how often the site says that it is read; a device that reports on change shows by that that it lives."""
        self.on_change = False
        self.out_of_turn = False
        """Whether the last report is no heartbeat: the device itself says that something has changed, just now."""
        self.lost_s: float | None = None
        """When it sent a report that was lost, and that told how the change of the one before ended; the last is the heartbeat after it."""
        self._last_t: float | None = None
        self._came = _NONE_YET
        self._beat_s = self._rival_s = self._deviates_s = 0.0
        self._votes = self._rivals = self._goes_on = 0
        self._known = False
        self._gaps = 0
        self._long = self._early = 0.0
        self._recent = _NONE_YET
        if interval_s is not None and interval_s > _LONG_S:
            self._expect(interval_s)

    @property
    def beat_s(self) -> float | None:
        """Its heartbeat, of a device that reports on change."""
        return self._beat_s if self.on_change else None

    @property
    def goes_on(self) -> bool:
        """Whether its heartbeat goes on in its own time, whatever else it reports. That of others begins anew with each report: one that
        comes to the second shows that no report was lost since."""
        return self._goes_on > 0

    def resume(self, beat_s: float) -> None:
        """Go on with what another process had learned of a device that reports on change."""
        self.on_change, self._gaps, self._long, self._early = True, _AS_IF_GAPS, 1.0, 1.0
        self._expect(beat_s)

    def _expect(self, beat_s: float) -> None:
        self._votes, self._recent = _VOTES, array("d", (beat_s,))
        self._beats(beat_s, known=True)
        self._deviates_s = 0.0

    def _beats(self, beat_s: float, *, known: bool) -> None:
        self._beat_s, self._known, self._deviates_s = beat_s, known, _TURN_NEAR * beat_s

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
        sent_s = t - self._beat_s
        late = self.on_change and self.out_of_turn and not self.goes_on and _NEXT_S < sent_s - last < _SOON_S
        self.lost_s = sent_s if late else None
        in_turn = gap > _SHORT_S and self._in_turn(t, last)
        self.out_of_turn = self._beat_s > 0.0 and not in_turn
        if gap > _SHORT_S:
            self._recent = array("d", (*self._recent[1 - _USUAL_OF :], gap))
            self._follow(gap)
        self._early = _FADE * self._early + early
        self.on_change = self._long > _LONG_SHARE and self._early >= 1.0 - _FADE

    def _follow(self, gap: float) -> None:
        """Only the beat comes again and again: of all gaps the one that most of them are, or that more are than any other."""
        if self._beat_s and abs(gap - self._beat_s) < 2.0 * _TURN_NEAR * self._beat_s:
            self._votes = min(self._votes + 1, _VOTES)
            self._deviates_s += _WANDERS * (abs(gap - self._beat_s) - self._deviates_s)
            self._beat_s += (gap - self._beat_s) / (self._votes + 1)
            self._known |= self._votes >= _KNOWN
            self._rivals = 0
            return
        self._votes = max(self._votes - 1, 0)
        self._rivals = self._rivals + 1 if abs(gap - self._rival_s) < 2.0 * _TURN_NEAR * gap else 1
        self._rival_s = gap
        enough = _IN_A_ROW if self._known and gap < self._beat_s else 2
        if not self._votes and (self._rivals >= enough or not self._beat_s):
            self._votes = self._rivals - 1
            self._beats(gap, known=self._rivals > _KNOWN)

    def _in_turn(self, t: float, last: float) -> bool:
        """Whether a report after some silence is a heartbeat; `last` came before it."""
        if not self._beat_s:
            return False
        near = self._near()

        def after(each: float) -> bool:
            beats = (t - each) / self._beat_s
            return beats > 0.5 and abs(beats - round(beats)) < near

        anew, goes_on = after(last), any(map(after, self._came))
        if self.out_of_turn and self._known and anew is not goes_on:
            self._goes_on = max(min(self._goes_on + (1 if goes_on else -1), _SURE), -_SURE)
        self._came = array("d", (*self._came[1 - _TURNS_OF :], last))
        return anew or (goes_on and self._goes_on >= 0)

    def _near(self) -> float:
        """How near to a whole number of beats a heartbeat comes, in beats."""
        return min(_EXACT_S + _DEVIATIONS * self._deviates_s, _TURN_NEAR * self._beat_s) / self._beat_s

    def _clearly_early(self, gap: float) -> bool:
        if len(self._recent) < _SOME:
            return False
        share = gap / min(self._recent)
        return share < _CLEARLY and all(abs(share - whole) > _NEAR for whole in _WHOLE)

    def _before_its_turn(self, gap: float) -> bool:
        if not self._votes or gap <= _LONG_S:
            return False
        share, near = gap / self._beat_s, self._near()
        return share < _BEFORE_TURN and all(abs(share - whole) > near for whole in _WHOLE)

    def _time_s(self) -> float:
        """A report that comes sooner after another has not waited for its time."""
        recent = self._recent
        shortest = _SHORTER * min(recent) if len(recent) > 1 else 0.0
        return max(_SHORT_S, shortest, _EARLY * median(recent))
