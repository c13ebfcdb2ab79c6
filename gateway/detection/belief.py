"""What a bay is believed to be, what watches it there, and what becomes of both when something is decided.

    settle      a change that was seen: one or two changes are told, and the other watch begins
    correct     what was told as a vehicle is the empty bay: the running session is taken back
    find        what stands there after a time in which nobody looked, and what must have happened meanwhile

An onset is back-dated to where the readings left what was steady before. It is rounded in the driver's favour: an arrival to
the first reading that had stirred, a departure to the last that had not. A change that happened unseen (restart, silence) is
told with the times between which it happened; a park_start then begins at the later bound, a park_end at the earlier one.
"""

from config.site import BayDetection, FieldVector
from gateway.detection.accounts import Accounts
from gateway.detection.bay_telling import Settled, evidence_of, looked_at
from gateway.detection.change import BayChange, Occupancy, Reason
from gateway.detection.check import Found
from gateway.detection.conditioning import Vector, minus
from gateway.detection.dating import dated
from gateway.detection.parked import ParkedWatch
from gateway.detection.phase import Decision
from gateway.detection.sparse import SparseWatch
from gateway.detection.track import Track
from gateway.detection.vacant import VacantWatch

OCCUPIED = Occupancy.OCCUPIED
"""To look up a member of an enum takes as long as a comparison of two fields, and this one is asked for at every reading."""


class Belief:
    """The machine of a bay is one (`bay.py`), and has none: an object of its own would be 40 bytes more a bay and a step more a reading."""

    __slots__ = ("_sparse", "bay", "believed", "lost", "parked", "settings", "since_s", "track", "vacant")

    def __init__(self, bay: str, settings: BayDetection, interval_s: float | None, empty_field: FieldVector | None) -> None:
        self.bay = bay
        self.settings = settings
        self.track = Track(settings, empty_field, interval_s)
        self.vacant = VacantWatch()
        self.parked = ParkedWatch()
        self._sparse: SparseWatch | None = None
        self.believed = Occupancy.UNKNOWN
        self.lost = False
        self.since_s: float | None = None

    @property
    def sparse(self) -> SparseWatch:
        """Of a bay that is seen now and then. Most are not, and never have one."""
        if self._sparse is None:
            self._sparse = SparseWatch()
        return self._sparse

    @property
    def accounts(self) -> Accounts | None:
        """What may have happened, while the bay is seen now and then."""
        return None if self._sparse is None else self._sparse.accounts

    @property
    def steady_s(self) -> float | None:
        """When the bay was last seen to be what it is believed to be."""
        return self.parked.steady_s if self.believed is OCCUPIED else self.vacant.steady_s

    @property
    def state(self) -> Occupancy:
        """What is known now."""
        return Occupancy.UNKNOWN if self.lost else self.believed

    def settle(self, decision: Decision, now: float, *, in_silence: bool) -> list[BayChange]:
        """A change that was seen to happen, or that happened in a silence as far as anybody saw."""
        if decision.wrong is not None:
            return [self._correct(decision, decision.wrong, now)]
        previous, target = self.believed, decision.target
        reason = Reason.RECOVERED if in_silence else Reason.DEVICE if self.track.empty.decides else decision.reason
        evidence = evidence_of(self.track, decision.readings)
        when = dated(decision)
        settled = Settled(self.bay, target, now, decision.confidence)
        changes = [settled.seen(previous, when.onset_s, reason, evidence, when.earliest_s, when.latest_s)]
        if decision.again_s is not None:
            again = max(decision.again_s, when.onset_s)
            settled = Settled(self.bay, Occupancy.OCCUPIED, now, decision.confidence)
            changes.append(settled.seen(Occupancy.VACANT, again, reason, evidence))
            target = Occupancy.OCCUPIED
        self._believe(target, changes[-1].onset_s)
        return changes

    def _correct(self, decision: Decision, empty: Vector, now: float) -> BayChange:
        """What stands there now is judged against what the bay now is known to look like when it is empty."""
        track = self.track
        evidence = evidence_of(track, decision.readings)
        correction = Settled(self.bay, Occupancy.VACANT, now, decision.confidence).corrected(self.believed, now, evidence)
        if not track.sparse:
            track.anchor(empty, decision.readings)
        self.believed, self.since_s = Occupancy.VACANT, now
        self.parked.level = None
        self.vacant.begin(track.t)
        return correction

    def find(self, found: Found, looked_because: Reason, now: float) -> list[BayChange]:
        """What the bay is, after a time in which nobody looked."""
        previous, target, evidence = self.believed, found.target, evidence_of(self.track, found.readings)
        seen_s = self.steady_s if found.as_before_s is None else found.as_before_s
        changes = looked_at(self.bay, previous, found, seen_s, looked_because, evidence, now)
        since = changes[-1].onset_s if changes else self.since_s
        if self.lost:
            changes.insert(0, Settled(self.bay, target, now, found.confidence).restored(found.first_seen_s, evidence))
        self.lost = False
        if target is previous and not found.another:
            self._watch_on()
        else:
            self._believe(target, since)
        self.parked.unwatched()
        return changes

    def _believe(self, target: Occupancy, since_s: float | None) -> None:
        self.believed, self.since_s = target, since_s
        if self.track.sparse and self.accounts is not None:
            return
        if target is OCCUPIED:
            self.parked.begin(self.track, self.vacant.came, self.vacant.absorbed)
            self.vacant.rest()
        else:
            if self.track.plateau.count >= 2:
                self.vacant.took(self.track.plateau.mean, self.track)
                self.track.anchor(self.track.plateau.mean, self.track.plateau.count)
            self.parked.level = None
            self.parked.recurrence = None
            self.vacant.begin(self.track.t)

    def _watch_on(self) -> None:
        """Nothing has changed: the watch goes on, from now."""
        if self._sparse is not None:
            self._sparse.accounts = None
        now = self.track.t
        if self.believed is OCCUPIED:
            self.parked.steady_s = now
            if self.track.plateau.count >= 2:
                self.parked.level = self.track.plateau.mean
        else:
            self.vacant.begin(now)

    def leave_accounts(self) -> None:
        """They alone knew how far the empty bay is off the baseline."""
        sparse = self._sparse
        if sparse is None or sparse.accounts is None:
            return
        off = sparse.empty()
        self.track.rebase(off)
        level = self.parked.level
        self.parked.level = None if level is None else minus(level, off)
        sparse.accounts = None
