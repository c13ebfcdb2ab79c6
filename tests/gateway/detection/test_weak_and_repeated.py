"""Three axes once a second: what is felt as much as a weak vehicle, what comes twice, and what the bay looked like between."""

import pytest

from config.site import BayDetection
from gateway.detection.bay import BayMachine
from gateway.detection.change import Kind, Occupancy
from tests.gateway.each_second import Share, Vector, between, seconds
from tests.gateway.quick import told


@pytest.mark.parametrize("seed", range(4))
def test_a_bus_that_stops_beside_the_bay_for_some_seconds_is_no_vehicle_in_it(seed: int) -> None:
    bus: Vector = (0.5, -2.9, -6.0)
    parts = [(bus, between(200.0, 205.0)), (bus, between(400.0, 404.0))]
    assert told(seconds(parts, 500.0, seed)) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_weak_vehicle_that_stays_is_told_a_little_later_and_dated_by_its_arrival(seed: int) -> None:
    changes = told(seconds([((0.5, -2.9, -6.0), between(200.0, 300.0))], 400.0, seed))
    assert [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END]
    assert changes[0].onset_s == pytest.approx(200.0, abs=2.0)
    assert changes[0].confirmed_s < 212.0


@pytest.mark.parametrize("seed", range(4))
def test_two_that_pass_one_behind_the_other_are_none_that_parks(seed: int) -> None:
    first: Share = lambda t: {200: 0.4, 201: 1.0, 202: 0.5}.get(int(t), 0.06 if 203 <= t < 206 else 0.0)  # noqa: E731
    second: Share = lambda t: {206: 0.4, 207: 0.9, 208: 1.0, 209: 0.3}.get(int(t), 0.0)  # noqa: E731
    assert told(seconds([((20.0, -12.0, 30.0), first), ((-25.0, 10.0, 22.0), second)], 300.0, seed)) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_strong_vehicle_that_is_parked_anew_and_weakly_felt_since_has_not_left(seed: int) -> None:
    changes = told(seconds([((-11.0, 20.0, 53.0), between(100.0, 300.0)), ((-1.5, 4.8, 3.3), between(300.0, 420.0))], 500.0, seed))
    assert [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END]
    assert changes[1].onset_s == pytest.approx(420.0, abs=2.5)


@pytest.mark.parametrize("seed", range(4))
def test_what_a_strong_vehicle_came_and_went_over_was_the_empty_bay(seed: int) -> None:
    """A neighbour stands so badly that it is told as a vehicle of this bay, and stays; no two vehicles stand in one bay."""
    badly: Vector = (3.5, 2.1, 4.2)
    parts = [(badly, between(100.0, 9e9)), ((20.0, 24.0, -48.0), between(400.0, 430.0)), ((-20.0, 14.0, 30.0), between(700.0, 800.0))]
    machine = BayMachine("b", BayDetection(), now=0.0)
    changes = [change for reading in seconds(parts, 900.0, seed) for change in machine.feed(reading, reading.t)]
    kinds = [change.kind for change in changes]
    assert kinds == [Kind.PARK_START, Kind.CORRECTION, Kind.PARK_START, Kind.PARK_END]
    assert machine.state is Occupancy.VACANT


def test_a_strong_vehicle_has_left_a_sensor_that_hardly_jitters_though_a_neighbour_came_with_it() -> None:
    """By 4 µT: hundreds of sigmas of such a sensor, and still less than any vehicle adds."""
    parts = [
        ((-6.0, -18.0, 62.0), between(100.0, 300.0)),
        ((-1.4, -3.7, -0.2), between(100.0, 9e9)),
        ((-17.0, 1.0, 18.0), between(314.0, 400.0)),
    ]
    changes = told(seconds(parts, 450.0, noise_ut=0.02))
    assert [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END] * 2
    assert changes[2].onset_s == pytest.approx(314.0, abs=2.0)


@pytest.mark.parametrize("seed", range(4))
def test_a_vehicle_that_is_parked_anew_after_hours_and_felt_a_third_as_much_since_has_not_left(seed: int) -> None:
    """What drifts meanwhile is followed second by second: a leap by what a vehicle is felt is no drift, however long it has stood."""
    parts = [((12.0, 15.0, 16.0), between(100.0, 4000.0)), ((3.2, 4.9, 4.0), between(4000.0, 4500.0))]
    changes = told(seconds(parts, 4600.0, seed, noise_ut=0.5))
    assert [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END]
    assert changes[1].onset_s == pytest.approx(4500.0, abs=2.5)


@pytest.mark.parametrize("seed", range(4))
def test_an_arrival_of_which_only_the_first_reading_came_for_twenty_seconds_is_dated_by_it(seed: int) -> None:
    vehicle: Vector = (8.0, 3.5, 21.0)
    felt: Share = lambda t: 0.15 if t == 100 else 1.0 if t > 100 else 0.0  # noqa: E731
    changes = told(reading for reading in seconds([(vehicle, felt)], 200.0, seed) if not 100.5 < reading.t < 120.5)
    assert [change.kind for change in changes] == [Kind.PARK_START]
    assert changes[0].onset_s == pytest.approx(100.0, abs=1.0)


@pytest.mark.parametrize("seed", range(4))
def test_a_vehicle_that_was_told_while_it_moved_and_stands_weakly_felt_has_not_left(seed: int) -> None:
    """It swings about the sensor for ten seconds, as one that is parked slowly does."""
    way: list[Vector] = [(0.0, 1.0, -3.6), (-1.0, 1.0, -2.6), (1.4, 2.8, -5.0), (1.7, 3.5, -7.7), (-0.8, 0.2, -14.5), (-6.2, -9.5, -11.2),
                         (-6.5, -11.4, 1.8), (-3.1, -6.3, 8.5), (-0.3, -2.2, 8.3), (0.9, -0.2, 6.6), (1.2, 0.6, 5.3)]  # fmt: skip
    moves = [(field, between(100.0 + second, 101.0 + second)) for second, field in enumerate(way)]
    changes = told(seconds([*moves, ((1.3, 0.7, 4.2), between(111.0, 300.0))], 400.0, seed, noise_ut=0.1))
    assert [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END]
    assert changes[1].onset_s == pytest.approx(300.0, abs=2.5)


@pytest.mark.parametrize("seed", range(4))
def test_a_vehicle_has_left_though_the_sensor_drifted_by_a_weak_one_while_nobody_watched(seed: int) -> None:
    parts = [((18.0, -22.0, 28.0), between(100.0, 6500.0)), ((3.5, 2.6, 3.0), between(3000.0, 9e9))]
    changes = told(reading for reading in seconds(parts, 6600.0, seed) if not 1000.0 < reading.t < 6000.0)
    kinds = [change.kind for change in changes if change.kind in (Kind.PARK_START, Kind.PARK_END)]
    assert kinds == [Kind.PARK_START, Kind.PARK_END]
    assert changes[-1].onset_s == pytest.approx(6500.0, abs=2.5)


def test_what_stands_after_a_vehicle_was_parked_anew_is_no_other_one_for_two_samples_that_looked_empty() -> None:
    """By this seed, the first two samples of 5.9 µT lie below what is felt of the weakest vehicles."""
    parts = [((12.0, 15.0, 16.0), between(100.0, 4000.0)), ((2.6, 4.1, 3.3), between(4000.0, 4500.0))]
    changes = told(seconds(parts, 4600.0, seed=1, noise_ut=0.5))
    assert [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END]
