"""How often a device that reports on change reports without one, to show that it lives; and which of its reports only do that.

    anew       with each report it begins to count anew: one that comes to the second shows that no report was lost since
    goes on    in its own time, whatever else it reports: what it tells may be as old as the report before it

Which of the two it does shows in the one that follows a report of a change. Only the beat comes again and again: of all gaps it is the
one that most of them are, or that more are than any other.
"""

from array import array

_TURNS_OF, _NEAR = 4, 0.01
"""It comes a whole number of beats after one of the last reports, give or take so much of one at the most."""
_EXACT_S, _DEVIATIONS, _WANDERS = 0.5, 4.0, 0.2
"""Usually it comes far nearer: as near as it has before. Of 600 s, six seconds about each of four reports are 8 % of all moments."""
WHOLE = (1 / 2, 2 / 3, 3 / 4, 4 / 5, 5 / 6)
"""What gaps of one rhythm are of longer ones, where readings were lost in both."""
_BEFORE_TURN = 0.95
"""Of a beat that has come twice: no losses make a gap shorter by so little, unless both were whole multiples of a shorter one."""
_SURE = 3
"""Heartbeats after a report that is none, each of which shows whether it began anew with that."""
_VOTES = 12
_KNOWN = 2
"""Votes with which a gap is the beat, and not two gaps that happen to be alike."""
_TWICE, _IN_A_ROW = 2, 6
"""Gaps that make another beat of it: a longer one, and a shorter one of a known. Of a sensor whose hum alone makes it report each minute,
two in a row are often alike."""


class Heartbeat:
    __slots__ = ("_came", "_deviates_s", "_goes_on", "_known", "_rival_s", "_rivals", "_votes", "every_s")

    def __init__(self, every_s: float, *, known: bool = False) -> None:
        """The first gap that there was, or what somebody knows of it: then exactly, and as if it had come often."""
        self.every_s = self._rival_s = every_s
        self._rivals = 1
        self._votes, self._known = (_VOTES, True) if known else (0, False)
        self._deviates_s = 0.0 if known else _NEAR * every_s
        self._goes_on = 0
        self._came = array("d")

    @property
    def goes_on(self) -> bool:
        """Whether it does so in its own time, as far as that is known."""
        return self._goes_on > 0

    def in_turn(self, t: float, last: float, *, reported: bool) -> bool:
        """Whether a report after some silence is one; `last` came before it, and was itself the report of a change or was not."""
        near = self._near()

        def after(each: float) -> bool:
            beats = (t - each) / self.every_s
            return beats > 0.5 and abs(beats - round(beats)) < near

        anew, goes_on = after(last), any(map(after, self._came))
        if reported and self._known and anew is not goes_on:
            self._goes_on = max(min(self._goes_on + (1 if goes_on else -1), _SURE), -_SURE)
        self._came = array("d", (*self._came[1 - _TURNS_OF :], last))
        return anew or (goes_on and self._goes_on >= 0)

    def before_its_turn(self, gap: float) -> bool:
        """Whether nothing but a change can have made a report come so soon."""
        if not self._votes:
            return False
        share, near = gap / self.every_s, self._near()
        return share < _BEFORE_TURN and all(abs(share - whole) > near for whole in WHOLE)

    def follow(self, gap: float) -> None:
        """So long nothing came."""
        if abs(gap - self.every_s) < 2.0 * _NEAR * self.every_s:
            self._votes = min(self._votes + 1, _VOTES)
            self._deviates_s += _WANDERS * (abs(gap - self.every_s) - self._deviates_s)
            self.every_s += (gap - self.every_s) / (self._votes + 1)
            self._known |= self._votes >= _KNOWN
            self._rivals = 0
            return
        self._votes = max(self._votes - 1, 0)
        self._rivals = self._rivals + 1 if abs(gap - self._rival_s) < 2.0 * _NEAR * gap else 1
        self._rival_s = gap
        if not self._votes and self._rivals >= (_IN_A_ROW if self._known and gap < self.every_s else _TWICE):
            self.every_s, self._deviates_s = gap, _NEAR * gap
            self._votes, self._known = self._rivals - 1, self._rivals > _KNOWN

    def _near(self) -> float:
        """How near to a whole number of beats it comes, in beats."""
        return min(_EXACT_S + _DEVIATIONS * self._deviates_s, _NEAR * self.every_s) / self.every_s
