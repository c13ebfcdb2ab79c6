"""Waits before a reconnect: longer and longer, bounded, and spread."""

import random

from tenacity import AsyncRetrying, RetryCallState

from gateway.uplink.backoff import Backoff

_STATE = RetryCallState(AsyncRetrying(), None, (), {})


def _waits(seed: int, longest_s: float, count: int) -> list[float]:
    backoff = Backoff(random.Random(seed), longest_s)
    return [backoff(_STATE) for _ in range(count)]


def test_waits_stay_between_half_a_second_and_a_ceiling_that_doubles() -> None:
    for seed in range(200):
        for number, wait in enumerate(_waits(seed, 60, 12), 1):
            assert 0.5 <= wait <= min(60, 2**number)


def test_a_thousand_gateways_come_back_spread_out() -> None:
    tenth = sorted(_waits(seed, 60, 10)[-1] for seed in range(1000))
    for low in range(0, 60, 10):
        assert 100 < sum(low <= wait < low + 10 for wait in tenth) < 240


def test_after_a_good_connection_the_waits_are_short_again() -> None:
    backoff = Backoff(random.Random(1), 60)
    for _ in range(10):
        backoff(_STATE)
    backoff.reset()
    assert backoff(_STATE) <= 2


def test_a_limit_below_the_shortest_wait_is_the_shortest_wait() -> None:
    assert _waits(1, 0.1, 3) == [0.5, 0.5, 0.5]


def test_it_never_overflows() -> None:
    assert max(_waits(1, 3600, 3000)) <= 3600
