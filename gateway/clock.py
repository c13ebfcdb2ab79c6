"""The clock that is handed in: monotonic time for everything, wall time only where an event is minted."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

_SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")


class TimeQuality(StrEnum):
    SYNCED = "synced"
    UNSYNCED = "unsynced"


class Clock(Protocol):
    def monotonic(self) -> float:
        """Seconds that never step; the same clock as the event loop's timers."""

    def wall(self) -> float:
        """Seconds since 1970-01-01 UTC, as the system believes."""

    def quality(self) -> TimeQuality:
        """Whether the wall time is to be believed."""


class SystemClock:
    """The machine's own clocks. To be used inside a running event loop."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def wall(self) -> float:
        return time.time()

    def quality(self) -> TimeQuality:
        """Synced when the system's time service has said so, as systemd-timesyncd does with a file."""
        return TimeQuality.SYNCED if _SYNCHRONIZED.exists() else TimeQuality.UNSYNCED


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """Wall time derived from the loop's own time: for replays and for simulated hours."""

    wall_at_zero_s: float

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def wall(self) -> float:
        return self.wall_at_zero_s + self.monotonic()

    def quality(self) -> TimeQuality:
        return TimeQuality.SYNCED


def system_wall() -> datetime:
    """What the system believes the time is, in UTC: for what is shown to people, never for an event."""
    return datetime.now(UTC)


def rfc3339(wall_s: float) -> str:
    """UTC with milliseconds, e.g. 2026-05-01T08:15:02.120Z."""
    return datetime.fromtimestamp(round(wall_s, 3), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
