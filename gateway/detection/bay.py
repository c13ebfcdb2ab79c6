"""One bay and one device: readings in, occupancy changes out. The machine contract: feed, deadline, tick; time is an argument.

believed    what the bay was last known to be: vacant, occupied, or unknown (never known); `belief.py`
watching    by a watch that belongs to the belief: `vacant.py` looks for arrivals, `parked.py` for departures and swaps
checking    the bay must be known anew (a start, a silence that ended): what stands still now is what the bay is
lost        told as comms_lost: nothing that may be believed came for too long
"""

from math import inf

from config.site import BayDetection, FieldVector
from drivers.reading import Reading
from gateway.detection.bay_telling import lost
from gateway.detection.belief import OCCUPIED, Belief
from gateway.detection.bridge import Bridge
from gateway.detection.change import BayChange, Occupancy, Reason
from gateway.detection.check import Check, Coming
from gateway.detection.kept_bay import KeptBay
from gateway.detection.passers import NONE_COUNTED
from gateway.detection.phase import Decision, Phase
from gateway.detection.rhythm import STEADY_S
from gateway.detection.sanity import Sanity
from gateway.detection.silence import Silence
from gateway.detection.sparse import SparseWatch


class BayMachine(Belief):
    """Feed it the readings of the bay's device, in order of time."""

    __slots__ = ("_bridge", "_check", "_steady_due_s", "disbelieved", "sanity", "silence")

    def __init__(
        self,
        bay: str,
        settings: BayDetection,
        *,
        now: float,
        interval_s: float | None = None,
        empty_field: FieldVector | None = None,
    ) -> None:
        super().__init__(bay, settings, interval_s, empty_field)
        self.silence = Silence(settings.silent_s, interval_s, now)
        self.sanity = Sanity()
        self.disbelieved: str | None = None
        """Why the last reading must not be believed, although it came in good order."""
        self._check: Check | None = Check(Reason.RESTART)
        self._bridge: Bridge | None = None
        """Over the silence that it is lost in."""
        self._steady_due_s: float | None = None

    def restore(self, kept: KeptBay) -> None:
        """Go on where the machine that wrote this ended; what the bay is now is checked by the next readings."""
        self.believed, self.lost, self.since_s = kept.believed, kept.lost, kept.since_s
        self.vacant.steady_s = self.parked.steady_s = kept.steady_s
        self.parked.level, self.parked.shifted = kept.parked, kept.shifted
        kept.give(self.track)
        if kept.doubt is not None or kept.passers != NONE_COUNTED:
            self.sparse.doubt = kept.doubt
            self.sparse.passers.resume(kept.passers)
        if kept.lost:
            self._check = Check(Reason.RECOVERED)

    def restore_text(self, text: str, moved_s: float) -> None:
        """Raises KeyError, TypeError or ValueError where the text is not what was kept."""
        self.restore(KeptBay.from_text(text, moved_s))

    @property
    def machines(self) -> tuple["BayMachine", ...]:
        """One for each of its devices."""
        return (self,)

    def kept(self) -> KeptBay:
        """What must survive a restart."""
        known = self.believed, self.lost, self.since_s, self.steady_s, self.parked, self.track
        sparse = self._sparse
        if sparse is None:
            return KeptBay.of(*known)
        return KeptBay.of(*known, sparse.empty(), sparse.empty_variance(), sparse.passers.kept())

    @property
    def likely(self) -> Occupancy:
        """What most likely stands there now. Of a bay that is seen now and then that is ahead of what is sure enough to be told."""
        accounts = self.accounts
        if self.lost or self._check is not None or accounts is None:
            return self.state
        return Occupancy.OCCUPIED if accounts.occupied() > 0.5 else Occupancy.VACANT

    @property
    def settled(self) -> bool:
        """Whether the bay's state was confirmed by readings since the start or the last silence."""
        return self._check is None and not self.lost

    @property
    def phase(self) -> Phase:
        if self.lost or self._check is not None:
            return Phase.UNKNOWN
        if self.accounts is not None:
            return self.sparse.phase
        return self.parked.phase if self.believed is OCCUPIED else self.vacant.phase

    def feed(self, reading: Reading, now: float) -> list[BayChange]:
        track = self.track
        checked = self.sanity.check(reading, now, track.empty.unit if track.sensed else inf)
        self.disbelieved = None if checked is reading else checked.cause
        changes = self.tick(now)
        self.silence.feed(checked, now)
        if not checked.trusted:
            return changes
        if not track.feed(checked, now):
            if self.believed is OCCUPIED:
                self.parked.glimpse(track, now)
            else:
                self.vacant.glimpse(track, now)
            return changes
        self._steady_due_s = now + STEADY_S if track.rhythm.on_change else None
        return changes + self._judge(now) if changes else self._judge(now)

    def _judge(self, now: float) -> list[BayChange]:
        """What the new sample of the track leads to."""
        track = self.track
        changes: list[BayChange] = []
        if self._bridge is not None:
            self._go_on(self._bridge, now)
        if self._check is not None:
            found = self._check.feed(track, self.believed, self.parked.level)
            if found is None:
                return changes
            changes += self.find(found, self._check.reason, now)
            self._check = None
            if not track.sparse:
                return changes
        if track.sparse:
            return changes + self._judge_sparse(now)
        if self._sparse is not None:
            self.leave_accounts()
        occupied = self.believed is OCCUPIED
        decision = self.parked.feed(track) if occupied else self.vacant.feed(track, self.settings.dwell_s)
        return changes if decision is None else changes + self._settled(decision, now)

    def _judge_sparse(self, now: float) -> list[BayChange]:
        sparse = self.sparse
        if sparse.accounts is None:
            sparse.begin(self.track, self.believed, self.parked.level)
        return self._weighed(sparse, sparse.feed(self.track, self.settings.dwell_s), now)

    def _settled(self, decision: Decision, now: float) -> list[BayChange]:
        return self.settle(decision, now, in_silence=self._bridge is not None and self._bridge.hides(decision))

    def _weighed(self, sparse: SparseWatch, decisions: list[Decision], now: float) -> list[BayChange]:
        changes: list[BayChange] = []
        for decision in decisions:
            changes += self._settled(decision, now)
        if self._bridge is not None and sparse.accounts is not None and (decisions or self._bridge.known(self.believed, sparse)):
            changes.insert(0, self._bridge.restored(self.bay, self.believed, sparse.accounts, self.track))
            self.lost, self._bridge = False, None
        if decisions or sparse.shows(occupied=self.believed is OCCUPIED):
            self.vacant.steady_s = self.parked.steady_s = self.track.t
        self.parked.level = sparse.level()
        return changes

    @property
    def _undecided(self) -> bool:
        if self._check is not None:
            return self.track.sensed
        if self.track.sparse:
            return self.sparse.undecided
        watch = self.parked.disturbance if self.believed is OCCUPIED else self.vacant.presence
        return watch is not None or (self.believed is OCCUPIED and self.parked.level is None)

    def deadline(self) -> float | None:
        due = None if self.lost else self.silence.deadline()
        steady = self._steady_due_s
        if steady is None or not self._undecided:
            return due
        return steady if due is None else min(due, steady)

    def tick(self, now: float) -> list[BayChange]:
        if self._steady_due_s is not None and now >= self._steady_due_s and self._undecided:
            return self._stand(now)
        return [] if self.lost or not self.silence.overdue(now) else self._fall_silent(now)

    def _stand(self, now: float) -> list[BayChange]:
        """A device that reports on change has reported none: what it said last still holds."""
        last_s, self._steady_due_s = self.track.t, None
        if self._check is None and self.track.sparse:
            return self._weighed(self.sparse, self.sparse.held(self.track, self.settings.dwell_s), now)
        changes: list[BayChange] = []
        for share in (0.25, 0.5, 0.75, 1.0):
            self.track.repeat(last_s + share * (now - last_s))
            changes += self._judge(now)
        return changes

    def _fall_silent(self, now: float) -> list[BayChange]:
        self.lost = True
        last_s = self.silence.started_s if self.silence.last_trusted_s is None else self.silence.last_trusted_s
        bridge = Bridge(last_s)
        if self._check is None and bridge.holds(self.track, self.accounts, now):
            self._bridge = bridge
        else:
            self._look_anew(self._coming())
        self.track.pause()
        return [lost(self.bay, self.believed, last_s, now, self.silence.cause)]

    def _go_on(self, bridge: Bridge, now: float) -> None:
        """There is a sample after a silence."""
        if bridge.holds(self.track, self.accounts, now):
            bridge.seen(now)
        else:
            self._look_anew()

    def _coming(self) -> Coming | None:
        came_s = self.vacant.coming_s if self.believed is Occupancy.VACANT else None
        return None if came_s is None else Coming(came_s, self.track.t, self.track.z)

    def _look_anew(self, coming: Coming | None = None) -> None:
        """What the bay is must be found again."""
        self._bridge, self._check = None, Check(Reason.RECOVERED, coming)
        self.vacant.presence = self.parked.disturbance = None
        self.leave_accounts()
