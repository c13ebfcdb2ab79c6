"""Whose turn it is, in every state of the line, and whether looking at fewer polls misses any."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.device import BusDevice
from drivers.plan import Plan
from drivers.polls import polls_of
from drivers.task import Poll
from drivers.turns import Asked, Ended, LinkLost, LinkOpened, Outcome, Output, Turn, Withdrawn
from tests.drivers.things import TCP, device

OK = Ended(Outcome.ANSWERED)
NO = Ended(Outcome.SILENT)


def polls(*devices: BusDevice) -> tuple[Poll, ...]:
    return polls_of(devices, TCP)


STATES: dict[str, Callable[[Plan], None]] = {
    "new": lambda _: None,
    "open": lambda plan: void(plan.feed(LinkOpened(), 0.0)),
    "busy": lambda plan: void(plan.feed(LinkOpened(), 0.0), plan.tick(0.0)),
    "down": lambda plan: void(plan.feed(LinkOpened(), 0.0), plan.tick(0.0), plan.feed(LinkLost(), 0.0)),
}


def void(*_: object) -> None:
    return


@pytest.mark.parametrize(
    ("state", "happened", "free"),
    [
        ("new", LinkOpened(), True),
        ("new", LinkLost(), False),
        ("new", OK, False),
        ("new", Withdrawn(1), False),
        ("open", LinkOpened(), True),
        ("open", LinkLost(), False),
        ("open", OK, True),
        ("open", NO, True),
        ("open", Withdrawn(1), True),
        ("busy", LinkOpened(), True),
        ("busy", OK, True),
        ("busy", NO, True),
        ("busy", LinkLost(), False),
        ("busy", Withdrawn(1), False),
        ("down", LinkOpened(), True),
        ("down", LinkLost(), False),
        ("down", OK, False),
        ("down", Withdrawn(1), False),
    ],
)
def test_every_state_of_the_line_with_every_input(state: str, happened: Ended | LinkOpened | LinkLost | Withdrawn, free: bool) -> None:
    plan = Plan(polls(device("a", 1), device("b", 2)))
    STATES[state](plan)
    assert plan.feed(happened, 0.0) == []
    assert (plan.deadline() is not None) == free
    assert (len(plan.tick(5.0)) == 1) == free


@pytest.mark.parametrize("state", STATES)
def test_a_job_waits_for_the_line(state: str) -> None:
    plan = Plan(())
    STATES[state](plan)
    (job,) = polls(device())
    plan.feed(Asked(1, job), 0.0)
    turns = plan.tick(0.0)
    assert [turn.ticket for turn in turns if isinstance(turn, Turn)] == ([1] if state in ("open", "busy") else [])


class LooksAtAll(Plan):
    """Looks at every poll at every turn."""

    def tick(self, now: float) -> list[Output]:
        self._roster.soonest = 0.0
        return super().tick(now)

    def deadline(self) -> float | None:
        self._roster.soonest = 0.0
        return super().deadline()


@given(
    st.lists(st.sampled_from([0.2, 0.5, 1.0, 3.0]), min_size=1, max_size=5),
    st.lists(st.tuples(st.sampled_from(["ok", "ok", "ok", "no", "job", "slow", "lost"]), st.floats(0.0, 0.4)), max_size=120),
)
def test_what_is_not_looked_at_at_every_turn_is_not_missed(periods: list[float], happens: list[tuple[str, float]]) -> None:
    members = polls(*(device(f"u{unit}", unit, poll_s=period) for unit, period in enumerate(periods, 1)))
    plan, careful = Plan(members), LooksAtAll(members)
    now, ticket = 50.0, 0
    for each in (plan, careful):
        each.feed(LinkOpened(), now)
    for what, later_s in happens:
        if what == "job":
            ticket += 1
            for each in (plan, careful):
                each.feed(Asked(ticket, members[0]), now)
        elif what == "lost":
            for each in (plan, careful):
                each.feed(LinkLost(), now)
                each.feed(LinkOpened(), now)
        assert plan.deadline() == careful.deadline()
        turns = plan.tick(now)
        assert turns == careful.tick(now)
        if not turns:
            now = max(now, plan.deadline() or now) if what != "slow" else now + later_s
            continue
        now += later_s if what == "slow" else 0.01
        for each in (plan, careful):
            each.feed(NO if what == "no" else OK, now)
