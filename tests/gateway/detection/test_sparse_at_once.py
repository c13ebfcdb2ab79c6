"""A device that reports what changes: what one report of it is enough for, and what it is not."""

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
    changes, _ = after(KNOWN, report)
    assert changes == []
    (start,), _ = after(KNOWN, report, until_s=report[0] + 20.0)
    assert start.confirmed_s - report[0] == pytest.approx(12.0), "not at the next heartbeat, ten minutes later"


@pytest.mark.parametrize("t", [6950.0, 7300.0], ids=["out of turn", "a heartbeat"])
def test_a_report_of_the_empty_bay_is_told_with_that_report(t: float) -> None:
    """Nothing that passes makes a bay look empty."""
    (end,), machine = after([*KNOWN, (6700.0, CAR), (6705.0, CAR)], (t, NOTHING))
    assert (end.kind, end.confirmed_s) == (Kind.PARK_END, t)
    assert machine.state is Occupancy.VACANT


def test_a_device_that_is_polled_tells_nothing_with_one_report() -> None:
    changes, machine = after(BEATS, (6600.0, CAR))
    assert changes == []
    assert machine.state is Occupancy.VACANT


def test_the_first_report_out_of_turn_that_tells_a_vehicle_shows_the_device_for_what_it_is() -> None:
    """It was the one after it: the first arrivals and departures of a day were dated as if the device had been polled."""
    (start,), machine = after(BEATS, (5650.0, CAR), until_s=5700.0)
    assert machine.track.rhythm.on_change
    assert start.confirmed_s == pytest.approx(5662.0)
    assert start.earliest_s is not None
    assert start.earliest_s > 5600.0
