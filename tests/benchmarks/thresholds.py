"""The two plain detectors that others are compared with: a fixed threshold, and a baseline that follows by an exponential mean.

Both debounce: a new state must hold for `DEBOUNCE_S`, with hysteresis between two thresholds, and its onset is where it began. The
settings are the usual ones and were not fitted to any trace. A level is judged in counts, a decision is debounced only.
"""

from dataclasses import dataclass, field
from math import exp, sqrt

from drivers.reading import Reading
from gateway.detection.change import BayChange, Kind, Occupancy, Reason

DEBOUNCE_S = 4.0
_LEARNS = 10
"""Readings whose mean is the empty field: a detector is put into service over an empty bay."""
_OCCUPIED_UT, _VACANT_UT = 6.0, 4.0
_OCCUPIED_LEVEL, _VACANT_LEVEL = 150.0, 100.0


@dataclass(slots=True)
class Threshold:
    """`follows_s` is the time constant of the mean while the bay is vacant; None for a baseline that is fixed for good."""

    bay: str
    follows_s: float | None = None
    _occupied: bool = False
    _baseline: list[float] = field(default_factory=list)
    _seen: int = 0
    _last_s: float | None = None
    _since_s: float | None = None
    _readings: int = 0

    def feed(self, reading: Reading, now: float) -> list[BayChange]:
        if not reading.trusted:
            return []
        if reading.occupied is not None:
            return self._debounced(1.0 if reading.occupied else 0.0, 0.5, 0.5, now)
        if reading.level is not None:
            return self._debounced(reading.level, _OCCUPIED_LEVEL, _VACANT_LEVEL, now)
        axes = [value for value in (reading.x_ut, reading.y_ut, reading.z_ut, reading.b_ut) if value is not None]
        if not axes:
            return []
        if self._seen < _LEARNS:
            self._seen += 1
            before = self._baseline or axes
            self._baseline = [old + (new - old) / self._seen for old, new in zip(before, axes, strict=True)]
            return []
        far = sqrt(sum((new - empty) ** 2 for new, empty in zip(axes, self._baseline, strict=True)))
        changes = self._debounced(far, _OCCUPIED_UT, _VACANT_UT, now)
        if self.follows_s is not None and not self._occupied and self._since_s is None:
            gain = 1.0 if self._last_s is None else 1.0 - exp(-(now - self._last_s) / self.follows_s)
            self._baseline = [old + gain * (new - old) for old, new in zip(self._baseline, axes, strict=True)]
        self._last_s = now
        return changes

    def deadline(self) -> float | None:
        return None

    def tick(self, now: float) -> list[BayChange]:  # noqa: ARG002
        return []

    def _debounced(self, far: float, occupied: float, vacant: float, now: float) -> list[BayChange]:
        other = far <= vacant if self._occupied else far >= occupied
        if not other:
            self._since_s, self._readings = None, 0
            return []
        if self._since_s is None:
            self._since_s = now
        self._readings += 1
        if now - self._since_s < DEBOUNCE_S or self._readings < 2:
            return []
        onset_s, self._since_s, self._readings = self._since_s, None, 0
        self._occupied = not self._occupied
        state, previous = (Occupancy.OCCUPIED, Occupancy.VACANT) if self._occupied else (Occupancy.VACANT, Occupancy.OCCUPIED)
        kind = Kind.PARK_START if self._occupied else Kind.PARK_END
        return [
            BayChange(
                bay=self.bay,
                kind=kind,
                state=state,
                previous=previous,
                onset_s=onset_s,
                confirmed_s=now,
                confidence=0.9,
                reason=Reason.LEVEL,
            )
        ]
