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
class Debounced:
    """A state that changes once the other one has been held."""

    bay: str
    held_s: float = DEBOUNCE_S
    occupied: bool = False
    _since_s: float | None = None
    _readings: int = 0

    @property
    def vacant(self) -> bool:
        """And nothing says otherwise."""
        return not self.occupied and self._since_s is None

    def feed(self, occupied: bool, now: float) -> list[BayChange]:
        if occupied == self.occupied:
            self._since_s, self._readings = None, 0
            return []
        if self._since_s is None:
            self._since_s = now
        self._readings += 1
        if now - self._since_s < self.held_s or self._readings < 2:
            return []
        onset_s, self._since_s, self._readings = self._since_s, None, 0
        self.occupied = occupied
        state, previous = (Occupancy.OCCUPIED, Occupancy.VACANT) if occupied else (Occupancy.VACANT, Occupancy.OCCUPIED)
        return [
            BayChange(
                bay=self.bay,
                kind=Kind.PARK_START if occupied else Kind.PARK_END,
                state=state,
                previous=previous,
                onset_s=onset_s,
                confirmed_s=now,
                confidence=0.9,
                reason=Reason.LEVEL,
            )
        ]


@dataclass(slots=True)
class Threshold:
    """`follows_s` is the time constant of the mean while the bay is vacant; None for a baseline that is fixed for good."""

    bay: str
    follows_s: float | None = None
    _debounced: Debounced = field(init=False)
    _baseline: list[float] = field(default_factory=list)
    _seen: int = 0
    _last_s: float | None = None

    def __post_init__(self) -> None:
        self._debounced = Debounced(self.bay)

    def feed(self, reading: Reading, now: float) -> list[BayChange]:
        if not reading.trusted:
            return []
        if reading.occupied is not None:
            return self._debounced.feed(reading.occupied, now)
        if reading.level is not None:
            return self._debounced.feed(self._over(reading.level, _OCCUPIED_LEVEL, _VACANT_LEVEL), now)
        axes = [value for value in (reading.x_ut, reading.y_ut, reading.z_ut, reading.b_ut) if value is not None]
        if not axes:
            return []
        if self._seen < _LEARNS:
            self._seen += 1
            before = self._baseline or axes
            self._baseline = [old + (new - old) / self._seen for old, new in zip(before, axes, strict=True)]
            return []
        far = sqrt(sum((new - empty) ** 2 for new, empty in zip(axes, self._baseline, strict=True)))
        changes = self._debounced.feed(self._over(far, _OCCUPIED_UT, _VACANT_UT), now)
        if self.follows_s is not None and self._debounced.vacant:
            gain = 1.0 if self._last_s is None else 1.0 - exp(-(now - self._last_s) / self.follows_s)
            self._baseline = [old + gain * (new - old) for old, new in zip(self._baseline, axes, strict=True)]
        self._last_s = now
        return changes

    def deadline(self) -> float | None:
        return None

    def tick(self, now: float) -> list[BayChange]:  # noqa: ARG002
        return []

    def _over(self, far: float, occupied: float, vacant: float) -> bool:
        return far > vacant if self._debounced.occupied else far >= occupied
