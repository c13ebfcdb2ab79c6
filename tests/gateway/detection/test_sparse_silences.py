"""A bay that is read each ten seconds loses a few readings in a row: it is unknown meanwhile, and what happened is weighed as ever."""

import pytest

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Kind, Occupancy, Reason
from gateway.detection.kept_bay import KeptBay
from tests.gateway.detection.test_sparse import CAR, NOTHING, Felt, every, fields, heard

WAY: Felt = (6.0, -9.0, -2.0)


def polled() -> BayMachine:
    return BayMachine("b", BayDetection(), now=0.0, interval_s=10.0)


def without(readings: list[Reading], from_s: float, until_s: float) -> list[Reading]:
    return [reading for reading in readings if not from_s < reading.t < until_s]


def kinds(changes: list[BayChange]) -> list[Kind]:
    return [change.kind for change in changes]


SILENCE = [Kind.COMMS_LOST, Kind.COMMS_RESTORED]


def test_nothing_has_changed_in_a_short_silence_and_that_is_known_with_the_first_reading() -> None:
    machine = polled()
    changes = heard(machine, without(fields(every(10.0, (400.0, NOTHING))), 200.0, 260.0))
    assert kinds(changes) == [*SILENCE]
    lost, restored = changes
    assert (lost.state, lost.onset_s) == (Occupancy.UNKNOWN, 200.0)
    assert (restored.state, restored.onset_s, restored.confirmed_s) == (Occupancy.VACANT, 260.0, 260.0)
    assert machine.settled


def test_while_the_device_is_silent_nothing_is_known_and_after_it_only_what_is_sure() -> None:
    machine = polled()
    *before, came = fields([*every(10.0, (410.0, NOTHING)), (460.0, CAR)])
    heard(machine, before)
    assert kinds(machine.tick(440.0)) == [Kind.COMMS_LOST]
    assert (machine.state, machine.settled, machine.likely) == (Occupancy.UNKNOWN, False, Occupancy.UNKNOWN)
    assert machine.feed(came, came.t) == [], "one reading of a device that is polled makes no event"
    assert machine.state is Occupancy.UNKNOWN


def test_a_vehicle_that_came_in_a_short_silence_is_told_with_its_bounds() -> None:
    changes = heard(polled(), without(fields(every(10.0, (230.0, NOTHING), (400.0, CAR))), 200.0, 260.0))
    assert kinds(changes) == [*SILENCE, Kind.PARK_START]
    restored, start = changes[1:]
    assert restored.state is start.state is Occupancy.OCCUPIED
    assert (start.onset_s, start.earliest_s, start.latest_s, start.reason) == (260.0, 200.0, 260.0, Reason.RECOVERED)
    assert start.confirmed_s == 270.0


def test_a_vehicle_that_was_seen_once_before_the_silence_came_then_and_not_after_it() -> None:
    """To tell it from what stood there after the silence alone, it would be billed a minute late."""
    changes = heard(polled(), without(fields(every(10.0, (200.0, NOTHING), (400.0, CAR))), 200.0, 260.0))
    assert kinds(changes) == [*SILENCE, Kind.PARK_START]
    assert (changes[2].onset_s, changes[2].earliest_s, changes[2].reason) == (200.0, 190.0, Reason.LEVEL)


def test_a_vehicle_that_was_felt_on_its_way_before_the_silence_began_to_come_then() -> None:
    samples = [*every(10.0, (200.0, NOTHING)), (200.0, WAY), *[(10.0 * n, CAR) for n in range(24, 40)]]
    changes = heard(polled(), fields(samples))
    start = changes[-1]
    assert kinds(changes) == [*SILENCE, Kind.PARK_START]
    assert (start.onset_s, start.earliest_s, start.latest_s) == (200.0, 190.0, 200.0)


def test_a_departure_in_a_short_silence_is_billed_to_the_last_reading_before_it() -> None:
    samples = every(10.0, (100.0, NOTHING), (330.0, CAR), (500.0, NOTHING))
    changes = heard(polled(), without(fields(samples), 300.0, 360.0))
    assert kinds(changes) == [Kind.PARK_START, *SILENCE, Kind.PARK_END]
    assert changes[-1].onset_s == pytest.approx(300.0, abs=0.01)
    assert (changes[-1].earliest_s, changes[-1].latest_s, changes[-1].reason) == (300.0, 360.0, Reason.RECOVERED)


def test_after_a_long_silence_the_bay_is_looked_at_anew() -> None:
    samples = every(10.0, (1000.0, NOTHING), (2400.0, CAR))
    changes = heard(polled(), without(fields(samples), 300.0, 2000.0))
    assert kinds(changes) == [*SILENCE, Kind.PARK_START]
    assert (changes[-1].reason, changes[-1].confidence) == (Reason.RECOVERED, 0.98)
    assert (changes[-1].earliest_s, changes[-1].latest_s) == (300.0, 2000.0)


def test_a_second_silence_before_the_first_is_understood_is_part_of_it() -> None:
    samples = every(10.0, (230.0, NOTHING), (500.0, CAR))
    changes = heard(polled(), without(without(fields(samples), 200.0, 260.0), 260.0, 330.0))
    assert kinds(changes) == [*SILENCE, Kind.PARK_START]
    assert changes[1].onset_s == 260.0, "known again since its first reading"
    assert (changes[2].onset_s, changes[2].earliest_s) == (260.0, 200.0)


def test_a_restart_in_a_short_silence_invents_nothing() -> None:
    machine = polled()
    heard(machine, fields(every(10.0, (200.0, NOTHING))))
    machine.tick(250.0)
    again = polled()
    again.restore(KeptBay.from_text(machine.kept().as_text(), 0.0))
    changes = heard(again, [reading for reading in fields(every(10.0, (400.0, NOTHING))) if reading.t >= 260.0])
    assert kinds(changes) == [Kind.COMMS_RESTORED]
    assert again.believed is Occupancy.VACANT


def test_what_was_doubted_before_the_silence_does_not_keep_the_bay_unknown_after_it() -> None:
    """What stopped beside the vehicle may have been the vehicle itself: that is thought of, and no reason to know nothing."""
    beside: Felt = (0.75 * CAR[0], 0.75 * CAR[1], 0.75 * CAR[2])
    samples = fields(every(10.0, (60.0, NOTHING), (300.0, CAR), (310.0, beside), (900.0, CAR)))
    machine = polled()
    changes = heard(machine, [reading for reading in samples if reading.t <= 330.0])
    assert machine.sparse.undecided
    changes += heard(machine, [reading for reading in samples if reading.t >= 390.0])
    assert kinds(changes) == [Kind.PARK_START, *SILENCE]
    assert changes[-1].state is Occupancy.OCCUPIED
    assert (changes[-1].onset_s, changes[-1].confirmed_s) == (390.0, 400.0)


def test_the_silence_of_a_device_that_reports_on_change_is_no_gap() -> None:
    """It would have told what came, had it been heard; what stands there now is looked at anew, and told with the certainty of that."""
    machine = BayMachine("b", BayDetection(), now=0.0, interval_s=100.0)
    beats = [*every(100.0, (2000.0, NOTHING)), (2030.0, CAR), (2050.0, NOTHING), (2150.0, NOTHING)]
    after = [(2700.0 + 100.0 * n, CAR) for n in range(4)]
    changes = heard(machine, fields([*beats, *after]))
    assert machine.track.rhythm.on_change
    assert kinds(changes)[-3:] == [*SILENCE, Kind.PARK_START]
    assert (changes[-1].reason, changes[-1].confidence) == (Reason.RECOVERED, 0.98)
