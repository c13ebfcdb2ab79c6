"""The clock that is handed in: monotonic time for everything, wall time only where an event is minted."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID

_SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_NO_BOOT = str(UUID(int=0))


class TimeQuality(StrEnum):
    SYNCED = "synced"
    UNSYNCED = "unsynced"
    ESTIMATED = "estimated"
    """Said of an event whose time was put right later; never by a clock."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """One moment on the clocks that outlive a process: since the machine started, and as it believes the date."""

    boot_id: str
    """A UUID, another one at each start of the machine."""
    boot_ns: int
    wall_ns: int
    quality: TimeQuality


class Clock(Protocol):
    def monotonic(self) -> float:
        """Seconds that never step; the same clock as the event loop's timers."""

    def wall(self) -> float:
        """Seconds since 1970-01-01 UTC, as the system believes."""

    def quality(self) -> TimeQuality:
        """Whether the wall time is to be believed."""

    def boot_id(self) -> str:
        """A UUID that is another one at each start of the machine."""

    def since_boot_ns(self) -> int:
        """Since the machine started, suspended or not; never steps."""


class SystemClock:
    """The machine's own clocks. To be used inside a running event loop."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def wall(self) -> float:
        return time.time()

    def quality(self) -> TimeQuality:
        """Synced when the system's time service has said so, as systemd-timesyncd does with a file."""
        return TimeQuality.SYNCED if _SYNCHRONIZED.exists() else TimeQuality.UNSYNCED

    def boot_id(self) -> str:
        return _BOOT_ID.read_text("ascii").strip()

    def since_boot_ns(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


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

    def boot_id(self) -> str:
        return _NO_BOOT

    def since_boot_ns(self) -> int:
        # Its processes come and go within one simulated day: what goes on through them is the wall time.
        return round(self.wall() * 1e9)


def system_wall() -> datetime:
    """What the system believes the time is, in UTC: for what is shown to people, never for an event."""
    return datetime.now(UTC)


def rfc3339(wall_s: float) -> str:
    """UTC with milliseconds, e.g. 2026-05-01T08:15:02.120Z."""
    return datetime.fromtimestamp(round(wall_s, 3), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
