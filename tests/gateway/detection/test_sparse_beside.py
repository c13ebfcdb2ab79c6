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
WEAKER: Spans = ((600.0, NOTHING), (1200.0, (3.2, -2.4, 3.5)), (1800.0, NOTHING))


def test_a_weak_vehicle_is_told_where_the_bays_on_either_side_have_felt_nothing() -> None:
    _, told = street({"left": EMPTY, "middle": WEAKER, "right": EMPTY})
    assert kinds(told["middle"]) == BOTH
    assert kinds(told["left"]) == kinds(told["right"]) == []
    _, alone = street({"middle": WEAKER})
    assert kinds(alone["middle"]) == [], "without them nobody could tell"


def test_what_stands_there_for_minutes_is_rather_a_vehicle_than_beside_the_bay_from_six_microtesla_on_and_leaves_as_surely() -> None:
    """A hundred times as much time passes between two neighbours that are felt as between two samples."""
    _, told = street({"middle": COMES})
    assert kinds(told["middle"]) == BOTH
    assert all(0.6 < change.confidence < 0.995 for change in told["middle"])


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


@pytest.mark.parametrize(("share", "expected"), [(0.05, 3.3129), (0.3, -4.2), (1.0, 0.0)])
def test_a_step_is_beside_where_it_is_a_small_part_of_what_was_felt_there(share: float, expected: float) -> None:
    there: Spans = ((1770.0, NOTHING), (1800.0, STRONG))
    detectors, _ = street({"left": EMPTY, "middle": EMPTY, "right": there})
    track = detectors.bays["middle"].machines[0].track
    step: Felt = (STRONG[0] * share, STRONG[1] * share, STRONG[2] * share)
    if share == 0.3:
        step = (STRONG[0] * 2.5, STRONG[1] * 2.5, STRONG[2] * 2.5)
    assert beside.log_odds(step, 1760.0, 1780.0, track) == pytest.approx(expected, abs=1e-4)


def test_a_step_is_the_more_probably_beside_the_better_it_fits_what_was_felt_there() -> None:
    detectors, _ = street({"left": EMPTY, "middle": EMPTY, "right": ((1770.0, NOTHING), (1800.0, (80.0, -120.0, 40.0)))})
    track = detectors.bays["middle"].machines[0].track
    little, much = (beside.log_odds(step, 1760.0, 1780.0, track) for step in ((1.2, -1.9, 0.8), (2.6, -3.9, 1.4)))
    assert little == pytest.approx(2.8)
    assert much > 3.5


def test_a_strong_neighbour_that_leaves_is_no_visit_to_this_bay_though_something_else_has_moved_beside_it_meanwhile() -> None:
    """What stood there before was remembered of the last step alone; and what goes back was not asked of the bays beside."""
    strong: Felt = (-10.0, 110.0, 40.0)
    came, wiggle = (-0.4, -4.4, 0.4), (0.8, -5.8, 1.5)
    middle: Spans = ((600.0, NOTHING), (1000.0, came), (1010.0, wiggle), (1200.0, came), (1800.0, NOTHING))
    right: Spans = ((600.0, NOTHING), (1200.0, strong), (1800.0, NOTHING))
    _, told = street({"left": EMPTY, "middle": middle, "right": right})
    assert kinds(told["middle"]) == []
    assert kinds(told["right"]) == BOTH


def starts_of(felt_by: Sequence[str]) -> dict[str, list[float]]:
    """When arrivals were told after 6700 s, of two bays side by side that report on change; those feel a bus, two seconds apart."""
    bays = tuple(Bay(id=name, device=name, neighbours=other) for name, other in (("one", ("two",)), ("two", ("one",))))
    detectors = Detectors(bays_of(()).model_copy(update={"bays": bays}), [Polled(bay.id, 600.0) for bay in bays], 0.0)
    readings: list[Reading] = []
    for name, came_s, passes_s in (("one", 5350.0, 6802.0), ("two", 5650.0, 6804.0)):
        reports = [*every(600.0, (6000.0, NOTHING)), (came_s, STRONG), (came_s + 90.0, NOTHING)]
        bus: list[tuple[float, Felt]] = [(passes_s, (9.0, -14.0, 6.0)), (passes_s + 5.0, NOTHING)] if name in felt_by else []
        readings += [replace(each, device=name) for each in fields(sorted([*reports, *bus]))]
    starts: dict[str, list[float]] = {"one": [], "two": []}
    for reading in sorted(readings, key=lambda each: each.t):
        changes = []
        while (due := detectors.deadline()) is not None and due < reading.t:
            changes += detectors.tick(due)
        for change in (*changes, *detectors.feed(reading, reading.t)):
            if isinstance(change, BayChange) and change.kind is Kind.PARK_START and change.confirmed_s > 6700.0:
                starts[change.bay].append(change.confirmed_s)
    return starts


def test_what_drives_past_is_felt_in_each_bay_and_the_second_report_of_it_is_not_told_at_once() -> None:
    """A bus was told in three bays, one after the other."""
    assert starts_of(["one", "two"]) == {"one": [6802.0], "two": []}
    assert starts_of(["two"]) == {"one": [], "two": [6804.0]}, "nobody can tell it from a vehicle that parks"


@pytest.mark.parametrize(("share", "along"), [(0.1, False), (0.5, True), (2.0, True), (6.0, False)])
def test_what_a_bay_beside_has_felt_far_more_or_less_does_not_drive_past_both(share: float, *, along: bool) -> None:
    there: Spans = ((1790.0, NOTHING), (1800.0, STRONG))
    detectors, _ = street({"left": EMPTY, "middle": EMPTY, "right": there})
    track = detectors.bays["middle"].machines[0].track
    felt: Felt = (STRONG[0] * share, STRONG[1] * share, STRONG[2] * share)
    assert beside.along_the_lane(felt, track) is along
    track.t += 60.0
    assert not beside.along_the_lane(felt, track), "that was another"


@pytest.mark.parametrize(("apart_s", "within_s"), [(10.0, 15.0), (60.0, 70.0)])
def test_where_no_bay_beside_has_felt_anything_a_weak_vehicle_has_left_with_the_second_reading(apart_s: float, within_s: float) -> None:
    """That something beside the bay had gone was not asked of the bays beside, as it was when it came."""
    little: Felt = (2.9, -2.2, 3.2)
    _, told = street({"left": EMPTY, "middle": ((600.0, NOTHING), (1200.0, little), (1800.0, NOTHING)), "right": EMPTY}, apart_s)
    _, end = told["middle"]
    assert end.kind is Kind.PARK_END
    assert end.confirmed_s - 1200.0 < within_s
