"""How a bay's changes are worded: kinds, bounds, confidence, evidence. Pure functions of what the machine has decided."""

from dataclasses import dataclass

from gateway.detection.change import BayChange, Evidence, Kind, Occupancy, Reason
from tests.benchmarks.first_form.empty import EmptyBay
from tests.benchmarks.first_form.evidence import Limits, Sense


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

    def seen(self, previous: Occupancy, onset_s: float, reason: Reason, evidence: Evidence) -> BayChange:
        """A change whose onset was seen."""
        return self._change(self._kind, previous, onset_s, reason, evidence)

    def unseen(self, previous: Occupancy, earliest_s: float | None, latest_s: float, reason: Reason, evidence: Evidence) -> BayChange:
        """A change that happened between two looks; billed in the driver's favour, from the later bound or to the earlier one."""
        arrived = self.state is Occupancy.OCCUPIED
        onset_s = latest_s if arrived or earliest_s is None else earliest_s
        return self._change(self._kind, previous, onset_s, reason, evidence, earliest_s, latest_s)

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


def confidence(target: Occupancy, far: float, limits: Limits) -> float:
    """How far beyond its limit the reading lies, as a probability; a first form that is not calibrated on data."""
    margin = far / limits.occupied if target is Occupancy.OCCUPIED else limits.vacant / max(far, limits.vacant / 4)
    return round(1.0 - 0.5 / (1.0 + max(margin - 1.0, 0.0)) ** 3, 3)


def evidence_of(empty: EmptyBay, departure: tuple[float, ...], readings: int) -> Evidence:
    baseline = empty.baseline
    if empty.sense is not Sense.FIELD or len(departure) != 3 or baseline is None:
        level = departure[0] if empty.sense is Sense.LEVEL else None
        return Evidence(level=level, temperature_c=empty.temperature_c, readings=readings)
    x, y, z = baseline.expected(empty.temperature_c)
    return Evidence(
        delta_ut=(departure[0], departure[1], departure[2]), baseline_ut=(x, y, z), temperature_c=empty.temperature_c, readings=readings
    )
