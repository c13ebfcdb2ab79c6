"""What a sample can mean, from one account: what the next one makes more or less probable."""

from dataclasses import replace
from math import sin

import pytest

from gateway.detection.account import Account, Scale
from gateway.detection.aftermath import moved_beside, passed, same
from gateway.detection.happenings import branches, goes_on


@pytest.mark.parametrize(("felt", "unknown", "fades"), [(1.2, 0.1, True), (4.0, 0.1, False), (0.0, 900.0, False)])
def test_what_has_turned_out_to_be_less_than_any_vehicle_is_none(felt: float, unknown: float, fades: bool) -> None:
    """A sensor had drifted by 1 µT, and after twenty looks a vehicle was told. Of an empty bay that nobody has seen nothing is known."""
    noise, stands, none = (0.04, 0.04, 0.04), (felt, 0.0, 0.0), (0.0, 0.0, 0.0)
    was = Account(0.0, True, none, (unknown,) * 3, stands, noise, none, None, 0.0, 5, ())
    at = Scale(3, 1.0, noise, none, 16.0, 600.0, False, None, 6000.0, 6000.0)
    now = goes_on(was, stands, at)
    usual = goes_on(replace(was, empty_variance=(900.0,) * 3), stands, at)
    assert (now.weight < usual.weight - 0.3) is fades


def test_a_vehicle_at_a_charger_is_seldom_parked_anew() -> None:
    """The empty bay had drifted by some µT under it, and for hours a vehicle of that field was thought to stand there."""
    noise, none, left = (0.04, 0.04, 0.04), (0.0, 0.0, 0.0), (4.0, 2.0, 3.0)
    was = Account(0.0, True, none, (2.0, 2.0, 2.0), (15.0, 12.0, -16.0), noise, none, None, 0.0, 5, ())
    at = Scale(3, 1.0, noise, none, 16.0, 600.0, True, None, 6000.0, 6000.0)
    gone, still = {}, {}
    for disturbed in (False, True):
        after = list(branches(was, left, replace(at, disturbed=disturbed)))
        gone[disturbed] = max(each.weight for each in after if not each.occupied)
        still[disturbed] = max(each.weight for each in after if each.stands == left and not each.steps)
    assert gone[True] - still[True] > gone[False] - still[False] + 1.0


@pytest.mark.parametrize(("ago_s", "likelier"), [(30.0, True), (90.0, False)], ids=["two looks were lost", "another manoeuvre"])
def test_what_was_felt_to_move_has_come_as_probably_where_the_next_looks_were_lost(ago_s: float, *, likelier: bool) -> None:
    noise, none, car = (0.04, 0.04, 0.04), (0.0, 0.0, 0.0), (16.0, -2.0, 18.0)
    still = Account(0.0, False, none, noise, none, noise, none, None, 0.0, 5, ())
    at = Scale(3, 1.0, noise, none, 16.0, ago_s, False, None, 6000.0, 6000.0)
    moved_s = 6000.0 - ago_s
    came = [
        next(each.weight for each in branches(was, car, at) if each.steps)
        for was in (still, replace(still, moving=(moved_s - 10.0, moved_s)))
    ]
    assert (came[1] - came[0] > 1.0) is likelier


def test_what_passes_beside_a_vehicle_is_no_sign_that_there_is_none() -> None:
    """A bus beside a bay that a strong vehicle stood in made it ever more probable that this was the empty bay."""
    noise, none, stands, bus = (0.04, 0.04, 0.04), (0.0, 0.0, 0.0), (-25.0, 57.0, 30.0), (-24.5, 60.0, 29.0)
    at = Scale(3, 1.0, noise, none, 16.0, 10.0, False, None, 6000.0, 6000.0)
    taken = Account(0.0, True, none, noise, stands, noise, none, None, 0.0, 400, ())
    empty = Account(0.0, False, stands, noise, none, noise, none, None, 0.0, 400, ())
    passes = [passed(was, bus, at, 0.0).weight for was in (taken, empty)]
    assert passes[0] == pytest.approx(passes[1], abs=1.0)
    driving_out = passed(taken, (6.0, 9.0, -4.0), at, 0.0).weight
    assert driving_out > passes[0] - 5.0, "a look at it on its way out"


@pytest.mark.parametrize("off", [(1.0, -0.5, 2.0), (4.0, 0.5, 3.0)])
def test_what_moves_beside_a_vehicle_and_goes_back_leaves_the_empty_bay_where_it_was(off: tuple[float, float, float]) -> None:
    """Of what was as much as a charger is the half was added as it came and nothing taken away as it went: 19 µT within two hours."""
    noise, none, stands = (0.09, 0.09, 0.09), (0.0, 0.0, 0.0), (-20.0, -47.0, 24.0)
    at = Scale(3, 1.0, noise, none, 16.0, 10.0, False, None, 6000.0, 6000.0)
    was = Account(0.0, True, none, noise, stands, noise, none, None, 0.0, 400, ())
    moved = stands[0] + off[0], stands[1] + off[1], stands[2] + off[2]
    for _ in range(20):
        there = moved_beside(was, moved, at, 0.0, was.stands, 2.25)
        assert there.beside is not None
        was = moved_beside(there, stands, at, 0.0, there.beside, 0.0)
    assert was.empty == pytest.approx(none, abs=0.3)


def test_what_wanders_beneath_a_vehicle_is_the_sensor_and_moves_the_empty_bay_by_as_much() -> None:
    """The sun came and went, and nothing told it: the vehicle was followed by 5 µT, and the empty bay was not."""
    noise, none, stands = (0.09, 0.09, 0.09), (0.0, 0.0, 0.0), (-17.0, 21.0, 4.0)
    at = Scale(3, 1.0, noise, (1e-4, 1e-4, 1e-4), 16.0, 10.0, False, None, 6000.0, 6000.0)
    was = Account(0.0, True, none, noise, stands, noise, none, None, 0.0, 400, ())
    for number in range(720):
        off = 3.0 * sin(number / 60.0)
        was = same(was, (stands[0] + off, stands[1] - off, stands[2]), at, 0.0)
    assert was.stands[0] - was.empty[0] == pytest.approx(stands[0], abs=0.5)
    assert was.stands[1] - was.empty[1] == pytest.approx(stands[1], abs=0.5)
