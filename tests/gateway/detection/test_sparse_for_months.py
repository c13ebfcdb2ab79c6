"""A bay that is seen now and then, over weeks: nothing that goes wrong once holds it for ever."""

from collections.abc import Iterable
from random import Random

import pytest

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import Occupancy
from gateway.detection.jumps import Jumps

Felt = tuple[float, float, float]
NOTHING: Felt = (0.0, 0.0, 0.0)
EMPTY: Felt = (30.0, -5.0, 35.0)
HOUR_S = 3600.0


def plus(*fields: Felt) -> Felt:
    x, y, z = (sum(axis) for axis in zip(*fields, strict=True))
    return x, y, z


def agreement(rows: Iterable[tuple[float, Felt, bool]], *, from_s: float = 0.0, seed: int = 1) -> float:
    """Share of the rows, from then on, after which what is known is what stands there."""
    random, machine, right = Random(seed), BayMachine("b", BayDetection(), now=0.0), list[bool]()
    for t, felt, occupied in rows:
        while (due := machine.deadline()) is not None and due < t:
            machine.tick(due)
        x, y, z = (axis + random.gauss(0.0, 0.3) for axis in plus(EMPTY, felt))
        machine.feed(Reading(device="d", t=t, x_ut=x, y_ut=y, z_ut=z, temperature_c=15.0), t)
        if t >= from_s:
            right.append(machine.state is (Occupancy.OCCUPIED if occupied else Occupancy.VACANT))
    return sum(right) / len(right)


def vehicle(random: Random) -> Felt:
    way = random.gauss(0.0, 1.0), random.gauss(0.0, 1.0), random.gauss(0.0, 1.0)
    scale = random.uniform(12.0, 40.0) / sum(axis * axis for axis in way) ** 0.5
    return way[0] * scale, way[1] * scale, way[2] * scale


def every_ten_minutes(days: int, offset_from_s: float, offset: Felt) -> list[tuple[float, Felt, bool]]:
    """Three hours empty and three with a vehicle, always another one; from a moment on the sensor lies otherwise."""
    random, rows, stands = Random(7), list[tuple[float, Felt, bool]](), NOTHING
    for number in range(days * 144):
        t = 600.0 * number
        occupied = int(t / (3 * HOUR_S)) % 2 == 1
        if occupied and stands is NOTHING:
            stands = vehicle(random)
        elif not occupied:
            stands = NOTHING
        rows.append((t, plus(stands, offset if t >= offset_from_s else NOTHING), occupied))
    return rows


@pytest.mark.parametrize("offset", [(22.0, -8.0, 14.0), (-9.0, 3.0, 4.0), (60.0, 20.0, -35.0)])
def test_a_sensor_that_was_laid_anew_is_understood_within_two_stays(offset: Felt) -> None:
    laid_s = 2 * 86400.0 + HOUR_S
    assert agreement(every_ten_minutes(6, laid_s, offset), from_s=laid_s + 12 * HOUR_S) > 0.9


def switched(seed: int, *, line: Felt = (0.8, -4.0, 7.5)) -> list[tuple[float, Felt, bool]]:
    """Twelve days of a bay whose charger switches each few minutes by day, reported each time; a vehicle from ten to two at night."""
    random, rows, t, share = Random(seed), list[tuple[float, Felt, bool]](), 0.0, 0.0
    stands, beat = NOTHING, 0.0
    while t < 12 * 86400.0:
        hour = t / HOUR_S % 24.0
        occupied = hour >= 22.0 or hour < 2.0
        if occupied and stands is NOTHING and t > 7200.0:
            stands = plus(vehicle(random), (15.0, 5.0, 2.0))
        elif not occupied:
            stands = NOTHING
        share = random.choice((0.0, 0.4, 0.7, 1.0, 1.3)) if 8.0 <= hour < 20.0 else 0.0
        rows.append((t, plus(stands, (line[0] * share, line[1] * share, line[2] * share)), stands is not NOTHING))
        t += random.uniform(60.0, 500.0) if 8.0 <= hour < 20.0 else 600.0
        beat = t
    return [row for row in rows if row[0] <= beat]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_charger_that_switches_all_day_is_no_vehicle_once_it_is_known(seed: int) -> None:
    assert agreement(switched(seed), from_s=2 * 86400.0) > 0.97


