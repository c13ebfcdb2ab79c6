"""How the classes of work share a line."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.shares import PROBE_SHARE, WEIGHTS, Shares
from drivers.task import Duty


def test_when_all_want_the_line_each_spends_its_weight() -> None:
    shares, spent, now = Shares(), dict.fromkeys(Duty, 0.0), 0.0
    for _ in range(10_000):
        duty = shares.choose(tuple(Duty))
        took = 0.35 if duty >= Duty.FAILING else 0.03
        now += took
        spent[duty] += took
        shares.spent(duty, took, now)
    for duty, weight in WEIGHTS.items():
        assert spent[duty] / now == pytest.approx(weight / sum(WEIGHTS.values()), abs=0.01)


def test_at_a_tie_the_more_urgent_goes_first() -> None:
    assert Shares().choose([Duty.PROBE, Duty.ROUTINE, Duty.COMMAND]) is Duty.COMMAND
    assert Shares().choose([Duty.PROBE, Duty.ROUTINE]) is Duty.ROUTINE


def test_who_was_idle_saves_nothing_up() -> None:
    shares = Shares()
    for second in range(1000):
        assert shares.choose([Duty.EVENT]) is Duty.EVENT
        shares.spent(Duty.EVENT, 0.1, float(second))
    chosen = Counter[Duty]()
    for step in range(40):
        duty = shares.choose([Duty.EVENT, Duty.ROUTINE])
        chosen[duty] += 1
        shares.spent(duty, 0.1, 1000.0 + step)
    assert chosen[Duty.EVENT] == pytest.approx(30, abs=1)


def test_probes_cost_a_twentieth_of_the_line_and_one_is_always_possible_in_the_end() -> None:
    shares, now, spent_s = Shares(), 0.0, 0.0
    shares.opened(now)
    while now < 3600.0:
        now = max(now, shares.probes_from(now))
        assert shares.probes_from(now) == now
        now += 0.35
        spent_s += 0.35
        shares.spent(Duty.PROBE, 0.35, now)
    assert spent_s <= PROBE_SHARE * now + 1.5
    assert spent_s >= 0.9 * PROBE_SHARE * now


@given(st.lists(st.tuples(st.sets(st.sampled_from(list(Duty)), min_size=1), st.floats(0.001, 1.0)), min_size=1, max_size=200))
def test_whatever_was_spent_nobody_who_wants_the_line_starves(history: list[tuple[set[Duty], float]]) -> None:
    shares, now = Shares(), 0.0
    for wanting, took in history:
        duty = shares.choose(wanting)
        assert duty in wanting
        now += took
        shares.spent(duty, took, now)
    seen = set()
    for _ in range(1500):
        duty = shares.choose(tuple(Duty))
        seen.add(duty)
        now += 0.1
        shares.spent(duty, 0.1, now)
    assert seen == set(Duty)
