"""Events that pile up are told at each power of ten, and once more when they are gone."""

import pytest

from gateway.backlog_watch import BacklogWatch


def told(*waiting: int) -> list[tuple[str, int | None]]:
    watch = BacklogWatch()
    return [(change.cause, change.count) for now, count in enumerate(waiting) for change in watch.feed(count, float(now))]


def test_a_backlog_that_grows_is_told_at_each_power_of_ten_and_not_at_each_event() -> None:
    assert told(999, 1000, 1001, 5000, 9999, 10_000, 10_001) == [("growing", 1000), ("growing", 10_000)]


def test_a_backlog_that_jumps_over_two_powers_of_ten_is_told_once() -> None:
    assert told(10, 25_000, 25_001, 100_000) == [("growing", 25_000), ("growing", 100_000)]


def test_a_backlog_that_is_gone_is_told_once_and_then_a_new_one_from_the_beginning() -> None:
    assert told(1000, 101, 100, 0, 0, 1000) == [("growing", 1000), ("drained", 100), ("growing", 1000)]


@pytest.mark.parametrize("waiting", [(0, 0), (999, 100, 0), (100, 999)])
def test_what_never_piled_up_is_nothing(waiting: tuple[int, ...]) -> None:
    assert told(*waiting) == []


def test_a_backlog_that_hovers_around_a_power_of_ten_is_told_once() -> None:
    assert told(1000, 990, 1000, 990, 1000) == [("growing", 1000)]
