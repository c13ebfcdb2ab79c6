"""What a bay that is seen now and then knows of itself when it is empty: never too sure, never forgotten, never taken from a guess."""

from math import log, sin
from random import Random

import pytest

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.account import Account, Scale, Step
from gateway.detection.accounts import Accounts
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Kind, Occupancy
from gateway.detection.conditioning import Vector
from gateway.detection.verdict import verdict

APART_S = 7.6
EMPTY, CAR = (26.8, 8.4, 21.6), (5.5, 12.0, -5.5)


def reading(t: float, share: float, off: Vector, random: Random) -> Reading:
    x, y, z = (EMPTY[axis] + share * CAR[axis] + off[axis] + random.gauss(0.0, (0.3, 0.45, 0.35)[axis]) for axis in range(3))
    return Reading(device="d", t=t, x_ut=x, y_ut=y, z_ut=z, temperature_c=20.0)


def left_behind(seed: int) -> list[BayChange]:
    """A car that leaves; the empty bay is then felt half a µT otherwise than before, for it has been magnetised, or the road has."""
    random, machine = Random(seed), BayMachine("b", BayDetection(), now=0.0, interval_s=APART_S)
    changes: list[BayChange] = []
    for count in range(500):
        t = APART_S * count
        share = 1.0 if 900 < t < 1800 else 0.25 if 1800 <= t < 1800 + 2 * APART_S else 0.0
        changes += machine.feed(reading(t, share, (0.2, -0.5, 0.3) if t > 1800 else (0.0, 0.0, 0.0), random), t)
    return changes


@pytest.mark.parametrize("seed", range(12))
def test_an_empty_bay_that_is_felt_a_little_otherwise_after_a_stay_is_no_new_vehicle(seed: int) -> None:
    assert [change.kind for change in left_behind(seed)] == [Kind.PARK_START, Kind.PARK_END]


@pytest.mark.parametrize("apart_s", [1.0, 7.6, 60.0])
def test_first_samples_that_are_alike_by_chance_make_the_next_one_no_vehicle(apart_s: float) -> None:
    for seed in range(60):
        random, machine = Random(seed), BayMachine("b", BayDetection(), now=0.0, interval_s=apart_s)
        for t in (apart_s * count for count in range(40)):
            assert machine.feed(reading(t, 0.0, (0.0, 0.0, 0.0), random), t) == [], seed


def account(
    weight: float,
    empty: Vector,
    variance: float,
    *,
    stands: Vector = (10.0, 0.0, 0.0),
    occupied: bool = True,
    steps: tuple[Step, ...] = (),
) -> Account:
    spread = variance, variance, variance
    return Account(weight, occupied, empty, spread, stands, (0.01, 0.01, 0.01), (0.0, 0.0, 0.0), None, 0.0, 5, steps)


@pytest.mark.parametrize("seed", range(8))
def test_who_was_too_sure_of_the_empty_bay_does_not_lose_to_a_guess_that_fits(seed: int) -> None:
    """The empty bay is felt most of a sigma beside what it was known to be; a weak vehicle over another empty bay would explain that."""
    random = Random(seed)
    vacant = account(0.0, (-0.1, 0.4, -0.1), 0.005, occupied=False)
    guess = account(-8.0, (-0.7, -2.0, 0.4), 3.0, stands=(0.0, 0.0, 0.0))
    accounts = Accounts([vacant, guess])
    for count in range(200):
        noise, drift = (0.09, 0.2, 0.13), (1e-6, 1e-6, 1e-6)
        at = Scale(3, 1.0, noise, drift, 12.0, APART_S, False, None, APART_S * count, APART_S * count)
        accounts.feed((random.gauss(0.0, 0.3), random.gauss(0.0, 0.45), random.gauss(0.0, 0.36)), at)
        assert accounts.occupied() < 0.5, count


def test_of_two_accounts_that_are_about_as_likely_the_one_that_knows_the_empty_bay_better_is_asked_for_it() -> None:
    guessed, known = account(0.0, (0.0, -4.1, 0.5), 0.15), account(-0.2, (0.0, 0.1, 0.0), 0.02)
    assert Accounts([guessed, known]).empty() == known.empty
    hardly = account(-5.0, (0.0, 0.1, 0.0), 0.02)
    assert Accounts([guessed, hardly]).empty() == guessed.empty


def test_a_restart_over_an_empty_bay_that_has_moved_by_less_than_half_a_vehicle_finds_it_empty() -> None:
    """What was kept is as old as the bay's last change; the field has wandered since."""
    random, machine = Random(4), BayMachine("b", BayDetection(), now=0.0, interval_s=APART_S)
    for count in range(3):
        machine.feed(reading(APART_S * count, 0.0, (0.0, 0.0, 0.0), random), APART_S * count)
    kept = machine.kept()
    again = BayMachine("b", BayDetection(), now=100.0, interval_s=APART_S)
    again.restore(kept)
    changes = [
        change
        for count in range(40)
        for change in again.feed(
            reading(100.0 + APART_S * count, 0.0, (-1.3, -0.9, 1.6), random),
            100.0 + APART_S * count,
        )
    ]
    assert changes == []
    assert again.state is Occupancy.VACANT


