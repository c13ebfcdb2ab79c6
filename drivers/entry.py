"""One task in a plan: which slice of it follows, when it is due, and what class it is of at present. Pure.

poll  due ──▶ begun ──▶ ended ──▶ due again, on its own grid: a time that has passed is skipped, not queued
job   due ──▶ begun ──▶ ended
"""

from dataclasses import dataclass, field, replace
from math import ceil

from drivers.question import Shape
from drivers.standing import Standing, State, Step
from drivers.task import Ask, Duty, Poll, Task


@dataclass(slots=True, eq=False)
class Entry:
    """What the plan looks at for each task at each turn is kept ready in `due`, `deadline`, `shape` and `duty`."""

    task: Task
    due: float
    deadline: float
    """A task that has begun keeps it, so that it is not overtaken at every slice by those that have not."""
    duty: Duty
    begun: bool = False
    following: Ask = field(init=False)
    shape: Shape = field(init=False)

    def __post_init__(self) -> None:
        self.goes_on(self.task.slices[0])

    def goes_on(self, ask: Ask) -> None:
        self.following = ask
        self.shape = ask.question.shape


@dataclass(slots=True, eq=False)
class JobEntry(Entry):
    ticket: int = field(kw_only=True)
    withdrawn: bool = False


@dataclass(slots=True, eq=False)
class PollEntry(Entry):
    poll: Poll = field(kw_only=True)
    standing: Standing = field(kw_only=True)
    offset_s: float = field(kw_only=True)

    @classmethod
    def of(cls, poll: Poll, offset_s: float) -> "PollEntry":
        return cls(poll, 0.0, 0.0, poll.duty, poll=poll, standing=Standing(poll.period_s), offset_s=offset_s)

    def made_as(self, poll: Poll) -> "PollEntry":
        """Another poll in its place: at the same times, and no better trusted."""
        entry = PollEntry(
            poll,
            self.due,
            self.deadline,
            poll.duty,
            poll=poll,
            standing=replace(self.standing, period_s=poll.period_s),
            offset_s=self.offset_s,
        )
        entry.judge()
        return entry

    def judge(self) -> None:
        """Silence lowers a poll's class."""
        if self.standing.well:
            self.duty = self.poll.duty
        else:
            self.duty = Duty.PROBE if self.standing.state is State.SILENT else Duty.FAILING

    def starts_at(self, due: float) -> None:
        self.begun = False
        self.goes_on(self.poll.slices[0])
        self.due = due
        self.deadline = due + self.poll.period_s

    def link_lost(self) -> None:
        self.standing.link_lost()
        self.judge()

    def ended(self, now: float, *, answered: bool) -> tuple[Step | None, int]:
        """What that changed, and how many times of its grid have passed unused."""
        step = self.standing.answered() if answered else self.standing.failed(now)
        self.judge()
        if self.duty is Duty.PROBE:
            self.starts_at(now + self.standing.probe_s)
            return step, 0
        period_s = self.poll.period_s
        was_due = self.deadline - period_s
        periods = max(1, ceil((now - was_due) / period_s))
        self.starts_at(was_due + periods * period_s)
        return step, periods - 1
