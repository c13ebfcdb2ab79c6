"""What is kept in packed rows is what was given: to the last bit, for sensors of any number of axes, and no more of it than is used."""

import math
from itertools import pairwise
from random import Random

import pytest

from drivers.reading import Reading
from gateway.detection.ailments import Ailment, Ailments
from gateway.detection.axis_baseline import AxisBaseline
from gateway.detection.baseline import Baseline
from gateway.detection.means import Means
from gateway.detection.noise import Noise
from gateway.detection.warmth import Warmth
from gateway.detection.whitening import Whitening


def axes_of(count: int) -> list[AxisBaseline]:
    random = Random(count)
    return [AxisBaseline(*(random.uniform(0.1, 1.0) for _ in AxisBaseline._fields)) for _ in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_baseline_gives_back_the_axes_that_it_was_made_of_and_expects_nothing_of_others(count: int) -> None:
    given, warmth = axes_of(count), Warmth()
    baseline = Baseline(given, 20.0, 0.0, 1.5)
    assert list(baseline.axes) == given
    warmth.resume(25.0)
    levels = [axis.level + axis.slope * 5.0 for axis in given]
    assert list(baseline.expected(warmth)) == pytest.approx([*levels, 0.0, 0.0][:3])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_baseline_learns_the_level_that_it_is_shown_and_grows_surer_of_it(count: int) -> None:
    baseline = Baseline.of((30.0, -3.0, 28.0)[:count], None, 0.0, (1.0, 1.0, 1.0), 1.5)
    unsure = baseline.variances(Warmth())
    for second in range(1, 200):
        x, y, z = baseline.expected(Warmth())
        residual = (31.0 - x, -4.0 - y, 27.0 - z)
        baseline.learn(float(second), residual, Warmth(), (0.1, 0.1, 0.1), (0.01, 0.01, 0.01))
    assert list(baseline.expected(Warmth())) == pytest.approx([31.0, -4.0, 27.0][:count] + [0.0] * (3 - count), abs=0.05)
    assert all(after < before for after, before in zip(baseline.variances(Warmth()), unsure, strict=True))


def test_a_baseline_that_is_moved_leaves_the_one_that_it_was() -> None:
    given = axes_of(3)
    baseline = Baseline(given, None, 0.0, 1.5)
    moved = baseline.moved((1.0, 2.0, 3.0))
    assert [axis.level for axis in moved.axes] == [axis.level + by for axis, by in zip(given, (1.0, 2.0, 3.0), strict=True)]
    assert list(baseline.axes) == given


def test_what_the_expectation_missed_survives_beside_the_inverse_that_is_made_of_it() -> None:
    whitening = Whitening(3)
    whitening.resume((0.3, 0.2, 0.1, 0.05, 0.0, -0.05))
    whitening.refresh((0.1, 0.1, 0.1), (0.01, 0.01, 0.01))
    assert whitening.missed == (0.3, 0.2, 0.1, 0.05, 0.0, -0.05)
    # Along z alone the field is the surest, and what x and y do together counts once.
    assert whitening.square((0.0, 0.0, 1.0)) > whitening.square((0.0, 1.0, 0.0)) > whitening.square((1.0, 0.0, 0.0)) > 0.0


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_mean_over_a_second_is_that_of_the_readings_of_that_second(axes: int) -> None:
    """A ramp without hum: its mean is what it was in the middle of the second."""
    means, told = Means(axes), list[tuple[float, tuple[float, float, float]]]()
    for n in range(100):
        t = n / 10.0
        mean = means.feed(t, (t, 2.0 * t, -t))
        if mean is not None:
            told.append((t - means.lag_s, mean))
    assert len(told) > 20
    for when, mean in told[4:]:
        assert list(mean) == pytest.approx([when, 2.0 * when, -when][:axes] + [0.0] * (3 - axes), abs=0.02)
    assert all(0.2 < later - earlier < 0.45 for (earlier, _), (later, _) in pairwise(told))


def test_a_quick_sensor_keeps_a_second_and_five_readings_however_long_it_runs() -> None:
    means, random = Means(3), Random(1)
    for n in range(5000):
        means.feed(n / 10.0, (random.gauss(0.0, 1.0), random.gauss(0.0, 1.0), random.gauss(0.0, 1.0)))
    assert len(means._window) == 4 * 10
    assert len(means._past) == 4 * 5
    assert means.spread() == pytest.approx(1.7, abs=1.2)
    means.pause()
    assert (len(means._window), len(means._past), means.spread()) == (0, 0, 0.0)


def test_noise_that_swings_within_a_minute_is_more_than_that_of_a_second_on_the_axis_that_swings() -> None:
    noise = Noise(3, (0.3, 0.3, 0.3), 0.1)
    random = Random(1)
    for second in range(3000):
        swing = 5.0 * math.sin(2.0 * math.pi * second / 37.0)
        noise.feed(float(second), (swing + random.gauss(0.0, 0.3), random.gauss(0.0, 0.3), random.gauss(0.0, 0.3)))
    assert noise.wander[0] > 1.0
    assert noise.sigma[0] > 2.0 * noise.sigma[1]
    assert noise.sigma[1] == pytest.approx(0.3, abs=0.15)


def test_a_device_that_is_well_holds_nothing_of_ailments_and_one_that_recovers_neither() -> None:
    ailments, told = Ailments(), list[tuple[float, Ailment, bool]]()
    for minute in range(60):
        t = 60.0 * minute
        battery = 10.0 if 10 <= minute < 30 else 90.0
        told += [(t, *each) for each in ailments.feed(Reading(device="d", t=t, battery_pct=battery), None, t)]
        if minute in (9, 59):
            assert not ailments.courses
        assert ailments.active == ((Ailment.BATTERY_LOW,) if 15 <= minute < 35 else ())
    assert told == [(900.0, Ailment.BATTERY_LOW, True), (2100.0, Ailment.BATTERY_LOW, False)]
