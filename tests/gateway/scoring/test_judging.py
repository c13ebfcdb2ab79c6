"""Each way in which a detector can be wrong is counted, once, under its own name."""

import pytest

from gateway.scoring.judging import Judged, judged
from gateway.scoring.measures import measures
from gateway.scoring.strata import strata
from gateway.scoring.told import Says, Told
from gateway.scoring.truth import Device, Fact, What
from tests.gateway.scoring.days import NOBODY_SAID, came, end, fact, start, went

DAY = 86400.0


def judge(facts: list[Fact], told: list[Told], until_s: float = DAY, how: Device = NOBODY_SAID) -> Judged:
    return judged("bay-1", how, facts, told, until_s)


TWO_STAYS = [came(100), went(1000), came(2000), went(3000)]


def test_a_perfect_detector_is_perfect() -> None:
    given = measures([judge(TWO_STAYS, [start(100), end(1000), start(2000), end(3000)])])
    assert (given.recall, given.precision, given.invented, given.splits, given.merged) == (1.0, 1.0, 0, 0, 0)
    assert given.onset_s == (0.0, 0.0)
    assert given.confirm_s == (6.0, 6.0)
    assert given.confirm_after_s == (2.0, 2.0), "it moved for four of the six seconds"
    assert given.agreement == pytest.approx(1.0)
    assert given.bay_days == 1.0


def test_a_missed_stay_an_invented_one_and_late_onsets_are_counted() -> None:
    given = measures([judge(TWO_STAYS, [start(103), end(1002), start(5000), end(5100)])])
    assert (given.found, given.facts, given.invented) == (2, 4, 2)
    assert given.recall == given.precision == 0.5
    assert given.onset_s == (2.0, 2.0), "of 2 and 3 s; quantiles are those of a value that there was"
    assert given.duration_s == (1.0, 1.0)
    assert given.agreement == pytest.approx(1 - (3 + 2 + 1000 + 100) / DAY)
    assert {row[0]: row[1:] for row in given.confusion}["nothing"] == (1, 1, 0)


def test_a_stay_told_as_two_is_a_split() -> None:
    given = measures([judge(TWO_STAYS, [start(100), end(500), start(540), end(1000), start(2000), end(3000)])])
    assert (given.splits, given.stays, given.found, given.invented) == (1, 2, 4, 2)
    assert given.splits_per_1000 == 500.0


def test_two_stays_told_as_one_are_merged_and_the_swap_is_not_seen() -> None:
    facts = [came(100), went(1000, swap=True), came(1020, swap=True), went(3000)]
    given = measures([judge(facts, [start(100), end(3000)])])
    assert (given.merged, given.swaps, given.swaps_seen, given.found) == (1, 1, 0, 2)
    seen = measures([judge(facts, [start(100), end(1000), start(1021), end(3000)])])
    assert (seen.merged, seen.swaps, seen.swaps_seen, seen.swaps_share) == (0, 1, 1, 1.0)


def test_a_drive_over_told_as_parked_is_known_for_what_it_is() -> None:
    facts = [came(100), went(1000), fact(What.DRIVE_OVER, 1500), fact(What.BUS, 1700), fact(What.DRIVE_OVER, 1900)]
    given = measures([judge(facts, [start(100), end(1000), start(1501), end(1512)])])
    assert (given.drive_overs, given.parks_of_drive_overs, given.buses, given.parks_of_buses) == (2, 1, 1, 0)
    assert given.parks_per_drive_over == 0.5
    assert {row[0]: row[1:] for row in given.confusion}["drive_over"] == (1, 1, 0)


def test_what_too_few_readings_showed_is_neither_found_nor_missed() -> None:
    short = [came(100, readings=900), went(1000, readings=90), came(2000, readings=1), went(2020, readings=500)]
    given = measures([judge(short, [start(100), end(1000)])])
    assert (given.facts, given.found, given.unseen, given.recall) == (2, 2, 2, 1.0)
    told = measures([judge(short, [start(100), end(1000), start(2001), end(2021)])])
    assert told.invented == 0, "who tells it all the same has not invented it"
    reporting = measures([judge(short, [start(100), end(1000)], how=Device(on_change=True))])
    assert (reporting.facts, reporting.unseen) == (4, 0), "the silence of a device that reports on change is evidence"


def test_a_gap_that_no_reading_showed_hides_both_its_ends() -> None:
    facts = [came(100, readings=900), went(1000, readings=0), came(1005, readings=900), went(3000, readings=900)]
    given = measures([judge(facts, [start(100), end(3000)])])
    assert (given.facts, given.unseen, given.merged) == (2, 2, 0)


def test_while_its_sensor_is_at_fault_a_bay_is_not_judged() -> None:
    facts = [came(100), went(1000), fact(What.FAULT_FROM, 1900), came(2000), went(3000), fact(What.FAULT_TO, 4000)]
    bay = judge(facts, [start(100), end(1000), start(2500), end(2600)])
    given = measures([bay])
    assert (given.facts, given.found, given.unseen, given.invented) == (2, 2, 2, 0)
    assert bay.faults == 1


def test_what_stood_there_at_zero_is_no_arrival_but_may_be_told() -> None:
    facts = [came(-500), went(1000)]
    given = measures([judge(facts, [start(8), end(1000)])])
    assert (given.facts, given.found, given.invented) == (1, 1, 0)
    assert given.agreement == pytest.approx(1 - 8 / DAY)


def test_silence_is_unknown_and_no_agreement() -> None:
    lost = Told(bay="bay-1", says=Says.LOST, onset_s=1200, confirmed_s=1230, confidence=1.0, occupied=False)
    known = Told(bay="bay-1", says=Says.KNOWN, onset_s=1700, confirmed_s=1706, confidence=0.9, occupied=False)
    given = measures([judge(TWO_STAYS, [start(100), end(1000), lost, known, start(2000), end(3000)])])
    assert given.unknown == pytest.approx(500 / DAY)
    assert given.agreement == pytest.approx(1 - 500 / DAY)
    assert given.invented == 0


def test_confidence_is_compared_with_how_often_it_was_right() -> None:
    told = [start(100, confidence=0.95), end(1000, confidence=0.95), start(5000, confidence=0.55), end(5100, confidence=0.55)]
    given = measures([judge(TWO_STAYS, told)])
    assert [(each.low, each.told, each.right) for each in given.calibration] == [(0.5, 2, 0), (0.95, 2, 2)]
    assert given.calibration_error == pytest.approx((0.05 * 2 + 0.55 * 2) / 4)


def test_strata_sort_by_strength_rhythm_and_neighbours() -> None:
    facts = [
        came(100, signature_sigmas=2.0, signature_ut=2.0, neighbour=True),
        went(1000, signature_sigmas=2.0, signature_ut=2.0),
        came(2000, signature_sigmas=50.0, signature_ut=11.0),
    ]
    how = Device(form="xyz", interval_s=1.0, loss=0.1, drift_ut_per_c=2.5, hum_ut=0.0)
    found = {(each.by, each.name): each.measures for each in strata([judge(facts, [start(2000)], how=how)])}
    assert (found["signature", "< 3 sigma"].facts, found["signature", "< 3 sigma"].found) == (2, 0)
    assert found["signature", ">= 6 sigma"].recall == 1.0
    assert found["sampling", "1 Hz"].facts == found["loss", "10%"].facts == found["drift", ">= 2.2 µT/°C"].facts == 3
    assert found["neighbour", "moves"].facts == 1
    assert (found["felt", "< 3 µT"].recall, found["felt", ">= 6 µT"].recall) == (0.0, 1.0)
