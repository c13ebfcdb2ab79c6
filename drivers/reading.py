"""A Reading: what one device said at one moment, as named values in physical units.

The names are those of the reading trace that `record` writes and `replay` reads. A value that the device does not have is
None; nothing is ever filled in.
"""

from dataclasses import dataclass
from enum import StrEnum


class Quality(StrEnum):
    GOOD = "good"
    BAD = "bad"
    """It answered, and what it said must not become an event."""


_GOOD = Quality.GOOD
"""Looked up once: in Python 3.11 a member of an enum costs as much as all else that `trusted` does, and that is asked at every reading."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One tag heard in one scan."""

    tag: str
    rssi_dbm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`t` is monotonic seconds at which the answer was complete; for a silent device, when that was noticed."""

    device: str
    t: float
    quality: Quality = Quality.GOOD
    silent: bool = False
    cause: str | None = None
    x_ut: float | None = None
    y_ut: float | None = None
    z_ut: float | None = None
    b_ut: float | None = None
    level: float | None = None
    occupied: bool | None = None
    distance_mm: float | None = None
    temperature_c: float | None = None
    battery_v: float | None = None
    battery_pct: float | None = None
    rssi_dbm: float | None = None
    snr_db: float | None = None
    fault: int | str | None = None
    count: int | None = None
    sightings: tuple[Sighting, ...] | None = None
    """Tags heard in one scan; an empty tuple is a scan that heard none, None is no scan at all."""

    @property
    def trusted(self) -> bool:
        """Whether a detector may believe the values."""
        return self.quality is _GOOD and not self.silent
