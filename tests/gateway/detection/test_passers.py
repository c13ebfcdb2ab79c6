"""How often a node's reports turn out to be of something that passes is counted, and what it tells is as sure as that."""

from itertools import pairwise
from random import Random

import pytest

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Kind, Occupancy
from gateway.detection.passers import Passers, Shown
from tests.gateway.detection.test_sparse import CAR, NOTHING, Felt, fields, told

DAY_S = 86400.0
WITHIN_S = 260.0
"""How long after the last heartbeat a vehicle comes: none of them falls on one."""
OTHERS = ((20.0, 4.0, -15.0), (-3.0, 22.0, 9.0), (8.0, -18.0, 21.0), (-25.0, -2.0, -6.0), (13.0, 15.0, 12.0))


def _days(days: int, passers: int, *, unreported: float = 0.0, short_s: float | None = None) -> list[tuple[float, Felt]]:
    """Three vehicles a day, of which reports tell that they come and go, and `passers` of which none tells that they are gone.
    `unreported`: the share of departures that only a heartbeat shows; `short_s`: how long one of the three stays, else two hours."""
    random, stays, reports = Random("days"), list[tuple[float, float]](), list[tuple[float, Felt]]()
    for day in range(days):
        for number in range(3):
            comes = day * DAY_S + 30000.0 + 15000.0 * number + WITHIN_S
            stays.append((comes, comes + (short_s if short_s is not None and number == 1 else 7320.0)))
        # Each is another one, and none comes soon after the last: what moves the field again and again may be a charger.
        reports += [(day * DAY_S + 1800.0 + 5530.0 * number + WITHIN_S, OTHERS[(day + number) % len(OTHERS)]) for number in range(passers)]
    for comes, goes in stays:
        reports += [(comes, CAR)] if random.random() < unreported else [(comes, CAR), (goes, NOTHING)]
    beats = [600.0 * number for number in range(int(days * DAY_S / 600.0))]
    standing = [(t, CAR if any(comes <= t < goes for comes, goes in stays) else NOTHING) for t in beats]
    return sorted([*standing, *reports])


def _after(days: list[tuple[float, Felt]], *more: tuple[float, Felt]) -> tuple[list[BayChange], BayMachine]:
    machine = BayMachine("b", BayDetection(), now=0.0)
    readings: list[Reading] = fields([*days, *more])
    told(readings[: -len(more)], machine)
    return told(readings[-len(more) :], machine), machine


def _next(days: list[tuple[float, Felt]], after_s: float) -> float:
    return days[-1][0] + 600.0 + after_s


@pytest.mark.parametrize(("passers", "least", "most"), [(0, 0.985, 0.999), (1, 0.68, 0.86)])
def test_an_arrival_is_as_sure_as_the_reports_of_this_node_were_right(passers: int, least: float, most: float) -> None:
    days = _days(25, passers)
    (start,), _ = _after(days, (days[-1][0] + 600.0, NOTHING), (_next(days, 250.0), CAR))
    assert least < start.confidence < most
    assert start.confirmed_s == _next(days, 250.0), "with the report itself"


def test_where_nothing_passes_at_heartbeats_one_of_them_tells_an_arrival() -> None:
    """A fifth of what this node reports is lost, so that heartbeats show what has come; none of them has ever shown what passes."""
    seen_late = [(t, felt) for t, felt in _days(12, passers=0) if t % 600.0 != WITHIN_S or felt == NOTHING]
    for days, state in ((seen_late, Occupancy.OCCUPIED), (_days(12, passers=0), Occupancy.VACANT)):
        t = _next(days, 600.0)
        _, machine = _after(days, (t - 600.0, NOTHING), (t, CAR))
        assert machine.state is state
        assert machine.likely is Occupancy.OCCUPIED


