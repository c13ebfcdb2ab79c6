"""A device that reports what changes: what one report of it is enough for, and what it is not."""

import json
from collections.abc import Sequence

import pytest

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Kind, Occupancy
from tests.gateway.detection.test_sparse import CAR, NOTHING, Felt, every, fields, told

WEAK = (4.0, -6.0, 5.0)
BEATS = every(600.0, (6000.0, NOTHING))
KNOWN = [*BEATS, (5650.0, CAR), (5900.0, NOTHING), (6300.0, NOTHING)]
"""One visit shows that the device reports on change."""


def after(
    known: Sequence[tuple[float, Felt]], *reports: tuple[float, Felt], until_s: float | None = None
) -> tuple[list[BayChange], BayMachine]:
    machine = BayMachine("b", BayDetection(), now=0.0)
    readings: list[Reading] = fields(sorted([*known, *reports]))
    told(readings[: -len(reports)], machine)
    return told(readings[-len(reports) :], machine, until_s=until_s), machine


def test_a_report_of_a_vehicle_out_of_turn_is_told_with_that_report() -> None:
    (start,), machine = after(KNOWN, (6700.0, CAR))
    assert (start.kind, start.confirmed_s) == (Kind.PARK_START, 6700.0)
    assert 0.95 < start.confidence < 0.999
    assert machine.state is Occupancy.OCCUPIED
    assert machine.deadline() == pytest.approx(6712.0), "that nothing follows it still says something"


@pytest.mark.parametrize("report", [(6900.0, CAR), (6700.0, WEAK)], ids=["a heartbeat", "as weak as what passes"])
def test_a_vehicle_that_may_only_pass_is_told_once_nothing_has_followed(report: tuple[float, Felt]) -> None:
    changes, machine = after(KNOWN, report)
    assert changes == []
    assert (machine.state, machine.likely) == (Occupancy.VACANT, Occupancy.OCCUPIED), "a map may show it"
    (start,), _ = after(KNOWN, report, until_s=report[0] + 20.0)
    assert start.confirmed_s - report[0] == pytest.approx(12.0), "not at the next heartbeat, ten minutes later"


@pytest.mark.parametrize("t", [6950.0, 7300.0], ids=["out of turn", "a heartbeat"])
def test_a_report_of_the_empty_bay_is_told_with_that_report(t: float) -> None:
    """Nothing that passes makes a bay look empty."""
    (end,), machine = after([*KNOWN, (6700.0, CAR), (6705.0, CAR)], (t, NOTHING))
    assert (end.kind, end.confirmed_s) == (Kind.PARK_END, t)
    assert machine.state is Occupancy.VACANT


@pytest.mark.parametrize(("gone_s", "kind"), [(6705.0, Kind.CORRECTION), (6712.0, Kind.PARK_END)])
def test_who_is_gone_five_seconds_after_the_report_of_him_has_passed_and_is_no_session(gone_s: float, kind: Kind) -> None:
    """Nobody drives in and out again as quickly: it was a session of five seconds."""
    (start, end), machine = after(KNOWN, (6700.0, CAR), (gone_s, NOTHING))
    assert (start.kind, end.kind) == (Kind.PARK_START, kind)
    assert end.confirmed_s == gone_s
    assert machine.state is Occupancy.VACANT


def test_a_device_that_is_polled_tells_nothing_with_one_report() -> None:
    changes, machine = after(BEATS, (6600.0, CAR))
    assert changes == []
    assert (machine.state, machine.likely) == (Occupancy.VACANT, Occupancy.OCCUPIED)
    machine.tick(1e6)
    assert machine.likely is machine.state is Occupancy.UNKNOWN, "silence is not vacancy, nor a vehicle"


def test_the_first_report_out_of_turn_that_tells_a_vehicle_shows_the_device_for_what_it_is() -> None:
    """It was the one after it: the first arrivals and departures of a day were dated as if the device had been polled."""
    (start,), machine = after(BEATS, (5650.0, CAR), until_s=5700.0)
    assert machine.track.rhythm.on_change
    assert start.confirmed_s == 5650.0, "with the report itself"
    assert start.earliest_s is not None
    assert start.earliest_s > 5600.0


