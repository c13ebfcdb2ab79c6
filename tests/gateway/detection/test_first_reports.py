"""The first hour of a device that reports on change, and reports of it that are lost: what is told is dated by what it did send."""

from collections.abc import Sequence

import pytest

from config.site import BayDetection
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Kind
from tests.gateway.detection.test_sparse import CAR, NOTHING, Felt, every, fields, told

BEATS = every(600.0, (6000.0, NOTHING))
MOVING: Felt = tuple(0.4 * each for each in CAR)  # type: ignore[assignment]


def changes_of(reports: Sequence[tuple[float, Felt]], interval_s: float | None, until_s: float) -> list[BayChange]:
    return told(fields(reports), BayMachine("b", BayDetection(), now=0.0, interval_s=interval_s), until_s=until_s)


def test_the_first_vehicle_after_one_reading_of_an_empty_bay_is_told_where_the_site_says_how_often_the_device_is_heard() -> None:
    """Nothing was told of a device's first hour: it had to show first of what kind it is."""
    first = [(0.0, NOTHING), (310.0, CAR), (824.0, NOTHING), (1424.0, NOTHING)]
    start, end = changes_of(first, 600.0, 1440.0)
    assert (start.kind, start.onset_s, start.confirmed_s) == (Kind.PARK_START, 310.0, 310.0)
    assert (end.kind, end.confirmed_s) == (Kind.PARK_END, 824.0)
    assert end.onset_s == pytest.approx(812.0, abs=0.1), "the device would have said so before"


def test_a_departure_whose_last_report_was_lost_is_dated_to_the_report_before_it_and_not_to_the_heartbeat() -> None:
    seen = [*BEATS, (5650.0, CAR), (5900.0, NOTHING), (6333.0, CAR), (6611.0, MOVING), (7218.0, NOTHING)]
    end = changes_of(seen, None, 7240.0)[-1]
    assert end.kind is Kind.PARK_END
    assert end.onset_s == pytest.approx(6611.0, abs=1.0)


def test_an_arrival_whose_last_report_was_lost_is_dated_to_that_report() -> None:
    seen = [*BEATS, (5650.0, CAR), (5900.0, NOTHING), (6333.0, (0.5, 2.4, 0.6)), (6940.0, CAR)]
    start = changes_of(seen, None, 6960.0)[-1]
    assert start.kind is Kind.PARK_START
    assert 6333.0 <= start.onset_s <= 6340.0


def test_a_departure_that_a_heartbeat_to_the_second_tells_happened_just_before_it() -> None:
    seen = [*BEATS, (5650.0, CAR), (5900.0, NOTHING), (6333.0, CAR), (6338.0, CAR), (6938.003, NOTHING)]
    end = changes_of(seen, None, 6950.0)[-1]
    assert end.onset_s == pytest.approx(6926.0, abs=1.0)


def test_a_departure_that_a_heartbeat_in_its_own_time_tells_may_be_as_old_as_the_report_before() -> None:
    """Its report was lost, and it was dated a quarter of a minute before the heartbeat: ten minutes of somebody's money."""
    shown = [(5650.0, CAR), (6000.0, CAR), (6100.0, NOTHING), (6600.0, NOTHING), (6750.0, CAR), (7200.0, CAR), (7800.0, NOTHING)]
    end = changes_of([*BEATS, *shown], None, 7830.0)[-1]
    assert end.kind is Kind.PARK_END
    assert (end.earliest_s, end.latest_s) == (7200.0, 7800.0)
    assert end.onset_s == pytest.approx(7200.0, abs=0.1)


def test_what_a_report_told_before_it_was_known_to_be_one_is_dated_by_it() -> None:
    """The first report of a device comes as the vehicle moves, and the next one, five seconds later, shows of what kind the device is."""
    seen = [*every(600.0, (3600.0, NOTHING), (7200.0, CAR)), (8030.0, MOVING), (8035.0, NOTHING)]
    end = changes_of(seen, None, 8060.0)[-1]
    assert end.kind is Kind.PARK_END
    assert end.onset_s == pytest.approx(8018.0, abs=0.1)


def test_a_session_that_is_seen_to_be_over_after_a_silence_does_not_end_before_it_began() -> None:
    """What one report had told was not yet sure when the silence began, so that its vehicle was last seen before it came."""
    strong: Felt = tuple(1.7 * each for each in CAR)  # type: ignore[assignment]
    seen = [(1.0, NOTHING), (431.0, strong), (1031.0, strong), (5837.0, NOTHING), (6437.0, NOTHING)]
    start, *_, end = (change for change in changes_of(seen, 600.0, 6450.0) if change.kind in (Kind.PARK_START, Kind.PARK_END))
    assert start.onset_s == 431.0
    assert end.earliest_s == end.onset_s >= 1031.0
