"""The mains' hum where its alias is slow: it comes and goes within minutes, is no vehicle."""

import math
from random import Random

import pytest

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.empty import STIRRED
from gateway.detection.noise import Noise
from tests.gateway.field import EARTH


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


@pytest.mark.parametrize("period_s", [77.0, 120.0, 170.0, 233.0])
def test_what_swings_in_the_first_minutes_of_a_bay_read_each_ten_seconds_is_no_vehicle_that_stood_there(
    period_s: float,
) -> None:
    """Accounts three sigmas apart were taken for the same: the right one lost its better half, and with each sample some probability."""
    told = []
    for seed in range(30):
        random, machine = Random(seed), BayMachine("b", BayDetection(), now=0.0)
        phase = random.uniform(0.0, 6.0)
        for count in range(60):
            t = 2.0 + 10.0 * count
            if random.random() < 0.1:
                continue
            swing = 1.5 * math.sin(2.0 * math.pi * t / period_s + phase)
            shares = zip(EARTH, (-0.6, 0.6, 0.5), strict=True)
            x, y, z = (earth + share * swing + random.gauss(0.0, 0.15) for earth, share in shares)
            told += machine.feed(Reading(device="d", t=t, x_ut=x, y_ut=y, z_ut=z), t)
    assert told == []
