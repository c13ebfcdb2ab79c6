"""Three axes once a second: the bay was empty between two vehicles, and was felt as much then as a weak one is."""

import pytest

from gateway.detection.change import Kind
from tests.gateway.each_second import Vector, between, seconds
from tests.gateway.quick import told

BADLY: Vector = (-4.4, -2.8, 7.2)
"""A neighbour that came while the first one drove out, by 8.9 µT."""
FIRST: Vector = (25.0, -7.4, -16.0)
NEXT: Vector = (-9.2, 26.0, 25.0)
TWO_STAYS = [Kind.PARK_START, Kind.PARK_END] * 2


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("gap_s", [12.0, 900.0])
def test_who_left_unseen_is_told_with_the_next_that_comes_and_both_are_dated_as_they_moved(seed: int, gap_s: float) -> None:
    came_s = 600.0 + gap_s
    parts = [(FIRST, between(100.0, 600.0)), (BADLY, between(600.0, 9e9)), (NEXT, between(came_s, came_s + 80.0))]
    changes = told(seconds(parts, came_s + 200.0, seed))
    assert [change.kind for change in changes] == TWO_STAYS
    assert [change.onset_s for change in changes] == pytest.approx([100.0, 600.0, came_s, came_s + 80.0], abs=2.5)
    assert changes[1].confirmed_s == changes[2].confirmed_s < came_s + 6.0


@pytest.mark.parametrize("seed", range(4))
def test_who_comes_within_a_minute_need_be_felt_only_twice_as_much_as_what_stood_there_between(seed: int) -> None:
    parts = [(FIRST, between(100.0, 600.0)), (BADLY, between(600.0, 9e9)), ((-3.0, 16.0, 18.0), between(645.0, 900.0))]
    changes = told(seconds(parts, 1000.0, seed))
    assert [change.kind for change in changes] == TWO_STAYS


@pytest.mark.parametrize("seed", range(4))
def test_who_comes_within_a_minute_may_be_felt_much_as_the_one_before(seed: int) -> None:
    parts = [(FIRST, between(100.0, 600.0)), ((-3.8, -2.4, 6.2), between(600.0, 9e9)), ((38.0, -7.0, -33.0), between(615.0, 900.0))]
    changes = told(seconds(parts, 1000.0, seed))
    assert [change.kind for change in changes] == TWO_STAYS


@pytest.mark.parametrize("seed", range(4))
def test_where_drift_had_left_little_a_vehicle_that_comes_later_need_be_felt_only_twice_as_much(seed: int) -> None:
    rest: Vector = (-0.2, 5.4, -0.3)
    parts = [((1.1, -7.9, -14.6), between(100.0, 600.0)), (rest, between(600.0, 9e9)), ((10.0, -5.8, 4.0), between(2000.0, 2200.0))]
    changes = told(seconds(parts, 2300.0, seed))
    assert [change.kind for change in changes] == TWO_STAYS
    assert [change.onset_s for change in changes] == pytest.approx([100.0, 600.0, 2000.0, 2200.0], abs=2.5)


@pytest.mark.parametrize("seed", range(4))
def test_a_halt_of_some_seconds_on_the_way_out_is_not_who_stood_there_before(seed: int) -> None:
    halt: Vector = (-1.5, 4.5, -4.6)
    parts = [
        ((1.1, -7.9, -14.6), between(100.0, 600.0)),
        (halt, between(600.0, 606.0)),
        ((-0.2, 5.4, -0.3), between(606.0, 9e9)),
        ((10.0, -5.8, 4.0), between(2000.0, 2200.0)),
    ]
    changes = told(seconds(parts, 2300.0, seed))
    assert [change.kind for change in changes] == TWO_STAYS
    assert changes[1].onset_s == pytest.approx(600.0, abs=2.5)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("share", "left"), [(0.04, True), (0.11, False)])
def test_a_vehicle_of_which_a_twenty_fifth_is_felt_has_left_and_one_of_which_a_ninth_is_has_been_parked_anew(
    share: float, left: bool, seed: int
) -> None:
    """However strong it is: within its bay nobody moves so far that it is gone, and drift may be as much as a weak vehicle."""
    strong: Vector = (90.0, -46.0, 111.0)
    parts = [(strong, between(100.0, 600.0)), ((-80.0 * share, 100.0 * share, -80.0 * share), between(600.0, 9e9))]
    changes = told(seconds(parts, 900.0, seed))
    assert [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END][: 2 if left else 1]


@pytest.mark.parametrize("seed", range(4))
def test_who_moves_half_out_of_the_bay_and_back_has_not_left(seed: int) -> None:
    parts = [(FIRST, between(100.0, 600.0)), (BADLY, between(600.0, 620.0)), (FIRST, between(620.0, 900.0))]
    changes = told(seconds(parts, 1000.0, seed))
    assert [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END]
    assert changes[1].onset_s == pytest.approx(900.0, abs=2.5)


@pytest.mark.parametrize("seed", range(4))
def test_who_is_parked_anew_twice_within_an_hour_has_not_left_between(seed: int) -> None:
    parts = [(FIRST, between(100.0, 600.0)), (BADLY, between(600.0, 1800.0)), ((-7.4, 13.2, 25.2), between(1800.0, 2400.0))]
    changes = told(seconds(parts, 2500.0, seed))
    assert [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END]


@pytest.mark.parametrize("seed", range(4))
def test_what_came_to_stand_beside_the_bay_some_seconds_before_does_not_date_the_vehicle(seed: int) -> None:
    """One second of it is felt otherwise, as of what passes."""
    passes: Vector = (0.3, -4.2, 0.8)
    parts = [
        ((-1.1, -1.6, 1.2), between(200.0, 9e9)),
        (passes, between(206.0, 207.0)),
        ((15.0, 10.5, 13.0), between(216.0, 300.0)),
    ]
    changes = told(seconds(parts, 400.0, seed, noise_ut=0.1))
    assert [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END]
    assert changes[0].onset_s == pytest.approx(216.0, abs=1.5)


def test_nor_does_it_where_its_first_second_was_too_little_to_stir() -> None:
    """By this seed that second lies below the noise, and nearer to what stands there since than to the empty bay."""
    beside: Vector = (-0.68, -0.6, 0.35)
    parts = [
        (beside, lambda t: 0.5 if t == 200 else 1.0 if t > 200 else 0.0),
        ((15.0, 10.5, 13.0), between(213.0, 300.0)),
    ]
    changes = told(seconds(parts, 400.0, seed=2, noise_ut=0.1))
    assert [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END]
    assert changes[0].onset_s == pytest.approx(213.0, abs=1.5)
