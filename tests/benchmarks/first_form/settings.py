"""What the first form could be set to, and its defaults."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BayDetection:
    occupied_ut: float = 6.0
    vacant_ut: float = 3.5
    occupied_level: float = 150
    vacant_level: float = 100
    dwell_s: float = 6.0
    silent_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldVector:
    x_ut: float
    y_ut: float
    z_ut: float
    temperature_c: float | None = None