def test_where_most_of_what_is_reported_passes_an_arrival_waits_for_the_next_row() -> None:
    days = _days(25, passers=5)
    t = _next(days, 250.0)
    changes, machine = _after(days, (days[-1][0] + 600.0, NOTHING), (t, CAR))
    assert changes == []
    machine.tick(t + 13.0)
    assert (machine.state, machine.likely) == (Occupancy.VACANT, Occupancy.VACANT), "its silence says nothing of this node"
    (start,) = told(fields([(t + 350.0, CAR)]), machine)
    assert (start.kind, start.latest_s) == (Kind.PARK_START, t)


def test_what_has_passed_is_taken_back_with_the_next_heartbeat() -> None:
    """It was a session that was billed: a start, and an end with a confidence of a tenth."""
    days = _days(25, passers=1)
    t = _next(days, 250.0)
    (start, correction), machine = _after(days, (days[-1][0] + 600.0, NOTHING), (t, CAR), (t + 350.0, NOTHING))
    assert (start.kind, correction.kind) == (Kind.PARK_START, Kind.CORRECTION)
    assert correction.confirmed_s == t + 350.0
    assert machine.state is Occupancy.VACANT


def test_a_stay_between_two_heartbeats_ends_where_a_report_tells_it() -> None:
    days = _days(25, passers=1)
    t = _next(days, 250.0)
    (start, end), _ = _after(days, (days[-1][0] + 600.0, NOTHING), (t, CAR), (t + 150.0, NOTHING))
    assert (start.kind, end.kind) == (Kind.PARK_START, Kind.PARK_END)


def test_short_stays_whose_departure_was_lost_are_not_taken_for_what_passes() -> None:
    """Of three vehicles a day one stays for minutes, and of all departures a third is lost: that is known of the long ones."""
    lossy = _days(40, passers=0, unreported=0.33, short_s=200.0)
    _, machine = _after(lossy, (lossy[-1][0] + 600.0, NOTHING))
    passers = machine.sparse.passers
    assert passers.lost == pytest.approx(0.33, abs=0.08)
    assert passers.passing(Shown.REPORT) < 0.03


def test_what_was_counted_outlives_a_restart() -> None:
    days = _days(25, passers=1)
    _, machine = _after(days, (days[-1][0] + 600.0, NOTHING))
    again = BayMachine("b", BayDetection(), now=_next(days, 1.0))
    again.restore_text(machine.kept().as_text(), 0.0)
    before, after = machine.sparse.passers, again.sparse.passers
    for by in Shown:
        assert after.passing(by) == pytest.approx(before.passing(by), abs=1e-3)
    assert after.lost == pytest.approx(before.lost, abs=1e-3)
    assert before.passing(Shown.REPORT) > 0.15


def test_what_is_gone_within_seconds_passes_only_where_that_is_more_than_vehicles_do() -> None:
    few, many = Passers(), Passers()
    for number in range(60):
        for passers, stays_s in ((few, 5.0 if number % 20 == 0 else 900.0), (many, 5.0 if number % 2 else 900.0)):
            passers.feed(2000.0 * number, Shown.REPORT, vehicle=True)
            passers.feed(2000.0 * number + stays_s, Shown.REPORT, vehicle=False)
    assert few.passing(Shown.REPORT) < 0.01
    assert 0.3 < many.passing(Shown.REPORT) < 0.5
    assert many.lingering(Shown.REPORT) < 0.02, "those are told to be gone: who is silent stands"


def test_counts_of_long_ago_fade() -> None:
    passers = Passers()
    rates = []
    for number in range(900):
        passers.feed(2000.0 * number, Shown.REPORT, vehicle=True)
        if number >= 300:
            passers.feed(2000.0 * number + 50.0, Shown.REPORT, vehicle=True)
        passers.feed(2000.0 * number + 600.0, Shown.BEAT, vehicle=False)
        rates.append(passers.passing(Shown.REPORT))
    assert rates[299] > 0.8
    assert rates[-1] < 0.05
    assert all(later <= earlier for earlier, later in pairwise(rates[301:]))
