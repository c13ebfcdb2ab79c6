"""One bay, from readings to changes."""

import math
from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.site import BayDetection, FieldVector
from drivers.reading import Quality, Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Kind, Occupancy, Reason
from gateway.detection.kept_bay import KeptBay
from tests.gateway.field import EARTH, Stay, field_readings

EMPTY = FieldVector(x_ut=EARTH[0], y_ut=EARTH[1], z_ut=EARTH[2], temperature_c=20.0)


def bay(now: float = 0.0, *, calibrated: bool = False) -> BayMachine:
    return BayMachine("b", BayDetection(), now=now, interval_s=1.0, empty_field=EMPTY if calibrated else None)


def feed(machine: BayMachine, readings: Iterable[Reading]) -> list[BayChange]:
    return [change for reading in readings for change in machine.feed(reading, reading.t)]


def kinds(changes: Iterable[BayChange]) -> list[Kind]:
    return [change.kind for change in changes]


def level(t: float, value: float) -> Reading:
    return Reading(device="d", t=t, level=value)


def test_a_stay_is_one_start_and_one_end_with_onsets_at_the_manoeuvres() -> None:
    start, end = feed(bay(), field_readings((Stay(60, 400),), 500))
    assert (start.kind, start.state, start.previous, start.reason) == (
        Kind.PARK_START,
        Occupancy.OCCUPIED,
        Occupancy.VACANT,
        Reason.LEVEL,
    )
    assert 60 <= start.onset_s <= 62
    assert 398 <= end.onset_s <= 401
    assert end.confirmed_s - end.onset_s < 10
    assert start.evidence is not None
    assert start.evidence.delta_ut == pytest.approx((12, -8, 15), abs=1.5)


def test_a_departure_just_after_a_jolt_is_dated_by_itself() -> None:
    jolted = [replace(each, y_ut=(each.y_ut or 0.0) + 3.0 * (each.t in (396.0, 397.0))) for each in field_readings((Stay(60, 400.5),), 500)]
    _, end = feed(bay(), jolted)
    assert (end.earliest_s, end.latest_s) == (None, None)
    assert 399 <= end.onset_s <= 400.5


def test_what_hovered_below_a_vehicle_for_long_does_not_date_the_vehicle_that_comes_then() -> None:
    empty = [level(7.0 * number, 5.0 + number % 2) for number in range(40)]
    hovering = [level(280.0 + 7.0 * number, value) for number, value in enumerate((25, 31, 24, 33, 26, 34, 23, 30, 25, 33, 24, 31))]
    parked = [level(364.0 + 7.0 * number, 374.0) for number in range(6)]
    changes = feed(BayMachine("b", BayDetection(), now=0.0, interval_s=7.0), [*empty, *hovering, *parked])
    (start,) = [change for change in changes if change.kind is Kind.PARK_START]
    assert start.onset_s >= 357.0
    assert start.earliest_s is None or start.earliest_s >= 357.0


@pytest.mark.parametrize("settled", range(8, 22))
def test_a_level_that_has_settled_a_little_lower_is_no_departure_that_began_then(settled: int) -> None:
    """Samples 8 s apart, of which now and then one is just beyond what the parked vehicle's level explains."""
    wobble = (0, 2, 1, 3, -3, 0, 0, -2, -1, -1)
    empty, parked = [24, 22, 28, 21, 25, 29] * 14, [428 + each for each in wobble] * 3
    values = [*empty, *parked, *(430 - settled + each for each in wobble), 9, 4, 6, 6]
    machine = BayMachine("b", BayDetection(), now=0.0, interval_s=8.0)
    _, end = feed(machine, [level(8.0 * number, float(value)) for number, value in enumerate(values)])
    assert end.kind is Kind.PARK_END
    assert end.onset_s == pytest.approx(8.0 * (len(values) - 5), abs=0.01)


def test_rounding_is_in_the_drivers_favour() -> None:
    for seed in range(20):
        start, end = feed(bay(), field_readings((Stay(60.5, 400.5),), 500, seed=seed))
        assert start.onset_s >= 60.5
        assert end.onset_s <= 400.5


