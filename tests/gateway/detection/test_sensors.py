"""Sensors of all kinds through one machine with one set of defaults: scale, axes, rate, hum, spikes, wake-up, drift."""

import math
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Kind
from gateway.detection.kept_bay import KeptBay
from tests.gateway.field import Stay, field_readings

PARKED = [Kind.PARK_START, Kind.PARK_END]


def changes(readings: Iterator[Reading] | list[Reading]) -> list[BayChange]:
    machine = BayMachine("b", BayDetection(), now=0.0)
    return [change for reading in readings for change in machine.feed(reading, reading.t)]


def humming(offset: float, *, seed: int, arrive_s: float = 5.0, leave_s: float = 60.0, end_s: float = 75.0) -> Iterator[Reading]:
    """One axis in counts at 11.6 Hz: hum aliased to 3.44 Hz, spikes, and a sensor that has just been switched on."""
    random = Random(seed)
    stay = Stay(arrive_s, leave_s, (offset, 0.0, 0.0))
    for count in range(int(end_s * 11.6)):
        t = count / 11.6
        value = 400.0 + 34.0 * math.sin(2 * math.pi * 3.44 * t + seed) + random.gauss(0.0, 4.0) + offset * stay.share(t)
        value += 200.0 * math.exp(-t / 0.4) + (300.0 * random.choice((-1, 1)) if random.random() < 0.003 else 0.0)
        yield Reading(device="d", t=t, b_ut=round(value))


@pytest.mark.parametrize("seed", range(6))
def test_a_short_trace_under_strong_hum_is_one_arrival_and_one_departure(seed: int) -> None:
    """Five seconds of lead-in, two of them the wake-up; a car of a third of the hum's swing."""
    told = changes(humming(25.0, seed=seed))
    assert [change.kind for change in told] == PARKED
    assert abs(told[0].onset_s - 5.0) < 5
    assert abs(told[1].onset_s - 60.0) < 4


def test_hum_and_spikes_without_a_car_are_nothing() -> None:
    for seed in range(6):
        assert changes(humming(0.0, seed=seed)) == []


@pytest.mark.parametrize("scale", [1.0, 10.0, 100.0])
def test_three_axes_are_judged_alike_on_any_scale(scale: float) -> None:
    readings = [
        replace(reading, x_ut=reading.x_ut * scale, y_ut=reading.y_ut * scale, z_ut=reading.z_ut * scale)
        for reading in field_readings((Stay(60, 400),), 500)
        if reading.x_ut is not None and reading.y_ut is not None and reading.z_ut is not None
    ]
    told = changes(readings)
    assert [(change.kind, round(change.onset_s)) for change in told] == [(Kind.PARK_START, 61), (Kind.PARK_END, 400)]


@pytest.mark.parametrize("interval_s", [0.05, 0.1, 0.25, 0.5, 1.0, 2.0])
def test_whatever_the_rate_a_stay_is_told_once_and_near_its_time(interval_s: float) -> None:
    told = changes(field_readings((Stay(60, 200),), 260, interval_s=interval_s))
    assert [change.kind for change in told] == PARKED
    assert abs(told[0].onset_s - 60) <= 2 + interval_s
    assert abs(told[1].onset_s - 200) <= 1 + interval_s


def test_weeks_of_ten_minutes_and_weather_are_told_as_they_were() -> None:
    """Drift of 20 counts a degree, as large as the car within four degrees; the scale is not that of µT."""
    stays = tuple(Stay(86400.0 * day + 30000, 86400.0 * day + 30000 + 4 * 3600, (150.0, -90.0, 200.0)) for day in range(1, 15))
    weather = field_readings(
        stays,
        86400.0 * 15,
        interval_s=600.0,
        noise_ut=3.0,
        temperature=lambda t: 12 + 6 * math.sin(2 * math.pi * t / 86400) + t / 86400.0,
        drift_ut_per_c=(-15.0, 5.0, 20.0),
    )
    told = changes(
        [
            replace(reading, x_ut=reading.x_ut + 330, y_ut=reading.y_ut - 60, z_ut=reading.z_ut + 380)
            for reading in weather
            if reading.x_ut is not None and reading.y_ut is not None and reading.z_ut is not None
        ]
    )
    starts = [change for change in told if change.kind is Kind.PARK_START]
    ends = [change for change in told if change.kind is Kind.PARK_END]
    for stay in stays:
        assert any(abs(change.onset_s - stay.arrive_s) <= 1200 for change in starts)
        assert any(abs(change.onset_s - stay.leave_s) <= 1200 for change in ends)
    assert len(told) <= 2 * len(stays) + 2