def test_a_vehicle_that_is_parked_through_a_restart_leaves_with_the_report_of_it() -> None:
    """Which kind the device is was forgotten: the departure was told with the next heartbeat, and dated from the last."""
    stays = [*KNOWN, (6700.0, CAR), *[(7300.0 + 600.0 * number, CAR) for number in range(6)]]
    _, machine = after(stays[:-3], *stays[-3:])
    again = BayMachine("b", BayDetection(), now=10301.0)
    again.restore_text(machine.kept().as_text(), 0.0)
    parked = [(10900.0 + 600.0 * number, CAR) for number in range(4)]
    assert told(fields(parked), again) == []
    (end,) = told(fields([(13220.0, NOTHING)]), again)
    assert (end.kind, end.confirmed_s) == (Kind.PARK_END, 13220.0)
    assert end.earliest_s == pytest.approx(13208.0)
    assert end.confidence > 0.97


def test_how_little_is_known_of_the_empty_bay_under_a_vehicle_is_kept() -> None:
    """Something beside the bay has moved its field while the vehicle stood there: by how much the empty bay's, nobody has seen."""
    more = (CAR[0] + 2.4, CAR[1] + 1.5, CAR[2] - 2.4)
    machine = BayMachine("b", BayDetection(), now=0.0)
    told(fields(every(600.0, (6000.0, NOTHING), (12000.0, CAR), (15000.0, more))), machine)
    again = BayMachine("b", BayDetection(), now=15001.0)
    again.restore_text(machine.kept().as_text(), 0.0)
    told(fields([(15600.0, more), (16200.0, more)]), again)
    doubt, kept = machine.sparse.empty_variance(), again.sparse.empty_variance()
    assert doubt is not None
    assert kept is not None
    assert max(doubt) > 8.0 * machine.track.empty.noise.sigma[0] ** 2, "more than what a beginner takes it for"
    assert all(now >= 0.9 * before for now, before in zip(kept, doubt, strict=True))


@pytest.mark.parametrize(
    ("key", "broken"),
    [
        ("doubt", [1.0, -1.0, 1.0]),
        ("doubt", [1.0]),
        ("beat_s", 0.0),
        ("beat_s", "soon"),
        ("passers", [1.0]),
        ("passers", [-1.0] * 10),
        ("passers", ["many"] * 10),
        ("baseline", {"axes": [], "reference_c": None, "updated_s": 0.0, "slope_prior": 1.0}),
        ("baseline", {"axes": [[1.0] * 10] * 4, "reference_c": None, "updated_s": 0.0, "slope_prior": 1.0}),
    ],
)
def test_what_was_kept_and_cannot_be_is_refused(key: str, broken: object) -> None:
    _, machine = after(BEATS, (6600.0, CAR))
    kept = json.loads(machine.kept().as_text())
    del kept["doubt"], kept["beat_s"], kept["passers"]
    BayMachine("b", BayDetection(), now=0.0).restore_text(json.dumps(kept), 0.0)
    with pytest.raises((TypeError, ValueError)):
        BayMachine("b", BayDetection(), now=0.0).restore_text(json.dumps({**kept, key: broken}), 0.0)


def test_a_visit_before_the_device_is_known_is_told_once_it_is() -> None:
    """Its first report, of the empty bay, was minutes ago and not just now; and its silence under the vehicle tells that one stood."""
    start, end = told(fields([(0.0, NOTHING), (460.0, CAR), (580.0, NOTHING)]), until_s=600.0)
    assert (start.kind, start.earliest_s, start.latest_s) == (Kind.PARK_START, 0.0, 460.0)
    assert end.kind is Kind.PARK_END
    assert end.confirmed_s == pytest.approx(592.0)
