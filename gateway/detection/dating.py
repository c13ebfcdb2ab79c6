"""When a change that was decided is billed from: what nobody saw lies between two readings, and is rounded in the driver's favour."""

from dataclasses import dataclass

from gateway.detection.change import Occupancy
from gateway.detection.phase import Decision

_UNSEEN_S = 5.0
"""Where nothing was seen for so long before a change, the times that enclose it are told."""
_JUST_AFTER_S = 0.001


@dataclass(frozen=True, slots=True)
class Dated:
    onset_s: float
    earliest_s: float | None = None
    latest_s: float | None = None


def dated(decision: Decision) -> Dated:
    earliest, latest, onset = decision.earliest_s, decision.latest_s, decision.onset_s
    if earliest is None or latest - earliest <= _UNSEEN_S:
        return Dated(onset)
    if decision.target is Occupancy.OCCUPIED:
        return Dated(latest, earliest, latest)
    return Dated(max(onset if onset > latest else earliest + _JUST_AFTER_S, earliest), earliest, latest)
