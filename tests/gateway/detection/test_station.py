"""One fence station, from scans to bikes and counts."""

from random import Random

from config.site import Operator, StationDetection
from drivers.reading import Quality, Reading, Sighting
from gateway.detection.change import Kind, OperatorCount, Reason, StationChange
from gateway.detection.kept_station import KeptStation
from gateway.detection.station import StationMachine

OPERATORS = (Operator(name="hello", tag_prefix="A1"), Operator(name="meituan", tag_prefix="B2"))


def station(capacity: int | None = None) -> StationMachine:
    """One whose piles have been listened to for a while, and heard nothing."""
    machine = StationMachine("s", StationDetection(), capacity, OPERATORS)
    feed(machine, [scan(t, pile) for t in (-6.0, -4.0, -2.0) for pile in ("p1", "p2")])
    return machine


def scan(t: float, pile: str, **heard: float) -> Reading:
    return Reading(device=pile, t=t, sightings=tuple(Sighting(tag, rssi) for tag, rssi in heard.items()))


def feed(machine: StationMachine, readings: list[Reading]) -> list[StationChange]:
    return [change for reading in readings for change in machine.feed(reading, reading.t)]


def test_a_bike_arrives_once_and_is_counted_for_its_operator() -> None:
    arrived, counted = feed(station(), [scan(float(t), "p1", A101=-60.0) for t in range(20)])
    assert (arrived.kind, arrived.tag, arrived.operator, arrived.onset_s) == (Kind.BIKE_ARRIVED, "A101", "hello", 0.0)
    assert (counted.kind, counted.total, counted.by_operator) == (Kind.COUNT_CHANGED, 1, (OperatorCount("hello", 1),))


def test_a_bike_heard_by_two_piles_is_one_bike() -> None:
    random, readings = Random(3), []
    for t in range(0, 300, 2):
        readings += [scan(float(t), "p1", A101=-60 + random.gauss(0, 6)), scan(t + 0.5, "p2", A101=-62 + random.gauss(0, 6))]
    machine = station()
    assert [change.kind for change in feed(machine, readings)] == [Kind.BIKE_ARRIVED, Kind.COUNT_CHANGED]
    assert machine.total == 1


def test_missed_scans_are_no_departure() -> None:
    random = Random(5)
    readings = [scan(float(t), "p1", **({"A101": -60.0} if random.random() > 0.4 else {})) for t in range(600)]
    assert [change.kind for change in feed(station(), readings)] == [Kind.BIKE_ARRIVED, Kind.COUNT_CHANGED]


def test_a_bike_that_left_is_back_dated_to_when_it_was_last_heard() -> None:
    readings = [scan(float(t), "p1", **({"B201": -60.0} if t <= 100 else {})) for t in range(160)]
    changes = feed(station(), readings)
    left = changes[2]
    assert (left.kind, left.tag, left.operator, left.onset_s, left.reason) == (Kind.BIKE_LEFT, "B201", "meituan", 100.0, Reason.TIMEOUT)
    assert 120 <= left.confirmed_s <= 122
    assert changes[3].total == 0


def test_a_bike_wheeled_past_is_no_arrival() -> None:
    assert feed(station(), [scan(float(t), "p1", **({"A101": -60.0} if 10 <= t < 13 else {})) for t in range(100)]) == []


def test_no_bike_leaves_because_a_pile_fell_silent() -> None:
    machine = station()
    feed(machine, [scan(float(t), "p1", A101=-60.0) for t in range(20)])
    silent = [Reading(device="p1", t=20.0 + t, silent=True) for t in range(600)]
    bad = [Reading(device="p1", t=700.0 + t, quality=Quality.BAD, sightings=()) for t in range(600)]
    others = [scan(1400.0 + t, "p2") for t in range(600)]
    assert feed(machine, silent + bad + others) == []
    assert machine.present == ("A101",)


def test_a_weak_sighting_is_a_bike_outside_the_fence() -> None:
    assert feed(station(), [scan(float(t), "p1", A101=-97.0) for t in range(50)]) == []


def test_capacity_is_told_when_it_is_exceeded_and_when_it_is_kept_again() -> None:
    machine = station(capacity=1)
    readings = [scan(float(t), "p1", A101=-60.0, **({"A102": -60.0} if 30 <= t < 100 else {})) for t in range(160)]
    kinds = [change.kind for change in feed(machine, readings)]
    assert kinds == [
        Kind.BIKE_ARRIVED,
        Kind.COUNT_CHANGED,
        Kind.BIKE_ARRIVED,
        Kind.COUNT_CHANGED,
        Kind.OVER_CAPACITY,
        Kind.BIKE_LEFT,
        Kind.COUNT_CHANGED,
        Kind.CAPACITY_CLEARED,
    ]


