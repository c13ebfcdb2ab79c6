"""Whose turn it is on a line. Pure: feed it what happened, tick it, ask it when it next wants to be woken.

- A turn is one slice: one exchange. Between two slices of a task the line is free for others.
- When each poll is due, `roster.py` knows. Classes of work share the line by the time that they spend (`shares.py`); silence lowers a
  poll's class.
- After a question that may still be answered late, no question of the same shape is asked until that time is over: its answer
  could not be told from the late one.
- A unit that did not answer is asked in a hurry until it does, one time in four excepted.
- A unit that talks on and on after it was asked is asked more rarely, so that the line is there for the others.
"""

from collections.abc import Sequence
from itertools import chain

from drivers.entry import Entry, JobEntry, PollEntry
from drivers.question import Shape
from drivers.roster import NEVER, Roster
from drivers.shares import Shares
from drivers.standing import State
from drivers.task import Ask, Duty, Poll
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
_LEARNING = 0.125
"""Weight of the newest exchange in what a slice is expected to cost."""
_PROBE = Duty.PROBE


class Plan:
    def __init__(self, polls: Sequence[Poll], grid_s: float = 0.0) -> None:
        """Polls begin on multiples of `grid_s` of the clock, so that buses which share a clock wake together."""
        self._roster = Roster(polls, grid_s)
        self._jobs: list[JobEntry] = []
        self._held: dict[Shape, float] = {}
        self._costs: dict[Ask, float] = {}
        self._shares = Shares()
        self._open = False
        self._busy: Entry | None = None
        self._busy_since = 0.0

    @property
    def skipped(self) -> int:
        """Polls that were not made because the line was too slow for them."""
        return self._roster.skipped

    @property
    def full(self) -> bool:
        return len(self._jobs) >= MOST_JOBS

    def predicted_s(self, ask: Ask) -> float:
        """What an exchange costs: as computed at first, then as learned from those of polls that were answered."""
        return self._costs.get(ask, ask.cost_s)

    def state_of(self, device: str) -> State:
        """The standing of a device; of several polls the worst counts."""
        return self._roster.state_of(device)

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
                self._roster.hold_back(unit, seconds, now)
            case LinkOpened():
                self._opened(now)
            case LinkLost():
                self._lost()
        return []

    def deadline(self) -> float | None:
        """When the next turn can begin; None while the line is busy, down or without work."""
        if not self._open or self._busy is not None:
            return None
        held, roster = self._held, self._roster
        if roster.known and not (held or self._jobs or roster.probing):
            return None if roster.soonest == NEVER else roster.soonest
        soonest = probe = NEVER
        for entry in chain[Entry](self._jobs, roster.entries):
            at = entry.due
            # Looked at only where it may be the soonest: this is asked at every turn.
            if at < soonest and (not held or (at := max(at, held.get(entry.shape, at))) < soonest):
                if entry.duty is not _PROBE:
                    soonest = at
                elif at < probe:
                    probe = at
        if probe < soonest:
            soonest = min(soonest, max(probe, self._shares.probes_from(self._busy_since)))
        return None if soonest == NEVER else soonest

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
        ready = self._roster.ready(now, self._held)
        for job in self._jobs:
            if job.due <= now and job.shape not in self._held:
                ready[job.duty] = job
                break
        if _PROBE in ready and self._shares.probes_from(now) > now:
            del ready[Duty.PROBE]
        chosen = ready[self._shares.choose(ready)] if ready else None
        self._roster.chosen(chosen)
        return chosen

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
            self._roster.due_again(entry)

    def _ended(self, ended: Ended, now: float) -> list[Output]:
        answered = ended.outcome is Outcome.ANSWERED
        entry, took_s = self._turn_over(ended.doubts, now)
        if isinstance(entry, JobEntry):
            self._jobs.remove(entry)
            if answered:
                self._roster.wake(entry.task.unit, now)
        elif isinstance(entry, PollEntry):
            if answered:
                self._learn(entry, took_s)
            step = self._roster.ended(entry, now, answered=answered)
            if step is not None:
                return [Told(entry.poll, step, ended.outcome)]
        return []

    def _learn(self, entry: Entry, took_s: float) -> None:
        if isinstance(entry, PollEntry):
            expected_s = self.predicted_s(entry.following)
            self._costs[entry.following] = expected_s + _LEARNING * (took_s - expected_s)

    def _withdraw(self, ticket: int) -> None:
        for job in self._jobs:
            if job.ticket == ticket:
                job.withdrawn = True
        self._jobs = [job for job in self._jobs if not job.withdrawn or job is self._busy]

    def _replace(self, poll: Poll, by: Sequence[Poll]) -> None:
        if self._roster.replace(poll, by):
            for ask in poll.slices:
                self._costs.pop(ask, None)

    def _opened(self, now: float) -> None:
        self._open = True
        self._busy = None
        self._held.clear()
        self._shares.opened(now)
        self._roster.opened(now)

    def _lost(self) -> None:
        self._open = False
        self._busy = None
        self._jobs.clear()
        self._roster.lost()
