"""One quick value under hum: vehicles that take their time, and recordings that begin when one is near already."""

import math
from collections.abc import Callable

import pytest

from gateway.detection.change import Kind
from tests.gateway.quick import Felt, over, recording, told

PARKED = [Kind.PARK_START, Kind.PARK_END]


def stands(from_s: float, to_s: float, level: float, *, into_s: float = 2.0, out_s: float = 2.0) -> Felt:
    """A level that is there between the two moments, and comes and goes as smoothly as a vehicle does."""
    return lambda t: level / (1.0 + math.exp(-4.0 * (t - from_s) / into_s)) / (1.0 + math.exp(4.0 * (t - to_s) / out_s))


def all_of(*felt: Felt) -> Felt:
    return lambda t: sum(each(t) for each in felt)


@pytest.mark.parametrize("seed", range(4))
def test_an_arrival_that_is_not_felt_for_a_moment_is_dated_by_where_it_began(seed: int) -> None:
    """It crosses the empty bay's value between its axles for two seconds, as one axis feels it."""
    changes = told(recording(all_of(over(22.0, 4.0, 90.0), stands(28.5, 80.0, -60.0)), seed=seed, end_s=95.0))
    assert [change.kind for change in changes] == PARKED
    assert 17.0 < changes[0].onset_s < 22.0


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_an_arrival_of_twenty_seconds_is_dated_by_where_it_began_though_it_crossed_the_empty_bays_value(seed: int) -> None:
    """What was felt before the crossing was a vehicle's: it has not hovered."""
    changes = told(recording(all_of(over(26.0, 12.0, 90.0), stands(37.0, 100.0, -60.0)), seed=seed, end_s=115.0))
    assert [change.kind for change in changes] == PARKED
    assert 16.0 < changes[0].onset_s < 21.0


@pytest.mark.parametrize("seed", range(4))
def test_who_comes_slowly_crosses_the_empty_bays_value_as_slowly(seed: int) -> None:
    """Nothing that passes is felt for seven seconds: what follows four seconds later is the same vehicle."""
    changes = told(recording(all_of(over(22.0, 7.0, 90.0), stands(34.0, 90.0, -60.0, into_s=4.0)), seed=seed, end_s=105.0))
    assert [change.kind for change in changes] == PARKED
    assert 13.0 < changes[0].onset_s < 19.0


@pytest.mark.parametrize("seed", range(4))
def test_a_vehicle_does_not_begin_with_what_passed_just_before_it(seed: int) -> None:
    changes = told(recording(all_of(over(22.0, 3.0, 90.0), stands(31.0, 90.0, -60.0)), seed=seed, end_s=105.0))
    assert [change.kind for change in changes] == PARKED
    assert 27.0 < changes[0].onset_s < 31.0


@pytest.mark.parametrize("seed", range(4))
def test_a_vehicle_whose_last_metre_takes_ten_seconds_leaves_once(seed: int) -> None:
    """Most of its field goes at once, the rest slowly: what was taken for the empty bay meanwhile is not an arrival when it is gone."""
    rest: Felt = lambda t: -15.0 * math.exp(-max(t - 60.0, 0.0) / 4.0) if t > 60.0 else 0.0  # noqa: E731
    changes = told(recording(all_of(stands(20.0, 60.0, -120.0), rest), seed=seed, end_s=95.0))
    assert [change.kind for change in changes] == PARKED


@pytest.mark.parametrize("seed", range(4))
def test_a_vehicle_that_creeps_out_of_the_bay_has_left(seed: int) -> None:
    """Its level is followed all the way down: it never leaves it at once."""
    felt: Callable[[float], float] = lambda t: 40.0 * min(max(1.0 - (t - 50.0) / 22.0, 0.0), 1.0) / (1.0 + math.exp(-3.0 * (t - 20.0)))  # noqa: E731
    changes = told(recording(felt, seed=seed, end_s=110.0))
    assert [change.kind for change in changes] == PARKED
    assert 55.0 < changes[1].onset_s < 76.0


@pytest.mark.parametrize("seed", range(4))
def test_a_recording_that_begins_while_a_vehicle_comes_near_still_tells_its_departure(seed: int) -> None:
    """A part of its field was learned as the empty bay's: what is left when it has gone lies on the other side."""
    near = all_of(stands(-5.0, 40.0, 9.0, into_s=1.0), stands(6.0, 40.0, 33.0))
    changes = told(recording(near, seed=seed, end_s=60.0))
    assert [change.kind for change in changes] == PARKED


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_that_also_holds_where_more_than_a_third_of_its_field_was_learned(seed: int) -> None:
    near = all_of(stands(-5.0, 40.0, 15.0, into_s=1.0), stands(6.0, 40.0, 27.0))
    changes = told(recording(near, seed=seed, end_s=60.0))
    assert [change.kind for change in changes] == PARKED


@pytest.mark.parametrize("seed", range(6))
def test_a_first_look_that_was_wrong_is_no_vehicle(seed: int) -> None:
    """A sensor that has not quite woken up when its first second is taken."""
    assert told(recording(lambda t: 18.0 if t < 3.2 else 0.0, seed=seed, end_s=30.0)) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_strong_vehicle_of_which_nothing_is_left_has_left_within_three_seconds(seed: int) -> None:
    changes = told(recording(stands(20.0, 60.0, -200.0, out_s=1.0), seed=seed, end_s=63.3))
    assert [change.kind for change in changes] == PARKED