def test_piles_without_a_reader_count_bikes_without_names() -> None:
    machine = station()
    readings = [Reading(device="p1", t=float(t), occupied=10 <= t < 60) for t in range(120)]
    changes = feed(machine, readings)
    assert [(change.kind, change.tag, change.total) for change in changes] == [
        (Kind.BIKE_ARRIVED, None, None),
        (Kind.COUNT_CHANGED, None, 1),
        (Kind.BIKE_LEFT, None, None),
        (Kind.COUNT_CHANGED, None, 0),
    ]


def test_bikes_that_stood_there_at_the_very_first_start_are_told_as_such() -> None:
    machine = StationMachine("s", StationDetection(), None, OPERATORS)
    arrived, _ = feed(machine, [scan(float(t), "p1", A101=-60.0) for t in range(20)])
    assert (arrived.reason, arrived.earliest_s, arrived.latest_s) == (Reason.RESTART, None, 0.0)


def test_a_bike_that_came_while_the_gateway_was_off_is_told_with_its_bounds_also_when_a_scan_misses_it() -> None:
    machine = station()
    feed(machine, [scan(float(t), "p1") for t in range(0, 20, 2)])
    again = StationMachine("s", StationDetection(), None, OPERATORS)
    again.restore(KeptStation.from_text(machine.kept().as_text(), 0.0))
    scans = [scan(60.0, "p1"), *(scan(62.0 + t, "p1", A101=-60.0) for t in range(0, 10, 2))]
    arrived, _ = feed(again, scans)
    assert (arrived.kind, arrived.reason, arrived.earliest_s, arrived.latest_s) == (Kind.BIKE_ARRIVED, Reason.RESTART, 18.0, 62.0)


def test_a_restart_over_an_unchanged_station_tells_nothing() -> None:
    machine = station()
    feed(machine, [scan(float(t), "p1", A101=-60.0) for t in range(20)])
    again = StationMachine("s", StationDetection(), None, OPERATORS)
    again.restore(KeptStation.from_text(machine.kept().as_text(), 0.0))
    assert feed(again, [scan(60.0 + t, "p1", A101=-60.0) for t in range(60)]) == []
    assert again.total == 1


def test_a_bike_that_left_while_the_gateway_was_off_is_told_with_its_bounds() -> None:
    machine = station()
    feed(machine, [scan(float(t), "p1", A101=-60.0) for t in range(20)])
    kept_last = machine.kept().bikes[0].last_s
    again = StationMachine("s", StationDetection(), None, OPERATORS)
    again.restore(KeptStation.from_text(machine.kept().as_text(), 0.0))
    left, counted = feed(again, [scan(60.0 + t, "p1") for t in range(60)])
    assert (left.kind, left.reason, left.earliest_s) == (Kind.BIKE_LEFT, Reason.RESTART, kept_last)
    assert left.latest_s is not None
    assert counted.total == 0


def test_a_flooded_radio_does_not_fill_the_memory() -> None:
    machine = station()
    for t in range(200):
        feed(machine, [scan(float(t), "p1", **{f"X{t:04d}{n:02d}": -60.0 for n in range(10)})])
    assert len(machine._bikes) <= 512


def test_what_came_and_left_while_a_pile_was_silent_is_bounded_by_its_last_scan_and_its_next() -> None:
    before = [scan(float(t), "p1", A101=-60.0) for t in range(20)]
    behind = [scan(float(t), "p1", A202=-60.0) for t in range(300, 340)]
    left, _, came, _ = feed(station(), before + behind)[2:]
    assert (came.kind, came.tag, came.reason) == (Kind.BIKE_ARRIVED, "A202", Reason.RECOVERED)
    assert (came.earliest_s, came.latest_s) == (19.0, 300.0)
    assert (left.kind, left.tag, left.reason) == (Kind.BIKE_LEFT, "A101", Reason.RECOVERED)
    assert left.earliest_s == 19.0
    assert left.latest_s is not None
    assert left.latest_s >= 300.0


def test_a_bike_that_is_still_there_behind_a_silence_leaves_when_it_is_not_heard_any_more() -> None:
    there = [scan(float(t), "p1", A101=-60.0) for t in (*range(20), *range(300, 340))]
    left = feed(station(), there + [scan(float(t), "p1") for t in range(340, 380)])[2]
    assert (left.kind, left.onset_s, left.reason, left.earliest_s) == (Kind.BIKE_LEFT, 339.0, Reason.TIMEOUT, None)
