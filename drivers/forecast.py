"""What a line will achieve: its plan, played in virtual time with every exchange at its predicted cost. Pure.

All units are there and answer as fast as their profiles say. What comes out is what the plan does on the real line, the
staggered start and the polls that are skipped included; a silent unit or noise makes it worse.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.plan import Plan
from drivers.task import Poll
from drivers.turns import Ended, LinkOpened, Outcome, SliceEnded, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class PollForecast:
    devices: tuple[str, ...]
    unit: int
    requests: int
    """Exchanges that make one poll."""
    predicted_ms: float
    """What they cost the line."""
    wanted_s: float
    achieved_s: float | None
    """The mean period. None where the time was too short for it to come twice."""
    made: int
    """How often it was begun."""
    skipped: int
    """How often it was not, because the line was still busy with those before it."""
    latest_s: float
    """The longest that it waited after its due time."""

    @property
    def on_time(self) -> bool:
        return self.made > 0 and not self.skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    seconds: float
    polls: tuple[PollForecast, ...]
    utilisation_pct: float
    skipped: int
    """Polls, of all together."""
    longest_slice_ms: float
    """What a command waits for at the most."""

    @property
    def on_time(self) -> bool:
        return all(poll.on_time for poll in self.polls)


@dataclass(slots=True)
class _Record:
    """When a poll was begun."""

    wanted_s: float
    made: int = 0
    skipped: int = 0
    first: float = 0.0
    last: float = 0.0
    last_due: float = 0.0
    latest_s: float = 0.0

    def begun(self, now: float, late_s: float) -> None:
        due = now - late_s
        if self.made:
            self.skipped += round((due - self.last_due) / self.wanted_s) - 1
        else:
            self.first = now
        self.made += 1
        self.last, self.last_due = now, due
        self.latest_s = max(self.latest_s, late_s)


def forecast(polls: Sequence[Poll], seconds: float = 60.0) -> Forecast:
    plan = Plan(polls)
    plan.feed(LinkOpened(), 0.0)
    records = {poll: _Record(poll.period_s) for poll in polls}
    now = busy_s = 0.0
    while (at := plan.deadline()) is not None and (now := max(now, at)) < seconds:
        for turn in plan.tick(now):
            assert isinstance(turn, Turn)
            if turn.first and isinstance(turn.task, Poll):
                records[turn.task].begun(now, turn.late_s)
            took_s = plan.predicted_s(turn.slice)
            busy_s += min(took_s, seconds - now)
            now += took_s
            plan.feed(_after(turn), now)
    return Forecast(
        seconds=seconds,
        polls=tuple(_of(poll, records[poll]) for poll in polls),
        utilisation_pct=100 * busy_s / seconds,
        skipped=sum(record.skipped for record in records.values()),
        longest_slice_ms=1000 * max((ask.cost_s for poll in polls for ask in poll.slices), default=0.0),
    )


def _after(turn: Turn) -> SliceEnded | Ended:
    slices = turn.task.slices
    following = slices.index(turn.slice) + 1
    return SliceEnded(slices[following], turn.slice.wait_s) if following < len(slices) else Ended(Outcome.ANSWERED)


def _of(poll: Poll, record: _Record) -> PollForecast:
    return PollForecast(
        devices=tuple(device.name for device in poll.devices),
        unit=poll.unit,
        requests=len(poll.slices),
        predicted_ms=1000 * poll.cost_s,
        wanted_s=poll.period_s,
        achieved_s=(record.last - record.first) / (record.made - 1) if record.made > 1 else None,
        made=record.made,
        skipped=record.skipped,
        latest_s=record.latest_s,
    )
