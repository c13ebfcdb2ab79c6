"""A short silence of a device that is read now and then: a few readings in a row were lost, and what follows is weighed as after any gap.

    lost          told, for nobody knows what stands there
    weighed on    by the same accounts, which remember what the readings before it showed
    restored      told with the first reading that leaves nothing undecided; what has happened, with the times that enclose it

After a longer one, or of a device whose readings show manoeuvres, the bay is looked at anew (`check.py`).
"""

from gateway.detection.accounts import Accounts
from gateway.detection.bay_telling import Settled, evidence_of
from gateway.detection.change import BayChange, Occupancy
from gateway.detection.phase import Decision
from gateway.detection.sparse import SparseWatch
from gateway.detection.track import Track
from gateway.detection.verdict import LOOKS

_LONGEST_S = 900.0
_SUREST = 0.999


class Bridge:
    __slots__ = ("_first_seen_s", "_last_s", "_seen", "_silent_from_s")

    def __init__(self, last_s: float) -> None:
        """`last_s`: of the last reading that may be believed."""
        self._silent_from_s = self._last_s = last_s
        self._first_seen_s: float | None = None
        self._seen = 0

    def holds(self, track: Track, accounts: Accounts | None, now: float) -> bool:
        """A device that reports on change would have told what happened meanwhile, had it been heard: for it a silence is no gap."""
        return accounts is not None and track.sparse and not track.rhythm.on_change and now - self._last_s <= _LONGEST_S

    def seen(self, now: float) -> None:
        """There is a reading again."""
        self._last_s = now
        self._seen += 1
        if self._first_seen_s is None:
            self._first_seen_s = now

    def hides(self, decision: Decision) -> bool:
        """Whether it happened in the silence, as far as anybody saw."""
        first_s, earliest_s = self._first_seen_s, decision.earliest_s
        return first_s is not None and decision.latest_s >= first_s and (earliest_s is None or earliest_s <= self._silent_from_s)

    def known(self, believed: Occupancy, sparse: SparseWatch) -> bool:
        """Whether it is what it was: at once where nothing else is thought of, else as far as that is thought of it as before."""
        assert sparse.accounts is not None
        best = sparse.accounts.best
        as_before = not best.steps and best.occupied is (believed is Occupancy.OCCUPIED)
        return not sparse.undecided or (as_before and self._seen >= LOOKS)

    def restored(self, bay: str, believed: Occupancy, accounts: Accounts, track: Track) -> BayChange:
        """It is known what happened meanwhile, if anything."""
        occupied = accounts.occupied()
        sure = min(max(occupied, 1.0 - occupied), _SUREST)
        first_s = track.t if self._first_seen_s is None else self._first_seen_s
        return Settled(bay, believed, track.t, sure).restored(first_s, evidence_of(track, track.plateau.count))