@pytest.mark.parametrize("seconds", [0.5, 1.5, 2.4, 3.9])
def test_a_passer_by_parks_nobody(seconds: float) -> None:
    passing = Stay(60, 60 + seconds / 2, into_s=seconds / 2, out_s=seconds / 2)
    assert feed(bay(), field_readings((passing,), 120, interval_s=0.25)) == []


def test_a_spike_in_one_reading_ends_no_stay() -> None:
    readings = list(field_readings((Stay(60, 1000),), 300))
    readings[200] = Reading(device="bay-1", t=readings[200].t, x_ut=EARTH[0], y_ut=EARTH[1], z_ut=EARTH[2], temperature_c=20.0)
    assert kinds(feed(bay(), readings)) == [Kind.PARK_START]


@pytest.mark.parametrize("drift", [(1.0, 0.5, 3.0), (-2.0, 1.0, -3.0), (3.0, 3.0, 3.0)])
def test_two_days_of_drift_as_large_as_a_car_neither_lose_nor_invent_a_stay(drift: tuple[float, float, float]) -> None:
    stays = tuple(Stay(1800 + n * 14400, 1800 + n * 14400 + 10800, (8.0, 4.0, -6.0)) for n in range(12))
    day = field_readings(
        stays, 172_800, interval_s=4.0, temperature=lambda t: 20 + 10 * math.sin(2 * math.pi * t / 86400), drift_ut_per_c=drift
    )
    changes = feed(bay(), day)
    assert kinds(changes) == [Kind.PARK_START, Kind.PARK_END] * 12
    for change, stay in zip(changes[::2], stays, strict=True):
        assert abs(change.onset_s - stay.arrive_s) < 9
    for change, stay in zip(changes[1::2], stays, strict=True):
        assert abs(change.onset_s - stay.leave_s) < 9


def test_a_car_that_was_there_at_the_very_first_start_is_told_with_an_unknown_beginning() -> None:
    (start,) = feed(bay(calibrated=True), field_readings((Stay(-900, 5000),), 60))
    assert (start.kind, start.previous, start.reason) == (Kind.PARK_START, Occupancy.UNKNOWN, Reason.RESTART)
    assert (start.earliest_s, start.latest_s, start.onset_s) == (None, 0.0, 0.0)


def test_an_empty_bay_at_the_very_first_start_is_no_event() -> None:
    machine = bay(calibrated=True)
    assert feed(machine, field_readings((), 60)) == []
    assert machine.state is Occupancy.VACANT


def test_silence_is_unknown_and_never_vacant() -> None:
    machine = bay()
    feed(machine, field_readings((Stay(20, 5000),), 60))
    assert machine.deadline() == pytest.approx(89.0)
    (lost,) = machine.tick(89.0)
    assert (lost.kind, lost.state, lost.previous, lost.onset_s) == (Kind.COMMS_LOST, Occupancy.UNKNOWN, Occupancy.OCCUPIED, 59.0)
    assert machine.state is Occupancy.UNKNOWN
    assert machine.tick(1000.0) == []


def test_bad_readings_are_no_knowledge_either_and_name_the_cause() -> None:
    machine = bay()
    feed(machine, field_readings((), 60))
    bad = [Reading(device="bay-1", t=60.0 + n, quality=Quality.BAD, cause="refused_2", x_ut=99.0, y_ut=0.0, z_ut=0.0) for n in range(60)]
    (lost,) = feed(machine, bad)
    assert (lost.kind, lost.cause) == (Kind.COMMS_LOST, "refused_2")


def test_what_changed_during_a_silence_is_told_with_its_bounds() -> None:
    machine = bay()
    feed(machine, field_readings((Stay(200, 5000),), 100))
    machine.tick(130.0)
    restored, start = feed(machine, field_readings((Stay(200, 5000),), 360, start_s=300))
    assert (restored.kind, restored.state) == (Kind.COMMS_RESTORED, Occupancy.OCCUPIED)
    assert (start.kind, start.reason) == (Kind.PARK_START, Reason.RECOVERED)
    assert (start.earliest_s, start.latest_s, start.onset_s) == (99.0, 300.0, 300.0)


