"""One to one, in order, within the tolerance that the docstring states."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.scoring.matching import TOLERANCE_S, fits, pairs
from gateway.scoring.told import Told
from gateway.scoring.truth import Fact
from tests.gateway.scoring.days import came, start

moments = st.lists(st.integers(0, 300), max_size=7, unique=True).map(sorted)


def test_the_tolerance_is_ten_seconds_before_the_motion_and_after_it() -> None:
    fact = came(100, settled_s=105)
    assert fits(fact, start(90.0, 20))
    assert fits(fact, start(115.0))
    assert not fits(fact, start(89.9, 20))
    assert not fits(fact, start(115.1))


def test_what_nobody_saw_may_have_been_at_any_moment_of_the_gap() -> None:
    fact = came(1000, settled_s=1004, blind_s=600)
    assert fits(fact, start(400, 700))
    assert fits(fact, start(1600))
    assert not fits(fact, start(1620))


def test_what_was_certain_before_it_happened_is_something_else() -> None:
    assert not fits(came(100), start(93, 6))


def test_neither_a_fact_nor_a_telling_is_used_twice_and_pairs_never_cross() -> None:
    assert pairs([came(100), came(112)], [start(104)]) == [(0, 0)]
    assert pairs([came(100), came(112)], [start(111)]) == [(1, 0)]
    assert pairs([came(100), came(112)], [start(99, 8), start(113)]) == [(0, 0), (1, 1)]
    assert pairs([came(100)], [start(101), start(104)]) == [(0, 0)]


def test_more_matches_go_before_nearer_ones() -> None:
    assert pairs([came(100, settled_s=100), came(110, settled_s=110)], [start(109), start(119)]) == [(0, 0), (1, 1)]


@given(facts=moments, told=moments)
@settings(max_examples=60, deadline=None)
def test_it_is_the_best_of_all_pairings_in_order(facts: list[int], told: list[int]) -> None:
    happened, said = [came(t, settled_s=float(t)) for t in facts], [start(t, 20) for t in told]
    found = pairs(happened, said)
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(found))
    assert all(fits(happened[i], said[j]) for i, j in found)
    best = max(_every(happened, said))
    cost = sum(abs(said[j].onset_s - happened[i].t) for i, j in found)
    assert (len(found), -cost) == pytest.approx(best)


def _every(facts: list[Fact], said: list[Told]) -> list[tuple[int, float]]:
    """How many and at what cost, of all pairings in order."""
    found = [(0, 0.0)]
    for count in range(1, min(len(facts), len(said)) + 1):
        for some in combinations(range(len(facts)), count):
            for others in combinations(range(len(said)), count):
                both = list(zip(some, others, strict=True))
                if all(fits(facts[i], said[j]) for i, j in both):
                    cost = sum(abs(said[j].onset_s - facts[i].t) for i, j in both)
                    found.append((count, -cost))
    return found


def test_a_long_day_is_matched_in_no_time() -> None:
    facts, told = [came(t) for t in range(0, 86400, 60)], [start(t + 1) for t in range(0, 86400, 30)]
    assert len(pairs(facts, told)) == 1440
    assert TOLERANCE_S == 10
