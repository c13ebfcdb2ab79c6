"""The bay must be known anew, after a start or a silence: nothing is taken for granted, what stands still now is what it is.

What stood there before is remembered: another vehicle with another field is another stay, even though nobody saw it come.
"""

from dataclasses import dataclass

from gateway.detection.aftermath import ONE_MANOEUVRE_S
from gateway.detection.change import Occupancy, Reason
from gateway.detection.conditioning import Vector
from gateway.detection.empty_again import DRIFT_SQUARE, NEAR, NEAR_SHARE
from gateway.detection.track import Track

_STILL_S = 2.9
_UNDECIDED_S = 25.0
_UNDECIDED_SAMPLES = 2.5
_ANOTHER_SQUARE = 200.0
_ANOTHER_SHARE = 0.3
_CONFIDENCE = 0.98
_ASSUMED = 0.7


@dataclass(frozen=True, slots=True)
class Found:
    target: Occupancy
    another: bool
    """Occupied before and now, and not by the same vehicle."""
    first_seen_s: float
    """The first reading since somebody looks again."""
    stood_s: float
    """From here on it has stood as it does: before, it may have been otherwise, while somebody looked already."""
    confidence: float
    readings: int
    came_s: float | None = None
    """When the vehicle came that stands there now, if it was seen to."""
    as_before_s: float | None = None
    """The last reading that showed the bay as it was believed to be."""


@dataclass(frozen=True, slots=True)
class Coming:
    """What was felt in an empty bay as a silence began."""

    came_s: float
    felt_s: float
    """The last sample before the silence."""
    felt: Vector

    def stands(self, mean: Vector, seen_s: float, track: Track) -> bool:
        """Whether it is what stands there since `seen_s`: one manoeuvre, or a vehicle that stood then as it does now."""
        return seen_s - self.felt_s < ONE_MANOEUVRE_S or track.apart(mean, self.felt) <= 2.0 * track.empty.stirred


class Check:
    __slots__ = ("_as_before_s", "_coming", "first_s", "reason")

    def __init__(self, reason: Reason, coming: Coming | None = None) -> None:
        self.reason = reason
        self.first_s: float | None = None
        self._coming = coming
        self._as_before_s: float | None = None

    def feed(self, track: Track, believed: Occupancy, parked: Vector | None) -> Found | None:
        if self.first_s is None:
            self.first_s = track.t
        plateau, t = track.plateau, track.t
        if _as_before(track, believed, parked):
            self._as_before_s = t
            self._coming = None  # Whatever was coming as the silence began has gone.
        if believed is Occupancy.UNKNOWN and track.empty.assumed:
            return Found(Occupancy.VACANT, False, self.first_s, self.first_s, _ASSUMED, plateau.count)
        # Where samples are a minute apart, the second one alone must not decide.
        late = t - self.first_s > max(_UNDECIDED_S, _UNDECIDED_SAMPLES * track.usual_s)
        stands = plateau.last_t == t and plateau.since_s >= self.first_s and plateau.count >= (2 if track.slow else 3)
        if not late and not (stands and (track.slow or plateau.age_s >= _STILL_S)):
            return None
        mean, count = (plateau.mean, plateau.weight) if plateau.count >= 2 else (track.z, 1)
        target, clear = self._judge(track, believed, parked, mean, count)
        if not clear and not late:
            return None
        another = (
            target is believed is Occupancy.OCCUPIED
            and parked is not None
            and track.apart(mean, parked) > _ANOTHER_SQUARE
            and track.apart(mean, parked) > _ANOTHER_SHARE * max(track.apart(parked, _ZERO), track.apart(mean, _ZERO))
        )
        stood_s = max(self.first_s, plateau.since_s - track.lag_s) if stands else t
        coming = self._coming
        came_s = coming.came_s if coming is not None and coming.stands(mean, self.first_s, track) else None
        return Found(target, another, self.first_s, stood_s, _CONFIDENCE if clear and not late else 0.7, count, came_s, self._as_before_s)

    @staticmethod
    def _judge(track: Track, believed: Occupancy, parked: Vector | None, mean: Vector, count: int) -> tuple[Occupancy, bool]:
        """What it is, and whether that is beyond doubt."""
        square = track.empty.plateau_square(mean, count)
        vehicle = track.is_vehicle(mean, count)
        if believed is Occupancy.OCCUPIED and parked is not None:
            from_empty, from_parked = track.apart(mean, _ZERO), track.apart(mean, parked)
            if _alike(from_parked, from_empty, track):
                return Occupancy.OCCUPIED, True
            drifted = from_empty <= NEAR_SHARE * track.apart(parked, _ZERO) and square <= DRIFT_SQUARE
            if from_empty <= NEAR * from_parked and (square <= track.level_square or drifted):
                return Occupancy.VACANT, True
        if vehicle:
            return Occupancy.OCCUPIED, True
        far = mean[0] * mean[0] + mean[1] * mean[1] + mean[2] * mean[2]
        if square <= track.empty.stirred or far < track.empty.least[1] ** 2:
            return Occupancy.VACANT, True
        nearer = square > track.level_square and far >= track.empty.half_way**2
        return Occupancy.OCCUPIED if nearer else Occupancy.VACANT, False


def _as_before(track: Track, believed: Occupancy, parked: Vector | None) -> bool:
    """Whether this sample alone shows what the bay is believed to be."""
    if believed is Occupancy.OCCUPIED:
        return parked is not None and _alike(track.apart(track.z, parked), track.apart(track.z, _ZERO), track)
    return track.square <= track.empty.stirred


def _alike(from_parked: float, from_empty: float, track: Track) -> bool:
    return from_parked <= 2.0 * track.empty.stirred and from_parked < from_empty


_ZERO: Vector = (0.0, 0.0, 0.0)
