"""A bay that is seen each ten seconds and whose empty field is not what it is taken for: what keeps coming back is the empty bay."""

from random import Random

from gateway.detection.account import Account, Scale, Step
from gateway.detection.change import BayChange, Kind
from gateway.detection.stuck import Stuck
from tests.gateway.detection.test_sparse import CAR, NOTHING, OTHER, Felt, every, fields, told
from tests.gateway.detection.test_sparse_for_months import plus, vehicle

LAID = (17.0, -33.0, 2.0)
"""By so much it lies otherwise since somebody took it out and put it in again."""
LAID_S = 5 * 900.0


def laid_anew(stays: int) -> list[tuple[float, Felt]]:
    """Five stays before it and so many after it, each of five minutes and followed by ten without a vehicle."""
    random, spans = Random(4), list[tuple[float, Felt]]()
    for number in range(5 + stays):
        came_s, empty = 900.0 * number, LAID if number >= 5 else NOTHING
        spans += [(came_s + 600.0, empty), (came_s + 900.0, plus(empty, vehicle(random)))]
    return every(10.0, *spans)


def kinds(changes: list[BayChange], from_s: float) -> list[Kind]:
    return [change.kind for change in changes if change.confirmed_s >= from_s]


def test_what_comes_back_between_different_vehicles_is_the_empty_bay_and_the_session_is_corrected() -> None:
    changes = told(fields(laid_anew(8)))
    corrected = next(change for change in changes if change.kind is Kind.CORRECTION)
    assert corrected.confirmed_s < LAID_S + 3 * 900.0, "with the third look at it"
    assert kinds(changes, corrected.confirmed_s + 1.0)[:10] == [Kind.PARK_START, Kind.PARK_END] * 5


def found_by(stuck: Stuck, vehicles: list[Felt], steps: tuple[Step, ...] = ()) -> set[Felt | None]:
    """What it takes for the empty bay, where one level is held between these, each for ten minutes."""
    noise, none, found = (0.09, 0.09, 0.09), (0.0, 0.0, 0.0), set[Felt | None]()
    levels = [level for number in range(5) for level in (LAID, vehicles[number % len(vehicles)])]
    for number, stands in enumerate(levels):
        for look in range(60):
            best = Account(0.0, True, none, noise, stands, noise, none, None, 0.0, look + 1, steps)
            t = 600.0 * number + 10.0 * look
            found.add(stuck.feed(best, Scale(3, 1.0, noise, none, 16.0, 10.0, False, None, t, t)))
    return found


def test_two_levels_that_take_turns_are_a_charger_beneath_one_vehicle_and_none_of_them_is_the_empty_bay() -> None:
    assert found_by(Stuck(), [CAR]) == {None}
    assert LAID in found_by(Stuck(), [CAR, OTHER]), "between two vehicles it is"


def test_a_session_that_was_not_told_is_not_corrected() -> None:
    assert found_by(Stuck(), [CAR, OTHER], (Step(True, None, 0.0),)) == {None}


def test_a_bay_that_was_seen_empty_between_its_vehicles_is_believed_whatever_comes_back() -> None:
    """One vehicle that comes again and again, between others."""
    random, spans = Random(5), [(1800.0, NOTHING)]
    for number in range(12):
        t = 1800.0 + 900.0 * number
        spans += [(t + 600.0, CAR if number % 2 else vehicle(random)), (t + 900.0, NOTHING)]
    assert kinds(told(fields(every(10.0, *spans))), 0.0) == [Kind.PARK_START, Kind.PARK_END] * 12
