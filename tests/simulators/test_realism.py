"""The hard street against what was measured on real ones: durations, strengths, drift, hum, losses, stays and gaps."""

from itertools import islice, pairwise
from random import Random

import numpy as np
import pytest

from simulators.bay_day import TraceStreet
from simulators.dipoles import field_of, norm
from simulators.dwell import Dwell, drawn_s, quantiles_s
from simulators.fleet import Fleet, bus_of, parked_of
from simulators.plan import Cars, Plan, Weather
from simulators.sampling import Form, Sampling
from simulators.sensing import Sensing
from simulators.traffic import Stay, passings_of, stays_of
from simulators.vehicle import Kind
from tests.simulators.hard_streets import BAYS, HARD, hard_street

COUNT = 2500
EMPTY = Cars(occupied_at_start=0, first_move_s=1e7, drive_overs_per_h=0, buses_per_h=0)


def many_stays(cars: Cars = HARD, count: int = COUNT) -> list[Stay]:
    return [stay for seed in range(5) for stay in islice(stays_of(seed, "bay-2", cars), count // 5)]


def quantiles(values: list[float]) -> list[float]:
    return [float(value) for value in np.percentile(values, [5, 50, 95])]


def test_manoeuvres_last_as_long_as_labelled_ones() -> None:
    stays = [stay for stay in many_stays() if stay.depart_s - stay.arrive_s > 120]
    assert quantiles([stay.parked_s - stay.arrive_s for stay in stays]) == pytest.approx([1.6, 4.5, 13.1], rel=0.12)
    after = [one for one, other in pairwise(stays) if other.arrive_s - one.depart_s > 120]
    assert quantiles([stay.gone_s - stay.depart_s for stay in after]) == pytest.approx([0.45, 2.25, 8.3], rel=0.15)
    over = list(islice(passings_of(1, "bay-2", 1, HARD.model_copy(update={"buses_per_h": 0})), COUNT))
    assert quantiles([each.ends_s - each.begins_s for each in over]) == pytest.approx([1.5, 2.4, 3.9], rel=0.08)


def test_parked_cars_are_felt_as_real_ones_by_7_27_and_84_microtesla() -> None:
    random = Random(1)
    felt = [norm(parked_of(random, Fleet(hidden_share=0), heading).parked_field) for heading in (0, 75, 190) for _ in range(COUNT)]
    assert quantiles(felt) == pytest.approx([7, 27, 84], rel=0.15)
    assert 0.003 < np.mean([each < 3 for each in felt]) < 0.025
    axes = [abs(parked_of(random, Fleet(hidden_share=0), 0).parked_field[1]) for _ in range(COUNT)]
    assert 0.08 < np.mean([each < 3 for each in axes]) < 0.35, "one axis alone misses a car in six"


def test_vehicles_have_two_to_four_dipoles_and_are_of_every_kind() -> None:
    random = Random(2)
    fleet = [parked_of(random, Fleet(motorcycles=0.1), 0) for _ in range(500)] + [bus_of(random, 0)]
    assert {vehicle.kind for vehicle in fleet} == set(Kind)
    assert all(2 <= len(vehicle.dipoles) <= 4 for vehicle in fleet)


def test_what_the_earth_induces_turns_with_the_street() -> None:
    north, east = (
        np.mean([parked_of(Random(n), Fleet(hidden_share=0), heading).dipoles[0].moment for n in range(1500)], axis=0)
        for heading in (0, 90)
    )
    assert north[0] > 5 > abs(north[1]), "towards north, along the bay"
    assert east[1] < -5 < -abs(east[0]), "towards north, across the bay"


def test_a_hidden_car_is_gone_once_it_stands_and_felt_while_it_moves() -> None:
    random, peaks = Random(3), []
    for _ in range(300):
        car = parked_of(random, Fleet(hidden_share=1, careless_share=0, motorcycles=0), 40)
        assert norm(car.parked_field) < 1.6
        moving = [norm(field_of(car.dipoles, car.height_m, car.along_m - n / 10, car.across_m)) for n in range(26)]
        peaks.append(max(moving))
    assert 3.0 < np.median(peaks) < 15.0
    assert quantiles(peaks)[0] > 1.2


def test_neighbours_are_felt_little_bad_parkers_and_buses_much() -> None:
    random = Random(4)

    def beside(fleet: Fleet) -> list[float]:
        cars = [parked_of(random, fleet, 0) for _ in range(600)]
        return [norm(field_of(car.dipoles, car.height_m, car.along_m, abs(car.across_m) - 2.5)) for car in cars]

    assert np.median(beside(Fleet(careless_share=0))) < 1.2
    assert quantiles(beside(Fleet(careless_share=1)))[2] > 8.0
    buses = [bus_of(random, 0) for _ in range(400)]
    peaks = [max(norm(field_of(each.dipoles, each.height_m, -part.along_m, each.across_m)) for part in each.dipoles) for each in buses]
    assert 3.0 < np.median(peaks) < 8.0
    assert quantiles(peaks)[2] < 18.0


def test_a_bus_passes_one_bay_after_the_other() -> None:
    street = hard_street(1).street
    first, last = (
        [each.begins_s for each in street.passings(bay, 0, 36000) if each.vehicle.kind is Kind.BUS] for bay in (BAYS[0], BAYS[2])
    )
    assert len(first) == len(last) > 30
    assert all(0.1 < after - before < 5 for before, after in zip(first, last, strict=True))


def test_stays_and_gaps_are_melbournes() -> None:
    random = Random(5)
    for dwell in Dwell:
        drawn = np.percentile([drawn_s(random, dwell) for _ in range(20_000)], [5, 25, 50, 75, 90])
        assert drawn.tolist() == pytest.approx([quantiles_s(dwell)[pct - 1] for pct in (5, 25, 50, 75, 90)], rel=0.12)


def test_swaps_leave_the_bay_empty_for_five_to_thirty_seconds() -> None:
    stays = many_stays()
    gaps = [after.arrive_s - before.gone_s for before, after in pairwise(stays) if after.swapped_in]
    assert 0.15 < len(gaps) / len(stays) < 0.25
    assert 5.0 <= min(gaps) < 7.0
    assert 28.0 < max(gaps) <= 30.0


def test_an_empty_day_drifts_by_as_much_as_a_car() -> None:
    swings = []
    for seed in range(8):
        day = TraceStreet(seed, Plan(bays=BAYS, cars=EMPTY), Weather(begins_at_h=0, daily_swing_c=14, sun_c=6), Sensing())
        told = day.day("bay-2", "geo", (0.0, 86400.0), Sampling(every_s=60))
        x, y, z, warm = (column.values for column in told.columns)
        slopes = [np.polyfit(warm, axis, 1)[0] for axis in (x, y, z)]
        worst = max(slopes, key=abs)
        assert 0.9 < abs(worst) < 3.1
        swings.append(max(np.ptp(axis) for axis in (x, y, z)))
    assert 10 < np.median(swings) < 60


def test_a_detector_under_a_car_cools_by_one_to_three_degrees_in_ten_minutes() -> None:
    cooled = []
    for seed in range(40):
        street = hard_street(seed, weather=Weather(begins_at_h=0, daily_swing_c=0, clouds_c=0, sun_c=8))
        for stay in street.street.stays("bay-2", 11 * 3600, 13 * 3600):
            before = street.magnetics.warmth.at("bay-2", stay.parked_s)
            if stay.depart_s - stay.parked_s > 600 and stay.parked_s > 11.5 * 3600 and before > 24 + 5:
                cooled.append(before - street.magnetics.warmth.at("bay-2", stay.parked_s + 600))
    assert len(cooled) > 3
    assert 1.0 < np.median(cooled) < 3.5


def test_mains_hum_shows_at_3_44_hz_when_it_is_sampled_at_11_64_hz() -> None:
    street = TraceStreet(2, Plan(bays=BAYS, cars=EMPTY), Weather(), Sensing(hum_ut=3.4))
    day = street.day("bay-2", "geo", (0.0, 600.0), Sampling(form=Form.X, every_s=1 / 11.64, jitter_s=0))
    even = np.arange(day.times[0], day.times[-1], 1 / 11.64)
    values = np.interp(even, day.times, day.columns[0].values)
    spectrum = np.abs(np.fft.rfft(values - values.mean()))
    assert np.fft.rfftfreq(even.size, 1 / 11.64)[spectrum.argmax()] == pytest.approx(3.44, abs=0.05)
    averaged = street.day("bay-2", "geo", (0.0, 600.0), Sampling(form=Form.X, every_s=0.02 * 5, jitter_s=0))
    still = np.std(np.diff(averaged.columns[0].values))
    assert still < 0.5 * np.std(np.diff(values)), "at a multiple of 20 ms the hum all but stands still"


def test_losses_are_what_was_asked_come_in_spells_and_more_under_a_car() -> None:
    street = hard_street(9, sensing=Sensing())
    for asked in (0.026, 0.10, 0.17):
        whole = street.day("bay-2", "geo", (0.0, 86400.0), Sampling()).times
        came = street.day("bay-2", "geo", (0.0, 86400.0), Sampling(loss=asked))
        lost = ~np.isin(whole, came.times)
        assert lost.mean() == pytest.approx(asked, rel=0.15)
        assert (lost[1:] & lost[:-1]).mean() > 1.5 * lost.mean() ** 2, "in spells"
        under = np.zeros(whole.size, dtype=bool)
        for stay in street.street.stays("bay-2", 0.0, 86400.0):
            under |= (whole > stay.parked_s) & (whole < stay.depart_s)
        assert lost[under].mean() > 1.4 * lost[~under].mean()