def test_a_departure_during_a_silence_is_billed_to_the_last_moment_that_was_seen() -> None:
    machine = bay()
    feed(machine, field_readings((Stay(20, 200),), 100))
    machine.tick(130.0)
    _, end = feed(machine, field_readings((Stay(20, 200),), 360, start_s=300))
    assert (end.kind, end.earliest_s, end.latest_s, end.onset_s) == (Kind.PARK_END, 99.0, 300.0, 99.0)


def test_a_vehicle_that_one_reading_after_the_silence_still_shows_has_left_after_that() -> None:
    """It was billed to the last reading before the silence, though it had just been seen."""
    stay = field_readings((Stay(100.0, 292.5),), 400.0)
    changes = feed(bay(), [reading for reading in stay if not 200.0 < reading.t < 290.5])
    assert kinds(changes)[-2:] == [Kind.COMMS_RESTORED, Kind.PARK_END]
    assert changes[-1].earliest_s == changes[-1].onset_s == pytest.approx(292.0, abs=1.0)


@pytest.mark.parametrize(("silent_from_s", "seen_to_come"), [(305.5, True), (302.5, False)], ids=["as it stands now", "on its way"])
def test_a_vehicle_that_stood_as_a_minute_of_silence_began_came_when_it_was_seen_to(silent_from_s: float, *, seen_to_come: bool) -> None:
    stay = field_readings((Stay(300.0, 900.0, into_s=4.0),), 500.0)
    start = feed(bay(), [reading for reading in stay if not silent_from_s < reading.t < 380.0])[-1]
    assert (start.kind, start.reason) == (Kind.PARK_START, Reason.RECOVERED)
    assert start.onset_s == pytest.approx(301.0 if seen_to_come else 380.0, abs=1.5)


def test_what_was_coming_as_a_silence_began_and_was_not_there_after_it_is_not_what_comes_then() -> None:
    """It was told to have come before the bay was last seen to be empty."""
    stays = field_readings((Stay(300.0, 320.0), Stay(336.0, 900.0)), 500.0)
    start = feed(bay(), [reading for reading in stays if not 302.5 < reading.t < 333.5])[-1]
    assert (start.kind, start.reason) == (Kind.PARK_START, Reason.RECOVERED)
    assert start.earliest_s is not None
    assert 333.0 < start.earliest_s <= start.onset_s == pytest.approx(340.0, abs=5.0)


def test_a_silence_in_which_nothing_changed_is_only_restored() -> None:
    machine = bay()
    feed(machine, field_readings((Stay(20, 5000),), 100))
    machine.tick(130.0)
    assert kinds(feed(machine, field_readings((Stay(20, 5000),), 360, start_s=300))) == [Kind.COMMS_RESTORED]


def restarted(machine: BayMachine, now: float, moved_s: float = 0.0) -> BayMachine:
    again = bay(now)
    again.restore(KeptBay.from_text(machine.kept().as_text(), moved_s))
    return again


def test_a_restart_over_an_unchanged_bay_tells_nothing() -> None:
    stay = (Stay(20, 5000),)
    machine = bay()
    feed(machine, field_readings(stay, 100))
    again = restarted(machine, 110.0)
    assert again.state is Occupancy.OCCUPIED
    assert feed(again, field_readings(stay, 300, start_s=110)) == []


def test_what_changed_while_the_gateway_was_off_is_told_with_its_bounds() -> None:
    machine = bay()
    feed(machine, field_readings((Stay(20, 200),), 100))
    (end,) = feed(restarted(machine, 500.0), field_readings((Stay(20, 200),), 560, start_s=500))
    assert (end.kind, end.reason, end.earliest_s, end.latest_s) == (Kind.PARK_END, Reason.RESTART, 99.0, 500.0)


def test_times_are_moved_to_the_clock_of_the_new_process() -> None:
    machine = bay()
    feed(machine, field_readings((Stay(20, 200),), 100))
    (end,) = feed(restarted(machine, 3.0, moved_s=-497.0), field_readings((), 60, start_s=3.0))
    assert end.earliest_s == pytest.approx(99.0 - 497.0)


