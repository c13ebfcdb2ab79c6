"""Whose turn it is on a line. Pure: feed it what happened, tick it, ask it when it next wants to be woken.

- A turn is one slice: one exchange. Between two slices of a task the line is free for others.
- A poll keeps its own grid of time. One that comes too late is skipped, not queued: a bus that is too slow reads less often,
  and never falls behind. Of one class, the earliest deadline goes first.
- Polls of one bus start staggered, so that they do not come in bursts.
- Classes of work share the line by the time that they spend (shares.py); silence lowers a poll's class.
- After a question that may still be answered late, no question of the same shape is asked until that time is over: its answer
  could not be told from the late one.
- A unit that did not answer is asked in a hurry until it does, one time in four excepted.
- A unit that talks on and on after it was asked is asked more rarely, so that the line is there for the others.
"""

from collections.abc import Sequence
from itertools import chain
from math import ceil

from drivers.entry import Entry, JobEntry, PollEntry
from drivers.question import Shape
from drivers.shares import PROBE_SHARE, Shares
from drivers.standing import LAST_PROBE_S, State
from drivers.task import Ask, Duty, Poll, Task
from drivers.turns import (
    Asked,
    Babbled,
    Doubt,
    Ended,
    Input,
    LinkLost,
    LinkOpened,
    Outcome,
    Output,
    Replaced,
    SliceEnded,
    Told,
    Turn,
    Withdrawn,
)

MOST_JOBS = 16
LONGEST_START_S = 5.0
"""A device that is polled every ten minutes is first asked within this time."""
_LEARNING = 0.125
"""Weight of the newest exchange in what a slice is expected to cost."""
_NEVER = float("inf")
_LOOK = 0.0
_PROBE = Duty.PROBE
_WORST_FIRST = (State.SILENT, State.FAILING, State.RETURNING, State.HEALTHY)


