"""Sensors that must not be believed, what ails them, several on one bay, neighbours, and the way out of a stuck state."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from config.site import Bay, BayDetection, Site
from drivers.reading import Reading
from gateway.clock import TimeQuality
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Change, DeviceChange, Kind, Occupancy
from gateway.detection.detectors import Detectors, Polled
from gateway.detection.drawing import picture
from gateway.detection.explaining import Explainer
from gateway.detection.phase import Phase
from gateway.detection.work_list import work_list
from gateway.events import Epoch
from gateway.minting import Mint, Now
from gateway.replay import bays_of
from tests.gateway.field import Stay, field_readings


def site(*bays: Bay) -> Site:
    return bays_of(()).model_copy(update={"bays": bays})


def run(detectors: Detectors, readings: Iterable[Reading]) -> list[Change]:
    changes: list[Change] = []
    for reading in sorted(readings, key=lambda each: each.t):
        while (due := detectors.deadline()) is not None and due < reading.t:
            changes += detectors.tick(due)
        changes += detectors.feed(reading, reading.t)
    return changes


def of_bay(changes: Sequence[Change], bay: str) -> list[Kind]:
    return [change.kind for change in changes if isinstance(change, BayChange) and change.bay == bay]


def test_a_frozen_sensor_is_unknown_and_a_fault_and_both_end() -> None:
    readings = list(field_readings((), 900))
    stuck = readings[300]
    readings[300:600] = [replace(stuck, t=reading.t) for reading in readings[300:600]]
    detectors = Detectors(site(Bay(id="b", device="bay-1")), [Polled("bay-1", 1.0)], 0.0)
    changes = run(detectors, readings)
    assert of_bay(changes, "b") == [Kind.COMMS_LOST, Kind.COMMS_RESTORED]
    device = [(change.kind, change.cause) for change in changes if isinstance(change, DeviceChange)]
    assert device == [(Kind.DEVICE_FAULT, "frozen"), (Kind.DEVICE_RECOVERED, "frozen")]


def test_a_low_battery_is_told_once_and_stands_on_the_work_list() -> None:
    readings = [replace(reading, battery_pct=8.0) for reading in field_readings((), 1200)]
    detectors = Detectors(site(Bay(id="b", device="bay-1")), [Polled("bay-1", 1.0)], 0.0)
    changes = run(detectors, readings)
    assert [(change.kind, change.cause) for change in changes if isinstance(change, DeviceChange)] == [(Kind.DEVICE_FAULT, "battery_low")]
    assert [(work.device, work.causes) for work in detectors.work_list()] == [("bay-1", ("battery_low",))]


def test_what_makes_a_bay_unknown_stands_first_on_the_work_list() -> None:
    ranked = work_list([("a", ("hum",)), ("b", ("no_answer",)), ("c", ()), ("d", ("frozen", "battery_low"))])
    assert [work.device for work in ranked] == ["d", "b", "a"]


def test_two_sensors_of_one_bay_tell_one_story() -> None:
    stays = (Stay(60, 400),)
    magnetic = field_readings(stays, 600, device="geo")
    camera = [Reading(device="cam", t=t + 0.3, occupied=63 <= t < 402) for t in map(float, range(600))]
    detectors = Detectors(site(Bay(id="b", devices=("geo", "cam"))), [Polled("geo", 1.0), Polled("cam", 1.0)], 0.0)
    changes = run(detectors, [*magnetic, *camera])
    assert of_bay(changes, "b") == [Kind.PARK_START, Kind.PARK_END]
    start = next(change for change in changes if isinstance(change, BayChange))
    assert start.confidence > 0.8


def test_one_of_two_sensors_that_falls_silent_makes_nothing_unknown() -> None:
    magnetic = field_readings((Stay(60, 400),), 600, device="geo")
    camera = [Reading(device="cam", t=t + 0.3, occupied=False) for t in map(float, range(40))]
    detectors = Detectors(site(Bay(id="b", devices=("geo", "cam"))), [Polled("geo", 1.0), Polled("cam", 1.0)], 0.0)
    assert of_bay(run(detectors, [*magnetic, *camera]), "b") == [Kind.PARK_START, Kind.PARK_END]


def test_a_step_that_the_next_bay_feels_far_more_is_that_bays_vehicle() -> None:
    stay = Stay(300, 900, (30.0, -25.0, 40.0))
    beside = Stay(300, 900, (4.0, -3.0, 5.0))
    readings = [*field_readings((stay,), 1200, device="one"), *field_readings((beside,), 1200, device="two", start_s=0.4, seed=5)]
    bays = (Bay(id="1", device="one"), Bay(id="2", device="two"))
    changes = run(Detectors(site(*bays), [Polled("one", 1.0), Polled("two", 1.0)], 0.0), readings)
    assert of_bay(changes, "1") == [Kind.PARK_START, Kind.PARK_END]
    assert of_bay(changes, "2") == []
    apart = tuple(bay.model_copy(update={"neighbours": ()}) for bay in bays)
    changes = run(Detectors(site(*apart), [Polled("one", 1.0), Polled("two", 1.0)], 0.0), readings)
    assert of_bay(changes, "2") == [Kind.PARK_START, Kind.PARK_END], "without the neighbour nobody could tell"


@pytest.mark.parametrize(("bays", "told"), [(3, [Kind.PARK_START, Kind.PARK_END]), (2, [])])
def test_a_weak_step_that_no_bay_on_either_side_has_felt_is_a_vehicle(bays: int, told: list[Kind]) -> None:
    """The last bay of a row has only one beside it: what moved on the other side nobody has seen."""
    names = ("one", "two", "three")[:bays]
    felt = {"two": (Stay(300, 900, (2.4, -2.0, 2.8)),)}
    readings = [
        each for n, name in enumerate(names) for each in field_readings(felt.get(name, ()), 1200, device=name, start_s=0.2 * n, seed=n)
    ]
    row = site(*(Bay(id=name, device=name) for name in names))
    assert of_bay(run(Detectors(row, [Polled(name, 1.0) for name in names], 0.0), readings), "two") == told


def test_a_bay_that_began_under_a_car_escapes_and_corrects_itself() -> None:
    """The sensor was put into service under a car: the empty bay is told as a vehicle, until it has come back often enough."""
    cars = [(25.0, -10.0, 5.0), (-20.0, 15.0, 12.0), (8.0, 30.0, -14.0), (18.0, 6.0, 22.0)]
    first = Stay(-100, 600, (30.0, -20.0, 25.0))
    stays = (first, *(Stay(1800.0 * index, 1800.0 * index + 900, delta) for index, delta in enumerate(cars, start=1)))
    machine = BayMachine("b", BayDetection(), now=0.0)
    changes = [change for reading in field_readings(stays, 9000) for change in machine.feed(reading, reading.t)]
    assert Kind.CORRECTION in [change.kind for change in changes]
    assert machine.believed is Occupancy.VACANT
    events = Mint("g", Epoch(1, "0000"), 1).events(changes, Now(9000.0, 9000.0, TimeQuality.SYNCED))
    correction = next(event for event in events if event.change.kind is Kind.CORRECTION)
    assert correction.correction_of in {event.id for event in events if event.change.kind is Kind.PARK_START}


def test_an_explanation_shows_what_led_to_the_event_and_can_be_drawn() -> None:
    machine = BayMachine("b", BayDetection(), now=0.0)
    explainer = Explainer(machine)
    why = [each for reading in field_readings((Stay(60, 400),), 500) for each in explainer.feed(machine.feed(reading, reading.t))]
    assert [each.change.kind for each in why] == [Kind.PARK_START, Kind.PARK_END]
    phases = [moment.posterior[0][0] for moment in why[0].moments]
    assert phases[0] is Phase.VACANT
    assert phases[-1] is Phase.OCCUPIED
    assert Phase.ENTERING in phases or Phase.PASSING in phases
    assert all(abs(sum(share for _, share in moment.posterior) - 1.0) < 1e-9 for each in why for moment in each.moments)
    drawn = picture(why)
    assert drawn.startswith("<svg")
    assert drawn.count("<polyline") == 6
