"""The comparison of detectors in short: it runs, and what must be better is better."""

from dataclasses import replace

from gateway.scoring.measures import measures
from simulators.sampling import Form
from tests.benchmarks.bay_days import drawings, judge
from tests.benchmarks.bay_mix import Mix, drawn
from tests.benchmarks.contestants import CONTESTANTS


def test_a_fixed_threshold_loses_against_a_baseline_that_knows_the_temperature() -> None:
    names = ("first", "fixed")
    few = [each for each in drawings(1, 12.0) if each.sampling.every_s in (10.0, 600.0)]
    assert len(few) >= 2
    spent = [judge(names, each) for each in few]
    first, fixed = (measures([bay for bay, _, _ in (each[number] for each in spent)]) for number in range(2))
    assert first.facts == fixed.facts > 30
    assert first.recall is not None
    assert fixed.recall is not None
    assert first.recall > fixed.recall
    assert first.agreement > fixed.agreement


def test_bay_days_of_another_seed_are_others_and_those_of_the_same_are_the_same() -> None:
    assert drawn(5) == drawn(5)
    assert [each.seed for each in drawings(1, 3)] != [each.seed for each in drawings(2, 3)]
    assert set(CONTESTANTS) == {"ours", "first", "fixed", "ema"}


def test_every_form_and_rhythm_of_the_wide_mix_is_judged() -> None:
    forms, rhythms = set(), set()
    for seed in range(40):
        short = replace(drawn(seed, Mix.WIDE), lasts_s=300.0)
        forms.add(short.sampling.form)
        rhythms.add((short.sampling.every_s, short.sampling.then_every_s))
        for bay, _, readings in judge(tuple(CONTESTANTS), short):
            assert bay.span_s == 300.0
            assert readings > 20
    assert forms == set(Form)
    assert len(rhythms) == 5
