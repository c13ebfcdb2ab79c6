"""What a plan is told, and what it says: the inputs and outputs of `plan.py`."""

from dataclasses import dataclass
from enum import StrEnum

from drivers.question import Shape
from drivers.standing import Step
from drivers.task import Ask, Poll, Task


class Outcome(StrEnum):
    """How a task ended. The last three count against the unit."""

    ANSWERED = "answered"
    SILENT = "no_answer"
    CORRUPT = "corrupt"
    MISMATCHED = "mismatched"


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """The line can be used; nothing is outstanding on it."""


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The line can't be used; tasks under way, if any, are void."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A job. The ticket is the asker's own."""

    ticket: int
    task: Task


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A job that nobody waits for any more. A slice of it that is under way is still finished."""

    ticket: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question that may still be answered, for so long from now."""

    shape: Shape
    hold_s: float


@dataclass(frozen=True, slots=True)
class SliceEnded:
    """The turn under way is over and its task is not: `next` follows, not before `wait_s` from now.

    `next` may be the slice that was just asked: a corrupt answer is asked for once more.
    """

    next: Ask
    wait_s: float = 0.0
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """The turn under way is over, and with it its task."""

    outcome: Outcome
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Replaced:
    """A poll that was refused as a whole is from now on made in other slices, at the same times."""

    poll: Poll
    by: tuple[Poll, ...]


@dataclass(frozen=True, slots=True)
class Babbled:
    """After its answer, or without one, a unit went on talking, and held up the turn under way for so long."""

    unit: int
    seconds: float


Input = LinkOpened | LinkLost | Asked | Withdrawn | SliceEnded | Ended | Replaced | Babbled


@dataclass(frozen=True, slots=True)
class Turn:
    """Ask this slice now. The line is busy until SliceEnded, Ended or LinkLost."""

    task: Task
    slice: Ask
    ticket: int | None
    first: bool
    """The task begins; else it goes on."""
    late_s: float
    """How long after its due time, for a poll that begins; 0 for all else."""
    hurried: bool = False
    """The unit did not answer last time: it is not worth to wait for it as long as for others."""


@dataclass(frozen=True, slots=True)
class Told:
    """A poll's standing has changed, or is still bad."""

    poll: Poll
    step: Step
    outcome: Outcome


Output = Turn | Told
