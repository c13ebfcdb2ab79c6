"""What the bays beside have felt: a neighbour's vehicle is none here, and a vehicle here is not explained away by what stands there."""

from collections.abc import Mapping, Sequence

import pytest

from config.site import Bay
from gateway.detection.change import BayChange, Kind
from gateway.detection.detectors import Detectors, Polled
from gateway.detection.plateau import Plateau
from gateway.detection.stirring import Stirring
from gateway.detection.undone import Taken, also
from gateway.replay import bays_of
from tests.gateway.field import Stay, field_readings

BOTH = [Kind.PARK_START, Kind.PARK_END]


def told(felt: Mapping[str, tuple[Stay, ...]], neighbours: Mapping[str, tuple[str, ...] | None]) -> dict[str, list[BayChange]]:
    """Of bays that each feel those stays, a second apart."""
    bays = tuple(Bay(id=name, device=name, neighbours=neighbours[name]) for name in felt)
    detectors = Detectors(bays_of(()).model_copy(update={"bays": bays}), [Polled(name, 1.0) for name in felt], 0.0)
    each = [field_readings(stays, 1600, device=name, start_s=0.3 * n, seed=n) for n, (name, stays) in enumerate(felt.items())]
    changes: dict[str, list[BayChange]] = {name: [] for name in felt}
    for reading in sorted((reading for readings in each for reading in readings), key=lambda reading: reading.t):
        for change in detectors.feed(reading, reading.t):
            if isinstance(change, BayChange):
                changes[change.bay].append(change)
    return changes


SIDE_BY_SIDE = {"one": ("two",), "two": ("one",)}


def kinds(changes: Sequence[BayChange]) -> list[Kind]:
    return [change.kind for change in changes]


def test_a_vehicle_that_is_felt_a_little_beside_one_that_stands_there_is_not_that_ones() -> None:
    """The strong one does not move; what is felt of the arrival there is measured from where it stands."""
    strong, comes = Stay(200, 1500, (-18.0, -99.0, 26.0)), Stay(600, 1200, (-31.0, -4.0, 9.0))
    felt_beside = Stay(600, 1200, (-0.2, -1.5, -0.9))
    changes = told({"one": (comes,), "two": (strong, felt_beside)}, SIDE_BY_SIDE)
    assert kinds(changes["one"]) == BOTH
    assert changes["one"][0].onset_s == pytest.approx(600.0, abs=2.5)
    assert kinds(changes["two"]) == BOTH


@pytest.mark.parametrize("leaves_s", [604.0, 606.0])
def test_a_vehicle_that_stood_here_before_a_far_stronger_one_left_the_bay_beside_is_ours(leaves_s: float) -> None:
    strong, weak = Stay(200, leaves_s, (40.0, -60.0, 20.0)), Stay(600, 1200, (-1.5, 7.0, -0.9))
    changes = told({"one": (weak,), "two": (strong,)}, SIDE_BY_SIDE)
    assert kinds(changes["one"]) == BOTH
    assert changes["one"][0].onset_s == pytest.approx(600.0, abs=2.5)


def test_a_vehicle_that_comes_some_seconds_after_a_far_stronger_one_stood_still_beside_is_ours() -> None:
    """What is felt of the neighbour goes over into what is felt of it: a bay was believed empty for forty minutes."""
    strong, left_here = Stay(600, 1500, (60.0, -110.0, 70.0)), Stay(600, 1500, (0.8, 1.7, -1.2))
    changes = told({"one": (left_here, Stay(612, 1200, (9.0, -10.0, 11.0))), "two": (strong,)}, SIDE_BY_SIDE)
    assert kinds(changes["one"]) == BOTH
    assert 598.0 < changes["one"][0].onset_s < 615.0


def test_what_was_taken_for_the_neighbours_vehicle_and_leaves_before_that_is_no_arrival_of_what_comes_then() -> None:
    """It came with a far stronger one beside. That it left was told as an arrival, and who came after it was not told at all."""
    strong, weak = Stay(600, 1500, (60.0, -70.0, 60.0)), Stay(601, 1000, (2.5, -2.6, 10.8))
    next_one = Stay(1008, 1400, (20.0, -12.0, 15.0))
    changes = told({"one": (weak, next_one), "two": (strong,)}, SIDE_BY_SIDE)
    assert kinds(changes["one"]) == BOTH
    assert changes["one"][0].onset_s == pytest.approx(1008.0, abs=2.5)


def test_two_vehicles_that_come_at_once_are_two_unless_one_is_felt_many_times_as_much() -> None:
    changes = told({"one": (Stay(600, 1200, (6.0, -9.0, 10.0)),), "two": (Stay(600, 1100, (20.0, -40.0, 30.0)),)}, SIDE_BY_SIDE)
    assert [kinds(each) for each in changes.values()] == [BOTH, BOTH]
    changes = told({"one": (Stay(600, 1100, (3.0, -4.5, 5.0)),), "two": (Stay(600, 1100, (20.0, -40.0, 30.0)),)}, SIDE_BY_SIDE)
    assert [kinds(each) for each in changes.values()] == [[], BOTH]


@pytest.mark.parametrize(("beside", "expected"), [(("two",), BOTH), (None, [])])
def test_the_last_bay_of_a_row_is_sure_of_a_weak_vehicle_where_the_site_says_that_only_one_is_beside(
    beside: tuple[str, ...] | None, expected: list[Kind]
) -> None:
    """Nobody says what is on its other side where it only stands first in a list."""
    changes = told({"one": (Stay(300, 900, (2.0, -1.6, 2.4)),), "two": ()}, {"one": beside, "two": None})
    assert kinds(changes["one"]) == expected


def test_a_manoeuvre_is_as_large_as_it_was_at_the_most_and_another_begins_five_seconds_later() -> None:
    stirring = Stirring()
    for now, size in ((10.0, 3.0), (12.0, 30.0), (14.0, 8.0)):
        stirring.feed(now, size)
    assert (stirring.from_s, stirring.until_s, stirring.size_ut) == (10.0, 14.0, 30.0)
    assert stirring.within(13.0, 20.0)
    assert not stirring.within(14.5, 20.0)
    stirring.feed(20.0, 1.0)
    assert (stirring.from_s, stirring.until_s, stirring.size_ut) == (20.0, 20.0, 1.0)


def test_where_the_field_stood_last_moves_with_the_expectation() -> None:
    plateau, weights = Plateau(), (1.0, 1.0, 1.0)
    for second in range(6):
        plateau.feed(float(second), (10.0, 0.0, 0.0), weights, 20.0)
    plateau.feed(6.0, (50.0, 0.0, 0.0), weights, 20.0)
    assert plateau.stood == (10.0, 0.0, 0.0), "one sample that does not agree ends nothing"
    plateau.feed(7.0, (50.0, 0.0, 0.0), weights, 20.0)
    plateau.shift((4.0, 0.0, 0.0))
    assert plateau.stood == (6.0, 0.0, 0.0)


def test_of_what_was_taken_into_the_empty_field_the_least_is_forgotten_first() -> None:
    """Four small steps of a busy hour made a vehicle forgotten that had been taken for a neighbour's."""
    steps: Taken = ()
    for size in (11.0, 1.0, 2.0, 1.5, 1.2, 1.7):
        steps = also(steps, (size, 0.0, 0.0))
    assert sorted(step[0] for step in steps) == [1.5, 1.7, 2.0, 11.0]