def test_a_device_that_reports_on_change_is_believed_by_its_silence() -> None:
    """Heartbeats every ten minutes, a burst while a car drives in: the arrival is certain seconds later, not at the next heartbeat."""
    stays = tuple(Stay(3000.0 * count + 500, 3000.0 * count + 1700) for count in range(1, 12))
    last: tuple[float, float] | None = None
    reported = []
    for reading in field_readings(stays, 36000.0):
        assert reading.x_ut is not None
        if last is None or abs(reading.x_ut - last[1]) > 3.0 or reading.t - last[0] >= 600.0:
            reported.append(reading)
            last = reading.t, reading.x_ut
    machine = BayMachine("b", BayDetection(), now=0.0)
    told: list[BayChange] = []
    for reading in reported:
        while (due := machine.deadline()) is not None and due < reading.t:
            told += machine.tick(due)
        told += machine.feed(reading, reading.t)
    late = [change for change in told if change.kind in PARKED and change.onset_s > 6000]
    assert len(late) >= 18
    assert sum(change.confirmed_s - change.onset_s < 40 for change in late) >= 0.9 * len(late)


@pytest.mark.parametrize("every_s", [0.1, 0.15, 0.5, 1.0])
def test_what_a_device_has_decided_is_believed_as_soon_however_often_it_is_read(every_s: float) -> None:
    """There is nothing to average: readings of a tenth of a second once waited for a sensor that had to wake up."""
    machine = BayMachine("b", BayDetection(), now=0.0, interval_s=every_s)
    told: list[BayChange] = []
    for number in range(int(12.0 / every_s)):
        t = number * every_s
        told += machine.feed(Reading(device="d", t=t, occupied=1.0 < t < 7.0), t)
    start, end = told
    assert (start.kind, end.kind) == (Kind.PARK_START, Kind.PARK_END)
    assert start.confirmed_s < 6.0
    assert end.confirmed_s < 10.5
    assert abs(end.onset_s - 7.0) <= 2 * every_s


def test_what_comes_while_a_detector_still_looks_what_stands_there_is_dated_behind_that_look() -> None:
    """It was told to have stood there when the look began, and billed from then."""
    machine = BayMachine("b", BayDetection(), now=0.0, interval_s=0.5)
    told: list[BayChange] = []
    for number in range(24):
        told += machine.feed(Reading(device="d", t=number * 0.5, occupied=number >= 3), number * 0.5)
    (start,) = told
    assert start.latest_s == 1.5
    assert start.onset_s == 1.5


@pytest.mark.parametrize("restart", [False, True])
def test_a_device_that_decides_by_itself_is_believed_after_a_week_as_on_the_first_day(*, restart: bool) -> None:
    """It was doubted a little more each minute, and after nine hours no arrival was told any more; not behind a restart either."""
    week_s, machine = 7 * 86400, BayMachine("b", BayDetection(), now=0.0, interval_s=60.0)
    told: list[BayChange] = []
    for t in range(0, week_s + 3600, 60):
        if restart and t == week_s:
            kept, machine = machine.kept(), BayMachine("b", BayDetection(), now=t, interval_s=60.0)
            machine.restore(KeptBay.from_text(kept.as_text(), 0.0))
        told += machine.feed(Reading(device="d", t=t, occupied=week_s + 600 <= t < week_s + 2400), t)
    assert [change.kind for change in told] == PARKED