class Plan:
    def __init__(self, polls: Sequence[Poll], grid_s: float = 0.0) -> None:
        """Polls begin on multiples of `grid_s` of the clock, so that buses which share a clock wake together."""
        self._grid_s = grid_s
        self._polls = [PollEntry.of(poll, min(poll.period_s, LONGEST_START_S) * index / len(polls)) for index, poll in enumerate(polls)]
        self._jobs: list[JobEntry] = []
        self._held: dict[Shape, float] = {}
        self._costs: dict[Ask, float] = {}
        self._shares = Shares()
        self._open = False
        self._busy: Entry | None = None
        self._busy_since = 0.0
        self._soonest = _LOOK
        """When the first poll is due, so that not every turn looks at every poll. `_LOOK` where that is not known."""
        self._probing = False
        """Whether a poll may be of the class PROBE."""
        self.skipped = 0
        """Polls that were not made because the line was too slow for them."""

    @property
    def full(self) -> bool:
        return len(self._jobs) >= MOST_JOBS

    def predicted_s(self, ask: Ask) -> float:
        """What an exchange costs: as computed at first, then as learned from those of polls that were answered."""
        return self._costs.get(ask, ask.cost_s)

    def state_of(self, device: str) -> State:
        """The standing of a device; of several polls the worst counts."""
        states = (entry.standing.state for entry in self._polls if any(device == member.name for member in entry.poll.devices))
        return min(states, key=_WORST_FIRST.index, default=State.HEALTHY)

    def feed(self, happened: Input, now: float) -> list[Output]:
        match happened:
            case Ended():
                return self._ended(happened, now)
            case SliceEnded():
                self._slice_ended(happened, now)
            case Asked(ticket, task):
                if not self.full:
                    self._jobs.append(JobEntry(task, now, now, Duty.COMMAND, ticket=ticket))
            case Withdrawn(ticket):
                self._withdraw(ticket)
            case Replaced(poll, by):
                self._replace(poll, by)
            case Babbled(unit, seconds):
                self._hold_back(unit, seconds, now)
            case LinkOpened():
                self._opened(now)
            case LinkLost():
                self._lost()
        return []

    def deadline(self) -> float | None:
        """When the next turn can begin; None while the line is busy, down or without work."""
        if not self._open or self._busy is not None:
            return None
        held = self._held
        if self._soonest != _LOOK and not (held or self._jobs or self._probing):
            return None if self._soonest == _NEVER else self._soonest
        soonest = probe = _NEVER
        for entry in chain[Entry](self._jobs, self._polls):
            at = entry.due
            # Looked at only where it may be the soonest: this is asked at every turn.
            if at < soonest and (not held or (at := max(at, held.get(entry.shape, at))) < soonest):
                if entry.duty is not _PROBE:
                    soonest = at
                elif at < probe:
                    probe = at
        if probe < soonest:
            soonest = min(soonest, max(probe, self._shares.probes_from(self._busy_since)))
        return None if soonest == _NEVER else soonest

    def tick(self, now: float) -> list[Output]:
        if not self._open or self._busy is not None:
            return []
        entry = self._next(now)
        self._busy, self._busy_since = entry, now
        if entry is None:
            return []
        begins, entry.begun = not entry.begun, True
        if isinstance(entry, PollEntry):
            return [Turn(entry.task, entry.following, None, begins, now - entry.due if begins else 0.0, entry.standing.hurried)]
        assert isinstance(entry, JobEntry)
        return [Turn(entry.task, entry.following, entry.ticket, begins, 0.0)]

    def _next(self, now: float) -> Entry | None:
        if self._held:
            self._held = {shape: until for shape, until in self._held.items() if until > now}
        ready, due, soonest = self._ready_polls(now) if now >= self._soonest else ({}, 0, self._soonest)
        for job in self._jobs:
            if job.due <= now and job.shape not in self._held:
                ready[job.duty] = job
                break
        if _PROBE in ready and self._shares.probes_from(now) > now:
            del ready[Duty.PROBE]
        chosen = ready[self._shares.choose(ready)] if ready else None
        # A poll that gets this turn says at its end when it is due again; one that is due and does not must be found again.
        self._soonest = soonest if due == isinstance(chosen, PollEntry) else _LOOK
        return chosen

    def _ready_polls(self, now: float) -> tuple[dict[Duty, Entry], int, float]:
        """The first of each class, how many are due, and when the next one is."""
        held = self._held
        ready: dict[Duty, Entry] = {}
        soonest, due = _NEVER, 0
        for entry in self._polls:
            if entry.due > now:
                soonest = min(soonest, entry.due)
                continue
            due += 1
            if not held or entry.shape not in held:
                first = ready.get(entry.duty)
                if first is None or entry.deadline < first.deadline:
                    ready[entry.duty] = entry
        return ready, due, soonest

    def _due_again(self, entry: Entry) -> None:
        if entry.due < self._soonest and isinstance(entry, PollEntry):
            self._soonest = entry.due

    def _turn_over(self, doubts: Sequence[Doubt], now: float) -> tuple[Entry | None, float]:
        """Whose turn it was, and how long it took."""
        entry, self._busy = self._busy, None
        took_s = now - self._busy_since
        self._busy_since = now
        for doubt in doubts:
            self._held[doubt.shape] = max(now + doubt.hold_s, self._held.get(doubt.shape, 0.0))
        if entry is not None:
            self._shares.spent(entry.duty, took_s, now)
        return entry, took_s

    def _slice_ended(self, ended: SliceEnded, now: float) -> None:
        entry, took_s = self._turn_over(ended.doubts, now)
        if isinstance(entry, JobEntry) and entry.withdrawn:
            self._jobs.remove(entry)
        elif entry is not None:
            if ended.next is not entry.following:
                self._learn(entry, took_s)
            entry.goes_on(ended.next)
            entry.due = now + ended.wait_s
            self._due_again(entry)

    def _ended(self, ended: Ended, now: float) -> list[Output]:
        answered = ended.outcome is Outcome.ANSWERED
        entry, took_s = self._turn_over(ended.doubts, now)
        if isinstance(entry, JobEntry):
            self._jobs.remove(entry)
            if answered:
                self._wake_neighbours_of(entry.task, now)
        elif isinstance(entry, PollEntry):
            if answered:
                self._learn(entry, took_s)
            step, skipped = entry.ended(now, answered=answered)
            self._due_again(entry)
            self.skipped += skipped
            if step is not None:
                self._probing = any(each.duty is _PROBE for each in self._polls)
                return [Told(entry.poll, step, ended.outcome)]
        return []

    def _learn(self, entry: Entry, took_s: float) -> None:
        if isinstance(entry, PollEntry):
            expected_s = self.predicted_s(entry.following)
            self._costs[entry.following] = expected_s + _LEARNING * (took_s - expected_s)

    def _wake_neighbours_of(self, task: Task, now: float) -> None:
        """A technician got an answer from a unit that was given up: ask it again at once."""
        for entry in self._polls:
            if entry.poll.unit == task.unit and entry.duty is Duty.PROBE and not entry.begun:
                entry.starts_at(min(entry.due, now))
                self._soonest = _LOOK

    def _hold_back(self, unit: int, seconds: float, now: float) -> None:
        """A unit that floods the line may cost it no more than a silent one does: it is asked so much more rarely.

        One that fails as well is on its way to be silent, which does the same and is told.
        """
        for entry in self._polls:
            if entry.poll.unit == unit and entry.standing.well and not entry.begun:
                entry.starts_at(min(max(entry.due, now) + seconds / PROBE_SHARE, max(entry.due, now + LAST_PROBE_S)))
                self._soonest = _LOOK

    def _withdraw(self, ticket: int) -> None:
        for job in self._jobs:
            if job.ticket == ticket:
                job.withdrawn = True
        self._jobs = [job for job in self._jobs if not job.withdrawn or job is self._busy]

    def _replace(self, poll: Poll, by: Sequence[Poll]) -> None:
        for index, old in enumerate(self._polls):
            if old.poll is poll:
                self._polls[index : index + 1] = [old.made_as(each) for each in by]
                self._soonest = _LOOK
                for ask in poll.slices:
                    self._costs.pop(ask, None)
                return

    def _opened(self, now: float) -> None:
        self._open = True
        self._busy = None
        self._soonest = _LOOK
        self._held.clear()
        self._shares.opened(now)
        for entry in self._polls:
            at = now + entry.offset_s
            entry.starts_at(ceil(at / self._grid_s) * self._grid_s if self._grid_s else at)

    def _lost(self) -> None:
        self._open = False
        self._busy = None
        self._jobs.clear()
        for entry in self._polls:
            entry.link_lost()
