"""The comparison of detectors in short: it runs, and what must be better is better."""

from dataclasses import replace

from gateway.scoring.measures import measures
from gateway.scoring.truth import What
from simulators.sampling import Form
from tests.benchmarks.bay_causes import invented, missed
from tests.benchmarks.bay_days import drawings
from tests.benchmarks.bay_judging import judge, judge_street
from tests.benchmarks.bay_mix import BAYS, WATCHED, Mix, drawn, rhythms
from tests.benchmarks.contestants import CONTESTANTS


def test_a_fixed_threshold_loses_against_a_baseline_that_knows_the_temperature() -> None:
    names = ("first", "fixed")
    few = [each for each in drawings(1, 12.0) if each.sampling.every_s in (10.0, 600.0)]
    assert len(few) >= 2
    spent = [judge(names, each) for each in few]
    first, fixed = (measures([bay for bay, _, _ in (each[number][0] for each in spent)]) for number in range(2))
    assert first.facts == fixed.facts > 30
    assert first.recall is not None
    assert fixed.recall is not None
    assert first.recall > fixed.recall
    assert first.agreement > fixed.agreement


def test_bay_days_of_another_seed_are_others_and_those_of_the_same_are_the_same() -> None:
    assert drawn(5) == drawn(5)
    assert [each.seed for each in drawings(1, 3)] != [each.seed for each in drawings(2, 3)]
    assert set(CONTESTANTS) == {"ours", "first", "fixed", "ema"}


def test_the_bay_days_of_one_rhythm_are_those_of_all_that_have_it() -> None:
    some = list(drawings(1, 3, every_s=10.0))
    assert [each.sampling.every_s for each in some] == [10.0] * 3
    among = [each.seed for each in drawings(1, 60) if each.sampling.every_s == 10.0]
    assert [each.seed for each in some] == among[:3]
    assert rhythms(Mix.USUAL) == (1.0, 10.0, 600.0, 0.1)


def test_every_form_and_rhythm_of_the_wide_mix_is_judged() -> None:
    forms, rhythms = set(), set()
    for seed in range(40):
        short = replace(drawn(seed, Mix.WIDE), lasts_s=300.0)
        forms.add(short.sampling.form)
        rhythms.add((short.sampling.every_s, short.sampling.then_every_s))
        for ((bay, _, readings),) in judge(tuple(CONTESTANTS), short):
            assert bay.span_s == 300.0
            assert readings > 20
    assert forms == set(Form)
    assert len(rhythms) == 5


def test_in_a_street_each_bay_is_judged_and_the_middle_one_by_the_same_facts_as_alone() -> None:
    """Whoever knows nothing of the bays beside tells the same of it."""
    short = replace(drawn(11), lasts_s=4 * 3600.0)
    names = ("first", "ours")
    alone, street = judge(names, short), judge_street(names, short)
    for ((lone, _, readings),), bays in zip(alone, street, strict=True):
        assert [bay.device for bay, _, _ in bays] == list(BAYS)
        middle, _, as_many = next(each for each in bays if each[0].device == WATCHED)
        assert as_many == readings
        assert [each.fact for each in middle.found] == [each.fact for each in lone.found]
    assert street[0][1][0] == alone[0][0][0]


def test_what_is_missed_and_invented_is_sorted_by_strength_rhythm_and_what_happened() -> None:
    bay, _, _ = judge(("fixed",), replace(drawn(13), lasts_s=8 * 3600.0))[0][0]
    strong = [each for each in bay.found if not each.unseen and (each.fact.signature_ut or 0.0) >= 6.0]
    lost = sum(each.told is None for each in strong)
    assert 0 < lost < len(strong)
    _, (rhythm, *cells) = missed([bay])
    assert rhythm == "every 1 s"
    assert cells[-2:] == [f"{lost} of {len(strong)}", f"{100.0 * (1.0 - lost / len(strong)):.2f} %"]
    assert sum(int(cell.split()[0]) for cell in cells[:-1]) == sum(each.told is None for each in bay.found if not each.unseen)
    _, (_, count, _, causes) = invented([bay])
    assert {each.near for each in bay.invented} == {None, What.DRIVE_OVER}
    assert "drive_over" in causes
    assert int(count) == len(bay.invented) == sum(int(number) for number in causes.replace(",", "").split() if number.isdigit())
