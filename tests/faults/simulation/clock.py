"""The machine's clocks in a simulation: what it believes the date is may be wrong, and jump; the monotonic ones never do."""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from gateway.clock import TimeQuality

_NEAR_S = 10.0
WALL_AT_ZERO_S = 1_777_593_600.0
"""2026-05-01, the true date at street time zero; loop time is street time."""


@dataclass(frozen=True, slots=True)
class Phase:
    """From then on the machine is wrong by so much, and says that it is synchronised or not."""

    from_s: float
    wrong_by_s: float
    quality: TimeQuality


class SimulatedClock:
    """`boot` is the time at which the machine was started."""

    def __init__(self, phases: Sequence[Phase], boot: float = 0.0) -> None:
        self._phases = sorted(phases, key=lambda phase: phase.from_s)
        self._begin = [phase.from_s for phase in self._phases]
        self._boot = boot
        self._boot_id = str(UUID(int=Random(f"boot/{boot}").getrandbits(128)))

    def phase(self, t: float) -> Phase:
        return self._phases[bisect_right(self._begin, t) - 1]

    def lies(self, t: float) -> bool:
        """It says that it is right, and is not."""
        phase = self.phase(t)
        return phase.quality is TimeQuality.SYNCED and phase.wrong_by_s != 0.0

    def misled(self, t: float) -> bool:
        """What was minted then may have been dated by a lie: one of that moment, or a later one where there was no date yet."""
        near = any(self.lies(phase.from_s) and abs(phase.from_s - t) < _NEAR_S for phase in self._phases)
        return self.lies(t) or near or (self.ever_lies and self.phase(t).quality is TimeQuality.UNSYNCED)

    @property
    def ever_lies(self) -> bool:
        return any(self.lies(phase.from_s) for phase in self._phases)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def wall(self) -> float:
        now = self.monotonic()
        return max(0.0, WALL_AT_ZERO_S + now + self.phase(now).wrong_by_s)

    def quality(self) -> TimeQuality:
        return self.phase(self.monotonic()).quality

    def boot_id(self) -> str:
        return self._boot_id

    def since_boot_ns(self) -> int:
        return round((self.monotonic() - self._boot) * 1e9)
