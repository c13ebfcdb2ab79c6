"""Tasks of several slices: what goes on between them, what a slice costs, and what becomes of a poll that is made otherwise."""

from collections.abc import Sequence

import pytest

from config.profile import Table
from drivers.modbus.pdu import Function, read
from drivers.plan import Plan
from drivers.question import Shape
from drivers.standing import LAST_PROBE_S, State
from drivers.task import Ask, Duty, Poll, Task
from drivers.turns import Asked, Doubt, Ended, LinkLost, LinkOpened, Outcome, Replaced, SliceEnded, Turn, Withdrawn
from tests.drivers.things import device

OK = Ended(Outcome.ANSWERED)
NO = Ended(Outcome.SILENT)


def asks(unit: int, *counts: int) -> tuple[Ask, ...]:
    return tuple(
        Ask(question=read(unit, Table.HOLDING, 0, count), timeout_s=0.3, cost_s=0.05, devices=(f"bay-{unit}",)) for count in counts
    )


def poll(unit: int, *counts: int, duty: Duty = Duty.EVENT, period_s: float = 1.0) -> Poll:
    return Poll(unit=unit, duty=duty, slices=asks(unit, *counts), devices=(device(f"bay-{unit}", unit),), period_s=period_s)


def job(unit: int, *counts: int) -> Task:
    return Task(unit=unit, duty=Duty.COMMAND, slices=asks(unit, *counts), devices=())


def opened(*polls: Poll) -> Plan:
    plan = Plan(polls)
    plan.feed(LinkOpened(), 0.0)
    return plan


def turn_of(plan: Plan, now: float) -> Turn:
    (turn,) = plan.tick(now)
    assert isinstance(turn, Turn)
    return turn


def go_silent(plan: Plan) -> float:
    """Every turn fails until the only poll is given up; returns when."""
    for _ in range(20):
        now = plan.deadline()
        assert now is not None
        plan.tick(now)
        plan.feed(NO, now + 0.3)
        if plan.state_of("bay-1") is State.SILENT:
            return now + 0.3
    pytest.fail("a unit that never answers was not given up")


def test_between_two_slices_a_job_gets_the_line() -> None:
    long = poll(1, 1, 2, 3)
    plan = opened(long)
    assert turn_of(plan, 0.0).slice is long.slices[0]
    asked = job(2, 1)
    plan.feed(Asked(7, asked), 0.02)
    plan.feed(SliceEnded(long.slices[1]), 0.05)
    assert turn_of(plan, 0.05).ticket == 7
    plan.feed(OK, 0.1)
    turn = turn_of(plan, 0.1)
    assert (turn.task, turn.slice, turn.first, turn.late_s) == (long, long.slices[1], False, 0.0)


def test_only_the_first_slice_of_a_poll_begins_it_and_tells_how_late_it_is() -> None:
    plan = opened(poll(1, 1, 2))
    first = turn_of(plan, 0.25)
    assert (first.first, first.late_s) == (True, 0.25)
    plan.feed(SliceEnded(first.task.slices[1]), 0.3)
    second = turn_of(plan, 0.4)
    assert (second.first, second.late_s) == (False, 0.0)
    plan.feed(OK, 0.5)
    assert plan.deadline() == 1.0, "the grid is that of the beginnings"


def test_while_a_device_measures_the_line_is_free_for_others() -> None:
    measuring, other = poll(1, 1, 2), poll(2, 1)
    plan = opened(measuring, other)
    turn_of(plan, 0.0)
    plan.feed(SliceEnded(measuring.slices[1], wait_s=0.7), 0.05)
    assert plan.deadline() == 0.5
    assert turn_of(plan, 0.5).task is other
    plan.feed(OK, 0.6)
    assert plan.tick(0.7) == []
    assert plan.deadline() == 0.75
    assert turn_of(plan, 0.75).slice is measuring.slices[1]


def test_a_task_that_has_begun_keeps_its_deadline() -> None:
    """Else two long polls that are both due would go on in turns, and both would end late."""
    early, later = poll(1, 1, 2, 3, period_s=1.0), poll(2, 1, 2, 3, period_s=1.5)
    plan = opened(early, later)
    now, order = 0.75, []
    for _ in range(6):
        turn = turn_of(plan, now)
        order.append(turn.task.unit)
        now += 0.01
        rest: Sequence[Ask] = turn.task.slices[turn.task.slices.index(turn.slice) + 1 :]
        plan.feed(SliceEnded(rest[0]) if rest else OK, now)
    assert order == [1, 1, 1, 2, 2, 2]


def test_a_doubt_holds_the_slice_of_its_shape_and_no_other_of_the_same_task() -> None:
    long = poll(1, 1, 2)
    plan = opened(long)
    turn_of(plan, 0.0)
    plan.feed(SliceEnded(long.slices[1], doubts=(Doubt(Shape(1, Function.READ_HOLDING_REGISTERS, 1), 5.0),)), 0.05)
    assert turn_of(plan, 0.05).slice is long.slices[1]
    plan.feed(OK, 0.1)
    assert plan.deadline() == pytest.approx(5.05), "its first slice has the doubtful shape"


