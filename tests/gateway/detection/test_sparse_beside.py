"""Bays side by side that are each read now and then: what stands there anew is a vehicle here, or one beside, as those bays have it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from config.site import Bay
from drivers.reading import Reading
from gateway.detection import beside
from gateway.detection.change import BayChange, Kind
from gateway.detection.detectors import Detectors, Polled
from gateway.replay import bays_of
from tests.gateway.detection.test_sparse import NOTHING, Felt, every, fields

WEAK: Felt = (3.8, -2.9, 4.2)
STRONG: Felt = (40.0, -60.0, 20.0)
BOTH = [Kind.PARK_START, Kind.PARK_END]
Spans = Sequence[tuple[float, Felt]]


def street(
    felt: Mapping[str, Spans], apart_s: float = 10.0, lost_s: tuple[float, float] = (0.0, 0.0)
) -> tuple[Detectors, dict[str, list[BayChange]]]:
    """A row, each bay read some seconds after the one before it; the changes that were told of each."""
    names = tuple(felt)
    beside_of = {name: (*names[max(n - 1, 0) : n], *names[n + 1 : n + 2]) for n, name in enumerate(names)}
    bays = tuple(Bay(id=name, device=name, neighbours=beside_of[name]) for name in names)
    detectors = Detectors(bays_of(()).model_copy(update={"bays": bays}), [Polled(name, apart_s) for name in names], 0.0)
    readings: list[Reading] = []
    for n, name in enumerate(names):
        own = [each for each in fields(every(apart_s, *felt[name])) if not lost_s[0] < each.t < lost_s[1]]
        readings += [replace(each, device=name, t=each.t + 3.0 * n) for each in own]
    told: dict[str, list[BayChange]] = {name: [] for name in names}
    for reading in sorted(readings, key=lambda each: each.t):
        for change in detectors.feed(reading, reading.t):
            if isinstance(change, BayChange):
                told[change.bay].append(change)
    return detectors, told


def kinds(changes: Sequence[BayChange]) -> list[Kind]:
    return [change.kind for change in changes]


EMPTY: Spans = ((1800.0, NOTHING),)
COMES: Spans = ((600.0, NOTHING), (1200.0, WEAK), (1800.0, NOTHING))


def test_a_weak_vehicle_is_told_where_the_bays_on_either_side_have_felt_nothing() -> None:
    _, told = street({"left": EMPTY, "middle": COMES, "right": EMPTY})
    assert kinds(told["middle"]) == BOTH
    assert kinds(told["left"]) == kinds(told["right"]) == []
    _, alone = street({"middle": COMES})
    assert kinds(alone["middle"]) == [], "without them nobody could tell"


def test_what_a_bay_beside_has_felt_far_more_is_its_vehicle_and_leaves_with_it() -> None:
    """The middle one is read before the right one, and can't know yet when it feels it."""
    there: Spans = ((600.0, NOTHING), (1200.0, STRONG), (1800.0, NOTHING))
    _, told = street({"left": EMPTY, "middle": COMES, "right": there})
    assert kinds(told["middle"]) == []
    assert kinds(told["right"]) == BOTH


def test_a_look_at_a_vehicle_on_its_way_is_no_neighbour_where_no_bay_beside_has_felt_one_though_the_next_looks_are_lost() -> None:
    """It was told from half a minute later on, for what had moved first was taken for something else."""
    comes: Spans = ((600.0, NOTHING), (610.0, (2.0, -1.4, -2.9)), (1200.0, (16.8, -1.9, 18.8)), (1800.0, NOTHING))
    _, told = street({"left": EMPTY, "middle": comes, "right": EMPTY}, lost_s=(605.0, 628.0))
    assert kinds(told["middle"]) == BOTH
    assert told["middle"][0].onset_s == pytest.approx(600.0, abs=10.0)


def test_what_no_bay_of_both_has_felt_is_asked_only_of_those_that_were_read_since() -> None:
    detectors, _ = street({"left": EMPTY, "middle": EMPTY, "right": EMPTY})
    track = detectors.bays["middle"].machines[0].track
    assert beside.log_odds(WEAK, 1700.0, 1780.0, track) < -3.0
    assert beside.log_odds(WEAK, 1790.0, 1800.0, track) == 0.0, "the left one was read last at 1790"
    assert beside.log_odds((0.9, 0.2, 0.3), 1700.0, 1780.0, track) == 0.0, "as little is moved by other things than neighbours"


@pytest.mark.parametrize(("share", "expected"), [(0.05, 2.8), (0.3, -4.2), (1.0, 0.0)])
def test_a_step_is_beside_where_it_is_a_small_part_of_what_was_felt_there(share: float, expected: float) -> None:
    there: Spans = ((1770.0, NOTHING), (1800.0, STRONG))
    detectors, _ = street({"left": EMPTY, "middle": EMPTY, "right": there})
    track = detectors.bays["middle"].machines[0].track
    step: Felt = (STRONG[0] * share, STRONG[1] * share, STRONG[2] * share)
    if share == 0.3:
        step = (STRONG[0] * 2.5, STRONG[1] * 2.5, STRONG[2] * 2.5)
    assert beside.log_odds(step, 1760.0, 1780.0, track) == expected
