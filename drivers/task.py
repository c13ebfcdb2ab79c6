"""What a bus may be asked to do, as slices: each is one exchange, and between two slices the line is free for others. Pure data.

A poll is a task that comes again every period; a job (a technician's read, a write) comes once.
"""

from dataclasses import dataclass
from enum import IntEnum

from drivers.device import BusDevice
from drivers.question import Question


class Duty(IntEnum):
    """Classes of work, the most urgent first. Each has a share of the line of its own, so that none starves."""

    COMMAND = 0
    """Somebody waits for it: a write, a technician's read."""
    EVENT = 1
    """Polls whose readings become events: somebody's money."""
    ROUTINE = 2
    """Polls of devices that nothing is bound to."""
    FAILING = 3
    """Polls of units that have just stopped answering."""
    PROBE = 4
    """Units that are silent."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ask:
    """One exchange, and the names of the devices that it is for. Equal to itself only.

    `wait_s` must pass before the task goes on, while the line is free.
    """

    question: Question
    timeout_s: float
    cost_s: float
    """Predicted: from the first byte of the request until the next may follow, answer time included."""
    devices: tuple[str, ...]
    wait_s: float = 0.0
    reads: bool = True
    """Its answer is part of a reading; else it is a write."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """Slices in the order in which they are asked. Equal to itself only."""

    unit: int
    duty: Duty
    slices: tuple[Ask, ...]
    devices: tuple[BusDevice, ...]

    @property
    def cost_s(self) -> float:
        return sum(each.cost_s for each in self.slices)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Poll(Task):
    """A task of every `period_s` whose answers become Readings. Its duty is EVENT or ROUTINE; silence lowers it."""

    period_s: float