def test_what_moves_the_field_along_one_line_is_found_and_vehicles_are_not_taken_for_it() -> None:
    noise, drift = (0.1, 0.1, 0.1), (0.0, 0.0, 0.0)
    random, charger, street = Random(3), Jumps(), Jumps()
    stands = NOTHING
    for number in range(200):
        t, share = 300.0 * number, random.uniform(-1.0, 1.0)
        charger.feed((2.0 * share, -6.0 * share, 9.0 * share), noise, drift, t, rare=True)
        stands = vehicle(random) if number % 2 else NOTHING
        street.feed(stands, noise, drift, t, rare=True)
    assert charger.line is not None
    assert sum(a * b for a, b in zip(charger.line, (2 / 11, -6 / 11, 9 / 11), strict=True)) ** 2 == pytest.approx(1.0, abs=0.01)
    assert max(map(abs, charger.without((4.0, -12.0, 18.0)))) < 0.3
    assert street.line is None
    charger.feed((0.0, 0.0, 0.0), noise, drift, 300.0 * 200 + 40 * 86400.0, rare=True)
    assert charger.line is None, "forgotten after weeks without it"


@pytest.mark.parametrize(("seed", "line"), [(4, (2.8, -2.8, 1.0)), (5, (1.0, -2.5, 3.0)), (6, (-1.0, 2.0, 3.0))])
def test_a_charger_whose_steps_are_so_small_and_many_that_they_seem_to_be_noise_is_found(seed: int, line: Felt) -> None:
    """They were: the noise seemed to be most of a step, and a vehicle stood there for days that was a part of one."""
    assert agreement(switched(seed, line=line), from_s=86400.0, seed=seed) > 0.97


def test_of_steps_with_noise_in_each_the_line_becomes_sharp() -> None:
    """Within three degrees: what is left of a step then is about the noise."""
    random, jumps, noise, share = Random(5), Jumps(), 0.3, 0.0
    way = (0.8, -0.36, 0.48)
    for number in range(400):
        share = random.choice((0.0, 1.5, 3.0, 5.0))
        x, y, z = (share * axis + random.gauss(0.0, noise) for axis in way)
        jumps.feed((x, y, z), (1.2, 0.7, 0.9), (0.0, 0.0, 0.0), 300.0 * number, rare=True)
    assert jumps.line is not None
    assert abs(sum(a * b for a, b in zip(jumps.line, way, strict=True))) > 0.9985


@pytest.mark.parametrize("seed", range(6))
def test_of_samples_seconds_apart_no_hour_of_traffic_makes_another_empty_bay(seed: int) -> None:
    """It did: what passed while a vehicle stood there was told as the vehicle, and the vehicle's field as that of the empty bay."""
    random = Random(seed)
    rows, t, stands, passes_s = list[tuple[float, Felt, bool]](), 0.0, NOTHING, 330.0
    felt, until_s, changes_s = NOTHING, 0.0, 300.0
    while t < HOUR_S:
        if t >= changes_s:
            stands = vehicle(random) if stands is NOTHING else NOTHING
            changes_s = t + random.uniform(120.0, 500.0)
            passes_s = t + random.uniform(30.0, 100.0)
        if t >= passes_s:
            x, y, z = vehicle(random)
            felt, until_s, passes_s = (0.4 * x, 0.4 * y, 0.4 * z), t + random.uniform(8.0, 16.0), t + random.expovariate(1.0 / 150.0)
        rows.append((t, plus(stands, felt if t < until_s else NOTHING), stands is not NOTHING))
        t += 8.0
    assert agreement(rows, from_s=300.0, seed=seed) > 0.85
