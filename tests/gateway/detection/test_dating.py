"""What nobody saw happen is billed in the driver's favour."""

import pytest

from gateway.detection.change import Occupancy, Reason
from gateway.detection.dating import Dated, dated
from gateway.detection.phase import Decision


def decided(target: Occupancy, onset_s: float, earliest_s: float | None, latest_s: float) -> Decision:
    return Decision(target, onset_s, earliest_s, latest_s, 0.99, Reason.LEVEL, 3)


@pytest.mark.parametrize("target", [Occupancy.OCCUPIED, Occupancy.VACANT])
@pytest.mark.parametrize("earliest_s", [None, 96.0])
def test_what_was_seen_to_happen_is_dated_as_it_was_seen(target: Occupancy, earliest_s: float | None) -> None:
    assert dated(decided(target, 98.0, earliest_s, 100.0)) == Dated(98.0)


def test_an_arrival_between_two_readings_begins_with_the_later_one() -> None:
    assert dated(decided(Occupancy.OCCUPIED, 100.0, 40.0, 100.0)) == Dated(100.0, 40.0, 100.0)


def test_a_departure_between_two_readings_ended_with_the_earlier_one_unless_it_was_seen_later() -> None:
    assert dated(decided(Occupancy.VACANT, 100.0, 40.0, 100.0)) == Dated(40.001, 40.0, 100.0)
    assert dated(decided(Occupancy.VACANT, 104.0, 40.0, 100.0)) == Dated(104.0, 40.0, 100.0)