def test_a_device_that_was_doubted_by_an_older_gateway_is_believed_again() -> None:
    machine = BayMachine("b", BayDetection(), now=0.0, interval_s=60.0)
    for t in range(0, 600, 60):
        machine.feed(Reading(device="d", t=t, occupied=False), t)
    kept = machine.kept()
    assert kept.baseline is not None
    kept.baseline.doubt((1.0, 0.0, 0.0))
    again = BayMachine("b", BayDetection(), now=600.0, interval_s=60.0)
    again.restore(kept)
    told = [change for t in range(600, 3000, 60) for change in again.feed(Reading(device="d", t=t, occupied=1200 <= t < 2400), t)]
    assert [change.kind for change in told] == PARKED


@pytest.mark.parametrize("every_s", [1.0, 3.0, 8.0])
def test_a_dwell_ends_however_rarely_a_device_is_read(every_s: float) -> None:
    """Between two slow readings nothing is felt, and yet it is one stay that lasts."""
    machine = BayMachine("b", BayDetection(dwell_s=5.0), now=0.0)
    readings = [Reading(device="d", t=t, occupied=300 < t < 700) for t in (every_s * count for count in range(int(1200 / every_s)))]
    told = [change for reading in readings for change in machine.feed(reading, reading.t)]
    assert [change.kind for change in told] == PARKED


def test_a_quick_sensor_that_drifts_under_a_vehicle_by_as_much_as_a_vehicle_is_felt_sees_it_leave() -> None:
    """It warms in the sun of a morning by some degrees, more than was known of it: the vehicle's level was said to have risen."""
    stay = Stay(600.0, 1500.0, (11.0, -15.6, -15.5))
    warms = field_readings((stay,), 1700.0, interval_s=0.1, noise_ut=0.15, temperature=lambda _: 20.0)
    machine, told = BayMachine("b", BayDetection(), now=0.0, interval_s=0.1), list[Kind]()
    for each in warms:
        assert each.x_ut is not None
        off = 8.0 * min(max((each.t - 640.0) / 300.0, 0.0), 1.0)
        told += [change.kind for change in machine.feed(replace(each, x_ut=each.x_ut + off), each.t)]
    assert told == [Kind.PARK_START, Kind.PARK_END]


def test_a_quick_sensor_of_which_a_reading_comes_now_and_then_has_seen_the_vehicle_until_the_last_of_them() -> None:
    """Of bad spells of a radio no second is left to take a mean of; the vehicle stands there until 733 s, and not until 720."""
    bad = [720.2, 724.0, 727.1, 730.5, 732.5]
    readings = field_readings((Stay(600.0, 733.0, (8.4, 18.8, 35.9)),), 760.0, interval_s=0.1, noise_ut=0.3)
    told = changes([each for each in readings if not 720.0 < each.t < 733.5 or any(abs(each.t - at) < 0.05 for at in bad)])
    assert [change.kind for change in told] == PARKED
    assert told[1].onset_s == pytest.approx(733.0, abs=1.5)


def test_a_quick_sensor_of_which_a_reading_comes_now_and_then_has_seen_the_vehicle_come_with_the_first_of_them() -> None:
    """It came at 610 s, and no second was left to take a mean of until 640."""
    bad = [611.2, 613.0, 616.1, 622.5]
    readings = field_readings((Stay(610.0, 733.0, (8.4, 18.8, 35.9)),), 760.0, interval_s=0.1, noise_ut=0.3)
    told = changes([each for each in readings if not 609.0 < each.t < 640.0 or any(abs(each.t - at) < 0.05 for at in bad)])
    assert [change.kind for change in told] == PARKED
    assert 610.0 < told[0].onset_s < 613.5


def test_what_hovers_over_a_quick_sensor_after_a_departure_does_not_date_the_vehicle_that_comes_then() -> None:
    """The empty bay was a little off, and felt as something now and then for a quarter of a minute."""
    stays = Stay(200.0, 400.0, (8.4, -18.8, 15.9)), Stay(415.0, 600.0, (18.4, 8.8, -15.9))
    readings = [
        replace(each, x_ut=each.x_ut + 2.5) if 403.0 < each.t < 415.0 and (each.t - 403.0) % 4.0 < 1.0 and each.x_ut is not None else each
        for each in field_readings(stays, 700.0, interval_s=0.1, noise_ut=0.1)
    ]
    told = changes(readings)
    assert [change.kind for change in told] == [*PARKED, *PARKED]
    assert told[2].onset_s == pytest.approx(415.0, abs=4.0)
