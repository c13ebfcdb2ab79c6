"""One quick value under hum: what is known of a vehicle by how it moves, where the level alone does not tell it."""

import math
from random import Random

import pytest

from drivers.reading import Reading
from gateway.detection import manner
from gateway.detection.change import Kind
from gateway.detection.conditioning import Conditioner
from gateway.detection.duration import parked_log_odds
from gateway.detection.noise import Noise
from gateway.detection.presence import Presence
from gateway.detection.signature import Signature
from tests.gateway.quick import RATE_HZ, over, recording, told

PARKED = [Kind.PARK_START, Kind.PARK_END]


@pytest.mark.parametrize("seed", range(8))
def test_a_vehicle_that_stands_unfelt_is_told_by_how_it_came_and_how_it_left(seed: int) -> None:
    """On one axis it adds nothing at all while it stands; it was felt for nine seconds as it came."""
    came, left = over(30.0, 9.0, 250.0), over(80.0, 3.0, -220.0)
    changes = told(recording(lambda t: came(t) + left(t), seed=seed, end_s=95.0))
    assert [change.kind for change in changes] == PARKED
    assert 12.0 < changes[0].onset_s < 27.5
    assert 74.0 < changes[1].onset_s < 82.0
    assert all(change.confidence < 0.96 for change in changes), "nobody saw it stand there"


@pytest.mark.parametrize("peak", [60.0, 250.0, -1500.0])
def test_vehicles_that_pass_are_none_that_park_however_strong_they_are(peak: float) -> None:
    for seed in range(4):
        first, second = over(9.0, 2.4, peak), over(17.0, 3.5, -peak)
        assert told(recording(lambda t, a=first, b=second: a(t) + b(t), seed=seed, end_s=30.0)) == []  # type: ignore[misc]


@pytest.mark.parametrize("size", [20.0, 200.0, 4000.0])
def test_how_long_a_vehicle_passes_does_not_depend_on_its_strength(size: float) -> None:
    signature, felt = Signature(floor=2.0, usual_s=0.1), over(10.0, 2.4, size)
    for step in range(80):
        signature.feed(0.25 * step, abs(felt(0.25 * step)))
    assert signature.lasted_s == pytest.approx(2.4, abs=0.5)
    assert all(1.5 * signature.tail(t) >= felt(t) for t in (12.0, 14.0, 18.0)), "what is left of it is its tail"


def test_two_vehicles_in_a_row_are_not_one_that_is_felt_for_long() -> None:
    signature, first, second = Signature(floor=2.0, usual_s=0.1), over(5.0, 2.4, 100.0), over(11.0, 2.4, 90.0)
    for step in range(80):
        signature.feed(0.25 * step, first(0.25 * step) + second(0.25 * step))
    assert signature.lasted_s < 3.0
    assert parked_log_odds(signature.lasted_s, 0.0) < 0.0


def test_what_lasts_no_longer_than_passing_is_not_parking_without_a_level() -> None:
    assert all(parked_log_odds(lasted_s, 0.0) < 0.0 for lasted_s in (0.0, 0.5, 2.4, 4.0))
    assert parked_log_odds(10.0, 0.0) > 1.8
    assert parked_log_odds(2.4, 40.0) > 4.6


def test_a_field_that_wanders_by_some_sigmas_for_as_long_as_a_vehicle_parks_is_none_that_left_nothing_behind() -> None:
    def came(size: float) -> Presence:
        presence = Presence(10.0, 9.0, 10.0, 10.0, 10.0, Signature(floor=2.0, usual_s=0.1))
        for step in range(48):
            presence.signature.feed(10.0 + 0.25 * step, size)
        return presence

    assert manner.left(6.0, came(30.0), 1.5) == pytest.approx(0.9975, abs=0.001)
    assert manner.left(6.0, came(6.0), 1.5) is None


def test_hum_of_three_readings_a_turn_is_nulled_from_the_first_seconds_on() -> None:
    """Each third reading stands alone then, and is no spike; and the first difference does not decide where the alias is."""
    conditioner = Conditioner(1)
    samples = [conditioner.feed(n / 10.6, (300.0 * math.sin(2 * math.pi * 0.3305 * n + 0.3), 0.0, 0.0)) for n in range(60)]
    values = [sample[0] for sample in samples[35:] if sample is not None]
    assert len(values) > 5
    assert max(map(abs, values)) < 5.0
    assert conditioner.hum == pytest.approx(300.0, rel=0.1)


def test_a_vehicle_that_passes_does_not_shift_the_null() -> None:
    conditioner, felt, values = Conditioner(1), over(20.0, 2.0, 800.0), []
    for n in range(400):
        t = n / RATE_HZ
        sample = conditioner.feed(t, (34.0 * math.sin(2 * math.pi * 3.44 * t) + felt(t), 0.0, 0.0))
        if sample is not None and t > 26.0:
            values.append(sample[0] - felt(t - conditioner.lag_s))
    assert max(map(abs, values)) < 1.0


def test_the_noise_of_the_first_seconds_does_not_grow_with_a_vehicle_that_comes_then() -> None:
    noise, random = Noise(1, (1.0, 0.0, 0.0), 0.01), Random(1)
    felt = over(7.0, 4.0, 500.0)
    for second in range(12):
        noise.feed(float(second), (random.gauss(0.0, 1.0) + felt(float(second)), 0.0, 0.0))
    assert noise.sigma[0] < 2.0


def test_what_creeps_to_a_level_is_no_vehicle() -> None:
    """Hum whose alias is near zero swings by a vehicle's field, and takes a minute for it."""
    random, readings = Random(3), []
    for n in range(3000):
        t = n / 10.0
        share = min(max((t - 100.0) / 80.0, 0.0), 1.0)
        x, y, z = (each * share + random.gauss(0.0, 0.15) for each in (6.0, -5.0, 8.0))
        readings.append(Reading(device="d", t=t, x_ut=36.0 + x, y_ut=-3.0 + y, z_ut=28.0 + z))
    assert told(iter(readings)) == []
