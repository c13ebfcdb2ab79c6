"""How one poll stands: healthy, failing, silent, returning. Pure.

    healthy ──fails──▶ failing ──3 cycles and 5 s, both──▶ silent ──answers──▶ returning ──answers again──▶ healthy
       ▲                  │                                  ▲                     │
       └─────answers──────┘                                  └────────fails────────┘

Failing units are asked at their period, silent ones at a growing interval, so that a unit that is gone does not hold up
those that are there.
"""

from dataclasses import dataclass
from enum import StrEnum

CYCLES_TO_SILENCE = 3
PATIENT_CYCLES = 4
"""One in so many gives a failing unit its whole time: the first, the fifth, and so on."""
SECONDS_TO_SILENCE = 5.0
FIRST_PROBE_S = 2.0
LAST_PROBE_S = 60.0


class State(StrEnum):
    HEALTHY = "healthy"
    FAILING = "failing"
    SILENT = "silent"
    RETURNING = "returning"


class Step(StrEnum):
    """What a cycle changed, for those who must be told."""

    WENT_SILENT = "went_silent"
    STILL_SILENT = "still_silent"
    CAME_BACK = "came_back"


@dataclass(slots=True)
class Standing:
    period_s: float
    state: State = State.HEALTHY
    failures: int = 0
    failing_since: float = 0.0
    probe_s: float = 0.0

    @property
    def well(self) -> bool:
        return self.state in (State.HEALTHY, State.RETURNING)

    @property
    def hurried(self) -> bool:
        return self.failures % PATIENT_CYCLES != 0

    def answered(self) -> Step | None:
        self.failures = 0
        if self.state is State.SILENT:
            self.state = State.RETURNING
            return None
        returned = self.state is State.RETURNING
        self.state = State.HEALTHY
        return Step.CAME_BACK if returned else None

    def failed(self, now: float) -> Step | None:
        """One cycle, its retry included, has brought nothing."""
        self.failures += 1
        if self.state is State.HEALTHY:
            self.state = State.FAILING
            self.failing_since = now
        if self.state is State.FAILING:
            if self.failures < CYCLES_TO_SILENCE or now - self.failing_since < SECONDS_TO_SILENCE:
                return None
            self.state = State.SILENT
            self.probe_s = max(FIRST_PROBE_S, self.period_s)
            return Step.WENT_SILENT
        if self.state is State.RETURNING:
            self.state = State.SILENT
            return Step.WENT_SILENT
        self.probe_s = min(2 * self.probe_s, max(LAST_PROBE_S, self.period_s))
        return Step.STILL_SILENT

    def link_lost(self) -> None:
        """What failed until now may have been the link's fault."""
        if self.state is State.FAILING:
            self.state = State.HEALTHY
        self.failures = 0
