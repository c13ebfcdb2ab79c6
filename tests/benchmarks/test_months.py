"""Months of deployed bays in short: what makes a plain detector lose them is there, and ours does not."""

from itertools import pairwise
from statistics import mean

from tests.benchmarks.months import sureness
from tests.benchmarks.months_of.rows import Months, months
from tests.benchmarks.months_of.scored import ours, plain
from tests.benchmarks.months_of.sites import Use, sites

DAYS = 14.0


def quiet(seed: int) -> list[Months]:
    """Bays in which nothing else is wrong."""
    return [
        months(seed, site, DAYS)
        for site in sites(seed)
        if site.occupied_for_s is None and not site.disturbed_per_day and not site.reseated and site.use is not Use.OFFICE
    ]


def test_rows_are_those_of_deployed_nodes() -> None:
    for made in quiet(5):
        readings = [row.reading for row in made.rows]
        gaps = [after.t - before.t for before, after in pairwise(readings)]
        assert 100 < len(readings) / DAYS < 175
        assert sorted(gaps)[len(gaps) // 2] > 550.0
        assert min(gaps) >= 1.0
        assert max(gaps) > 1200.0, "packets are lost"
        temperatures = [reading.temperature_c for reading in readings if reading.temperature_c is not None]
        assert max(temperatures) - min(temperatures) > 8.0
        assert 0.5 < len(made.stays) / DAYS < 8.0
        assert {row.occupied for row in made.rows} == {True, False}


def test_the_same_seed_makes_the_same_rows_whatever_the_unit() -> None:
    site = sites(5)[0]
    one, again, counts = months(5, site, 2.0), months(5, site, 2.0), months(5, site, 2.0, counts_per_ut=10.0)
    assert one.rows == again.rows
    assert all(
        a.reading.x_ut is not None and b.reading.x_ut is not None and abs(10.0 * a.reading.x_ut - b.reading.x_ut) < 1e-6
        for a, b in zip(one.rows, counts.rows, strict=True)
    )


def test_deployed_bays_are_judged_rightly_and_better_than_by_plain_detectors() -> None:
    bays = quiet(5)
    told = [ours(made)[0].told.agreed for made in bays]
    assert min(told) > 0.95
    for name in ("fixed", "ema"):
        assert mean(told) > mean(plain(name, made).told.agreed for made in bays) + 0.1


def test_in_which_unit_a_node_counts_makes_no_difference() -> None:
    site = sites(5)[0]
    (one, _), (other, _) = ours(months(5, site, DAYS)), ours(months(5, site, DAYS, counts_per_ut=10.0))
    assert abs(one.told.agreed - other.told.agreed) < 0.01


def test_what_is_told_of_a_node_that_reports_what_passes_is_as_sure_as_it_is_right() -> None:
    """It said 98 % and was right in 76: from the second week on it is known what this node's reports are worth."""
    known = [ours(made)[0].events for made in (months(5, site, 45.0) for site in sites(5)[1:2])]
    bins = [each for events in known if events is not None for each in events.calibration]
    told = sum(each.told for each in bins)
    said, right = sum(each.mean * each.told for each in bins) / told, sum(each.right for each in bins) / told
    assert said - right < 0.08
    assert said < 0.97
    assert mean(events.invented_a_day or 0.0 for events in known if events is not None) < 1.0
    assert sureness([events for events in known if events is not None]).startswith(f"{told} arrivals")
