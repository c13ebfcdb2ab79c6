"""The mains' hum where its alias is slow: it comes and goes within minutes, is no vehicle."""

import math

from gateway.detection.empty import STIRRED
from gateway.detection.noise import Noise


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
