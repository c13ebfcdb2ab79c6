"""How a poll stands: every state with every input."""

import pytest

from drivers.standing import LAST_PROBE_S, Standing, State, Step


def silent() -> Standing:
    standing = Standing(1.0)
    for now in (0.0, 3.0, 5.0):
        standing.failed(now)
    assert standing.state is State.SILENT
    return standing


def returning() -> Standing:
    standing = silent()
    standing.answered()
    return standing


def failing() -> Standing:
    standing = Standing(1.0)
    standing.failed(0.0)
    return standing


@pytest.mark.parametrize(
    ("standing", "happened", "state", "step"),
    [
        (Standing(1.0), "answered", State.HEALTHY, None),
        (Standing(1.0), "failed", State.FAILING, None),
        (Standing(1.0), "link_lost", State.HEALTHY, None),
        (failing(), "answered", State.HEALTHY, None),
        (failing(), "failed", State.FAILING, None),
        (failing(), "link_lost", State.HEALTHY, None),
        (silent(), "answered", State.RETURNING, None),
        (silent(), "failed", State.SILENT, Step.STILL_SILENT),
        (silent(), "link_lost", State.SILENT, None),
        (returning(), "answered", State.HEALTHY, Step.CAME_BACK),
        (returning(), "failed", State.SILENT, Step.WENT_SILENT),
        (returning(), "link_lost", State.RETURNING, None),
    ],
)
def test_every_state_with_every_input(standing: Standing, happened: str, state: State, step: Step | None) -> None:
    match happened:
        case "answered":
            assert standing.answered() is step
        case "failed":
            assert standing.failed(10.0) is step
        case _:
            standing.link_lost()
    assert standing.state is state


def test_three_quick_failures_are_not_yet_silence() -> None:
    standing = Standing(0.1)
    assert [standing.failed(now / 10) for now in range(50)] == [None] * 50
    assert standing.failed(5.0) is Step.WENT_SILENT


def test_two_slow_failures_are_not_yet_silence() -> None:
    standing = Standing(60.0)
    assert [standing.failed(now) for now in (0.0, 60.0)] == [None, None]
    assert standing.failed(120.0) is Step.WENT_SILENT


def test_failures_before_an_answer_do_not_count() -> None:
    standing = Standing(1.0)
    for now in (0.0, 2.0):
        standing.failed(now)
    standing.answered()
    assert [standing.failed(now) for now in (10.0, 14.0)] == [None, None]


def test_probes_grow_to_a_minute_and_never_beyond() -> None:
    standing = silent()
    probes = [standing.probe_s]
    for now in range(10):
        standing.failed(10.0 + now)
        probes.append(standing.probe_s)
    assert probes[:6] == [2.0, 4.0, 8.0, 16.0, 32.0, LAST_PROBE_S]
    assert set(probes[6:]) == {LAST_PROBE_S}


def test_a_device_that_is_asked_rarely_is_not_probed_more_often() -> None:
    standing = Standing(600.0)
    for now in (0.0, 600.0, 1200.0, 1800.0):
        standing.failed(now)
    assert standing.probe_s == 600.0


def test_a_unit_that_fails_on_its_return_goes_on_with_its_long_probes() -> None:
    standing = silent()
    for now in range(10):
        standing.failed(10.0 + now)
    standing.answered()
    standing.failed(100.0)
    assert standing.probe_s == LAST_PROBE_S


def test_who_failed_is_asked_in_a_hurry_but_every_fourth_time_and_at_leisure_again_once_it_has_answered() -> None:
    standing = Standing(1.0)
    hurried = []
    for cycle in range(9):
        hurried.append(standing.hurried)
        standing.failed(2.0 * cycle)
    assert hurried == [False, True, True, True, False, True, True, True, False]
    standing.answered()
    assert not standing.hurried
