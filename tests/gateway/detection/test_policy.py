"""What a city's policy makes of arrivals and departures: roundings, free minutes, and what is looked at before it is billed."""

from dataclasses import replace

import pytest

from config.site import Bay, BayDetection, BayPolicy, PowerGap
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Billing, Kind, Reason
from gateway.detection.detectors import Detectors, Polled
from gateway.detection.policy import under
from gateway.replay import bays_of
from tests.gateway.field import Stay, field_readings


@pytest.fixture(scope="module")
def seen() -> tuple[BayChange, BayChange]:
    """A car that stands for 340 s."""
    machine = BayMachine("b", BayDetection(), now=0.0)
    start, end = (change for reading in field_readings((Stay(60, 400),), 500) for change in machine.feed(reading, reading.t))
    return start, end


def test_onsets_are_rounded_in_the_drivers_favour(seen: tuple[BayChange, BayChange]) -> None:
    start, end = under(BayPolicy(round_s=2.0), seen, None)
    assert (start.onset_s, end.onset_s) == (seen[0].onset_s + 2.0, seen[1].onset_s - 2.0)


def test_an_arrival_is_never_rounded_beyond_the_moment_at_which_it_was_certain(seen: tuple[BayChange, BayChange]) -> None:
    start, _ = under(BayPolicy(round_s=60.0), seen, None)
    assert start.onset_s == seen[0].confirmed_s


@pytest.mark.parametrize(("grace_s", "billing"), [(300.0, Billing.BILLABLE), (600.0, Billing.FREE)])
def test_a_stay_within_the_free_minutes_ends_free(seen: tuple[BayChange, BayChange], grace_s: float, billing: Billing) -> None:
    start, end = under(BayPolicy(grace_s=grace_s), seen, None)
    assert (start.billing, end.billing) == (Billing.BILLABLE, billing)


def test_a_stay_whose_beginning_nobody_knows_is_not_free(seen: tuple[BayChange, BayChange]) -> None:
    (end,) = under(BayPolicy(grace_s=600.0), seen[1:], None)
    assert end.billing is Billing.BILLABLE


def test_of_a_swap_each_stay_is_measured_by_itself(seen: tuple[BayChange, BayChange]) -> None:
    start, end = seen
    again, gone = (replace(change, onset_s=change.onset_s + 1000.0, confirmed_s=change.confirmed_s + 1000.0) for change in seen)
    late = replace(gone, onset_s=gone.onset_s + 1000.0)
    told = under(BayPolicy(grace_s=600.0), [start, end, again, late], None)
    assert [change.billing for change in told] == [Billing.BILLABLE, Billing.FREE, Billing.BILLABLE, Billing.BILLABLE]


def test_what_is_less_sure_than_the_city_bills_is_looked_at_first(seen: tuple[BayChange, BayChange]) -> None:
    (start,) = under(BayPolicy(billed_confidence=0.9), [replace(seen[0], confidence=0.85)], None)
    assert (start.billing, start.confidence) == (Billing.REVIEW, 0.85)


def test_what_happened_while_the_gateway_was_off_is_looked_at_where_the_city_wants_it(seen: tuple[BayChange, BayChange]) -> None:
    unseen = replace(seen[0], reason=Reason.RESTART)
    assert [under(BayPolicy(after_power_gap=gap), [unseen], None)[0].billing for gap in (PowerGap.REVIEW, PowerGap.BOUNDS)] == [
        Billing.REVIEW,
        Billing.BILLABLE,
    ]


def test_the_free_minutes_of_a_bay_hold_across_a_restart() -> None:
    policy = BayPolicy(grace_s=600.0)
    bay = Bay(id="b", device="bay-1")
    site = bays_of(()).model_copy(update={"bays": (bay,), "policy": policy})
    readings = list(field_readings((Stay(60, 400),), 500))
    first = Detectors(site, [Polled("bay-1", 1.0)], 0.0)
    for reading in readings[:200]:
        first.feed(reading, reading.t)
    second = Detectors(site, [Polled("bay-1", 1.0)], 0.0)
    for kept in first.kept_bays():
        assert second.restore(kept, 0.0)
    told = [
        change
        for reading in readings[200:]
        for change in second.feed(reading, reading.t)
        if isinstance(change, BayChange) and change.billing
    ]
    assert [(change.kind, change.billing) for change in told] == [(Kind.PARK_END, Billing.FREE)]