def test_a_level_in_counts_is_judged_by_its_own_limits() -> None:
    machine = bay()
    readings = [level(float(t), 800.0 if 60 <= t < 200 else 12.0) for t in range(300)]
    start, end = feed(machine, readings)
    assert (start.onset_s, end.onset_s) == (60.0, 199.0)
    assert start.evidence is not None
    assert start.evidence.level == 800.0


def test_between_the_limits_the_bay_stays_what_it_was() -> None:
    machine = bay()
    readings = [level(float(t), 120.0 if t > 30 else 10.0) for t in range(300)]
    assert feed(machine, readings) == []
    readings = [level(300.0 + t, 800.0 if t < 60 else 120.0) for t in range(300)]
    assert kinds(feed(machine, readings)) == [Kind.PARK_START]


def test_a_device_that_decides_by_itself_is_debounced_all_the_same() -> None:
    machine = bay()
    jitter = [Reading(device="d", t=float(t), occupied=(t % 11 == 0)) for t in range(98)]
    assert feed(machine, jitter) == []
    parked = [Reading(device="d", t=100.0 + t, occupied=True) for t in range(30)]
    (start,) = feed(machine, parked)
    assert (start.reason, start.onset_s) == (Reason.DEVICE, 100.0)


def test_a_sensor_that_reports_every_ten_minutes_is_not_silent_in_between() -> None:
    machine = BayMachine("b", BayDetection(), now=0.0)
    readings = [level(t * 600.0, 800.0 if 20 <= t < 40 else 5.0) for t in range(60)]
    assert kinds(feed(machine, readings)) == [Kind.PARK_START, Kind.PARK_END]


