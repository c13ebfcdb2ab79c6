"""The polls of a line, and when each is due. Pure.

A poll keeps its own grid of time. One that comes too late is skipped, not queued: a bus that is too slow reads less often, and never
falls behind. Of one class, the earliest deadline goes first. Polls of one bus start staggered, so that they do not come in bursts.
"""

from collections.abc import Container, Sequence
from math import ceil

from drivers.entry import Entry, PollEntry
from drivers.question import Shape
from drivers.shares import PROBE_SHARE
from drivers.standing import LAST_PROBE_S, State, Step
from drivers.task import Duty, Poll

LONGEST_START_S = 5.0
"""A device that is polled every ten minutes is first asked within this time."""
NEVER = float("inf")
_LOOK = 0.0
_WORST_FIRST = (State.SILENT, State.FAILING, State.RETURNING, State.HEALTHY)


class Roster:
    def __init__(self, polls: Sequence[Poll], grid_s: float) -> None:
        """Polls begin on multiples of `grid_s` of the clock."""
        self._grid_s = grid_s
        self.entries = [PollEntry.of(poll, min(poll.period_s, LONGEST_START_S) * index / len(polls)) for index, poll in enumerate(polls)]
        self.soonest = _LOOK
        """When the first poll is due, so that not every turn looks at every poll. `_LOOK` where that is not known."""
        self._soonest_of_others = _LOOK
        self._ready = 0
        self.probing = False
        """Whether a poll may be of the class PROBE."""
        self.skipped = 0
        """Polls that were not made because the line was too slow for them."""

    @property
    def known(self) -> bool:
        """Whether `soonest` says when the first is due."""
        return self.soonest != _LOOK

    def state_of(self, device: str) -> State:
        """The standing of a device; of several polls the worst counts."""
        states = (entry.standing.state for entry in self.entries if any(device == member.name for member in entry.poll.devices))
        return min(states, key=_WORST_FIRST.index, default=State.HEALTHY)

    def ready(self, now: float, held: Container[Shape]) -> dict[Duty, Entry]:
        """The first of each class that is due, less those whose question is held. Followed by `chosen`."""
        ready: dict[Duty, Entry] = {}
        soonest, due = self.soonest, 0
        if now >= soonest:
            soonest = NEVER
            for entry in self.entries:
                if entry.due > now:
                    soonest = min(soonest, entry.due)
                    continue
                due += 1
                if not held or entry.shape not in held:
                    first = ready.get(entry.duty)
                    if first is None or entry.deadline < first.deadline:
                        ready[entry.duty] = entry
        self._soonest_of_others, self._ready = soonest, due
        return ready

    def chosen(self, entry: Entry | None) -> None:
        """Who has the turn. A poll says at its end when it is due again; one that is ready and not chosen must be found again."""
        self.soonest = self._soonest_of_others if self._ready == isinstance(entry, PollEntry) else _LOOK

    def due_again(self, entry: Entry) -> None:
        if entry.due < self.soonest and isinstance(entry, PollEntry):
            self.soonest = entry.due

    def ended(self, entry: PollEntry, now: float, *, answered: bool) -> Step | None:
        step, skipped = entry.ended(now, answered=answered)
        self.due_again(entry)
        self.skipped += skipped
        if step is not None:
            self.probing = any(each.duty is Duty.PROBE for each in self.entries)
        return step

    def wake(self, unit: int, now: float) -> None:
        """A technician got an answer from a unit that was given up: ask it again at once."""
        for entry in self.entries:
            if entry.poll.unit == unit and entry.duty is Duty.PROBE and not entry.begun:
                entry.starts_at(min(entry.due, now))
                self.soonest = _LOOK

    def hold_back(self, unit: int, seconds: float, now: float) -> None:
        """A unit that floods the line may cost it no more than a silent one does: it is asked so much more rarely.

        One that fails as well is on its way to be silent, which does the same and is told.
        """
        for entry in self.entries:
            if entry.poll.unit == unit and entry.standing.well and not entry.begun:
                entry.starts_at(min(max(entry.due, now) + seconds / PROBE_SHARE, max(entry.due, now + LAST_PROBE_S)))
                self.soonest = _LOOK

    def replace(self, poll: Poll, by: Sequence[Poll]) -> bool:
        for index, old in enumerate(self.entries):
            if old.poll is poll:
                self.entries[index : index + 1] = [old.made_as(each) for each in by]
                self.soonest = _LOOK
                return True
        return False

    def opened(self, now: float) -> None:
        self.soonest = _LOOK
        for entry in self.entries:
            at = now + entry.offset_s
            entry.starts_at(ceil(at / self._grid_s) * self._grid_s if self._grid_s else at)

    def lost(self) -> None:
        for entry in self.entries:
            entry.link_lost()