@pytest.mark.parametrize("first", [0.3, 0.45, 0.6])
def test_an_arrival_that_a_sample_catches_half_way_is_no_two_jumps_beside_the_bay(first: float) -> None:
    """Slow to drive in, and weak: the first sample shows a part of it."""
    weak, half = (-3.7, -6.5, -5.0), (-3.7 * first, -6.5 * first, -5.0 * first)
    random, machine = Random(2), BayMachine("b", BayDetection(), now=0.0, interval_s=APART_S)
    changes: list[BayChange] = []
    for count in range(160):
        off = (0.0, 0.0, 0.0) if count < 100 else half if count == 100 else weak
        changes += machine.feed(reading(APART_S * count, 0.0, off, random), APART_S * count)
    assert [change.kind for change in changes] == [Kind.PARK_START]
    assert changes[0].confirmed_s < 105 * APART_S


@pytest.mark.parametrize(("share", "told"), [(0.13, [Kind.PARK_END]), (0.012, [])])
def test_a_bay_that_is_surely_empty_is_told_so_although_it_may_never_have_been_taken(share: float, told: list[Kind]) -> None:
    """Both accounts say that it is empty now; that there never was a vehicle is the likelier one, and not sure enough to take it back."""
    random, machine = Random(3), BayMachine("b", BayDetection(), now=0.0, interval_s=APART_S)
    changes: list[BayChange] = []
    for count in range(130):
        off = (0.0, 0.0, 0.0) if count < 100 else (-3.7, -6.5, -5.0)
        changes += machine.feed(reading(APART_S * count, 0.0, off, random), APART_S * count)
    assert machine.state is Occupancy.OCCUPIED
    t, here = 130 * APART_S, machine.track.z
    never = account(log(1.0 - share), here, 0.02, occupied=False, steps=(Step(False, t - APART_S, t, wrong=True),))
    left = account(log(share), here, 0.02, occupied=False, steps=(Step(False, t - APART_S, t),))
    machine.sparse.accounts = Accounts([never, left])
    changes = machine.feed(reading(t, 0.0, (-3.7, -6.5, -5.0), random), t)
    assert [change.kind for change in changes] == told


@pytest.mark.parametrize("seed", range(8))
def test_a_weak_vehicle_that_was_felt_a_little_on_its_way_leaves_and_has_not_been_something_beside_the_bay(seed: int) -> None:
    """Where its approach was taken for the empty bay from then on, its departure fits that no worse than its never having been there."""
    random, machine, told = Random(seed), BayMachine("b", BayDetection(), now=0.0, interval_s=APART_S), list[Kind]()
    on_its_way, stands = (1.1, -1.1, 0.9), (-5.3, -6.9, 2.2)
    for count in range(250):
        t = APART_S * count
        felt = on_its_way if count == 150 else stands if 150 < count < 190 else (0.0, 0.0, 0.0)
        told += [change.kind for change in machine.feed(reading(t, 0.0, felt, random), t)]
    assert told == [Kind.PARK_START, Kind.PARK_END]


def test_what_the_sensor_drifts_by_along_a_chargers_line_is_not_taken_for_the_empty_bays() -> None:
    """Only what lies across that line is judged. The baseline learned the drift along it too, and after an hour the empty bay was
    looked for 30 µT away, for the rest of the day."""
    random, machine = Random(4), BayMachine("b", BayDetection(), now=0.0, interval_s=10.0)
    line = (0.71, -0.31, -0.63)
    for count in range(900):
        t = 10.0 * count
        drift = 2.0 * sin(t / 250.0)
        machine.feed(reading(t, 2.0 if t > 1800.0 else 0.0, (0.3 * drift, -0.8 * drift, drift), random), t)
        if count == 120:
            machine.sparse.jumps.line = line
            machine.sparse.jumps._storms = 1.0
    assert machine.state is Occupancy.OCCUPIED
    assert sum(a * b for a, b in zip(machine.sparse.empty(), line, strict=True)) == pytest.approx(0.0, abs=0.3)


def test_what_is_told_by_the_odds_is_no_surer_than_that_it_stands_there_at_all() -> None:
    """Of those who say that something stands there all tell the same story, and one in six says that nothing does."""
    came = (Step(True, 0.0, 10.0),)
    accounts = Accounts([account(log(0.84), (0.0, 0.0, 0.0), 0.1, steps=came), account(log(0.16), (10.0, 0.0, 0.0), 0.1, occupied=False)])
    found = verdict(accounts, lambda _: False, 2, may_pass=False, passed=None)
    assert found is not None
    assert found.share == pytest.approx(0.84)