def test_a_single_reading_never_makes_an_event() -> None:
    machine = BayMachine("b", BayDetection(dwell_s=0.0), now=0.0, interval_s=1.0)
    readings = [level(float(t), 900.0 if t == 50 else 5.0) for t in range(100)]
    assert feed(machine, readings) == []


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.05, 700.0), st.sampled_from([0.0, 20.0, 120.0, 170.0, 900.0]), st.sampled_from(["good", "bad", "silent"])),
        max_size=120,
    )
)
def test_whatever_comes_events_alternate_and_nothing_is_confirmed_before_its_dwell(steps: list[tuple[float, float, str]]) -> None:
    machine = BayMachine("b", BayDetection(), now=0.0, interval_s=1.0)
    t, changes = 0.0, []
    for gap, value, quality in steps:
        t += gap
        reading = Reading(
            device="d", t=t, level=value, quality=Quality.BAD if quality == "bad" else Quality.GOOD, silent=quality == "silent"
        )
        changes += machine.feed(reading, t)
    parked = [change for change in changes if change.kind in (Kind.PARK_START, Kind.PARK_END)]
    assert [change.kind for change in parked] == [Kind.PARK_START, Kind.PARK_END] * (len(parked) // 2) + [Kind.PARK_START] * (
        len(parked) % 2
    )
    links = [change.kind for change in changes if change.kind in (Kind.COMMS_LOST, Kind.COMMS_RESTORED)]
    assert links == [Kind.COMMS_LOST, Kind.COMMS_RESTORED] * (len(links) // 2) + [Kind.COMMS_LOST] * (len(links) % 2)
    assert all(change.onset_s <= change.confirmed_s for change in changes)
    assert [change.confirmed_s for change in changes] == sorted(change.confirmed_s for change in changes)
    if parked:
        assert machine.believed is parked[-1].state


def test_a_bus_just_before_a_departure_does_not_date_it_back() -> None:
    """Something passes beside a parked car; seconds later the car leaves. It is billed to its own departure."""
    bus = Stay(395.2, 396.9, (6.0, 5.0, -6.0), into_s=0.5, out_s=0.5)
    for seed in range(10):
        told = feed(bay(), field_readings((Stay(60, 400), bus), 500, seed=seed))
        assert kinds(told) == [Kind.PARK_START, Kind.PARK_END]
        assert 398 <= told[1].onset_s <= 401


def test_a_step_that_was_taken_into_the_empty_field_and_went_unseen_does_not_hold_the_next_vehicle() -> None:
    """Something too weak for a vehicle is taken for a neighbour's; it goes while another vehicle comes, and that one leaves as well."""
    weak, strong = (-3.6, 2.6, -1.6), (4.0, -8.0, -4.0)
    random, readings = Random(5), []
    for t in range(1200):
        field = weak if 200 <= t < 400 else strong if 400 <= t < 900 else (0.0, 0.0, 0.0)
        x, y, z = (each + random.gauss(0.0, 0.15) for each in field)
        readings.append(Reading(device="d", t=float(t), x_ut=36.0 + x, y_ut=-3.0 + y, z_ut=28.0 + z))
    machine = BayMachine("b", BayDetection(), now=0.0)
    told = [change for reading in readings for change in machine.feed(reading, reading.t)]
    assert [(change.kind, round(change.onset_s, -1)) for change in told] == [(Kind.PARK_START, 400), (Kind.PARK_END, 900)]


def test_a_strong_vehicle_that_is_parked_anew_has_not_left() -> None:
    """It is felt by a quarter of what it was, which is still far beyond all that is uncertain of the empty bay."""
    random, readings = Random(6), []
    for t in range(900):
        field = (0.0, 0.0, 0.0) if t < 100 or t >= 700 else (-26.0, -14.0, 22.0) if t < 400 else (-8.8, 2.1, 2.9)
        x, y, z = (each + random.gauss(0.0, 0.2) for each in field)
        readings.append(Reading(device="d", t=float(t), x_ut=36.0 + x, y_ut=-3.0 + y, z_ut=28.0 + z))
    machine = BayMachine("b", BayDetection(), now=0.0)
    told = [change for reading in readings for change in machine.feed(reading, reading.t)]
    assert [(change.kind, round(change.onset_s, -1)) for change in told] == [(Kind.PARK_START, 100), (Kind.PARK_END, 700)]


def test_what_a_level_device_says_of_an_empty_bay_does_not_raise_its_limits() -> None:
    """150 counts are a vehicle, whatever it says when the bay is empty; a level that creeps over the limit has reached it."""
    values = [*[23.0, 24.0, 22.0, 25.0] * 30, *[153.0, 156.0, 154.0, 155.0] * 5, *[23.0, 24.0] * 5]
    start, end = feed(
        BayMachine("b", BayDetection(), now=0.0, interval_s=60.0), [level(60.0 * number, value) for number, value in enumerate(values)]
    )
    assert (start.kind, end.kind) == (Kind.PARK_START, Kind.PARK_END)
    assert start.onset_s == pytest.approx(120 * 60.0, abs=60.1)
    creeping = [*[23.0, 24.0, 22.0, 25.0] * 30, *(100.0 + 5.0 * number for number in range(20)), *[195.0] * 5]
    (reached,) = feed(
        BayMachine("b", BayDetection(), now=0.0, interval_s=60.0), [level(60.0 * number, value) for number, value in enumerate(creeping)]
    )
    assert reached.kind is Kind.PARK_START


def test_behind_a_restart_a_single_sample_of_a_minute_decides_nothing() -> None:
    """A vehicle had left while nobody looked; the second sample caught another one on its way in."""
    before = BayMachine("b", BayDetection(), now=0.0, interval_s=60.0)
    feed(before, [level(60.0 * number, 180.0 if number >= 60 else 6.0) for number in range(100)])
    after = BayMachine("b", BayDetection(), now=7300.0, interval_s=60.0)
    after.restore(before.kept())
    values = [6.0, 213.0, 453.0, 449.0, 450.0, 449.0]
    end, start = feed(after, [level(7340.0 + 60.0 * number, value) for number, value in enumerate(values)])
    assert (end.kind, start.kind) == (Kind.PARK_END, Kind.PARK_START)
    assert end.reason is Reason.RESTART
    assert end.earliest_s is not None
    assert end.earliest_s <= 5940.1
