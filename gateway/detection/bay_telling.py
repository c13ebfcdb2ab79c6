"""How a bay's changes are worded: kinds, bounds, confidence, evidence. Pure functions of what the machine has decided."""

from dataclasses import dataclass

from gateway.detection.change import BayChange, Evidence, Kind, Occupancy, Reason
from gateway.detection.check import Found
from gateway.detection.evidence import Sense
from gateway.detection.track import Track


def lost(bay: str, believed: Occupancy, last_s: float, now: float, cause: str) -> BayChange:
    """Nothing that may be believed came since `last_s`."""
    return BayChange(
        bay=bay,
        kind=Kind.COMMS_LOST,
        state=Occupancy.UNKNOWN,
        previous=believed,
        onset_s=last_s,
        confirmed_s=now,
        confidence=1.0,
        reason=Reason.TIMEOUT,
        cause=cause,
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """A bay whose occupancy has just become certain."""

    bay: str
    state: Occupancy
    confirmed_s: float
    confidence: float

    def restored(self, first_seen_s: float, evidence: Evidence) -> BayChange:
        """Known again after a silence."""
        return self._change(Kind.COMMS_RESTORED, Occupancy.UNKNOWN, first_seen_s, Reason.RECOVERED, evidence)

    def seen(
        self,
        previous: Occupancy,
        onset_s: float,
        reason: Reason,
        evidence: Evidence,
        earliest_s: float | None = None,
        latest_s: float | None = None,
    ) -> BayChange:
        """A change that was seen; the bounds where the readings around it are far apart."""
        return self._change(self._kind, previous, onset_s, reason, evidence, earliest_s, latest_s)

    def unseen(self, previous: Occupancy, earliest_s: float | None, latest_s: float, reason: Reason, evidence: Evidence) -> BayChange:
        """A change that happened between two looks; billed in the driver's favour, from the later bound or to the earlier one."""
        arrived = self.state is Occupancy.OCCUPIED
        onset_s = latest_s if arrived or earliest_s is None else earliest_s
        return self._change(self._kind, previous, onset_s, reason, evidence, earliest_s, latest_s)

    def corrected(self, previous: Occupancy, now: float, evidence: Evidence) -> BayChange:
        """The start of the running session was wrong: nothing stood there."""
        return self._change(Kind.CORRECTION, previous, now, Reason.SIGNATURE, evidence)

    @property
    def _kind(self) -> Kind:
        return Kind.PARK_START if self.state is Occupancy.OCCUPIED else Kind.PARK_END

    def _change(
        self,
        kind: Kind,
        previous: Occupancy,
        onset_s: float,
        reason: Reason,
        evidence: Evidence,
        earliest_s: float | None = None,
        latest_s: float | None = None,
    ) -> BayChange:
        return BayChange(
            bay=self.bay,
            kind=kind,
            state=self.state,
            previous=previous,
            onset_s=onset_s,
            confirmed_s=self.confirmed_s,
            confidence=self.confidence,
            reason=reason,
            earliest_s=earliest_s,
            latest_s=latest_s,
            evidence=evidence,
        )


def looked_at(
    bay: str, previous: Occupancy, found: Found, earliest_s: float | None, reason: Reason, evidence: Evidence, now: float
) -> list[BayChange]:
    """What has changed while nobody looked: since `earliest_s`, when the bay was last seen to be `previous`."""
    changes: list[BayChange] = []
    occupied = found.target is Occupancy.OCCUPIED
    ended = previous is Occupancy.OCCUPIED and (found.target is Occupancy.VACANT or found.another)
    if ended:
        settled = Settled(bay, Occupancy.VACANT, now, found.confidence)
        changes.append(settled.unseen(previous, earliest_s, found.stood_s, reason, evidence))
    if occupied and (previous is not Occupancy.OCCUPIED or found.another):
        before = Occupancy.VACANT if ended else previous
        settled = Settled(bay, Occupancy.OCCUPIED, now, found.confidence)
        if found.came_s is not None:
            changes.append(settled.seen(before, found.came_s, reason, evidence, earliest_s, found.came_s))
        else:
            changes.append(settled.unseen(before, earliest_s, found.stood_s, reason, evidence))
    return changes


def evidence_of(track: Track, readings: int) -> Evidence:
    """The plateau that convinced, where the sensor has three axes; else its one number."""
    empty, plateau = track.empty, track.plateau
    departure = plateau.mean if plateau.count >= 2 else track.z
    if empty.sense is not Sense.FIELD or empty.axes != 3 or empty.baseline is None:
        told = empty.sense is not Sense.DECISION and empty.baseline is not None
        level = departure[0] + empty.baseline.expected(empty.warmth)[0] if told and empty.baseline is not None else None
        return Evidence(level=level, temperature_c=empty.warmth.now_c, readings=readings)
    return Evidence(
        delta_ut=departure, baseline_ut=empty.baseline.expected(empty.warmth), temperature_c=empty.warmth.now_c, readings=readings
    )
