"""One bay and one device: readings in, occupancy changes out. The machine contract: feed, deadline, tick; time is an argument.

    believed    what the bay was last known to be: vacant, occupied, or unknown (never known)
    watching    by a watch that belongs to the belief: `vacant.py` looks for arrivals, `parked.py` for departures and swaps
    checking    the bay must be known anew (a start, a silence that ended): what stands still now is what the bay is
    lost        told as comms_lost: nothing that may be believed came for too long

An onset is back-dated to where the readings left what was steady before. It is rounded in the driver's favour: an arrival to
the first reading that had stirred, a departure to the last that had not. A change that happened unseen (restart, silence) is
told with the times between which it happened; a park_start then begins at the later bound, a park_end at the earlier one.
"""

from math import inf

from config.site import BayDetection, FieldVector
from drivers.reading import Reading
from gateway.detection.accounts import Accounts
from gateway.detection.bay_telling import Settled, evidence_of, looked_at, lost
from gateway.detection.bridge import Bridge
from gateway.detection.change import BayChange, Occupancy, Reason
from gateway.detection.check import Check, Found
from gateway.detection.conditioning import Vector, minus
from gateway.detection.dating import dated
from gateway.detection.kept_bay import KeptBay
from gateway.detection.parked import ParkedWatch
from gateway.detection.passers import NONE_COUNTED
from gateway.detection.phase import Decision, Phase
from gateway.detection.rhythm import STEADY_S
from gateway.detection.sanity import Sanity
from gateway.detection.silence import Silence
from gateway.detection.sparse import SparseWatch
from gateway.detection.track import Track
from gateway.detection.vacant import VacantWatch

_OCCUPIED = Occupancy.OCCUPIED
"""To look up a member of an enum takes as long as a comparison of two fields, and this one is asked for at every reading."""


