"""The mains' hum where its alias is slow: it comes and goes within minutes, is no vehicle."""

import math
from dataclasses import replace

import pytest

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import Kind
from gateway.detection.empty import STIRRED
from gateway.detection.noise import Noise
from tests.gateway.field import Stay, field_readings

HUM_UT = (1.5, 0.8, -1.1)


def hum(t: float) -> float:
    """At one reading a second the mains come out near zero hertz, and wander about it: up to one turn in two minutes."""
    return math.sin(30.0 * math.sin(2.0 * math.pi * 0.0003 * t))


def humming(stays: tuple[Stay, ...], end_s: float, seed: int) -> list[Reading]:
    """With a thermometer that swings by what clouds do, and drift of a real sensor."""
    readings = []
    for reading in field_readings(
        stays,
        end_s,
        seed=seed,
        temperature=lambda t: 18.0 + 5.0 * math.sin(2.0 * math.pi * t / 86400.0) + 0.3 * math.sin(2.0 * math.pi * t / 700.0),
        drift_ut_per_c=(1.7, 0.9, -0.6),
    ):
        x, y, z = reading.x_ut, reading.y_ut, reading.z_ut
        assert x is not None
        assert y is not None
        assert z is not None
        now = hum(reading.t)
        readings.append(replace(reading, x_ut=x + HUM_UT[0] * now, y_ut=y + HUM_UT[1] * now, z_ut=z + HUM_UT[2] * now))
    return readings


@pytest.mark.xfail(reason="a drift per degree is still learned from hum that takes minutes; departures hours later are then missed")
@pytest.mark.parametrize("seed", range(4))
def test_stays_of_hours_under_slow_hum_are_told_from_begin_to_end(seed: int) -> None:
    """What swings was once learned as drift with the temperature; hours later the empty bay was looked for in the wrong place."""
    stays = (Stay(600, 6900, (-6.0, -4.0, 7.0)), Stay(7600, 26700, (7.0, -5.0, -4.0)), Stay(27400, 28000, (5.0, 6.0, -5.0)))
    machine = BayMachine("b", BayDetection(), now=0.0)
    told = [change for reading in humming(stays, 29000.0, seed) for change in machine.feed(reading, reading.t)]
    assert [change.kind for change in told] == [Kind.PARK_START, Kind.PARK_END] * 3
    for stay, (start, end) in zip(stays, zip(told[::2], told[1::2], strict=True), strict=True):
        assert abs(start.onset_s - stay.arrive_s) < 10
        assert abs(end.onset_s - stay.leave_s) < 10


def test_what_swings_within_a_minute_is_noise_that_no_mean_takes_away() -> None:
    noise = Noise(1, (0.1, 0.0, 0.0), 0.001)
    for second in range(1800):
        noise.feed(float(second), (2.0 * math.sin(2 * math.pi * second / 40.0), 0.0, 0.0))
    assert (2.0 / noise.sigma[0]) ** 2 < STIRRED[0], "its crest would be taken for something that moves"
    assert noise.of_mean(0, 20) > 0.8 * noise.sigma[0] ** 2


def test_a_vehicle_that_comes_at_once_is_not_taken_for_what_swings() -> None:
    noise = Noise(1, (0.1, 0.0, 0.0), 0.001)
    for second in range(80):
        noise.feed(float(second), (10.0 if second > 10 else 0.0, 0.0, 0.0))
    assert noise.wander[0] == 0.0