def test_a_poll_whose_link_was_lost_between_two_slices_begins_anew() -> None:
    long = poll(1, 1, 2)
    plan = opened(long)
    turn_of(plan, 0.0)
    plan.feed(SliceEnded(long.slices[1]), 0.05)
    plan.feed(LinkLost(), 0.06)
    plan.feed(LinkOpened(), 9.0)
    turn = turn_of(plan, 9.0)
    assert (turn.slice, turn.first) == (long.slices[0], True)


def test_a_job_withdrawn_while_a_slice_of_it_is_asked_is_not_gone_on_with() -> None:
    plan = opened()
    asked = job(1, 1, 2)
    plan.feed(Asked(7, asked), 0.0)
    turn_of(plan, 0.0)
    plan.feed(Withdrawn(7), 0.02)
    plan.feed(SliceEnded(asked.slices[1]), 0.05)
    assert plan.tick(0.05) == []
    assert plan.deadline() is None


def test_what_a_slice_costs_is_learned_from_answers_and_not_from_silence_or_noise() -> None:
    only = poll(1, 1)
    ask = only.slices[0]
    plan = opened(only)
    assert plan.predicted_s(ask) == 0.05
    turn_of(plan, 0.0)
    plan.feed(SliceEnded(ask), 0.4)  # corrupt: the same slice once more
    turn_of(plan, 0.4)
    plan.feed(NO, 0.7)
    assert plan.predicted_s(ask) == 0.05
    for second in range(1, 41):
        turn_of(plan, float(second))
        plan.feed(OK, second + 0.08)
    assert plan.predicted_s(ask) == pytest.approx(0.08, rel=0.05)
    turn_of(plan, 41.0)
    plan.feed(OK, 41.5)
    assert plan.predicted_s(ask) < 0.15, "one slow answer is no rule"


def test_jobs_without_end_leave_nothing_behind() -> None:
    """A daemon that runs for years is asked for many."""
    plan = opened()
    for ticket in range(100):
        asked = job(1, 1, 2)
        plan.feed(Asked(ticket, asked), float(ticket))
        turn_of(plan, float(ticket))
        plan.feed(SliceEnded(asked.slices[1]), ticket + 0.1)
        turn_of(plan, ticket + 0.1)
        plan.feed(OK, ticket + 0.2)
    assert not plan._costs


def test_a_poll_made_in_other_slices_keeps_its_times() -> None:
    whole, first, second = poll(1, 9), poll(1, 4), poll(1, 5)
    plan = opened(poll(7, 1, period_s=100.0), whole)
    turn_of(plan, 0.0)
    plan.feed(OK, 0.01)
    assert turn_of(plan, 0.5).task is whole
    plan.feed(OK, 0.55)
    plan.feed(Replaced(whole, (first, second)), 0.55)
    assert plan.deadline() == 1.5
    assert turn_of(plan, 1.5).task is first
    plan.feed(OK, 1.55)
    assert turn_of(plan, 1.55).task is second
    plan.feed(OK, 1.6)
    assert plan.deadline() == 2.5


def test_a_unit_that_was_silent_is_probed_as_rarely_after_its_poll_is_made_otherwise() -> None:
    whole, smaller = poll(1, 9), poll(1, 4, 5)
    plan = opened(whole)
    go_silent(plan)
    for _ in range(8):
        now = plan.deadline()
        assert now is not None
        plan.tick(now)
        plan.feed(NO, now + 0.3)
    now = plan.deadline()
    assert now is not None
    plan.tick(now)
    plan.feed(OK, now + 0.1)  # refused as a whole: an answer
    plan.feed(Replaced(whole, (smaller,)), now + 0.1)
    assert plan.state_of("bay-1") is State.RETURNING
    at = plan.deadline()
    assert at is not None
    plan.tick(at)
    plan.feed(NO, at + 0.3)
    assert plan.state_of("bay-1") is State.SILENT
    assert plan.deadline() == pytest.approx(at + 0.3 + LAST_PROBE_S)


def test_a_poll_that_is_not_there_is_not_replaced() -> None:
    kept = poll(1, 1)
    plan = opened(kept)
    plan.feed(Replaced(poll(1, 1), (poll(1, 2),)), 0.0)
    assert turn_of(plan, 0.0).task is kept


def test_a_silent_unit_that_was_woken_has_skipped_nothing() -> None:
    only = poll(1, 1)
    plan = opened(only)
    now = go_silent(plan) + 0.1
    skipped = plan.skipped
    plan.feed(Asked(1, job(1, 1)), now)
    turn_of(plan, now)
    plan.feed(OK, now + 0.1)
    assert turn_of(plan, now + 0.1).task is only
    plan.feed(OK, now + 0.2)
    assert plan.skipped == skipped
    assert plan.deadline() == pytest.approx(now + 1.1), "and is asked at its period from then on"


def test_when_only_probes_are_left_the_plan_wakes_when_one_may_be_made() -> None:
    """A wake-up at which there is nothing to do, and which asks to be woken at once, would spin for ever."""
    plan = opened(*(poll(unit, 1) for unit in range(1, 33)))
    now = 0.0
    probed = 0
    for _ in range(20_000):
        at = plan.deadline()
        assert at is not None
        now = max(now, at)
        turn = turn_of(plan, now)
        probed += plan.state_of(f"bay-{turn.task.unit}") is State.SILENT
        now += 0.35
        plan.feed(NO, now)
    assert probed > 19_000
