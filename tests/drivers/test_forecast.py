"""What a line will achieve, before it is there."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.profile import Table
from config.site import SerialLine
from drivers.forecast import forecast
from drivers.modbus.pdu import read
from drivers.polls import polls_of
from drivers.task import Ask, Duty, Poll
from tests.drivers.things import SERIAL, device


def poll(unit: int, *costs_s: float, period_s: float = 1.0, duty: Duty = Duty.EVENT, wait_s: float = 0.0) -> Poll:
    slices = tuple(
        Ask(question=read(unit, Table.HOLDING, 0, 1), timeout_s=0.3, cost_s=cost_s, devices=(f"bay-{unit}",), wait_s=wait_s)
        for cost_s in costs_s
    )
    return Poll(unit=unit, duty=duty, slices=slices, devices=(device(f"bay-{unit}", unit),), period_s=period_s)


def test_a_line_with_room_achieves_what_is_wanted() -> None:
    said = forecast([poll(unit, 0.033) for unit in range(1, 11)])
    assert said.utilisation_pct == pytest.approx(33.0, abs=0.5)
    assert said.skipped == 0
    assert said.on_time
    assert said.longest_slice_ms == pytest.approx(33.0)
    for number, each in enumerate(said.polls, 1):
        assert (each.devices, each.unit, each.requests) == ((f"bay-{number}",), number, 1)
        assert each.predicted_ms == pytest.approx(33.0)
        assert each.achieved_s == pytest.approx(1.0, rel=0.01)
        assert each.made == 60


def test_an_overloaded_line_achieves_less_for_all_alike() -> None:
    said = forecast([poll(unit, 0.1) for unit in range(1, 21)])
    assert said.utilisation_pct == pytest.approx(100.0, abs=0.5)
    assert not said.on_time
    assert said.skipped > 500
    for each in said.polls:
        assert each.achieved_s == pytest.approx(2.0, rel=0.02)


def test_an_overloaded_line_never_queues() -> None:
    """What is not made in time is not made: ten minutes on, polls come no later than in the first."""
    overloaded = [poll(unit, 0.1) for unit in range(1, 21)]
    short, long = forecast(overloaded, 60.0), forecast(overloaded, 600.0)
    for early, late in zip(short.polls, long.polls, strict=True):
        assert early.achieved_s is not None
        assert late.achieved_s == pytest.approx(early.achieved_s, rel=0.02)
        assert late.latest_s <= 2.0 + 0.1
    assert sum(each.made for each in long.polls) == pytest.approx(6000, abs=1)


def test_polls_that_nobody_is_billed_for_give_way() -> None:
    billed = [poll(unit, 0.05) for unit in range(1, 16)]
    others = [poll(unit, 0.05, duty=Duty.ROUTINE) for unit in range(16, 26)]
    said = forecast(billed + others)
    paid = [each.achieved_s or 0.0 for each in said.polls[:15]]
    rest = [each.achieved_s or 0.0 for each in said.polls[15:]]
    assert max(paid) <= 1.05
    assert min(rest) > 1.5
    assert all(each.made for each in said.polls), "and yet they are made"


def test_while_a_device_measures_the_line_does_others() -> None:
    said = forecast([poll(1, 0.02, 0.02, wait_s=0.7), *(poll(unit, 0.05) for unit in range(2, 12))])
    assert said.on_time
    assert said.polls[0].requests == 2
    assert said.polls[0].predicted_ms == pytest.approx(40.0)
    assert said.utilisation_pct == pytest.approx(54.0, abs=1.0)


def test_a_rare_poll_that_came_once_has_no_period_yet() -> None:
    (rare,) = forecast([poll(1, 0.05, period_s=600.0)]).polls
    assert (rare.made, rare.achieved_s, rare.on_time) == (1, None, True)


def test_a_line_without_polls_is_idle() -> None:
    said = forecast([])
    assert (said.polls, said.utilisation_pct, said.skipped, said.longest_slice_ms, said.on_time) == ((), 0.0, 0, 0.0, True)


def test_a_faster_wire_forecasts_shorter_slices() -> None:
    units = [device(f"bay-{unit}", unit) for unit in range(1, 33)]
    fast = SerialLine(kind="serial", port="/dev/none", baud=115200)
    slow_said, fast_said = forecast(polls_of(units, SERIAL)), forecast(polls_of(units, fast))
    assert fast_said.longest_slice_ms < slow_said.longest_slice_ms
    assert fast_said.utilisation_pct < slow_said.utilisation_pct


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0.001, 0.4), st.floats(0.1, 10.0), st.sampled_from([Duty.EVENT, Duty.ROUTINE])), max_size=12))
def test_whatever_the_polls_are_no_line_is_busier_than_full_and_no_poll_is_faster_than_wanted(
    wanted: list[tuple[float, float, Duty]],
) -> None:
    polls = [poll(unit, cost_s, period_s=period_s, duty=duty) for unit, (cost_s, period_s, duty) in enumerate(wanted, 1)]
    said = forecast(polls, 30.0)
    assert said.utilisation_pct <= 100.0 + 1e-6
    assert sum(each.made * each.predicted_ms for each in said.polls) <= 30_000 + 400
    for each in said.polls:
        # From a first poll that was late to one that is not: nearer together than the period, once.
        assert each.made <= 30.0 / each.wanted_s + 2
    assert said == forecast([replace(each) for each in polls], 30.0), "and it says the same each time"