class BayMachine:
    """Feed it the readings of the bay's device, in order of time."""

    __slots__ = (
        "_bridge",
        "_check",
        "_sparse",
        "_steady_due_s",
        "bay",
        "believed",
        "disbelieved",
        "lost",
        "parked",
        "sanity",
        "settings",
        "silence",
        "since_s",
        "track",
        "vacant",
    )

    def __init__(
        self,
        bay: str,
        settings: BayDetection,
        *,
        now: float,
        interval_s: float | None = None,
        empty_field: FieldVector | None = None,
    ) -> None:
        self.bay = bay
        self.settings = settings
        self.silence = Silence(settings.silent_s, interval_s, now)
        self.track = Track(settings, empty_field, interval_s)
        self.sanity = Sanity()
        self.disbelieved: str | None = None
        """Why the last reading must not be believed, although it came in good order."""
        self.vacant = VacantWatch()
        self.parked = ParkedWatch()
        self._sparse: SparseWatch | None = None
        self.believed = Occupancy.UNKNOWN
        self.lost = False
        self.since_s: float | None = None
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
    def steady_s(self) -> float | None:
        """When the bay was last seen to be what it is believed to be."""
        return self.parked.steady_s if self.believed is _OCCUPIED else self.vacant.steady_s

    @property
    def state(self) -> Occupancy:
        """What is known now."""
        return Occupancy.UNKNOWN if self.lost else self.believed

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
        return self.parked.phase if self.believed is _OCCUPIED else self.vacant.phase

    # The machine contract.

    def feed(self, reading: Reading, now: float) -> list[BayChange]:
        track = self.track
        checked = self.sanity.check(reading, now, track.empty.unit if track.sensed else inf)
        self.disbelieved = None if checked is reading else checked.cause
        changes = self.tick(now)
        self.silence.feed(checked, now)
        if not checked.trusted:
            return changes
        if not track.feed(checked, now):
            if self.believed is _OCCUPIED:
                self.parked.glimpse(track, now)
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
            changes += self._found(found, self._check, now)
            if not track.sparse:
                return changes
        if track.sparse:
            return changes + self._judge_sparse(now)
        if self._sparse is not None:
            self._leave_accounts(self._sparse)
        occupied = self.believed is _OCCUPIED
        decision = self.parked.feed(track) if occupied else self.vacant.feed(track, self.settings.dwell_s)
        return changes if decision is None else changes + self._settle(decision, now)

    def _judge_sparse(self, now: float) -> list[BayChange]:
        sparse = self.sparse
        if sparse.accounts is None:
            sparse.begin(self.track, self.believed, self.parked.level)
        return self._weighed(sparse, sparse.feed(self.track, self.settings.dwell_s), now)

    def _leave_accounts(self, sparse: SparseWatch) -> None:
        """They alone knew how far the empty bay is off the baseline."""
        if sparse.accounts is None:
            return
        off = sparse.empty()
        self.track.rebase(off)
        level = self.parked.level
        self.parked.level = None if level is None else minus(level, off)
        sparse.accounts = None

    def _weighed(self, sparse: SparseWatch, decisions: list[Decision], now: float) -> list[BayChange]:
        changes: list[BayChange] = []
        for decision in decisions:
            changes += self._settle(decision, now)
        if self._bridge is not None and sparse.accounts is not None and (decisions or self._bridge.known(self.believed, sparse)):
            changes.insert(0, self._bridge.restored(self.bay, self.believed, sparse.accounts, self.track))
            self.lost, self._bridge = False, None
        if not sparse.undecided:
            self.vacant.steady_s = self.parked.steady_s = self.track.t
        self.parked.level = sparse.level()
        return changes

    @property
    def _undecided(self) -> bool:
        if self._check is not None:
            return self.track.sensed
        if self.track.sparse:
            return self.sparse.undecided
        watch = self.parked.disturbance if self.believed is Occupancy.OCCUPIED else self.vacant.presence
        return watch is not None or (self.believed is Occupancy.OCCUPIED and self.parked.level is None)

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
            self._look_anew(self.vacant.coming_s if self.believed is Occupancy.VACANT else None)
        self.track.pause()
        return [lost(self.bay, self.believed, last_s, now, self.silence.cause)]

    def _go_on(self, bridge: Bridge, now: float) -> None:
        """There is a sample after a silence."""
        if bridge.holds(self.track, self.accounts, now):
            bridge.seen(now)
        else:
            self._look_anew()

    def _look_anew(self, came_s: float | None = None) -> None:
        """What the bay is must be found again."""
        self._bridge, self._check = None, Check(Reason.RECOVERED, came_s, self.track.t)
        self.vacant.presence = self.parked.disturbance = None
        if self._sparse is not None:
            self._leave_accounts(self._sparse)

    # What was decided.

    def _settle(self, decision: Decision, now: float) -> list[BayChange]:
        """A change that was seen to happen."""
        if decision.wrong is not None:
            return self._correct(decision, decision.wrong, now)
        previous, target = self.believed, decision.target
        reason = Reason.DEVICE if self.track.empty.decides else decision.reason
        if self._bridge is not None and self._bridge.hides(decision):
            reason = Reason.RECOVERED
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

    def _correct(self, decision: Decision, empty: Vector, now: float) -> list[BayChange]:
        """What was told as a vehicle is what the bay looks like when it is empty; what stands there now is judged against that."""
        track = self.track
        evidence = evidence_of(track, decision.readings)
        correction = Settled(self.bay, Occupancy.VACANT, now, decision.confidence).corrected(self.believed, now, evidence)
        if not track.sparse:
            track.anchor(empty, decision.readings)
        self.believed, self.since_s = Occupancy.VACANT, now
        self.parked.level = None
        self.vacant.begin(track.t)
        return [correction]

    def _found(self, found: Found, check: Check, now: float) -> list[BayChange]:
        """What the bay is, after a time in which nobody looked."""
        previous, target, evidence = self.believed, found.target, evidence_of(self.track, found.readings)
        changes = looked_at(self.bay, previous, found, self.steady_s, check.reason, evidence, now)
        since = changes[-1].onset_s if changes else self.since_s
        if self.lost:
            changes.insert(0, Settled(self.bay, target, now, found.confidence).restored(found.first_seen_s, evidence))
        self.lost, self._check = False, None
        if target is previous and not found.another:
            self.believed = target
            self._look_again()
        else:
            self._believe(target, since)
        self.parked.unwatched()
        return changes

    def _believe(self, target: Occupancy, since_s: float | None) -> None:
        self.believed, self.since_s = target, since_s
        if self.track.sparse and self.accounts is not None:
            return
        if target is Occupancy.OCCUPIED:
            self.parked.begin(self.track, self.vacant.came, self.vacant.absorbed)
            self.vacant.rest()
        else:
            if self.track.plateau.count >= 2:
                self.vacant.took(self.track.plateau.mean, self.track)
                self.track.anchor(self.track.plateau.mean, self.track.plateau.count)
            self.parked.level = None
            self.parked.recurrence = None
            self.vacant.begin(self.track.t)

    def _look_again(self) -> None:
        """Nothing has changed: the watch goes on, from now."""
        if self._sparse is not None:
            self._sparse.accounts = None
        now = self.track.t
        if self.believed is Occupancy.OCCUPIED:
            self.parked.steady_s = now
            if self.track.plateau.count >= 2:
                self.parked.level = self.track.plateau.mean
        else:
            self.vacant.begin(now)
