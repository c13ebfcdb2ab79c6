"""When a vehicle that has left began to, and how sure that is: it is billed until then, so that what is in doubt is dated early."""

from gateway.detection.change import Occupancy, Reason
from gateway.detection.conditioning import Vector
from gateway.detection.disturbance import Disturbance
from gateway.detection.phase import Decision
from gateway.detection.track import Track

_ONSET_MAX_S = 15.0
_ONSET_LATE_S = 5.0
_ONSET_QUICK_S = 4.5
"""Before the bay is empty, at the most. Half drive out in 2.3 s, 95 of 100 in 8.3 s; what stirs earlier mostly moves in its bay."""


def departed(disturbance: Disturbance, level: Vector | None, again_s: float | None, track: Track) -> Decision:
    """`level`: the vehicle's. `again_s`: when another has taken its place."""
    first_empty = disturbance.empty_first_s if disturbance.empty_first_s is not None else track.plateau.since_s
    onset = max(disturbance.steady_s, disturbance.first_s - track.lag_s - 1.5)
    if track.conditioner.quick and again_s is None:
        first_empty = max(first_empty, track.plateau.since_s - track.lag_s)
        onset = max(onset, first_empty - _ONSET_QUICK_S)
    elif not track.slow and first_empty - disturbance.first_s > _ONSET_MAX_S:
        onset = max(onset, first_empty - _ONSET_LATE_S)
    onset = min(onset, first_empty)
    clear = 1.0 if level is None else (track.apart(level, _ZERO) / track.level_square) ** 0.5
    confidence = 0.995 * (1.0 - 0.25 / (1.0 + max(clear - 1.0, 0.0)) ** 3)
    return Decision(
        Occupancy.VACANT,
        onset,
        disturbance.steady_s,
        disturbance.first_s,
        confidence,
        Reason.LEVEL,
        track.plateau.count,
        again_s=again_s,
    )


_ZERO: Vector = (0.0, 0.0, 0.0)
